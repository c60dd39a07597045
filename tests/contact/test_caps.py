"""Caps over random plans: never one send too many, and a held one is told the first instant that it can go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contact.cases import NOW, message, person, standing
from wayfare.contact import policy
from wayfare.contact.gate import Use, judge
from wayfare.ground.time import HOUR, WEEK, parse_duration

GAPS = st.lists(st.integers(0, 30 * HOUR), min_size=1, max_size=40)
ZONES = st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Chatham"])


@settings(max_examples=150, deadline=None)
@given(gaps=GAPS, limit=st.integers(0, 3), per=st.sampled_from(["6h", "1d", "7d"]))
def test_a_rolling_cap_is_never_exceeded_in_any_window(gaps: list[int], limit: int, per: str) -> None:
    rules, span = policy.parse({"caps": [{"max": limit, "per": per}]}), parse_duration(per)
    now, taken = NOW, list[Use]()
    for number, gap in enumerate(gaps):
        now += gap
        if judge(rules, message(id=f"m{number}"), person(), taken, standing(), now).outcome == "planned":
            taken.append(Use(f"m{number}", now, "email", "marketing"))
        else:  # it was right to refuse: the window was full
            assert sum(now - span < use.at <= now for use in taken) >= limit
    for use in taken:
        assert sum(use.at <= other.at < use.at + span for other in taken) <= limit


@settings(max_examples=150, deadline=None)
@given(gaps=GAPS, limit=st.integers(0, 3), per=st.sampled_from(["day", "week", "month"]), zone=ZONES)
def test_a_calendar_cap_is_never_exceeded_in_any_period(
    gaps: list[int], limit: int, per: str, zone: str
) -> None:
    rules = policy.parse({"caps": [{"max": limit, "per": per}]})

    def label(instant: int) -> tuple[int, ...]:
        day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)).astimezone(ZoneInfo(zone))
        names = {"day": (day.year, day.month, day.day), "month": (day.year, day.month)}
        return names.get(per, tuple(day.isocalendar())[:2])

    now, taken = NOW, list[Use]()
    for number, gap in enumerate(gaps):
        now += gap
        before = sum(label(use.at) == label(now) for use in taken)
        ruled = judge(rules, message(id=f"m{number}"), person(timezone=zone), taken, standing(), now)
        assert (ruled.outcome == "planned") == (before < limit)
        if ruled.outcome == "planned":
            taken.append(Use(f"m{number}", now, "email", "marketing"))


@settings(max_examples=120, deadline=None)
@given(
    ages=st.lists(st.integers(-20 * HOUR, 2 * WEEK), max_size=8),
    caps=st.lists(
        st.one_of(
            st.fixed_dictionaries({"max": st.integers(1, 3), "per": st.sampled_from(["5h", "1d", "7d"])}),
            st.fixed_dictionaries({"max": st.integers(1, 3), "per": st.sampled_from(["day", "week"])}),
        ),
        min_size=1,
        max_size=3,
    ),
    quiet=st.lists(
        st.sampled_from([{"from": "21:00", "to": "09:00"}, {"from": "12:00", "to": "13:30"}]),
        max_size=2,
        unique_by=str,
    ),
    zone=ZONES,
)
def test_the_joint_instant_is_the_first_that_suits_every_gate(
    ages: list[int], caps: list[dict[str, object]], quiet: list[dict[str, object]], zone: str
) -> None:
    held = [{**rule, "then": "hold"} for rule in caps]
    rules = policy.parse({"caps": held, "quiet": quiet})
    minute = 60_000
    taken = [Use(f"u{n}", (NOW - age) // minute * minute, "email", "marketing") for n, age in enumerate(ages)]
    ruled = judge(rules, message(), person(timezone=zone), taken, standing(), NOW)
    if ruled.outcome == "planned":
        return
    assert ruled.until is not None and ruled.until > NOW

    def passes(instant: int) -> bool:
        return judge(rules, message(), person(timezone=zone), taken, standing(), instant).outcome == "planned"

    assert passes(ruled.until)
    # nothing changes between two edges of the rules: an instant inside each piece before it stands for the piece
    spans = [parse_duration(str(rule["per"])) for rule in caps if str(rule["per"])[0].isdigit()]
    leaving = {use.at + span for use in taken for span in spans}
    edges = {NOW, ruled.until, *range(NOW, ruled.until, 30 * minute)} | leaving
    for low, high in pairwise(sorted(edge for edge in edges if NOW <= edge <= ruled.until)):
        assert not passes((low + high) // 2) and not passes(low)
