"""Made streams: a house of journeys that use everything that is built, and events of a few people in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from hypothesis import strategies as st

from tests.golden.scene import Scene, read

BEGIN = datetime(2026, 3, 1, 8, tzinfo=UTC)
PUSH = {"channel": "push", "template": "hello"}
HOUSE: dict[str, Any] = {
    "what": "a made stream",
    "zone": "Asia/Shanghai",
    "trigger_bound": "1h",
    "policy": {
        "quiet": [{"class": "marketing", "from": "21:00", "to": "09:00", "tz": "profile"}],
        "caps": [
            {"class": "marketing", "channel": "push", "max": 2, "per": "1d"},
            {"class": "marketing", "channel": "email", "max": 1, "per": "day", "then": "hold"},
        ],
        "pause": [{"class": "marketing", "while": "profile.traits.cases > 0", "reason": "complaint"}],
    },
    "journeys": [
        {
            "journey": "cart",
            "entry": {
                "on": "event",
                "event": "Cart",
                "key": "event.properties.n",
                "reentry": {"after": "2h"},
            },
            "exit": [
                {"event": "Order", "where": "event.properties.n == entry.properties.n", "reason": "bought"},
                {"when": "profile.traits.cases > 1", "reason": "complaint"},
            ],
            "goals": [{"id": "order", "event": "Order", "within": "6h"}],
            "holdout": "20%",
            "start": "pause",
            "nodes": {
                "pause": {"wait": {"for": "1h"}, "next": "mail"},
                "mail": {"send": {**PUSH, "ttl": "3h", "on": {"expired": "arms"}}, "next": "heard"},
                "heard": {"listen": [{"event": "Click", "next": "arms"}], "timeout": "2h", "else": "arms"},
                "arms": {"split": {"a": "50%", "b": "50%"}, "next": {"a": "last", "b": "call"}},
                "call": {
                    "task": {"queue": "team", "title": "Call", "sla": {"within": "1h"}},
                    "overdue": "last",
                    "next": "last",
                },
                "last": {"send": {"channel": "email", "template": "hello"}, "next": "done"},
                "done": {"finish": "completed"},
            },
        },
        {
            "journey": "bought",
            "entry": [
                {"on": "event", "event": "Order", "where": "event.properties.n > 1", "reentry": "always"},
                {"on": "event", "event": "Order", "limit": {"total": 1, "per": "day"}},
            ],
            "class": "transactional",
            "start": "thanks",
            "nodes": {
                "thanks": {"send": PUSH, "next": "window"},
                "window": {"wait": {"window": {"from": "10:00", "to": "20:00"}}, "next": "again"},
                "again": {"send": {**PUSH, "class": "marketing"}, "next": "done"},
                "done": {"finish": "completed"},
            },
        },
        {
            "journey": "after",
            "entry": {
                "on": "event",
                "event": "Journey Exited",
                "where": 'event.properties.journey == "cart"',
                "reentry": "always",
                "limit": {"total": 100},
            },
            "exit": [
                {"event": "Message Sent", "where": 'event.properties.node == "again"', "reason": "sent"}
            ],
            "start": "pause",
            "nodes": {"pause": {"wait": {"for": "90m"}, "next": "done"}, "done": {"finish": "completed"}},
        },
    ],
}
WHO: tuple[dict[str, str], ...] = (
    {"who": "ann"},
    {"who": "bob"},
    {"anonymous": "x1"},
    {"anonymous": "x2"},
    {"who": "ann", "anonymous": "x1"},
    {"who": "bob", "anonymous": "x2"},
)


def _step(at: datetime, who: dict[str, str], what: str, n: int, late: int) -> dict[str, Any]:
    step: dict[str, Any] = {"at": at.isoformat(), **who}
    if late:
        step["time"] = (at - timedelta(minutes=late)).isoformat()
    if what == "traits":
        return {**step, "traits": {"cases": n, "email": "a@x.cn"}, "context": {"timezone": ZONES[n]}}
    if what == "consent":
        state = "granted" if n else "withdrawn"
        return {**step, "event": "Consent Changed", "properties": {"purpose": "marketing", "state": state}}
    if what == "import":
        return {**step, "event": "Cart", "properties": {"n": n}, "import": True}
    if what == "alias":
        return {"at": at.isoformat(), "who": "ann", "alias": "bob"}
    if what == "broken":
        return {"at": at.isoformat(), "raw": '{"type": "track", "userId": "ann"}'}
    return {**step, "event": what, "properties": {"n": n}}


Moment: TypeAlias = tuple[int, dict[str, str], str, int, int]
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
WHATS = ("Cart", "Cart", "Order", "Click", "traits", "consent", "import", "alias", "broken")
LATE = (0, 0, 0, 20, 90)  # minutes that an event comes late
moments: st.SearchStrategy[Moment] = st.tuples(
    st.integers(0, 240),  # minutes since the last
    st.sampled_from(WHO),
    st.sampled_from(WHATS),
    st.integers(0, 2),
    st.sampled_from(LATE),
)


def stream(seed: int, length: int = 60, whats: tuple[str, ...] = WHATS) -> list[Moment]:
    """A long stream, the same for the same seed."""
    chance = Random(seed)
    return [
        (
            chance.randint(0, 100),
            chance.choice(WHO),
            chance.choice(whats),
            chance.randint(0, 2),
            chance.choice(LATE),
        )
        for _ in range(length)
    ]


def scene(made: list[Moment]) -> Scene:
    """The scene of a made stream, run on for two days after its end."""
    at, steps = BEGIN, []
    for minutes, who, what, n, late in made:
        at += timedelta(minutes=minutes)
        steps.append(_step(at, who, what, n, late))
    until = at + timedelta(days=2)
    steps.append({"at": until.isoformat(), "who": "zoe", "event": "Tick"})  # it moves every clock to the end
    return read({**HOUSE, "when": steps, "until": until.isoformat()}, "made")
