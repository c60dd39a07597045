"""The timeline: a person's events, the ledger's lines and the messages about her as one row of moments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from wayfare.engine import views
from wayfare.engine.verbs import Json, Page
from wayfare.ground.time import Instant
from wayfare.people.profile import Profile
from wayfare.stores.live_read import LiveReader

if TYPE_CHECKING:
    from wayfare.engine.asking import Asked

END = "end"  # a source that has no more


class _Moment(NamedTuple):
    at: Instant
    source: int
    shown: Json


class _Source(NamedTuple):
    """`ask(limit, cursor)` gives moments, the newest first; `after(count, cursor)` the cursor behind that many."""

    ask: Callable[[int, Any], list[tuple[Instant, Json]]]
    after: Callable[[int, Any], Any]


def timeline(person: Profile, live: LiveReader, history: Asked, limit: int, cursor: str | None) -> Page:
    """A page of moments, the newest first; at one instant messages come before lines and lines before events."""
    sources = (_messages(live, person.id), _lines(live, person.id), _events(history, person))
    places: list[Any] = [None] * len(sources) if cursor is None else msgspec.json.decode(cursor)
    moments: list[_Moment] = []
    for number, (source, place) in enumerate(zip(sources, places, strict=True)):
        if place != END:
            moments += [_Moment(at, number, shown) for at, shown in source.ask(limit + 1, place)]
    moments.sort(key=lambda one: (-one.at, one.source))
    taken = moments[:limit]
    if len(moments) <= limit:
        return Page([one.shown for one in taken], None)
    for number, source in enumerate(sources):
        count = sum(one.source == number for one in taken)
        if count and places[number] != END:
            places[number] = source.after(count, places[number])
    return Page([one.shown for one in taken], msgspec.json.encode(places).decode())


def _messages(live: LiveReader, person: str) -> _Source:
    def ask(limit: int, place: Any) -> list[tuple[Instant, Json]]:
        page = live.messages(profile=person, limit=limit, cursor=place)
        return [(one.planned_at, views.message_moment(one)) for one in page.items]

    return _Source(
        ask, lambda count, place: live.messages(profile=person, limit=count, cursor=place).next_cursor or END
    )


def _lines(live: LiveReader, person: str) -> _Source:
    def ask(limit: int, place: Any) -> list[tuple[Instant, Json]]:
        page = live.transitions(profile=person, limit=limit, cursor=place)
        return [(one.at, views.transition_moment(one)) for one in page.items]

    return _Source(
        ask,
        lambda count, place: live.transitions(profile=person, limit=count, cursor=place).next_cursor or END,
    )


def _events(history: Asked, person: Profile) -> _Source:
    ids = (person.id, *person.merged)

    def ask(limit: int, place: Any) -> list[tuple[Instant, Json]]:
        rows = history.of(ids, limit, None if place is None else (place[0], place[1]))
        return [(row.event.time, views.event_row(row.event)) for row in rows]

    def after(count: int, place: Any) -> Any:
        last = history.of(ids, count, None if place is None else (place[0], place[1]))[-1]
        return [last.event.time, last.seq]

    return _Source(ask, after)
