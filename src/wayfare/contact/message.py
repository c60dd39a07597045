"""The message: one planned touch of one person, from the plan to its one final state."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

State: TypeAlias = Literal["planned", "held", "started", "sent", "suppressed", "expired", "failed"]
FINAL: frozenset[str] = frozenset({"sent", "suppressed", "expired", "failed"})
Class: TypeAlias = Literal["marketing", "transactional", "mandatory"]


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one gate said of one message at one instant; `until` is the next feasible instant, where computable."""

    gate: str  # consent | suppression | address | template | quiet | cap | pause | kill_switch | ttl …
    outcome: Literal["pass", "hold", "suppress", "expire"]
    reason: str = ""
    until: int | None = None
    inputs: dict[str, Any] = {}


class Message(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A frozen message; its id is the effect id and the idempotency key all the way to the provider.

    planned → (held ↔ planned) → started → sent | failed; or suppressed | expired from planned and held.
    An unknown provider outcome is state `held`, reason `unknown_outcome`.
    `at` is the instant of the last gate evaluation or answer; `due` when a held message is retried;
    `reserved` the instant that its cap reservation dates from, None when it holds none.
    """

    id: str
    enrollment: str
    profile: str
    journey: str
    version: int
    node: str
    visit: int
    channel: str
    template: str
    klass: Class
    state: State
    planned_at: int
    at: int
    reason: str = ""
    due: int | None = None
    expires_at: int | None = None
    reserved: int | None = None
    address: str = ""
    content: dict[str, str] = {}  # rendered: subject, body …; frozen from `started` on
    verdicts: tuple[Verdict, ...] = ()
    attempts: int = 0
    arm: str = "treated"
    chain: int = (
        0  # how many events of ours, each caused by the last, led to it: what bounds a loop of journeys
    )
