"""Buckets begin at local hours, midnights, Mondays and firsts, also where a clock is set forward or back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wayfare.ground.errors import Malformed
from wayfare.ground.time import DAY, HOUR, format_local, parse_instant
from wayfare.insight.buckets import edges, shifted, year_before
from wayfare.insight.question import Interval, Span

ZONES = ["UTC", "Europe/Berlin", "Asia/Shanghai", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe"]


def starts(since: str, until: str, interval: Interval, tz: str) -> list[str]:
    return [
        format_local(edge, tz)
        for edge in edges(parse_instant(since, tz), parse_instant(until, tz), interval, tz)
    ]


def test_days_of_23_and_25_hours() -> None:
    assert starts("2026-03-28T12:00", "2026-03-30T00:00", "day", "Europe/Berlin") == [
        "2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00",
    ]  # fmt: skip


def test_an_hour_that_is_skipped_and_one_that_comes_twice() -> None:
    assert starts("2026-03-29T01:10", "2026-03-29T03:10", "hour", "Europe/Berlin") == [
        "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00",
    ]  # fmt: skip
    assert starts("2026-10-25T01:59", "2026-10-25T03:00", "hour", "Europe/Berlin") == [
        "2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]  # fmt: skip


def test_a_midnight_that_does_not_exist() -> None:
    assert starts("2018-11-03T10:00", "2018-11-05T00:00", "day", "America/Sao_Paulo") == [
        "2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00",
    ]  # fmt: skip


def test_iso_weeks_and_months() -> None:
    assert starts("2026-01-01T00:00", "2026-01-12T00:00", "week", "Asia/Shanghai") == [
        "2025-12-29T00:00:00+08:00", "2026-01-05T00:00:00+08:00", "2026-01-12T00:00:00+08:00",
    ]  # fmt: skip
    assert starts("2026-01-31T00:00", "2026-02-01T00:01", "month", "Asia/Kolkata") == [
        "2026-01-01T00:00:00+05:30", "2026-02-01T00:00:00+05:30", "2026-03-01T00:00:00+05:30",
    ]  # fmt: skip


@given(
    some.integers(parse_instant("2017-01-01"), parse_instant("2027-01-01")),
    some.integers(1, 400 * HOUR),
    some.sampled_from(["hour", "day", "week", "month"]),
    some.sampled_from(ZONES),
)
def test_buckets_cover_the_frame_without_gaps(since: int, length: int, interval: Interval, tz: str) -> None:
    cuts = edges(since, since + length, interval, tz)
    assert cuts == sorted(set(cuts))
    assert cuts[0] <= since < cuts[1]
    assert cuts[-2] < since + length <= cuts[-1]
    longest = {"hour": 90 * HOUR // 60, "day": DAY + HOUR, "week": 7 * DAY + HOUR, "month": 31 * DAY + HOUR}[
        interval
    ]
    assert all(high - low <= longest for low, high in pairwise(cuts))


def test_too_many_are_refused() -> None:
    with pytest.raises(Malformed, match="WF5010"):
        edges(0, 10_000 * DAY, "hour", "UTC")


def test_frames_to_compare_with() -> None:
    leap = parse_instant("2024-02-29T08:00:00.123Z")
    assert year_before(leap, "Asia/Shanghai") == parse_instant("2023-02-28T08:00:00.123Z")
    assert shifted(Span(100, 150), "previous", "UTC") == Span(50, 100)
