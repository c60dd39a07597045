"""The simulation: stored history through drafts with the live step, on a virtual clock; nothing is sent or written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from wayfare.engine.advance import Executor
from wayfare.engine.book import Book
from wayfare.engine.tally import balance, journey_report
from wayfare.engine.world import World
from wayfare.facts.event import PROFILE_MERGED, Event
from wayfare.ground.time import Instant, format_instant, local
from wayfare.journey.compiled import Journey
from wayfare.stores.records import Transition


@dataclass(frozen=True, slots=True)
class Span:
    """What to simulate: from (None: everything there is) to the end instant, exclusive."""

    start: Instant | None
    end: Instant


@dataclass(slots=True)
class Simulation:
    """The answer of a simulation: its document by contract §6, and the rows of its ledger."""

    document: dict[str, Any]
    transitions: list[Transition] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The document by contract §6."""
        return self.document


def feed_names(journeys: Iterable[Journey]) -> frozenset[str]:
    """Every event name that the journeys read; identity and traits come along by their kinds."""
    return frozenset(name for journey in journeys for name in journey.names)


def simulate(
    book: Book, journeys: Iterable[Journey], feed: Iterable[Event], span: Span, seed: int = 0
) -> Simulation:
    """Walk the journeys over a feed in (time, arrival) order; the state at `span.start` is folded from before it.

    `feed` is every stored event that the journeys read, in order, with its identity calls. A seed other than 0 draws
    other arms and splits. The same arguments give the same document, `seconds` apart.
    """
    began = time.perf_counter()
    tested = tuple(sorted(journeys, key=lambda one: one.id))
    names = {journey.id for journey in tested}
    empty = _seeded(book, seed)
    world = World(None, ledger=False)
    executor = Executor(empty, world, instant_sends=True)
    full = empty
    for journey in tested:
        full = full.with_journey(journey)
    heard = 0
    begun = span.start is None
    if begun:
        executor.use(full)
    first: Instant | None = None
    last: Instant = span.start or 0
    for event in feed:
        if event.time >= span.end:
            break
        if event.source == "wayfare" and (
            event.properties.get("journey") in names or event.name == PROFILE_MERGED
        ):
            continue  # the run writes these itself
        if not begun and event.time >= (span.start or 0):
            begun = True
            executor.use(full)
        told = _as_live(event)
        executor.fire(event.time)
        executor.apply(told, heard, event.time if not _late(event, book) else event.received)
        heard += 1
        first = event.time if first is None else first
        last = max(last, event.time)
    executor.use(full)
    executor.fire(span.end - 1)
    document = _document(
        world, tested, book.zone, Span(span.start if span.start is not None else first, span.end)
    )
    document.update(events=heard, seed=seed, seconds=round(time.perf_counter() - began, 3))
    return Simulation(document, world.changes.transitions)


def _seeded(book: Book, seed: int) -> Book:
    """Journeys off, and the seed by which arms and splits are drawn."""
    return replace(book, live=(), versions={}, seed=seed)


def _as_live(event: Event) -> Event:
    """A stored backfill walks as if it had been heard when it happened."""
    return msgspec.structs.replace(event, backfill=False) if event.backfill else event


def _late(event: Event, book: Book) -> bool:
    """Whether a live event came so late that it started nothing; a backfill never does."""
    if event.backfill or book.trigger_bound is None or book.clock == "log":
        return False
    return event.received - event.time > book.trigger_bound


def _remaining(world: World, profile: str) -> str:
    """The profile that is left of one, after all merges."""
    while profile in world.changes.gone:
        profile = world.changes.gone[profile]
    return profile


def _document(world: World, journeys: tuple[Journey, ...], zone: str, span: Span) -> dict[str, Any]:
    changes = world.changes
    sent = [message for message in changes.messages.values() if message.state == "sent"]
    days = Counter(local(message.at, zone).date().isoformat() for message in sent)
    per_person = Counter(message.profile for message in sent)
    spread = Counter(str(count) for count in per_person.values())
    entered = {_remaining(world, enrollment.profile) for enrollment in changes.enrollments.values()}
    untouched = len(entered - per_person.keys())
    if untouched:
        spread["0"] = untouched
    reasons: Counter[str] = Counter()
    for message in changes.messages.values():
        reasons.update(verdict.reason for verdict in message.verdicts if verdict.outcome != "pass")
    report = {
        journey.id: journey_report(
            journey, changes.enrollments.values(), changes.transitions, changes.messages.values()
        )
        for journey in journeys
    }
    balance(report)
    return {
        "journeys": report,
        "sends_by_day": dict(sorted(days.items())),
        "per_person": dict(sorted(spread.items(), key=lambda pair: int(pair[0]))),
        "reasons": dict(sorted(reasons.items())),
        "profiles": len(world.people()),
        "from": format_instant(span.start) if span.start is not None else None,
        "to": format_instant(span.end),
    }
