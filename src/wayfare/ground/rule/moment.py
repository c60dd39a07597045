"""Instants and lengths of time as conditions write and read them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from wayfare.ground.errors import Malformed
from wayfare.ground.time import UNITS, Duration, Instant, local, parse_instant

_SPAN: Final = re.compile(r"-?(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+")
_PART: Final = re.compile(r"(\d+)(?:\.(\d+))?(ms|s|m|h|d|w)")
_OFFSET: Final = re.compile(r"(?:[Zz]|[+-]\d{2}:?\d{2})\s*$")
_LONGEST: Duration = 1 << 53  # milliseconds; some 285 thousand years


@lru_cache(maxsize=1024)
def milliseconds(text: str) -> Duration | None:
    """Of a text such as `30d`, `1h30m` or `-1.5s` (fractions of one are cut off); None when it is no length of time."""
    if len(text) > 64 or not text.isascii() or not _SPAN.fullmatch(text):
        return None
    total = 0
    for whole, fraction, unit in _PART.findall(text):
        total += int(whole + fraction) * UNITS[unit] // 10 ** len(fraction)
    if total > _LONGEST:
        return None
    return -total if text.startswith("-") else total


@lru_cache(maxsize=4096)
def instant(text: str, zone: str) -> Instant | None:
    """The instant of an RFC 3339 text, local to the zone when it has no offset; None when it is none."""
    try:
        return parse_instant(text, zone)
    except (Malformed, OverflowError):
        return None


def has_offset(text: str) -> bool:
    """Whether an instant's text means the same instant in every zone."""
    return len(text) > 10 and _OFFSET.search(text) is not None


def clock_part(name: str, at: Instant, zone: str) -> int | None:
    """What CEL's `getHours` and its siblings give for an instant in a zone; None outside the years 1 to 9999."""
    try:
        moment = local(at, zone)
    except (OverflowError, Malformed):
        return None
    match name:
        case "getFullYear":
            return moment.year
        case "getMonth":  # January is 0, as in CEL
            return moment.month - 1
        case "getDate":
            return moment.day
        case "getDayOfMonth":  # the first is 0, as in CEL
            return moment.day - 1
        case "getDayOfWeek":  # Sunday is 0, as in CEL
            return moment.isoweekday() % 7
        case "getDayOfYear":  # the first of January is 0, as in CEL
            return moment.timetuple().tm_yday - 1
        case "getHours":
            return moment.hour
        case "getMinutes":
            return moment.minute
        case _:
            return moment.second


def length_part(name: str, length: Duration) -> int | None:
    """What CEL gives for a duration: all its whole hours, minutes or seconds, towards zero; None for other parts."""
    unit = {"getHours": "h", "getMinutes": "m", "getSeconds": "s"}.get(name)
    if unit is None:
        return None
    whole = abs(length) // UNITS[unit]
    return whole if length >= 0 else -whole
