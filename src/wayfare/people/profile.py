"""The profile: all that is known of one person, folded from events."""

from __future__ import annotations

from typing import Any

import msgspec

Stamp = tuple[int, int]  # (time, arrival) of the event that wrote a value: the later writer wins


class Consent(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The state of one purpose on one channel, with who wrote it and when."""

    state: str  # granted | denied | withdrawn
    time: int
    arrival: int
    basis: str | None = None
    text: str | None = None
    event: str | None = None  # id of the event that wrote it


class Profile(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A frozen profile. `seen` is this person's last `now` (rule 0); `stamps` tells who wrote each trait.

    `consents` is purpose → channel → Consent; the empty channel name stands for every channel of the purpose.
    `identifiers` is every (namespace, value) that belongs to the person, oldest first; `merged` every profile id
    that was merged into this one.
    """

    id: str
    first_seen: int
    seen: int = 0
    traits: dict[str, Any] = {}
    stamps: dict[str, Stamp] = {}
    tags: tuple[str, ...] = ()
    consents: dict[str, dict[str, Consent]] = {}
    timezone: str | None = None
    locale: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    merged: tuple[str, ...] = ()

    @property
    def consent(self) -> dict[str, dict[str, str]]:
        """purpose → channel → state, as conditions see it: a later no to the whole purpose is a no to each channel."""
        return {purpose: _states(by) for purpose, by in self.consents.items()}


def _states(by: dict[str, Consent]) -> dict[str, str]:
    whole = by.get("")
    if whole is None or whole.state == "granted":
        return {channel: one.state for channel, one in by.items()}
    since = (whole.time, whole.arrival)
    return {
        channel: whole.state if since >= (one.time, one.arrival) else one.state for channel, one in by.items()
    }
