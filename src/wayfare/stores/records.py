"""The records: the rows that a store keeps beside the values of the pure rooms, and the one bundle a batch changes."""

from __future__ import annotations

from typing import Any

import msgspec

from wayfare.contact.message import Message
from wayfare.facts.event import Event
from wayfare.journey.enrollment import Enrollment
from wayfare.people.identity import Identifier as Identifier  # noqa: PLC0414
from wayfare.people.identity import Merge as Merge  # noqa: PLC0414
from wayfare.people.identity import Owner as Owner  # noqa: PLC0414
from wayfare.people.profile import Profile


class Timer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A durable timer of an enrollment or of a message (`kind`: node | goal | message); drained by (due_at, id)."""

    id: str
    due_at: int
    kind: str
    profile: str
    enrollment: str
    message: str = ""
    wall: str | None = None
    zone: str | None = None


class Transition(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A row of the ledger; `event` names the log event, timer or command that caused it."""

    enrollment: str
    profile: str
    journey: str
    version: int
    key: str | None
    visit: int
    node: str
    at: int
    stimulus: str
    outcome: str
    reason: str
    cause: str
    arm: str = "treated"
    inputs: dict[str, Any] = {}


class TaskRow(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Work for people: open until done, overdue or withdrawn (its enrollment left)."""

    id: str
    enrollment: str
    profile: str
    journey: str
    node: str
    visit: int
    queue: str
    title: str
    assignee: str | None
    created_at: int
    due_at: int | None
    outcomes: tuple[str, ...] = ()
    state: str = "open"  # open | done | overdue | withdrawn
    outcome: str = ""
    closed_at: int | None = None


class Applied(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the engine decided of one event. `seq` is the arrival: it grows by one for every event, ours included.

    `offset` is the log offset (for an event of ours: that of its cause), `event` the event itself when it is ours.
    verdict: applied | late | backfill | quarantined | dropped.
    """

    seq: int
    offset: int
    verdict: str
    profile: str = ""
    reason: str = ""
    event: Event | None = None


class QuarantineRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A log row that is no event: why, where in the item, and its raw bytes."""

    offset: int
    received: int
    source: str
    reason: str
    detail: str
    pointer: str
    raw: bytes


class Missed(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The latest time that a person met a journey's entry event and did not enter: every gate with its verdict."""

    profile: str
    journey: str
    at: int
    event: str
    reason: str
    gates: tuple[dict[str, Any], ...] = ()
    times: int = 1


class Command(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that acted outside the log: publish, kill switch, consent, a dispatcher's answer, a finished task …

    It acted after log offset `after` was applied and before the next one, at instant `at`; `seq` orders them.
    """

    seq: int
    after: int
    at: int
    kind: str
    data: dict[str, Any] = {}


class Dossier(msgspec.Struct, gc=False):
    """All that the live store knows of one profile, loaded and kept together; a mutable working value."""

    profile: Profile
    live: dict[str, Enrollment] = {}
    past: dict[tuple[str, str | None], int] = {}  # (journey, key) → last exit
    messages: dict[str, Message] = {}  # not final, or with a reservation inside the longest cap window


class Changes(msgspec.Struct):
    """Everything that one micro-batch changes; committed in one transaction or not at all."""

    profiles: dict[str, Profile] = {}
    gone: dict[
        str, str
    ] = {}  # merged profile → survivor: its row goes, its enrollments and messages are upserted
    identifiers: dict[Identifier, Owner] = {}
    merges: list[Merge] = []
    enrollments: dict[str, Enrollment] = {}
    armed: dict[str, Timer] = {}
    disarmed: set[str] = set()
    transitions: list[Transition] = []
    messages: dict[str, Message] = {}
    tasks: dict[str, TaskRow] = {}
    applied: list[Applied] = []
    quarantined: list[QuarantineRow] = []
    missed: dict[tuple[str, str], Missed] = {}
    limits: dict[tuple[str, str], int] = {}  # (journey, slot such as "0" or "0:2026-03-01") → entered so far
    commands: list[Command] = []
    meta: dict[str, Any] = {}  # offset, clock, seq, command_seq, kill_switch …
