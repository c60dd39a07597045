"""The book: everything that the engine goes by, made ready once: journeys, policy, channels, templates, defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wayfare.channels import channel as channels
from wayfare.channels import template as templates
from wayfare.channels.channel import Channel, default
from wayfare.channels.template import Template
from wayfare.contact import policy as policies
from wayfare.contact.policy import Policy
from wayfare.ground.time import HOUR, Duration
from wayfare.journey.compiled import Journey


@dataclass(frozen=True, slots=True)
class Book:
    """Frozen; a new one replaces it when something is published.

    `live` are the journeys that people may enter, by id order; `versions` every version that somebody may be on.
    `trigger_bound` is None when it is off. `clock` is wall, log, or xN. `told` are the documents of the policy, the
    channels and the templates as the ledger has them; what it never told comes from the files that were there at the
    start. `reveal` puts the secrets into a channel's document, which itself only refers to them.
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
    told: Mapping[str, Any] = field(default_factory=dict)
    reveal: Callable[[Any], Any] = field(default=lambda document: document, compare=False, repr=False)
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

    def with_definitions(self, data: Mapping[str, Any]) -> Book:
        """The book after a command that carries definitions; a key that it does not have keeps what was.

        `policy` is a document or None, `channels` all of them by name, `templates` those that changed: {name: {locale:
        text}}. Raises Malformed for a policy or channel with an error; a template with one cannot be sent.
        """
        told = {key: data[key] for key in ("policy", "channels") if key in data}
        book = replace(self, told={**self.told, **told})
        if "policy" in data:
            book = replace(book, policy=policies.parse(data["policy"]))
        if "channels" in data:
            known = {name: channels.parse(name, self.reveal(one)) for name, one in data["channels"].items()}
            book = replace(book, channels=known)
        if "templates" in data:
            compiled, texts = dict(self.templates), dict(self.told.get("templates", {}))
            for name, by_locale in data["templates"].items():
                texts[name] = by_locale
                compiled.pop(name, None)
                if not templates.problems(name, by_locale):
                    compiled[name] = templates.parse(name, by_locale)
            book = replace(book, templates=compiled, told={**book.told, "templates": texts})
        return book

    def without_journey(self, journey: str) -> Book:
        """The book after a journey takes nobody new."""
        return replace(self, live=tuple(one for one in self.live if one.id != journey))

    def channel(self, name: str) -> Channel:
        """The channel of that name; one that has no file of its own is a local inbox."""
        return self.channels.get(name) or default(name)
