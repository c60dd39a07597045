"""The stimuli: everything that an enrollment can feel, a closed union of values."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from wayfare.contact.message import Verdict
from wayfare.facts.event import Event
from wayfare.people.profile import Profile


class Stimulus(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The person as she is now, and the id of what caused the stimulus (an event, a timer, a command)."""

    person: Profile
    cause: str


class Entered(Stimulus, frozen=True, gc=False):
    """The enrollment begins."""


class Heard(Stimulus, frozen=True, gc=False):
    """An event of this person. `late`: older than the trigger bound, so it may only stop things.

    `changed` is what the event changed of the person: trait paths such as `profile.traits.tier`, `profile.consent`.
    """

    event: Event
    late: bool = False
    changed: frozenset[str] = frozenset()


class Due(Stimulus, frozen=True, gc=False):
    """A timer of the enrollment has come."""

    timer: str


class Gated(Stimulus, frozen=True, gc=False):
    """The contact gate has ruled on a planned send: planned (it passed), held, suppressed or expired."""

    message: str
    outcome: str
    reason: str = ""
    verdicts: tuple[Verdict, ...] = ()


class Sent(Stimulus, frozen=True, gc=False):
    """The provider took the message."""

    message: str


class Failed(Stimulus, frozen=True, gc=False):
    """The provider refused the message for good."""

    message: str
    reason: str = ""


class Answered(Stimulus, frozen=True, gc=False):
    """A webhook answered."""

    effect: str
    ok: bool
    body: Any = None


class Chosen(Stimulus, frozen=True, gc=False):
    """A decision was made."""

    effect: str
    offer: str | None = None


class Returned(Stimulus, frozen=True, gc=False):
    """A task or a sub-journey came back with an outcome and its properties."""

    effect: str
    outcome: str
    properties: dict[str, Any] = {}


class Migrated(Stimulus, frozen=True, gc=False):
    """The enrollment moves to another version, at a node of it."""

    version: int
    node: str


class Merged(Stimulus, frozen=True, gc=False):
    """The enrollment's person is now another profile; `ends` when an older run of the same journey and key stays."""

    ends: bool = False


class Paused(Stimulus, frozen=True, gc=False):
    """The journey pauses."""


class Resumed(Stimulus, frozen=True, gc=False):
    """The journey goes on."""


class Removed(Stimulus, frozen=True, gc=False):
    """Somebody takes the person out, with a reason."""

    reason: str = ""


AnyStimulus: TypeAlias = (
    Entered
    | Heard
    | Due
    | Gated
    | Sent
    | Failed
    | Answered
    | Chosen
    | Returned
    | Migrated
    | Merged
    | Paused
    | Resumed
    | Removed
)
