"""The fold: a profile and one event give the profile after it; two profiles of one person give one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from wayfare.facts import consent
from wayfare.facts.event import CONSENT_CHANGED, Event, Quarantined
from wayfare.ground.errors import Broken
from wayfare.ground.time import known_zone
from wayfare.people.identity import Identifier, Profiles, Resolution
from wayfare.people.profile import Consent, Profile, Stamp

# traits and context values have their stamps side by side; no client's trait can be spelt like these
TIMEZONE, LOCALE = "\x1ftimezone", "\x1flocale"
GROUP = "group"  # the trait that a group call writes: the group's own traits and its id
_STRICT = {"granted": 0, "denied": 1, "withdrawn": 2}
_NEVER: Stamp = (-1, -1)

Consents = dict[str, dict[str, Consent]]


def gather(resolution: Resolution, event: Event, profiles: Profiles) -> Profile:
    """The person of a resolved event before the event is folded: new, known or merged, with every identifier linked.

    Raises Broken WF6001 when a profile that the resolution names is not there.
    """
    known = profiles(resolution.profile)
    if resolution.created:
        known = Profile(resolution.profile, first_seen=min(event.time, event.received))
    for merge_ in resolution.merges:
        known = merge(_present(known, resolution.profile), _present(profiles(merge_.loser), merge_.loser))
    person = _present(known, resolution.profile)
    if not resolution.links:
        return person
    held = set(person.identifiers)
    new: tuple[Identifier, ...] = tuple(
        identifier
        for identifier, owner in resolution.links
        if owner.profile == person.id and identifier not in held
    )
    return msgspec.structs.replace(person, identifiers=person.identifiers + new) if new else person


def fold(profile: Profile, event: Event, arrival: int, now: int) -> Profile:
    """The profile after its event. `arrival` orders equal times; `now` becomes `seen`, except by a backfill.

    Traits come from identify calls and, as one trait `group`, from group calls; the later (time, arrival) wins
    each of them, and an explicit null stays as a null. Consent comes from `Consent Changed`, zone and locale from
    the context of any event.
    """
    seen = profile.seen if event.backfill else max(profile.seen, now)
    first = min(profile.first_seen, event.time, event.received)
    stamp = (event.time, arrival)
    written: dict[str, Any] = {}
    if event.kind == "identify":
        written = event.traits
    elif event.kind == "group" and event.group_id is not None:
        written = {GROUP: {**event.traits, "id": event.group_id}}
    consents = profile.consents
    if event.name == CONSENT_CHANGED:
        consents = _consented(consents, event, arrival)
    place = _place(event.context) if event.context else None
    if not written and not place and consents is profile.consents:
        if seen == profile.seen and first == profile.first_seen:
            return profile
        return _with(profile, first, seen)
    stamps, traits = dict(profile.stamps), dict(profile.traits)
    zone, locale = profile.timezone, profile.locale
    for name, value in written.items():
        if stamps.get(name, _NEVER) <= stamp:
            stamps[name], traits[name] = stamp, value
    for name, value in (place or {}).items():
        if stamps.get(name, _NEVER) <= stamp:
            stamps[name] = stamp
            zone, locale = (value, locale) if name == TIMEZONE else (zone, value)
    return Profile(
        profile.id, first, seen, traits, stamps, profile.tags, consents, zone, locale,
        profile.identifiers, profile.merged,
    )  # fmt: skip


def merge(survivor: Profile, other: Profile) -> Profile:
    """One profile of two that are one person: each trait and consent keeps its later writer, at a tie the stricter.

    The survivor's id stays; whose it is (the earliest first seen, then id) was decided by `identity.resolve`.
    """
    traits, stamps = dict(survivor.traits), dict(survivor.stamps)
    zone, locale = survivor.timezone, survivor.locale
    for name, stamp in other.stamps.items():
        if stamps.get(name, _NEVER) >= stamp:
            continue
        stamps[name] = stamp
        if name == TIMEZONE:
            zone = other.timezone
        elif name == LOCALE:
            locale = other.locale
        else:
            traits[name] = other.traits[name]
    consents: Consents = {purpose: dict(by) for purpose, by in survivor.consents.items()}
    for purpose, by in other.consents.items():
        mine = consents.setdefault(purpose, {})
        for channel, theirs in by.items():
            mine[channel] = _prevailing(mine.get(channel), theirs)
    return Profile(
        id=survivor.id,
        first_seen=min(survivor.first_seen, other.first_seen),
        seen=max(survivor.seen, other.seen),
        traits=traits,
        stamps=stamps,
        tags=tuple(dict.fromkeys((*survivor.tags, *other.tags))),
        consents=consents,
        timezone=zone,
        locale=locale,
        identifiers=tuple(dict.fromkeys((*survivor.identifiers, *other.identifiers))),
        merged=tuple(
            one for one in dict.fromkeys((*survivor.merged, other.id, *other.merged)) if one != survivor.id
        ),
    )


def _consented(consents: Consents, event: Event, arrival: int) -> Consents:
    wish = consent.read(event.properties)
    if isinstance(wish, Quarantined):
        return consents
    said = Consent(wish.state, event.time, arrival, wish.basis, wish.text, event.id)
    before = consents.get(wish.purpose, {})
    after = _prevailing(before.get(wish.channel), said)
    if after is before.get(wish.channel):
        return consents
    return {**consents, wish.purpose: {**before, wish.channel: after}}


def _prevailing(first: Consent | None, second: Consent) -> Consent:
    """The later of two by time; at the same time the stricter, then the one that arrived later."""
    if first is None:
        return second
    return max(first, second, key=lambda one: (one.time, _STRICT[one.state], one.arrival))


def _place(context: Mapping[str, Any]) -> dict[str, str]:
    """Zone and locale as a context tells them; what is no zone, or no text, is left out."""
    found: dict[str, str] = {}
    zone, locale = context.get("timezone"), context.get("locale")
    if isinstance(zone, str) and _is_zone(zone):
        found[TIMEZONE] = zone
    if isinstance(locale, str) and locale:
        found[LOCALE] = locale
    return found


_is_zone = lru_cache(maxsize=4096)(known_zone)  # unknown names too: each miss reads the zone files


def _with(profile: Profile, first: int, seen: int) -> Profile:
    return Profile(
        profile.id, first, seen, profile.traits, profile.stamps, profile.tags, profile.consents,
        profile.timezone, profile.locale, profile.identifiers, profile.merged,
    )  # fmt: skip


def _present(profile: Profile | None, name: str) -> Profile:
    if profile is None:
        raise Broken("WF6001", profile=name)
    return profile
