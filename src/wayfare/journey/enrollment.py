"""The enrollment: one person's run through one version of a journey."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from wayfare.facts.event import Event

Status: TypeAlias = Literal["live", "exited", "completed"]


class Enrollment(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A frozen enrollment. `birth` is the profile it was born with: every draw is keyed by it, for ever.

    `visit` counts the nodes entered so far (the present one included); `posture` is how it stands at `node`:
    waiting, or held by a gate. `arm` is treated or control. `steps` counts transitions of the UTC day `steps_day`.
    `got` is (node, template) of every message of the journey that the other side of a merge had got before it.
    """

    id: str
    journey: str
    version: int
    profile: str
    birth: str
    entered_at: int
    entry: Event
    key: str | None = None
    arm: Literal["treated", "control"] = "treated"
    status: Status = "live"
    node: str = ""
    visit: int = 0
    posture: Literal["waiting", "held"] = "waiting"
    arrived_at: int = 0
    timers: tuple[str, ...] = ()
    context: dict[str, Any] = {}
    goals: dict[str, int] = {}  # goal id → instant it was reached
    splits: dict[str, str] = {}  # split node → arm, drawn once
    exited_at: int | None = None
    reason: str = ""
    got: tuple[tuple[str, str], ...] = ()
    steps: int = 0
    steps_day: int = 0
