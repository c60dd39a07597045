"""The buckets: a frame of time cut at the local hours, days, ISO weeks or months of a zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from wayfare.ground.errors import Malformed
from wayfare.ground.time import DAY, HOUR, Instant, local, resolve_local
from wayfare.insight.question import Interval, Span

BUCKETS_LIMIT = 20_000
_SHORTEST = {"hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 28 * DAY}


def edges(since: Instant, until: Instant, interval: Interval, tz: str) -> list[Instant]:
    """The starts of the buckets that cover [since, until), ascending, and the end of the last one.

    A bucket begins at a local hour or midnight; one that a clock change skips begins at the first instant after the
    gap, and a local hour that comes twice is two buckets. WF5010 when there are more than 20,000.
    """
    if (until - since) // _SHORTEST[interval] > BUCKETS_LIMIT:
        raise Malformed("WF5010", "question.interval", limit=BUCKETS_LIMIT)
    wall = _floor(local(since, tz).replace(tzinfo=None), interval)
    found: set[Instant] = set()
    while not found or max(_last(wall, tz), resolve_local(wall, tz)) < until:
        found |= (
            {resolve_local(wall, tz), _last(wall, tz)} if interval == "hour" else {resolve_local(wall, tz)}
        )
        wall = _next(wall, interval)
    found.add(resolve_local(wall, tz))
    ordered = sorted(found)
    first = max(place for place, edge in enumerate(ordered) if edge <= since)
    last = min(place for place, edge in enumerate(ordered) if edge >= until)
    return ordered[first : last + 1]


def year_before(instant: Instant, tz: str) -> Instant:
    """The same local time one calendar year earlier; 29 February becomes 28 February."""
    moment = local(instant, tz).replace(tzinfo=None)
    day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
    return resolve_local(moment.replace(year=moment.year - 1, day=day, microsecond=0), tz) + instant % 1000


def shifted(span: Span, against: str, tz: str) -> Span:
    """The frame to compare a bounded one with: the one just before it, or the one a year ago."""
    if span.since is None or span.until is None:
        raise Malformed("WF5008", "question.compare")
    if against == "previous":
        return Span(span.since - (span.until - span.since), span.since)
    return Span(year_before(span.since, tz), year_before(span.until, tz))


def _floor(wall: datetime, interval: Interval) -> datetime:
    hour = wall.replace(minute=0, second=0, microsecond=0)
    if interval == "hour":
        return hour
    day = hour.replace(hour=0)
    if interval == "day":
        return day
    return day - timedelta(days=day.weekday()) if interval == "week" else day.replace(day=1)


def _next(wall: datetime, interval: Interval) -> datetime:
    if interval == "month":
        return (wall + timedelta(days=31)).replace(day=1)
    return wall + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[interval]


def _last(wall: datetime, tz: str) -> Instant:
    """The last instant that shows this wall time: in a fold an hour or so after the first, else the same."""
    first = resolve_local(wall, tz)
    for later in (first + HOUR // 2, first + HOUR):
        if local(later, tz).replace(tzinfo=None) == wall:
            return later
    return first
