"""The time of an event as its client wrote it, and the rule that corrects a wrong client clock."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from wayfare.facts.event import Quarantined
from wayfare.ground.errors import Malformed
from wayfare.ground.time import DAY, EARLIEST, EPOCH, LATEST, MINUTE, Instant, parse_instant

JITTER = 60_000  # ms: a client clock that is less than this off is right
AHEAD = 5 * MINUTE  # no event is later than this after its receipt
FAR = 366 * DAY  # a sentAt that is further off says nothing about the client's clock
_MILLI = timedelta(milliseconds=1)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?$", re.ASCII)
_DATED = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?$", re.ASCII
)
_FAR_YEAR = re.compile(r"([+-]\d{4,}|\d{5,}|0000)-\d{2}-\d{2}", re.ASCII)
# (below this magnitude, milliseconds of one unit): seconds, milliseconds, microseconds, nanoseconds
_UNITS = ((1e8, 0.0), (1e11, 1e3), (1e14, 1.0), (1e17, 1e-3), (1e20, 1e-6))


def read_time(value: Any, zone: str, pointer: str) -> Instant | Quarantined:
    """The instant that a client wrote as ISO 8601 text or as a number of s, ms, µs or ns (told apart by size).

    A text without offset is local to `zone`. Outside 1970 … 9999, impossible or unreadable → quarantined.
    """
    if type(value) is str:
        return _read_text(value, zone, pointer)
    if type(value) is int or type(value) is float:
        return _read_number(value, str(value), pointer)
    return Quarantined("time_unreadable", type(value).__name__, pointer)


def corrected(given: Instant, sent: Instant | None, receipt: Instant) -> Instant:
    """The stored time: moved by the client's clock error when that is over 60 s, at most 5 min after receipt.

    A `sent` further than FAR from the receipt is no evidence: the caller passes None for it.
    """
    time = given
    if sent is not None and abs(receipt - sent) > JITTER:
        time = given + receipt - sent
    return min(time, receipt + AHEAD)


def _read_text(text: str, zone: str, pointer: str) -> Instant | Quarantined:
    if 20 <= len(text) <= 35 and text[10] == "T":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            if moment.tzinfo is not None:
                return _within((moment - EPOCH) // _MILLI, text, pointer)
    text = text.strip()
    if _NUMBER.match(text):
        return _read_number(float(text) if "." in text else int(text[:40]), text, pointer)
    if _FAR_YEAR.match(text):
        return Quarantined("time_far", text[:80], pointer)
    if not _DATED.match(text):
        return Quarantined("time_unreadable", text[:80], pointer)
    try:
        return _within(parse_instant(text, zone), text, pointer)
    except (Malformed, OverflowError):
        return Quarantined("time_impossible", text[:80], pointer)


def _read_number(number: float, text: str, pointer: str) -> Instant | Quarantined:
    if number < 0:
        return Quarantined("time_far", text[:80], pointer)
    for below, factor in _UNITS:
        if number < below:
            if not factor:
                break
            return _within(int(number * factor), text, pointer)
    return Quarantined("time_wrong_unit", text[:80], pointer)


def _within(instant: Instant, text: str, pointer: str) -> Instant | Quarantined:
    if EARLIEST <= instant <= LATEST:
        return instant
    return Quarantined("time_far", text[:80], pointer)
