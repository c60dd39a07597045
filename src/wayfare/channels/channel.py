"""The channel: one way to reach people, read from its file; without a file it is the local inbox under its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from wayfare.contact.document import Fault, Reader
from wayfare.ground import rule as rules
from wayfare.ground.time import DAY, Duration, Instant
from wayfare.people.profile import Profile

Kind: TypeAlias = Literal["inbox", "console"]
Promise: TypeAlias = Literal["A", "B", "C"]
KINDS = ("inbox", "console")
LATER = ("smtp", "http", "webhook")
KEYS = ("kind", "live", "address", "unknown", "title", "note")
# the trait that holds the address of the channels everybody has
TRAITS = {
    "email": "email",
    "sms": "phone",
    "phone": "phone",
    "call": "phone",
    "voice": "phone",
    "whatsapp": "phone",
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A frozen channel. Unless it is `live`, its messages go to the local inbox, whatever its kind.

    `promise` is the provider class: A has an idempotency key for `window` ms, B can be asked, C neither. `unknown`
    says what becomes of an unknown outcome that nothing resolves: hold it, or retry once (at most one duplicate).
    """

    id: str
    kind: Kind = "inbox"
    live: bool = False
    promise: Promise = "A"
    window: Duration = 36_500 * DAY  # the inbox is ours: a key never grows old
    unknown: Literal["hold", "retry_once"] = "hold"
    address_rule: Callable[[rules.Scope], object] | None = field(default=None, compare=False, repr=False)


def default(name: str) -> Channel:
    """The channel of a journey that has no file: the local inbox under that name."""
    return Channel(name)


def parse(name: str, document: object) -> Channel:
    """The channel of a file; raises the first of its problems."""
    channel, faults = _read(name, document)
    if faults:
        raise faults[0].error(f"channels/{name}.yaml")
    return channel


def problems(name: str, document: object) -> tuple[Fault, ...]:
    """Everything that is wrong with a channel's file."""
    return tuple(_read(name, document)[1])


def address(channel: Channel, person: Profile, now: Instant, zone: str) -> str | None:
    """Where the channel reaches this person: by the file's `address`, else `traits.email` or `traits.phone`, or None.

    Any other channel of the local inbox (push, in-app …) reaches everybody by the profile's own id.
    """
    if channel.address_rule is not None:
        return _text(channel.address_rule(rules.Scope(person, now=now, zone=zone)))
    trait = TRAITS.get(channel.id)
    return person.id if trait is None else _text(person.traits.get(trait))


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _read(name: str, document: object) -> tuple[Channel, list[Fault]]:
    top = Reader({} if document is None else document)
    kind = top.raw.get("kind", "inbox")
    if kind in LATER:
        top.fault("WF0001", "kind", part=f"channel kind {kind}")
        return Channel(name), top.faults
    kind = top.choice("kind", KINDS, "inbox")
    top.known(KEYS)
    unknown = top.choice("unknown", ("hold", "retry_once"), "hold")
    live = top.flag("live")
    channel = Channel(
        name,
        kind="console" if kind == "console" else "inbox",
        live=live,
        promise="C" if live and kind == "console" else "A",
        unknown="retry_once" if unknown == "retry_once" else "hold",
        address_rule=top.rule("address"),
    )
    return channel, top.faults
