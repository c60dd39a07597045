"""Made rows for the trials of the live stores."""

from __future__ import annotations

from typing import Any

from wayfare.contact.message import Message
from wayfare.facts.event import Event
from wayfare.journey.enrollment import Enrollment
from wayfare.stores.live import LiveStore
from wayfare.stores.memory import MemoryStore
from wayfare.stores.records import (
    Transition,
)

HOUR = 3_600_000
Store = LiveStore | MemoryStore


def make_event(name: str = "e1") -> Event:
    return Event(
        name,
        "web",
        "track",
        "Product Added",
        5,
        6,
        "u1",
        properties={"price": 3000, "list": [1, {"a": None}]},
    )


def make_run(name: str, profile: str = "p1", journey: str = "cart", **more: Any) -> Enrollment:
    return Enrollment(
        name,
        journey,
        more.pop("version", 1),
        profile,
        profile,
        more.pop("entered_at", 10),
        make_event(),
        **more,
    )


def make_line(run: str, visit: int, node: str, outcome: str, reason: str = "", **more: Any) -> Transition:
    return Transition(
        run, more.pop("profile", "p1"), more.pop("journey", "cart"), 1, None, visit, node, more.pop("at", 20),
        "entered", outcome, reason, "e1", **more,
    )  # fmt: skip


def make_message(name: str, state: str = "planned", **more: Any) -> Message:
    return Message(
        name, more.pop("enrollment", "r1"), more.pop("profile", "p1"), more.pop("journey", "cart"), 1, "mail", 2,
        "email", "hello", "marketing", state, more.pop("planned_at", 30), 30, **more,  # type: ignore[arg-type]
    )  # fmt: skip
