"""The hours: when a local rule is in force, and the first instant at which it no longer is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

from wayfare.ground.time import DAY, MINUTE, Duration, Instant, known_zone, local, resolve_local

Period: TypeAlias = Literal["day", "week", "month"]
_TURNS = 4  # a zone that changes its offset more often than this around one night does not exist


@lru_cache(maxsize=1024)
def readable(zone: str | None) -> bool:
    """Whether a zone's name can be read; remembered, since a wrong one costs a search of the disk's list."""
    return known_zone(zone)


def inside(instant: Instant, start: Duration, end: Duration, zone: str) -> bool:
    """Whether the local clock shows a time in [start, end), in ms since midnight; start > end crosses midnight."""
    moment = local(instant, zone)
    shown = (moment.hour * 60 + moment.minute) * MINUTE
    if start < end:
        return start <= shown < end
    return shown >= start or shown < end


def opening(instant: Instant, start: Duration, end: Duration, zone: str) -> Instant:
    """The first instant from `instant` on at which the local clock is outside [start, end).

    A change of offset may end the hours early (the clock is put back before them, or jumps over their rest).
    """
    at = instant
    for _ in range(_TURNS):
        if not inside(at, start, end, zone):
            return at
        ended = _next_showing(at, end % DAY, zone)
        at = _turn_before(at, ended, start, end, zone) or ended
    return at


def period_start(instant: Instant, period: Period, zone: str, ahead: int = 0) -> Instant:
    """The first instant of the local day, ISO week or month of `instant`, or of the one `ahead` periods later."""
    moment = local(instant, zone)
    day = date(moment.year, moment.month, moment.day)
    if period == "day":
        day += timedelta(days=ahead)
    elif period == "week":
        day += timedelta(days=7 * ahead - day.weekday())
    else:
        months = day.year * 12 + day.month - 1 + ahead
        day = date(months // 12, months % 12 + 1, 1)
    return resolve_local(datetime(day.year, day.month, day.day), zone)


def _next_showing(instant: Instant, time_of_day: Duration, zone: str) -> Instant:
    """The first instant after `instant` at which the local clock shows this time, or has jumped over it."""
    moment = local(instant, zone)
    wall = datetime(moment.year, moment.month, moment.day) + timedelta(milliseconds=time_of_day)
    for days in range(-1, 3):
        on_day = wall + timedelta(days=days)
        first = resolve_local(on_day, zone)
        if first > instant:
            return first
        again = on_day.replace(tzinfo=moment.tzinfo, fold=1)
        second = round(again.timestamp() * 1000)
        if second > instant:
            return second
    raise AssertionError("a local time comes every day")


def _turn_before(low: Instant, high: Instant, start: Duration, end: Duration, zone: str) -> Instant | None:
    """The change of offset in (low, high] if the hours are over at it, to the millisecond."""
    before = local(low, zone).utcoffset()
    if local(high, zone).utcoffset() == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if local(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high if not inside(high, start, end, zone) else None
