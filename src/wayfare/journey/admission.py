"""The admission: may this event enroll this person, now? Every gate is asked and every answer kept."""

from __future__ import annotations

from typing import Any

import msgspec

from wayfare.facts.event import Event
from wayfare.ground import time as clocks
from wayfare.ground.rule import UNKNOWN, Scope
from wayfare.ground.time import Instant
from wayfare.journey.compiled import Condition, Entry, Journey
from wayfare.people.profile import Profile


class Gate(msgspec.Struct, frozen=True, omit_defaults=True):
    """One gate of an entry: outcome is pass, no or unknown; what it read, and its rule."""

    gate: str  # active | where | who | key | live | reentry | limit | late
    outcome: str
    rule: str = ""
    inputs: dict[str, Any] = {}


class Standing(msgspec.Struct, frozen=True):
    """What the world knows that the entry asks for, for the key that `key_of` gave."""

    live: bool  # a live enrollment of this journey, person and key
    last_exit: Instant | None  # of this journey, person and key
    used: int  # slots of this entry used so far in the running period


class Admission(msgspec.Struct, frozen=True):
    """Whether the person enters; when not, `reason` is the first gate that said no."""

    enters: bool
    reason: str
    key: str | None
    gates: tuple[Gate, ...]


PASSED: dict[str, Gate] = {
    gate: Gate(gate, "pass") for gate in ("active", "where", "who", "key", "live", "reentry", "limit", "late")
}


def entry_scope(journey: Journey, event: Event, person: Profile, now: Instant) -> Scope:
    """What an entry's conditions see: the event is both the one that wakes and the one that would enroll."""
    return Scope(
        profile=person, event=event, entry=event, context={}, now=now, zone=person.timezone or journey.zone
    )


def key_of(entry: Entry, scope: Scope) -> tuple[str | None, bool]:
    """The enrollment key of the entry (None when it has none), and whether it is known."""
    if entry.key is None:
        return None, True
    value = entry.key.test(scope)
    if value is UNKNOWN or value is None or isinstance(value, list | dict):
        return None, False
    if isinstance(value, bool):
        return str(value).lower(), True
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 1 == 1.0: one key, however it is written
    return str(value), True


def limit_slot(entry: Entry, zone: str, now: Instant) -> str:
    """The name of the counter that the entry's limit uses at `now`: its place, and the period's first day."""
    if entry.per is None:
        return str(entry.place)
    day = clocks.local(now, zone).date()
    if entry.per == "week":
        day = clocks.add_days(day, -day.weekday())
    elif entry.per == "month":
        day = day.replace(day=1)
    return f"{entry.place}:{day.isoformat()}"


def admit(
    journey: Journey, entry: Entry, scope: Scope, now: Instant, standing: Standing, late: bool = False
) -> Admission:
    """Ask every gate of the entry; none short-circuits the record."""
    key, known = key_of(entry, scope)
    gates = (
        _yes("late", not late),
        _yes("active", _active(journey, now)),
        _asked("where", entry.where, scope),
        _asked("who", entry.who, scope),
        PASSED["key"] if known else Gate("key", "unknown", entry.key.text if entry.key else ""),
        _yes("live", not standing.live),
        _again(entry, standing, now),
        _yes("limit", entry.limit is None or standing.used < entry.limit),
    )
    for gate in gates:
        if gate.outcome != "pass":
            return Admission(False, "key_missing" if gate.gate == "key" else gate.gate, key, gates)
    return Admission(True, "", key, gates)


def _yes(gate: str, passes: bool) -> Gate:
    return PASSED[gate] if passes else Gate(gate, "no")


def _active(journey: Journey, now: Instant) -> bool:
    if journey.active_from is not None and now < journey.active_from:
        return False
    return journey.active_to is None or now < journey.active_to


def _asked(gate: str, condition: Condition | None, scope: Scope) -> Gate:
    if condition is None:
        return PASSED[gate]
    found = condition.test(scope)
    if found is True:
        return PASSED[gate]
    return Gate(gate, "unknown" if found is UNKNOWN else "no", condition.text, condition.read(scope))


def _again(entry: Entry, standing: Standing, now: Instant) -> Gate:
    if standing.last_exit is None or entry.reentry == 0:
        return PASSED["reentry"]
    if entry.reentry is None:
        return Gate("reentry", "no", "never", {"last_exit": standing.last_exit})
    if now - standing.last_exit >= entry.reentry:
        return PASSED["reentry"]
    return Gate("reentry", "no", clocks.format_duration(entry.reentry), {"last_exit": standing.last_exit})
