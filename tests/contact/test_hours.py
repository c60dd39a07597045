"""Quiet hours and calendar periods against naive evaluators that read the wall clock every quarter of an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wayfare.contact.hours import inside, opening, period_start
from wayfare.ground.time import DAY, HOUR, MINUTE, format_local, parse_instant

YEAR = parse_instant("2026-01-01T00:00:00Z")
QUARTER = 15 * MINUTE
# every habit there is: no summer time, both hemispheres, half hours, a midnight change, a summer time of 30 minutes
ZONES = """Asia/Shanghai Asia/Tokyo Asia/Kolkata Asia/Kathmandu Asia/Tehran Asia/Jerusalem Asia/Beirut Asia/Gaza
Asia/Dubai Asia/Manila Europe/London Europe/Berlin Europe/Lisbon Europe/Kyiv Europe/Chisinau Europe/Moscow
Atlantic/Azores Atlantic/Reykjavik Africa/Cairo Africa/Casablanca Africa/Lagos Africa/Johannesburg America/New_York
America/Chicago America/Denver America/Phoenix America/Los_Angeles America/St_Johns America/Havana America/Asuncion
America/Santiago America/Sao_Paulo America/Nuuk America/Bogota Antarctica/Troll Australia/Lord_Howe Australia/Sydney
Pacific/Auckland Pacific/Chatham Pacific/Apia""".split()
RULES = [(21 * 60, 9 * 60), (90, 5 * 60), (22 * 60, 90), (120, 150), (0, 24 * 60 - 15), (13 * 60, 24 * 60)]


def naive(instant: int, start: int, end: int, zone: str) -> bool:
    """Whether the wall clock shows a minute in [start, end)."""
    wall = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)).astimezone(ZoneInfo(zone))
    shown = wall.hour * 60 + wall.minute
    return start <= shown < end if start < end else shown >= start or shown < end


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_quiet_hours_in_every_zone(zone: str) -> None:
    place = ZoneInfo(zone)
    grid = [YEAR + step * QUARTER for step in range(367 * 96)]
    walls = [(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(place) for at in grid]
    offsets = [wall.utcoffset() for wall in walls]
    turns = [step for step in range(1, len(grid)) if offsets[step] != offsets[step - 1]]
    for start, end in RULES:
        shown = [wall.hour * 60 + wall.minute for wall in walls]
        quiet = [start <= at < end if start < end else at >= start or at < end for at in shown]
        first_open = [0] * len(grid)
        upcoming = len(grid)
        for step in reversed(range(len(grid))):
            upcoming = upcoming if quiet[step] else step
            first_open[step] = upcoming
        near = {step for turn in turns for step in range(turn - 100, turn + 100)}
        for step in sorted(near | set(range(0, 365 * 96, 83))):
            if not 0 <= step < 365 * 96:
                continue
            assert inside(grid[step], start * MINUTE, end * MINUTE, zone) == quiet[step]
            found = opening(grid[step], start * MINUTE, end * MINUTE, zone)
            assert found == grid[first_open[step]], (zone, start, end, format_local(grid[step], zone))


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(YEAR, YEAR + 365 * DAY),
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    zone=st.sampled_from(ZONES),
)
def test_the_opening_is_the_first_instant_that_is_open(at: int, start: int, end: int, zone: str) -> None:
    if start == end:
        return
    found = opening(at, start * MINUTE, end * MINUTE, zone)
    assert at <= found <= at + 26 * HOUR
    assert not naive(found, start, end, zone)
    minute = at
    while minute < found:  # every minute before it is quiet, and so is its last millisecond
        assert naive(minute, start, end, zone)
        minute += MINUTE
    assert found == at or naive(found - 1, start, end, zone)


@pytest.mark.parametrize(
    ("zone", "now", "start", "end", "expected"),
    [
        ("Asia/Shanghai", "2026-03-02T22:15:00+08:00", 21, 9, "2026-03-03T09:00:00+08:00"),
        ("Asia/Shanghai", "2026-03-02T00:30:00+08:00", 21, 9, "2026-03-02T09:00:00+08:00"),
        ("Asia/Shanghai", "2026-03-02T09:00:00+08:00", 21, 9, "2026-03-02T09:00:00+08:00"),
        ("Asia/Shanghai", "2026-03-02T20:59:59.999+08:00", 21, 9, "2026-03-02T20:59:59.999+08:00"),
        (
            "America/New_York",
            "2026-03-07T23:00:00-05:00",
            21,
            9,
            "2026-03-08T09:00:00-04:00",
        ),  # a night of 11 hours
        (
            "America/New_York",
            "2026-10-31T23:00:00-04:00",
            21,
            9,
            "2026-11-01T09:00:00-05:00",
        ),  # a night of 13
        (
            "America/New_York",
            "2026-03-08T01:59:00-05:00",
            1,
            2,
            "2026-03-08T03:00:00-04:00",
        ),  # the end is skipped
        (
            "America/New_York",
            "2026-11-01T01:30:00-04:00",
            1,
            2,
            "2026-11-01T02:00:00-05:00",
        ),  # the hours come twice
        ("Australia/Lord_Howe", "2026-04-05T01:45:00+11:00", 1, 2, "2026-04-05T02:00:00+10:30"),
    ],
)
def test_nights_that_are_easy_to_get_wrong(zone: str, now: str, start: int, end: int, expected: str) -> None:
    assert format_local(opening(parse_instant(now), start * HOUR, end * HOUR, zone), zone) == expected


@settings(max_examples=300, deadline=None)
@given(at=st.integers(YEAR, YEAR + 365 * DAY), zone=st.sampled_from(ZONES), ahead=st.integers(0, 14))
def test_periods_begin_where_the_calendar_turns(at: int, zone: str, ahead: int) -> None:
    place = ZoneInfo(zone)
    wall = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(place)
    begun = {period: period_start(at, period, zone) for period in ("day", "week", "month")}
    assert begun["month"] <= begun["day"] <= at and begun["week"] <= begun["day"]
    for period, start in begun.items():
        first = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=start)).astimezone(place)
        last = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=start - 1)).astimezone(place)
        assert first.date() != last.date()
        match period:
            case "day":
                assert first.date() == wall.date()
            case "week":
                assert first.weekday() == 0 and first.isocalendar()[:2] == wall.isocalendar()[:2]
            case _:
                assert (first.year, first.month, first.day) == (wall.year, wall.month, 1)
        assert period_start(at, period, zone, ahead + 1) > period_start(at, period, zone, ahead)  # type: ignore[arg-type]
