"""The names that a condition may use: roots with their parts, functions with their arguments, and what each gives."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final, Literal, NamedTuple, TypeAlias

from wayfare.ground.rule.tree import (
    COMPARISONS,
    Binary,
    Call,
    Choice,
    Either,
    Every,
    Fields,
    Items,
    Minus,
    Not,
    Null,
    Path,
    Real,
    Rule,
    Text,
    Truth,
    Whole,
)

Kind: TypeAlias = Literal[
    "truth", "number", "text", "list", "map", "instant", "duration", "local", "any", "nothing"
]

PROFILE: Final[dict[str, Kind]] = {
    "traits": "map",
    "tags": "list",
    "consent": "map",
    "timezone": "text",
    "locale": "text",
    "id": "text",
}
EVENT: Final[dict[str, Kind]] = {
    "name": "text",
    "properties": "map",
    "time": "instant",
    "channel": "text",
    "context": "map",
}
# the parts of each root; None: a map of anything; empty: no parts
ROOTS: Final[dict[str, dict[str, Kind] | None]] = {
    "profile": PROFILE,
    "event": EVENT,
    "entry": EVENT,
    "context": None,
    "row": None,
    "now": {},
}


class Signature(NamedTuple):
    """What a function takes and gives.

    `takes` has one letter per argument: `v` any value, `i` an instant or a text that says one, `p` a path, `t` a text
    literal, `w` a window literal such as "30d", `x` a regular expression literal, `z` a time-zone literal, `c` a
    condition, `f` fields; letters after `?` may be left out. `method`: written behind its first argument, `a.f(b)`.
    """

    takes: str
    gives: Kind
    method: bool = False


_CLOCK: Final = Signature("v?z", "number", method=True)
FUNCTIONS: Final[dict[str, Signature]] = {
    "has": Signature("p", "truth"),
    "size": Signature("v", "number"),
    "startsWith": Signature("vv", "truth", method=True),
    "endsWith": Signature("vv", "truth", method=True),
    "contains": Signature("vv", "truth", method=True),
    "matches": Signature("vx", "truth", method=True),
    "timestamp": Signature("i", "instant"),
    "duration": Signature("w", "duration"),
    "local": Signature("i", "local"),
    "days_since": Signature("i", "number"),
    "getFullYear": _CLOCK,
    "getMonth": _CLOCK,
    "getDate": _CLOCK,
    "getDayOfMonth": _CLOCK,
    "getDayOfWeek": _CLOCK,
    "getDayOfYear": _CLOCK,
    "getHours": _CLOCK,
    "getMinutes": _CLOCK,
    "getSeconds": _CLOCK,
    "count": Signature("t?wc", "number"),
    "sum": Signature("tt?w", "number"),
    "first": Signature("t", "instant"),
    "last": Signature("t", "instant"),
    "in_segment": Signature("t", "truth"),
    "in_journey": Signature("t?f", "truth"),
}
HOOKED: Final = frozenset({"count", "sum", "first", "last", "in_segment", "in_journey"})
FIELDS: Final = ("node", "arm", "state")


def nearest(name: str, among: list[str]) -> str:
    """The name that was most likely meant, else all that there are."""
    close = get_close_matches(name, among, n=1, cutoff=0.5) or get_close_matches(
        name.lower(), among, n=1, cutoff=0.5
    )
    return close[0] if close else ", ".join(among)


def kind(rule: Rule) -> Kind:
    """What a rule gives, as far as its form tells: `any` is told only by the data, `nothing` is always unknown."""
    match rule:
        case Text():
            return "text"
        case Whole() | Real():
            return "number"
        case Truth() | Every() | Either() | Not():
            return "truth"
        case Null():
            return "nothing"
        case Items():
            return "list"
        case Fields():
            return "map"
        case Path():
            return _path_kind(rule)
        case Call(name, _):
            return FUNCTIONS[name].gives
        case Minus(part):
            inside = kind(part)
            return inside if inside == "duration" else "number"
        case Choice(_, yes, no):
            left, right = kind(yes), kind(no)
            return left if right in (left, "nothing") else right if left == "nothing" else "any"
        case Binary(op, left_rule, right_rule):
            return "truth" if op in COMPARISONS else _arithmetic_kind(op, kind(left_rule), kind(right_rule))


def _path_kind(path: Path) -> Kind:
    if path.root == "now":
        return "instant"
    parts = ROOTS[path.root]
    if parts is None:
        return "any" if path.keys else "map"
    first = path.keys[0]
    return parts[first] if isinstance(first, str) and len(path.keys) == 1 else "any"


def _arithmetic_kind(op: str, left: Kind, right: Kind) -> Kind:
    known: dict[tuple[str, Kind, Kind], Kind] = {
        ("+", "instant", "duration"): "instant",
        ("+", "duration", "instant"): "instant",
        ("+", "duration", "duration"): "duration",
        ("-", "instant", "instant"): "duration",
        ("-", "instant", "duration"): "instant",
        ("-", "duration", "duration"): "duration",
        ("+", "text", "text"): "text",
        ("+", "text", "any"): "text",
        ("+", "any", "text"): "text",
        ("+", "any", "any"): "any",
    }
    if (op, left, right) in known:
        return known[op, left, right]
    return "number" if {left, right} <= {"number", "any"} else "nothing"
