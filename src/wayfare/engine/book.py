"""The book: everything that the engine goes by, made ready once: journeys, policy, channels, templates, defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wayfare.channels.channel import Channel, default
from wayfare.channels.template import Template
from wayfare.contact.policy import Policy
from wayfare.ground.time import HOUR, Duration
from wayfare.journey.compiled import Journey


@dataclass(frozen=True, slots=True)
class Book:
    """Frozen; a new one replaces it when something is published.

    `live` are the journeys that people may enter, by id order; `versions` every version that somebody may be on.
    `trigger_bound` is None when it is off. `clock` is wall, log, or xN.
    """

    tenant: str
    salt: str
    zone: str
    policy: Policy
    clock: str = "wall"
    trigger_bound: Duration | None = HOUR
    holdout: float = 0.0
    consent_default: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    live: tuple[Journey, ...] = ()
    versions: Mapping[tuple[str, int], Journey] = field(default_factory=dict)
    forced_arms: Mapping[str, str] = field(
        default_factory=dict
    )  # split node → arm, in tests and previews only
    all_treated: bool = False  # tests and previews: nobody is control
    seed: int = 0  # simulations: another seed draws other arms and splits

    @property
    def entering(self) -> dict[str, tuple[Journey, ...]]:
        """Event name → the live journeys that it may start, in the order of their ids."""
        found: dict[str, tuple[Journey, ...]] = {}
        for journey in sorted(self.live, key=lambda one: one.id):
            for name in journey.enters:
                found[name] = (*found.get(name, ()), journey)
        return found

    def with_journey(self, journey: Journey) -> Book:
        """The book after a version is published: people enter it, and those on older versions stay there."""
        others = tuple(one for one in self.live if one.id != journey.id)
        versions = {**self.versions, (journey.id, journey.version): journey}
        return replace(self, live=(*others, journey), versions=versions)

    def without_journey(self, journey: str) -> Book:
        """The book after a journey takes nobody new."""
        return replace(self, live=tuple(one for one in self.live if one.id != journey))

    def channel(self, name: str) -> Channel:
        """The channel of that name; one that has no file of its own is a local inbox."""
        return self.channels.get(name) or default(name)
