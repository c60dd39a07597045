"""Made journeys and people for the laws of the step: any document that `check` lets pass, and any stimulus."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wayfare.contact.message import Verdict
from wayfare.facts.event import Event
from wayfare.journey.check import check, errors
from wayfare.journey.compiled import Journey, compile_journey
from wayfare.journey.enrollment import Enrollment
from wayfare.journey.stimulus import (
    Answered,
    AnyStimulus,
    Chosen,
    Due,
    Entered,
    Failed,
    Gated,
    Heard,
    Merged,
    Migrated,
    Paused,
    Removed,
    Resumed,
    Returned,
    Sent,
)  # fmt: skip
from wayfare.people.profile import Profile

NAMES = ("n0", "n1", "n2", "n3", "n4", "n5")
EVENTS = ("Enter", "Paid", "Clicked", "Left")
DAY = 86_400_000
START = 1_772_330_400_000  # 2026-03-01T02:00:00Z

target = st.sampled_from((*NAMES, "done"))
span = st.sampled_from(("30s", "15m", "1h", "24h", "3d"))
condition = st.sampled_from(
    (
        'profile.traits.tier == "gold"',
        "event.properties.n > 2",
        "entry.properties.n == 1",
        "profile.traits.gone == 1",
        "1 == 1",
    )
)


def _node() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.builds(lambda s, n: {"wait": {"for": s}, "next": n}, span, target),
        st.builds(
            lambda n: {"wait": {"window": {"from": "09:00", "to": "21:00"}}, "next": n}, target
        ),
        st.builds(
            lambda p, m, n: {
                "wait": {"until": "profile.traits.when", "offset": "-1h", "past": p, "missing": m}, "next": n
            },
            st.sampled_from(("next", "exit", "n1")), target, target,
        ),
        st.builds(
            lambda e, n, o, s: {"listen": [{"event": e, "next": n}], "timeout": s, "else": o},
            st.sampled_from(EVENTS), target, target, span,
        ),
        st.builds(lambda c, n, o: {"branch": [{"if": c, "next": n}], "else": o}, condition, target, target),
        st.builds(lambda a, b: {"split": {"a": "50%", "b": "50%"}, "next": {"a": a, "b": b}}, target, target),
        st.builds(
            lambda n, t, s: {
                "send": {"channel": "email", "template": "t", "ttl": s, "on": {"suppressed": t}}, "next": n
            },
            target, target, span,
        ),
        st.builds(
            lambda n, o: {
                "task": {"queue": "q", "title": "Call", "sla": {"within": "4h"}, "outcomes": {"ok": o}},
                "next": n, "overdue": n,
            },
            target, target,
        ),
    )  # fmt: skip


@st.composite
def journeys(draw: st.DrawFn) -> Journey:
    """A compiled journey of six nodes of any kind, wired in any way that has no loop without a wait."""
    document = {
        "journey": "made",
        "entry": {"on": "event", "event": "Enter"},
        "exit": [
            {"event": "Left", "reason": "left"},
            {"when": 'profile.traits.tier == "out"', "reason": "out"},
        ],
        "goals": [{"id": "paid", "event": "Paid", "within": "3d", "exit": draw(st.booleans())}],
        "start": "n0",
        "nodes": {**{name: draw(_node()) for name in NAMES}, "done": {"finish": "completed"}},
    }
    parsed, problems = check(document)
    for problem in errors(problems):
        assert problem.code == "WF1041", problem
        document["nodes"][problem.place[1]] = {"wait": {"for": "1h"}, "next": "done"}
    while errors(check(document)[1]):
        for problem in errors(check(document)[1]):
            document["nodes"][problem.place[1]] = {"wait": {"for": "1h"}, "next": "done"}
    parsed, _ = check(document)
    assert parsed is not None
    return compile_journey(parsed, 1, "tenant", "Asia/Shanghai")


people = st.builds(
    lambda tier, when, zone: Profile(
        "prf_1",
        START,
        traits={**({"tier": tier} if tier else {}), **({"when": when} if when else {})},
        timezone=zone,
    ),
    st.sampled_from(("", "gold", "silver", "out")),
    st.sampled_from((None, "2026-03-05T10:00:00Z", "2020-01-01T00:00:00Z", 17)),
    st.sampled_from((None, "Asia/Shanghai", "America/New_York")),
)
events = st.builds(
    lambda name, n, time: Event("e", "s", "track", name, time, time, user_id="u", properties={"n": n}),
    st.sampled_from(EVENTS), st.integers(0, 5), st.integers(START, START + 30 * DAY),
)  # fmt: skip
gated = st.tuples(
    st.sampled_from(("planned", "held", "suppressed", "expired")), st.sampled_from(("", "cap", "quiet_hours"))
)


@st.composite
def stimuli(draw: st.DrawFn, enrollment: Enrollment) -> AnyStimulus:
    """Any stimulus of the union, aimed at what the enrollment stands at more often than not."""
    person = draw(people)
    message = draw(st.sampled_from(("other", "mine")))
    kind = draw(st.sampled_from(range(14)))
    timers = (*enrollment.timers, "unknown")
    if kind == 5:
        outcome, reason = draw(gated)
        return Gated(person, "c", message, outcome, reason, (Verdict("cap", "hold", reason),))
    made: list[AnyStimulus] = [
        Entered(person, "c"), Heard(person, "c", draw(events)), Heard(person, "c", draw(events), True),
        Heard(person, "c", draw(events), False, frozenset({"profile.traits.tier"})),
        Due(person, "c", draw(st.sampled_from(timers))), Sent(person, "c", message), Failed(person, "c", message, "no"),
        Answered(person, "c", "x", True), Chosen(person, "c", "x"), Returned(person, "c", message, "ok"),
        Migrated(person, "c", 2, "n1"), Merged(person, "c", draw(st.booleans())), Paused(person, "c"),
        draw(st.sampled_from((Resumed(person, "c"), Removed(person, "c", "asked")))),
    ]  # fmt: skip
    return made[kind]


def born(person: Profile, arm: str = "treated") -> Enrollment:
    """A fresh enrollment of the made journey."""
    entry = Event("e0", "s", "track", "Enter", START, START, user_id="u", properties={"n": 1})
    return Enrollment("enr_1", "made", 1, person.id, person.id, START, entry, arm=arm)  # type: ignore[arg-type]
