"""The event: one thing that happened to one person, in the only shape that the rooms above know."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["track", "identify", "page", "screen", "group", "alias"]

# the names under which calls that carry no name of their own are known to journeys, segments and questions
NAMES: dict[str, str] = {
    "identify": "Identified",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Group Joined",
    "alias": "Aliased",
}
CONSENT_CHANGED = "Consent Changed"
PROFILE_MERGED = "Profile Merged"


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A frozen event. Times are instants (ms, UTC); absent ids are None; maps are never None.

    `time` is the stored time: corrected, at most receipt + 5 min. `received` is the server's receipt.
    `source` names the write key's source, `import` for every backfill, `wayfare` for events we write ourselves.
    `origin` is the enrollment that caused an event of ours (so that a simulation can leave its own out).
    """

    id: str
    source: str
    kind: Kind
    name: str
    time: int
    received: int
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    group_id: str | None = None
    channel: str | None = None
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}
    keys: dict[str, str] = {}  # entity ids that an import mapped: key.ENTITY=COL
    backfill: bool = False
    origin: str | None = None
    warnings: tuple[str, ...] = ()


class Quarantined(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An item that cannot be an event: a stable reason, what exactly is wrong, where in the item."""

    reason: str
    detail: str = ""
    pointer: str = ""
