"""What values an event may hold: bounded depth and number, whole characters, finite numbers of at most 64 bits."""

from __future__ import annotations

import json
import re
from typing import Any

from wayfare.facts.event import Quarantined

DEEPEST = 64  # levels of objects and lists in one event
MOST = 5_000  # values in one event
_ZEROED = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19  # digits that may not fit 64 bits
_SURROGATE = re.compile("[\ud800-\udfff]")


def suspicious(item: bytes) -> bool:
    """Whether the bytes of an item could break a limit of `check`: cheap, and never False for one that does."""
    return (
        item.count(b"{") + item.count(b"[") > DEEPEST
        or item.count(b",") > MOST - DEEPEST
        or b"\\u0000" in item
        or _LONG in item.translate(_ZEROED)
    )


def check(value: Any) -> Quarantined | None:
    """The first limit that a decoded value breaks, with its JSON pointer; None when it breaks none."""
    stack: list[tuple[Any, str, int]] = [(value, "", 1)]
    seen = 0
    while stack:
        value, pointer, depth = stack.pop()
        if type(value) is str:
            if "\0" in value:
                return Quarantined("nul_in_text", "", pointer)
        elif type(value) is int:
            if not -(2**63) <= value < 2**64:
                return Quarantined("huge_int", "", pointer)
        elif isinstance(value, (dict, list)):
            if depth > DEEPEST:
                return Quarantined("deep_nesting", str(DEEPEST), pointer[:200])
            seen += len(value)
            if seen > MOST:  # counted before they are looked at, so that the stack stays short
                return Quarantined("many_keys", str(MOST), pointer[:200])
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for key, inner in pairs:
                if type(key) is str and "\0" in key:
                    return Quarantined("nul_in_text", "", pointer)
                stack.append((inner, f"{pointer}/{_escaped(key)}", depth + 1))
    return None


def unreadable(item: bytes) -> Quarantined:
    """Why an item's bytes are no JSON object that can be held; for bytes that the strict reader refused."""
    try:
        text = str(item, "utf-8")
    except UnicodeDecodeError as cause:
        return Quarantined("bad_utf8", f"byte {cause.start}")
    if _too_deep(item):
        return Quarantined("deep_nesting", str(DEEPEST))
    odd: list[str] = []
    try:
        value = json.loads(text, parse_constant=odd.append)
    except ValueError as cause:
        if "integer string" in str(cause):  # more digits than Python will convert
            return Quarantined("huge_int")
        return Quarantined("not_json", str(cause)[:80])
    if odd:
        return Quarantined("nan_infinity", odd[0])
    if not isinstance(value, dict):
        return Quarantined("item_not_object", type(value).__name__)
    return check(value) or _odd_value(value) or Quarantined("not_json")


def _odd_value(value: dict[str, Any]) -> Quarantined | None:
    """The value that Python's lenient reader took and the strict one did not; for one that `check` has passed."""
    stack: list[tuple[Any, str]] = [(value, "")]
    while stack:
        value, pointer = stack.pop()
        if isinstance(value, str) and _SURROGATE.search(value):
            return Quarantined("lone_surrogate", "", pointer)
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            return Quarantined("float_extremes", "", pointer)
        if isinstance(value, dict):
            if any(_SURROGATE.search(key) for key in value):
                return Quarantined("lone_surrogate", "", pointer)
            stack += [(inner, f"{pointer}/{_escaped(key)}") for key, inner in value.items()]
        elif isinstance(value, list):
            stack += [(inner, f"{pointer}/{place}") for place, inner in enumerate(value)]
    return None


def _escaped(key: object) -> str:
    return str(key)[:60].replace("~", "~0").replace("/", "~1")


_MARKS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)


def _too_deep(item: bytes) -> bool:
    """Whether brackets outside texts go deeper than DEEPEST."""
    depth = 0
    for found in _MARKS.finditer(item):
        mark = found.group()[:1]
        if mark in b"[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif mark in b"]}":
            depth -= 1
    return False
