"""The policy: the one contact policy of a workspace, who may be reached when and how often, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from wayfare.contact.document import Fault, Reader
from wayfare.contact.hours import Period
from wayfare.contact.message import Class
from wayfare.ground import rule as rules
from wayfare.ground.time import DAY, MINUTE, Duration, known_zone

Then: TypeAlias = Literal["hold", "suppress"]
Requirement: TypeAlias = Literal["required", "unless-withdrawn", "not-needed"]
KEYS = ("default_zone", "quiet", "caps", "pause", "priority", "consent", "rate")
CLASSES: tuple[str, ...] = get_args(Class)
PERIODS: tuple[str, ...] = get_args(Period)
REQUIREMENTS: tuple[str, ...] = get_args(Requirement)
CONSENT: dict[str, Requirement] = {
    "marketing": "required",
    "transactional": "unless-withdrawn",
    "mandatory": "not-needed",
}
_TIME_OF_DAY = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)$|^(24):(00)$")


@dataclass(frozen=True, slots=True)
class Reach:
    """Which messages a rule is about: a class and a channel, each empty for every one."""

    klass: str = ""
    channel: str = ""

    def covers(self, klass: str, channel: str) -> bool:
        """Whether a message of this class and channel is meant."""
        return (not self.klass or self.klass == klass) and (not self.channel or self.channel == channel)


@dataclass(frozen=True, slots=True)
class Quiet:
    """No sends from `start` until before `end`, local times in ms since midnight; start > end crosses midnight.

    `zone` is `profile` (the person's, else the default), `workspace` (the default), or an IANA name.
    """

    reach: Reach
    start: Duration
    end: Duration
    zone: str = "profile"
    then: Then = "hold"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` sends in any `span` ms that end now (rolling), or in each local `period` (calendar)."""

    reach: Reach
    limit: int
    span: Duration = 0
    period: Period | None = None
    then: Then = "suppress"


@dataclass(frozen=True, slots=True)
class Pause:
    """No sends while a condition about the person is true; only true pauses, an unknown does not."""

    reach: Reach
    text: str
    condition: Callable[[rules.Scope], object] = field(compare=False, repr=False)
    reason: str = "pause"
    then: Then = "hold"


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy; an empty one asks only for consent. `default_zone` None means the workspace's zone."""

    default_zone: str | None = None
    quiet: tuple[Quiet, ...] = ()
    caps: tuple[Cap, ...] = ()
    pauses: tuple[Pause, ...] = ()
    consent: Mapping[str, Requirement] = field(default_factory=lambda: dict(CONSENT))

    @property
    def longest(self) -> Duration:
        """How far back a reservation can still count, in ms: a store keeps uses that long."""
        calendar = {"day": 2 * DAY, "week": 8 * DAY, "month": 32 * DAY}
        return max((calendar[cap.period] if cap.period else cap.span for cap in self.caps), default=0)


def parse(document: object, name: str = "policy.yaml") -> Policy:
    """The policy of a document (None: the empty policy); raises the first of its problems, NotBuilt ones too.

    A rule that could not be honoured whole is never honoured in part: that would let a message through.
    """
    policy, faults = _read(document)
    if faults:
        raise faults[0].error(name)
    return policy


def problems(document: object) -> tuple[Fault, ...]:
    """Everything that is wrong with a document, each with its code and place; none: `parse` takes it."""
    return tuple(_read(document)[1])


def _read(document: object) -> tuple[Policy, list[Fault]]:
    top = Reader({} if document is None else document)
    top.known(KEYS)
    top.later("priority", "policy: priority")
    top.later("rate", "policy: rate")
    policy = Policy(
        default_zone=_zone(top, "default_zone") or None,
        quiet=tuple(_quiet(item) for item in top.items("quiet")),
        caps=tuple(_cap(item) for item in top.items("caps")),
        pauses=tuple(_pause(item) for item in top.items("pause")),
        consent=_consent(top.below("consent")),
    )
    return policy, top.faults


def _reach(item: Reader) -> Reach:
    klass = item.choice("class", CLASSES, "") if item.raw.get("class") is not None else ""
    return Reach(klass, item.text("channel"))


def _then(item: Reader, default: Then) -> Then:
    return "hold" if item.choice("then", ("hold", "suppress"), default) == "hold" else "suppress"


def _zone(item: Reader, key: str, *words: str) -> str:
    name = item.text(key)
    if not name or name in words or known_zone(name):
        return name
    item.fault("WF0103", key, text=name)
    return ""


def _quiet(item: Reader) -> Quiet:
    item.known(("class", "channel", "from", "to", "tz", "holidays", "then"))
    item.later("holidays", "policy: quiet holidays")
    start, end = _time_of_day(item, "from"), _time_of_day(item, "to")
    if start is not None and end is not None and start % DAY == end % DAY:
        item.fault("WF4006", "to")
    zone = _zone(item, "tz", "profile", "workspace") or "profile"
    return Quiet(_reach(item), start or 0, end or 0, zone, _then(item, "hold"))


def _time_of_day(item: Reader, key: str) -> Duration | None:
    value: Any = item.raw.get(key)
    if value is None:
        item.fault("WF4002", key, name=key)
        return None
    found = _TIME_OF_DAY.match(value) if isinstance(value, str) else None
    if not found or (found[3] and key == "from"):
        item.fault("WF4005", key, value=value)
        return None
    hour, minute = found[1] or found[3], found[2] or found[4]
    return (int(hour) * 60 + int(minute)) * MINUTE


def _cap(item: Reader) -> Cap:
    item.known(("class", "channel", "max", "per", "window", "then"))
    per = item.raw.get("per")
    if per is None:
        item.fault("WF4002", "per", name="per")
    window = item.choice("window", ("rolling", "calendar"), "calendar" if per in PERIODS else "rolling")
    reach, limit, then = _reach(item), item.count("max"), _then(item, "suppress")
    if window == "rolling":
        return Cap(reach, limit, span=item.duration("per"), then=then)
    for period in get_args(Period):
        if per == period:
            return Cap(reach, limit, period=period, then=then)
    item.fault("WF4007", "per", value=per, known=", ".join(PERIODS))
    return Cap(reach, limit, period="day", then=then)


def _pause(item: Reader) -> Pause:
    item.known(("class", "channel", "while", "plus", "reason", "then"))
    item.later("plus", "policy: pause plus")
    condition = item.rule("while")
    if item.raw.get("while") is None:
        item.fault("WF4002", "while", name="while")
    return Pause(
        _reach(item),
        item.text("while"),
        condition or _never,
        item.text("reason", "pause"),
        _then(item, "hold"),
    )


def _never(scope: rules.Scope) -> object:
    return False


def _consent(item: Reader) -> Mapping[str, Requirement]:
    item.known(CLASSES)
    found: dict[str, Requirement] = dict(CONSENT)
    for klass, default in CONSENT.items():
        word = item.choice(klass, REQUIREMENTS, default)
        for requirement in get_args(Requirement):
            if word == requirement:
                found[klass] = requirement
    return found
