"""Random people: profiles, events and contexts with holes, nulls, wrong kinds, odd keys and the edges of numbers."""

from __future__ import annotations

import random
from typing import Any

from tests.ground.rules import (
    HUGE,
    KEYS,
    LIST_KEYS,
    MAP_KEYS,
    NUMBER_KEYS,
    ODD_TEXTS,
    REALS,
    SMALL,
    TEXT_KEYS,
    TEXTS,
    WHOLES,
    WIDE,
)
from wayfare.facts.event import Event
from wayfare.ground.rule import Scope
from wayfare.people.profile import Consent, Profile

TIMES = (0, 1_772_330_400_000, 1_772_323_200_500, 1_700_000_000_123)


def people(count: int) -> list[Scope]:
    """The same people at every run."""
    chance = random.Random(20260301)
    return [person(chance) for _ in range(count)]


def person(chance: random.Random) -> Scope:
    channels = [name for name in ("email", "") if chance.random() < 0.6]
    states = {name: Consent(chance.choice(["granted", "denied"]), 0, 0) for name in channels}
    profile = Profile(
        id=chance.choice(TEXTS),
        first_seen=0,
        traits=filled(chance),
        tags=tuple(chance.sample(TEXTS, chance.randrange(4))),
        consents={"marketing": states} if chance.random() < 0.9 else {},
        timezone=chance.choice([None, "Asia/Shanghai", "America/New_York"]),
        locale=chance.choice([None, "zh"]),
    )
    return Scope(
        profile if chance.random() < 0.95 else None,
        event(chance) if chance.random() < 0.95 else None,
        entry=event(chance) if chance.random() < 0.9 else None,
        context=filled(chance),
        now=1_772_400_000_000,
        zone="Asia/Shanghai",
    )


def event(chance: random.Random) -> Event:
    at, channel = chance.choice(TIMES), chance.choice([None, "web", "gold"])
    name = chance.choice(TEXTS)
    return Event(
        id="e",
        source="s",
        kind="track",
        name=name,
        time=at,
        received=at,
        channel=channel,
        properties=filled(chance),
    )


def filled(chance: random.Random, depth: int = 1) -> dict[str, Any]:
    """A map with most of the keys, each mostly of its own kind."""
    return {key: value(chance, key, depth) for key in KEYS if chance.random() < 0.85}


def value(chance: random.Random, key: str, depth: int) -> Any:
    if chance.random() < 0.2:  # anything but its own kind: null, another kind
        key = chance.choice(KEYS)
        if chance.random() < 0.3:
            return None
    if key in NUMBER_KEYS:
        few = chance.random() < 0.6
        return chance.choice((*SMALL, 0.5, 2.5, 1.0, 2.0) if few else (*WHOLES, *HUGE, *REALS, *WIDE))
    if key in TEXT_KEYS:
        return chance.choice(TEXTS if chance.random() < 0.8 else ODD_TEXTS)
    if key in LIST_KEYS and depth:
        same = chance.choice(KEYS)
        return [value(chance, same, 0) for _ in range(chance.randrange(4))]
    if key in MAP_KEYS and depth:
        return filled(chance, 0)
    return chance.random() < 0.5
