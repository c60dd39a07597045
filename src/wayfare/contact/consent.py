"""The consent: what a person allows for a purpose on a channel, and whether a class of message may go by it."""

from __future__ import annotations

from collections.abc import Mapping

from wayfare.contact.policy import Requirement
from wayfare.people.profile import Consent, Profile


def stated(person: Profile, purpose: str, channel: str) -> Consent | None:
    """What the person said: for the channel, else for the whole purpose.

    A later "no" to the whole purpose is also a no to a channel that was granted before it.
    """
    by_channel = person.consents.get(purpose, {})
    own, whole = by_channel.get(channel), by_channel.get("")
    if own is None or whole is None:
        return own or whole
    if whole.state != "granted" and (whole.time, whole.arrival) >= (own.time, own.arrival):
        return whole
    return own


def state(person: Profile, purpose: str, channel: str, defaults: Mapping[str, str]) -> str | None:
    """granted, denied or withdrawn: as stated, else the workspace's default for the channel, then the purpose."""
    said = stated(person, purpose, channel)
    if said is not None:
        return said.state
    return defaults.get(channel, defaults.get(purpose))


def allows(requirement: Requirement, known: str | None) -> bool:
    """Whether a state meets a requirement; a state that is none of the three never does where one is asked for."""
    if requirement == "not-needed":
        return True
    if requirement == "required":
        return known == "granted"
    return known in (None, "granted", "denied")
