"""Messages, people and standings for the tests of the contact room, with one thing changed at a time."""

from __future__ import annotations

from typing import Any

import msgspec

from wayfare.contact.gate import Standing
from wayfare.contact.message import Message
from wayfare.ground.time import parse_instant
from wayfare.people.profile import Consent, Profile

NOW = parse_instant("2026-03-02T12:00:00+08:00")


def message(**changes: Any) -> Message:
    """A planned marketing email of `cart-rescue`."""
    whole = Message(
        id="msg_1", enrollment="enr_1", profile="prf_1", journey="cart-rescue", version=1, node="mail", visit=1,
        channel="email", template="cart", klass="marketing", state="planned", planned_at=NOW, at=NOW,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changes)


def person(consent: dict[str, dict[str, str]] | None = None, **changes: Any) -> Profile:
    """Somebody in Shanghai who granted marketing by email, unless told otherwise."""
    states = {"marketing": {"email": "granted", "sms": "granted"}} if consent is None else consent
    consents = {
        purpose: {channel: Consent(state=state, time=1, arrival=1) for channel, state in by.items()}
        for purpose, by in states.items()
    }
    whole = Profile(id="prf_1", first_seen=1, consents=consents, timezone="Asia/Shanghai")
    return msgspec.structs.replace(whole, **changes)


def standing(**changes: Any) -> Standing:
    """Nothing in the way."""
    whole: dict[str, Any] = {
        "kill_switch": False,
        "suppressed": False,
        "address": "a@b.c",
        "zone": "Asia/Shanghai",
    }
    return Standing(**{**whole, **changes})
