"""Consent: what a person granted, denied or withdrew, by purpose and channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from wayfare.facts.event import Quarantined

STATES = ("granted", "denied", "withdrawn")
LONGEST = 255  # characters of a purpose, channel or basis


class Wish(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One row of consent; the empty channel stands for every channel of the purpose."""

    purpose: str
    channel: str
    state: str  # granted | denied | withdrawn
    basis: str | None = None
    text: str | None = None


def read(properties: Mapping[str, Any]) -> Wish | Quarantined:
    """The wish in the properties of `Consent Changed`; purpose and state must be there, channel may be absent."""
    purpose = properties.get("purpose")
    if not isinstance(purpose, str) or not purpose.strip() or len(purpose) > LONGEST:
        return _bad("purpose")
    channel = properties.get("channel")
    if channel is None:
        channel = ""
    elif not isinstance(channel, str) or len(channel) > LONGEST:
        return _bad("channel")
    state = properties.get("state")
    if state not in STATES:
        return _bad("state")
    basis, text = properties.get("basis"), properties.get("text")
    if basis is not None and (not isinstance(basis, str) or len(basis) > LONGEST):
        return _bad("basis")
    if text is not None and not isinstance(text, str):
        return _bad("text")
    return Wish(purpose, channel, state, basis, text)


def _bad(field: str) -> Quarantined:
    return Quarantined("consent_bad", field, f"/properties/{field}")
