"""The effects: everything that a step can ask of the world, a closed union of values."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from wayfare.contact.message import Class


class Effect(msgspec.Struct, frozen=True, gc=False, tag=True):
    """An effect's id is a hash of tenant, enrollment, node and visit (a send adds its channel): the idempotency key."""

    id: str


class Send(Effect, frozen=True, gc=False):
    """Plan a message; the gate answers with Gated, the provider with Sent or Failed."""

    node: str
    visit: int
    channel: str
    template: str
    klass: Class
    expires_at: int | None


class Ask(Effect, frozen=True, gc=False):
    """Call a webhook; answered with Answered."""

    url: str
    body: Any


class Choose(Effect, frozen=True, gc=False):
    """Decide on an offer; answered with Chosen."""

    slot: str


class Show(Effect, frozen=True, gc=False):
    """Offer something in a slot while the enrollment is here."""

    slot: str
    offer: str


class Launch(Effect, frozen=True, gc=False):
    """Start a sub-journey; it may come back with Returned."""

    journey: str
    inputs: dict[str, Any]


class Task(Effect, frozen=True, gc=False):
    """Put work into a queue for people; it comes back with Returned."""

    node: str
    queue: str
    title: str
    assignee: str | None
    due_at: int | None
    outcomes: tuple[str, ...]


class Arm(Effect, frozen=True, gc=False):
    """Set a timer: `due_at` in UTC, with the wall time and zone that it was made from where there are any."""

    due_at: int
    wall: str | None = None
    zone: str | None = None


class Disarm(Effect, frozen=True, gc=False):
    """Take a timer back."""


class Note(Effect, frozen=True, gc=False):
    """A line of the ledger: one change of one visit, with what was read to decide it.

    outcome is waiting, held, left, withheld, exited, finished, goal or unknown; `reason` the port, exit reason or goal.
    """

    visit: int
    node: str
    at: int
    stimulus: str
    outcome: Literal["waiting", "held", "left", "withheld", "exited", "finished", "goal", "unknown"]
    reason: str
    cause: str
    inputs: dict[str, Any] = {}


class Emit(Effect, frozen=True, gc=False):
    """Write an event of our own, applied right after its cause."""

    name: str
    properties: dict[str, Any]


class Finish(Effect, frozen=True, gc=False):
    """The enrollment is over."""

    reason: str


AnyEffect: TypeAlias = Send | Ask | Choose | Show | Launch | Task | Arm | Disarm | Note | Emit | Finish
