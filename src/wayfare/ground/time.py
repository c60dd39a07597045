"""Instants, durations, zones and local times; an instant is an int, milliseconds since 1970 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wayfare.ground.errors import Malformed

Instant: TypeAlias = int
Duration: TypeAlias = int

SECOND: Duration = 1_000
MINUTE: Duration = 60 * SECOND
HOUR: Duration = 60 * MINUTE
DAY: Duration = 24 * HOUR
WEEK: Duration = 7 * DAY
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Instant = 0
LATEST: Instant = 253_402_300_799_999  # the last millisecond of the year 9999
UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_DURATION = re.compile(r"^(-?)(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$")
_INSTANT = re.compile(
    r"^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}:?\d{2})?)?$"
)


def parse_duration(text: str) -> Duration:
    """Milliseconds of a text such as `30s 15m 1h 7d 2w`, with an optional minus; WF0101 when it is not one."""
    found = _DURATION.match(text.strip())
    if not found:
        raise Malformed("WF0101", text=text)
    sign, number, unit = found.groups()
    return round(float(number) * UNITS[unit]) * (-1 if sign else 1)


def format_duration(duration: Duration) -> str:
    """The shortest text that `parse_duration` reads back as the same duration."""
    for unit in ("w", "d", "h", "m", "s"):
        if duration and duration % UNITS[unit] == 0:
            return f"{duration // UNITS[unit]}{unit}"
    return f"{duration}ms"


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name; WF0103 when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as cause:
        raise Malformed("WF0103", text=name) from cause


def known_zone(name: object) -> bool:
    """Whether this is the name of an IANA zone."""
    if not isinstance(name, str) or not name:
        return False
    try:
        zone(name)
    except Malformed:
        return False
    return True


def parse_instant(text: str, default_zone: str = "UTC") -> Instant:
    """The instant of an RFC 3339 text, truncated to milliseconds; a text without offset is local to `default_zone`.

    Raises Malformed WF0102 for a text that is not one, or a date that does not exist.
    """
    found = _INSTANT.match(text.strip())
    if not found:
        raise Malformed("WF0102", text=text)
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    milli = int((fraction or "0")[:3].ljust(3, "0"))
    try:
        wall = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError as cause:
        raise Malformed("WF0102", text=text) from cause
    if offset is None:
        return resolve_local(wall, default_zone) + milli
    shift = 0
    if offset not in ("Z", "z"):
        digits = offset[1:].replace(":", "")
        if int(digits[2:]) > 59 or int(digits[:2]) > 23:
            raise Malformed("WF0102", text=text)
        shift = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if offset[0] == "-" else 1)
    return _since_epoch(wall) - shift * MINUTE + milli


def format_instant(instant: Instant) -> str:
    """RFC 3339 in UTC with milliseconds, ending in Z."""
    moment = EPOCH + timedelta(milliseconds=instant)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{instant % 1000:03d}Z"


def local(instant: Instant, zone_name: str) -> datetime:
    """The zone-aware local time of an instant."""
    return (EPOCH + timedelta(milliseconds=instant)).astimezone(zone(zone_name))


def format_local(instant: Instant, zone_name: str) -> str:
    """RFC 3339 with the zone's offset at that instant, to the second (to the millisecond when it is not whole)."""
    return local(instant, zone_name).isoformat(timespec="milliseconds" if instant % 1000 else "seconds")


def resolve_local(wall: datetime, zone_name: str) -> Instant:
    """The instant of a naive wall time in a zone.

    In a gap (spring forward) it is the first valid instant after it; in a fold the first occurrence.
    """
    place = zone(zone_name)
    first = wall.replace(tzinfo=place, fold=0)
    before = first.utcoffset()
    after = wall.replace(tzinfo=place, fold=1).utcoffset()
    if before is None or after is None:
        raise Malformed("WF0103", text=zone_name)
    instant = _since_epoch(wall) - _milliseconds(before)
    if before < after:  # a gap: PEP 495 gives fold=0 the offset before the change
        low = _since_epoch(wall) - _milliseconds(after)
        return _change_between(low, instant, place)
    return instant


def start_of_day(instant: Instant, zone_name: str) -> Instant:
    """The first instant of that instant's calendar day in the zone."""
    moment = local(instant, zone_name)
    return resolve_local(datetime(moment.year, moment.month, moment.day), zone_name)


def add_days(day: date, days: int) -> date:
    """The calendar date that many days later."""
    return day + timedelta(days=days)


def _change_between(low: Instant, high: Instant, place: ZoneInfo) -> Instant:
    """The first millisecond in (low, high] with the offset that is in force at `high`."""
    target = (EPOCH + timedelta(milliseconds=high)).astimezone(place).utcoffset()
    while low < high:
        middle = (low + high) // 2
        if (EPOCH + timedelta(milliseconds=middle)).astimezone(place).utcoffset() == target:
            high = middle
        else:
            low = middle + 1
    return high


def _since_epoch(wall: datetime) -> Instant:
    return _milliseconds(wall.replace(tzinfo=UTC) - EPOCH)


def _milliseconds(span: timedelta) -> int:
    return span.days * DAY + span.seconds * SECOND + span.microseconds // 1000
