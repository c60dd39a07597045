"""When a wait ends: instants computed in the person's own zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from wayfare.ground import time as clocks
from wayfare.ground.errors import Malformed
from wayfare.ground.rule import UNKNOWN, Scope
from wayfare.ground.time import Instant
from wayfare.journey.compiled import Wait, Window


class Moment:
    """When a wait ends: `due` is None when its field is missing; wall and zone when made from local time."""

    __slots__ = ("due", "past", "wall", "zone")

    def __init__(
        self, due: Instant | None, wall: str | None = None, zone: str | None = None, past: bool = False
    ) -> None:
        self.due = due
        self.wall = wall
        self.zone = zone
        self.past = past


def wait_ends(wait: Wait, scope: Scope, now: Instant) -> Moment:
    """The instant at which a wait that begins now ends; `past` when it lies behind us already."""
    if wait.until is not None:
        instant = _instant(wait.until.test(scope), scope.zone)
        if instant is None:
            return Moment(None)
        due = instant + wait.offset
        return Moment(due, past=due <= now)
    if wait.window is not None:
        start = now + (wait.duration or 0)
        return _opens(wait.window, start, scope.zone)
    return Moment(now + (wait.duration or 0))


def _instant(value: object, zone: str) -> Instant | None:
    if value is UNKNOWN or value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            return clocks.parse_instant(value, zone)
        except Malformed:
            return None
    return None


def _opens(window: Window, start: Instant, zone: str) -> Moment:
    """The first instant from `start` on inside the window; a window over midnight belongs to its first day."""
    here = clocks.local(start, zone)
    midnight = datetime.combine(here.date(), time())
    for days in range(-1, 9):
        day = midnight + timedelta(days=days)
        if day.weekday() not in window.days:
            continue
        opens = clocks.resolve_local(day + timedelta(milliseconds=window.from_), zone)
        length = window.to if window.to > window.from_ else window.to + clocks.DAY
        closes = clocks.resolve_local(day + timedelta(milliseconds=length), zone)
        if start < closes:
            if start >= opens:
                return Moment(start)
            wall = (day + timedelta(milliseconds=window.from_)).isoformat(timespec="minutes")
            return Moment(opens, wall, zone)
    return Moment(start)
