"""The desk: what pages, commands and programs look at of people, their messages and tasks, and whole tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from wayfare.app.journeys import JourneyDesk
from wayfare.engine import views
from wayfare.engine.explain import explain
from wayfare.engine.verbs import Json, Page
from wayfare.ground.errors import Missing
from wayfare.ground.time import parse_instant
from wayfare.people.profile import Profile

ROWS = 1_000  # of a table, read at once


class Desk(JourneyDesk):
    """Reads only; see JourneyDesk."""

    # ---- people

    def person(self, person: str) -> Profile:
        """The profile that a text means; Missing WF6916 when there is none."""
        name = self.store.find(person)
        found = self.store.profile(name) if name else None
        if found is None:
            raise Missing("WF6916", person or '""')
        return found

    def people(self, text: str, limit: int, cursor: str | None) -> Page:
        """People, the newest first."""
        page = self.store.profiles(text, limit, cursor)
        rows = []
        for one in page.items:
            journeys = [run.journey for run in self.store.enrollments_of(one.id) if run.status == "live"]
            rows.append(views.profile_row(one, journeys))
        return Page(rows, page.next_cursor)

    def profile(self, person: str) -> Json:
        """One person whole."""
        found = self.person(person)
        documents = {journey.id: journey.document for journey in self.writer.book.versions.values()}
        return views.profile_sheet(found, self.store.enrollments_of(found.id), documents)

    def explain(self, person: str, journey: str | None = None, as_of: str | None = None) -> Json:
        """Contract §7; without a journey every one that the person could be in."""
        found = self.person(person)
        instant = parse_instant(as_of, self.config.settings.tz) if as_of else None
        book = self.writer.book
        who = {"name": views.name_of(found), "user_id": views.user_id(found)}
        known = sorted({name for name, _ in book.versions})
        if journey is not None:
            if journey not in known:
                config = self.files()
                if journey not in config.journeys:
                    raise self._no_journey(config, journey)
            return {**explain(self.store, book, found.id, journey, instant), **who}
        told = [explain(self.store, book, found.id, name, instant) for name in known]
        return {"profile": found.id, **who, "journeys": told}

    def messages(self, wanted: Mapping[str, str], limit: int, cursor: str | None) -> Page:
        """Messages with their verdicts, the newest first."""
        profile = self.person(wanted["profile"]).id if wanted.get("profile") else ""
        page = self.store.messages(wanted.get("state", ""), wanted.get("journey", ""), profile, limit, cursor)
        people = self._people({one.profile for one in page.items})
        return Page([views.message_row(one, people.get(one.profile)) for one in page.items], page.next_cursor)

    def tasks(self, state: str, limit: int, cursor: str | None) -> Page:
        """Tasks, the newest first."""
        page = self.store.tasks(state, "", limit, cursor)
        return Page([views.task_row(one) for one in page.items], page.next_cursor)

    def quarantine(self, limit: int, cursor: str | None) -> Page:
        """What is no event, the newest first."""
        page = self.store.quarantine(limit, cursor)
        return Page([views.quarantine_row(one) for one in page.items], page.next_cursor)

    # ---- tables

    def rows(self, table: str) -> Iterator[Json]:
        """Every row of a table of the live store, the newest first."""
        match table:
            case "profiles":
                return (views.profile_sheet(one, (), {}) for one in _all(self.store.profiles))
            case "messages":
                return (views.message_row(one, None) for one in _all(self.store.messages))
            case "transitions":
                return (views.transition_row(one) for one in _all(self.store.transitions))
            case "tasks":
                return (views.task_row(one) for one in _all(self.store.tasks))
            case "enrollments":
                names = sorted({name for name, _ in self.writer.book.versions})
                return (
                    views.enrollment_sheet(run)
                    for name in names
                    for run in _all(partial(self.store.enrollments_at, name))
                )
            case _:
                return iter(())


def _all(page: Callable[..., Any]) -> Iterator[Any]:
    """Every item of a paged question."""
    cursor: str | None = None
    while True:
        found = page(limit=ROWS, cursor=cursor)
        yield from found.items
        cursor = found.next_cursor
        if cursor is None:
            return
