"""The trial: given a person, when things happen, then this must follow; the live step on a virtual clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wayfare.contact.policy import Policy
from wayfare.contact.policy import parse as parse_policy
from wayfare.engine.advance import Executor
from wayfare.engine.book import Book
from wayfare.engine.world import World
from wayfare.facts.event import Event
from wayfare.ground.errors import Malformed
from wayfare.ground.time import DAY, Instant, format_instant, parse_instant
from wayfare.journey.compiled import Journey
from wayfare.people.identity import Owner
from wayfare.people.profile import Consent, Profile
from wayfare.stores.records import Changes

PERSON = "test-person"
ADDRESSES = {"email": "test@example.com", "phone": "+8613800000000"}
KEYS = {
    "given": {"profile", "arm", "policy"},
    "profile": {"traits", "consent", "timezone", "locale"},
    "when": {"at", "event", "properties", "traits", "context", "channel"},
    "then": {
        "at", "node", "sent", "suppressed", "held", "expired", "failed", "reason", "exited", "completed", "entered",
        "not_entered", "goal", "task", "left", "waiting",
    },
}  # fmt: skip
LONGEST = 400 * DAY  # how far the clock runs on for an expectation that names no instant


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one test: `missing` are the expectations that nothing met, `facts` all that happened."""

    journey: str
    ok: bool
    missing: tuple[dict[str, Any], ...]
    facts: tuple[dict[str, Any], ...]


def run_trial(book: Book, journey: Journey, test: Mapping[str, Any], where: str = "") -> Outcome:
    """Run one given-when-then (contract §4.6). Malformed WF11xx when the test itself cannot be read."""
    _known(test, {"journey", "given", "when", "then", "name"}, where)
    given = test.get("given") or {}
    _known(given, KEYS["given"], where)
    whens = [_event(place, when, book.zone, where) for place, when in enumerate(test.get("when") or [])]
    thens = [_then(then, book.zone, where) for then in test.get("then") or []]
    if not whens or not thens:
        raise Malformed("WF1101", where)
    own = replace(
        book, policy=_policy(book, given), live=(), versions={}, all_treated=True, holdout=0.0, trigger_bound=None,
        forced_arms=_arms(given, journey),
    ).with_journey(journey)  # fmt: skip
    world = World(None, ledger=True)
    executor = Executor(own, world, instant_sends=True)
    person = _person(given.get("profile") or {}, whens[0].time, own, where)
    world.create(person)
    world.link(("user_id", PERSON), Owner(person.id, person.first_seen))
    for offset, event in enumerate(sorted(whens, key=lambda one: one.time), 1):
        executor.fire(event.time)
        executor.apply(event, offset, event.time)
    ends = [then["at"] for then in thens if "at" in then]
    latest = max([*ends, *(event.time for event in whens)])
    executor.fire(latest if len(ends) == len(thens) else latest + LONGEST)
    facts = facts_of(world.changes)
    missing = tuple(then for then in thens if not any(_meets(fact, then) for fact in facts))
    return Outcome(journey.id, not missing, tuple(map(_shown, missing)), tuple(map(_shown, facts)))


def facts_of(changes: Changes) -> list[dict[str, Any]]:
    """Everything that can be expected, in the words of the test's `then`, in order."""
    facts: list[dict[str, Any]] = []
    channels = {message.node: message.channel for message in changes.messages.values()}
    for row in changes.transitions:
        fact: dict[str, Any] = {"at": row.at, "node": row.node}
        match row.outcome:
            case "waiting" if row.stimulus != "gated":
                facts.append({**fact, "waiting": row.node})
            case "exited":
                facts.append({**fact, "exited": row.reason})
            case "finished":
                facts.append({**fact, "completed": row.reason})
            case "goal":
                facts.append({**fact, "goal": row.reason})
            case "held":
                facts.append({**fact, "held": channels.get(row.node, ""), "reason": row.reason})
            case "left" if row.stimulus in ("sent", "gated", "failed"):
                state = row.reason if row.reason in ("suppressed", "expired", "failed") else "sent"
                facts.append({**fact, state: channels.get(row.node, ""), "reason": row.inputs.get("why", "")})
            case "left":
                facts.append({**fact, "left": row.reason})
    facts.extend({"at": one.entered_at, "entered": one.journey} for one in changes.enrollments.values())
    facts.extend({"at": one.at, "not_entered": one.reason} for one in changes.missed.values())
    facts.extend(
        {"at": one.created_at, "node": one.node, "task": one.queue} for one in changes.tasks.values()
    )
    return sorted(facts, key=lambda fact: fact["at"])


def _meets(fact: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    return all(key in fact and fact[key] == value for key, value in then.items())


def _shown(fact: Mapping[str, Any]) -> dict[str, Any]:
    return {key: format_instant(value) if key == "at" else value for key, value in fact.items()}


def _known(raw: object, keys: set[str], where: str) -> None:
    if not isinstance(raw, Mapping):
        raise Malformed("WF1102", where, key=str(raw)[:40], known=", ".join(sorted(keys)))
    for key in raw:
        if key not in keys:
            raise Malformed("WF1102", where, key=key, known=", ".join(sorted(keys)))


def _event(place: int, when: Any, zone: str, where: str) -> Event:
    _known(when, KEYS["when"], where)
    if "at" not in when or "event" not in when:
        raise Malformed("WF1103", where, place=place + 1)
    at = parse_instant(str(when["at"]), zone)
    traits = when.get("traits") or {}
    return Event(
        id=f"when-{place + 1}", source="test", kind="identify" if traits else "track", name=when["event"], time=at,
        received=at, user_id=PERSON, channel=when.get("channel"), properties=dict(when.get("properties") or {}),
        traits=dict(traits), context=dict(when.get("context") or {}),
    )  # fmt: skip


def _then(then: Any, zone: str, where: str) -> dict[str, Any]:
    _known(then, KEYS["then"], where)
    return {key: parse_instant(str(value), zone) if key == "at" else value for key, value in then.items()}


def _policy(book: Book, given: Mapping[str, Any]) -> Policy:
    """No cap and no quiet hour unless the test gives a policy of its own, or says `workspace`."""
    own = given.get("policy")
    if own == "workspace":
        return book.policy
    return replace(parse_policy(own), consent=book.policy.consent)


def _arms(given: Mapping[str, Any], journey: Journey) -> dict[str, str]:
    """`arm: a` picks that arm of every split that has it; `arm: {node: a}` of one."""
    arm = given.get("arm")
    if isinstance(arm, Mapping):
        return {str(node): str(choice) for node, choice in arm.items()}
    if arm is None:
        return {}
    splits = {name: node for name, node in journey.nodes.items() if node.kind == "split"}
    return {name: str(arm) for name in splits}


def _person(raw: Mapping[str, Any], first: Instant, book: Book, where: str) -> Profile:
    _known(raw, KEYS["profile"], where)
    consents = {
        purpose: {channel: Consent(state, first, 0) for channel, state in by.items()}
        for purpose, by in (raw.get("consent") or {}).items()
    }
    traits = {**ADDRESSES, **(raw.get("traits") or {})}
    return Profile(
        id=f"prf_{PERSON}", first_seen=first, traits=traits, stamps={name: (0, 0) for name in traits},
        consents=consents, timezone=raw.get("timezone") or book.zone, locale=raw.get("locale"),
        identifiers=(("user_id", PERSON),),
    )  # fmt: skip
