"""The journeys' desk: what pages, commands and programs look at of the house and its journeys."""

from __future__ import annotations

import json
from typing import Any

from wayfare.app.book import journey_problems
from wayfare.config.workspace import Config, load
from wayfare.engine import views
from wayfare.engine.explain import ledger
from wayfare.engine.meter import Meter
from wayfare.engine.verbs import Json, Page
from wayfare.engine.writer import Writer
from wayfare.ground.draw import hashed_id
from wayfare.ground.errors import Lang, Missing, NotBuilt
from wayfare.ground.time import DAY, Instant, format_instant
from wayfare.insight.question import JourneyCounts
from wayfare.journey.compiled import Journey
from wayfare.journey.enrollment import Enrollment
from wayfare.people.profile import Profile
from wayfare.stores.live import LiveStore

WINDOWS = {"24h": DAY, "7d": 7 * DAY, "all": None}
SEEKS = 20  # pages of rows looked through for one page of a rare state


class JourneyDesk:
    """Reads only. `config` is what the workspace was opened with; drafts are read from their files each time."""

    def __init__(self, config: Config, store: LiveStore, writer: Writer) -> None:
        self.config = config
        self.store = store
        self.writer = writer
        self.meter = Meter(writer.applied)

    def files(self) -> Config:
        """The definitions as their files say now; the settings are those that the workspace was opened with."""
        return load(self.config.root, self.config.settings)

    # ---- the house

    def offsets(self) -> dict[str, int]:
        """Accepted, applied, history."""
        raise NotImplementedError

    def overview(self) -> Json:
        """The first screen's figures."""
        settings = self.config.settings
        totals = self.store.totals()
        now = self.writer.clock.now()
        live_now = self.writer.log_clock if self.writer.clock.by_log else now
        applied = sum(count for verdict, count in totals.items() if verdict not in ("people", "quarantined"))
        channels = self.writer.book.channels
        return {
            "workspace": {
                "id": settings.id, "name": settings.name, "tz": settings.tz, "locale": settings.locale,
                "terms": dict(settings.terms),
            },
            "offsets": self.offsets(),
            "clock": {"mode": self.writer.clock.mode, "now": format_instant(live_now)},
            "kill_switch": {"on": self._switch()},
            "people": totals.get("people", 0),
            "events": {
                "total": applied,
                "minute": [{"at": format_instant(at), "count": count} for at, count in self.meter.minutes(now)],
            },
            "journeys": self.cards(),
            "messages": views.message_states(self.store.message_counts()),
            "channels": [{"id": name, "kind": one.kind, "live": one.live} for name, one in sorted(channels.items())],
            "quarantined": totals.get("quarantined", 0),
            "links": {},
        }  # fmt: skip

    def _switch(self) -> bool:
        return bool(self.store.standing().get("kill_switch", False))

    # ---- journeys

    def cards(self) -> list[Json]:
        """Every journey that has a draft or a version, by id."""
        config = self.files()
        names = sorted({*config.journeys, *(name for name, _ in self.writer.book.versions)})
        found = []
        for name in names:
            version = self._newest(name)
            status = self.status(name)
            found.append(views.card(
                name, self._document(config, name), status, version.version if version else None,
                self.store.journey_counts(name),
            ))  # fmt: skip
        return found

    def journey(self, journey: str, lang: Lang) -> Json:
        """One journey: the draft where there is one, and its problems."""
        config = self.files()
        draft = config.journeys.get(journey)
        version = self._newest(journey)
        if draft is None and version is None:
            raise self._no_journey(config, journey)
        document = self._document(config, journey)
        return {
            "id": journey,
            "title": views.titles(document, journey),
            "status": self.status(journey),
            "version": version.version if version else None,
            "document": document,
            "published": version.document if version else None,
            "problems": journey_problems(config, draft, lang) if draft else [],
        }

    def versions(self, journey: str) -> list[Json]:
        """Every published version, the newest first."""
        book = self.writer.book
        found = [one for (name, _), one in book.versions.items() if name == journey]
        if not found:
            raise self._no_journey(self.files(), journey)
        live = {(one.id, one.version) for one in book.live}
        return [
            {"version": one.version, "live": (one.id, one.version) in live, "document": one.document}
            for one in sorted(found, key=lambda one: -one.version)
        ]

    def draft(self, journey: str, lang: Lang) -> Json:
        """The draft's file, its ETag and problems."""
        config = self.files()
        document = config.journeys.get(journey)
        if document is None:
            raise self._no_journey(config, journey)
        return {
            "text": document.text,
            "etag": document.etag,
            "path": document.path,
            "document": document.data,
            "problems": journey_problems(config, document, lang),
        }

    def check(self, journey: str, lang: Lang) -> list[Json]:
        """Every problem of the draft."""
        problems: list[Json] = self.draft(journey, lang)["problems"]
        return problems

    def counts(self, journey: str, clock: str, window: str) -> Json:
        """Visits of every node (contract §3)."""
        version = self._newest(journey)
        document = version.document if version else self._document(self.files(), journey)
        if not document:
            raise self._no_journey(self.files(), journey)
        span = WINDOWS[window]
        since = None if span is None else self._now() - span
        found = self.store.journey_counts(journey, None, since, clock)
        return {
            "journey": journey,
            "version": version.version if version else None,
            "clock": clock,
            "window": window,
            "unit": "visits",
            "fresh_to": format_instant(self._now()),
            **views.counts_sheet(found, document.get("nodes") or {}),
        }

    def enrollments(self, journey: str, node: str, state: str, limit: int, cursor: str | None) -> Page:
        """Runs, the newest first; `state` waiting or held are those that stand somewhere."""
        posture = state if state in ("waiting", "held") else ""
        wanted: list[Enrollment] = []
        for _ in range(SEEKS):
            page = self.store.enrollments_at(journey, node, posture, limit - len(wanted), cursor)
            wanted += [run for run in page.items if _is(run, state)]
            cursor = page.next_cursor
            if cursor is None or len(wanted) >= limit:
                break
        people = self._people({run.profile for run in wanted})
        rows = [views.enrollment_row(run, people.get(run.profile), self._due(run)) for run in wanted]
        return Page(rows, cursor)

    def enrollment(self, enrollment: str) -> Json:
        """One run with its whole ledger."""
        run = self.store.enrollment(enrollment)
        if run is None:
            raise Missing("WF6917", enrollment)
        lines = ledger(self.store, enrollment)
        return {**views.enrollment_sheet(run), "transitions": [views.transition_row(line) for line in lines]}

    # ---- within

    def status(self, journey: str) -> str:
        """draft, live, paused or stopped."""
        book = self.writer.book
        if any(one.id == journey for one in book.live):
            return "live"
        return "stopped" if any(name == journey for name, _ in book.versions) else "draft"

    def _counted(self, question: JourneyCounts) -> Json:
        """The answer of a question of kind `journey` (contract §5)."""
        span = question.frame.span
        now = self._now()
        since = now + 1 - question.frame.last if question.frame.last is not None else span.since
        if span.until is not None or question.by is not None or question.frame.compare is not None:
            raise NotBuilt("WF0001", "question", part="ask: journey with to, by or compare")
        versions = {
            one.version: one for (name, _), one in self.writer.book.versions.items() if name == question.id
        }
        if not versions or (question.version is not None and question.version not in versions):
            raise self._no_journey(self.files(), question.id)
        shown = versions[question.version or max(versions)]
        found = self.store.journey_counts(question.id, question.version, since, question.clock)
        told = {
            "kind": "journey", "clock": question.clock, "unit": "visits", "fresh_to": format_instant(now),
            "excluded": [], "journey": question.id, "version": shown.version,
            **views.counts_sheet(found, shown.nodes),
        }  # fmt: skip
        return {**told, "id": hashed_id("ans", json.dumps(told, sort_keys=True))}

    def _newest(self, journey: str) -> Journey | None:
        found = [one for (name, _), one in self.writer.book.versions.items() if name == journey]
        return max(found, key=lambda one: one.version, default=None)

    def _document(self, config: Config, journey: str) -> dict[str, Any]:
        draft = config.journeys.get(journey)
        if draft is not None and isinstance(draft.data, dict):
            return draft.data
        version = self._newest(journey)
        return version.document if version else {}

    def _no_journey(self, config: Config, journey: str) -> Missing:
        return Missing("WF6913", journey, nearest=", ".join(sorted(config.journeys)) or "—")

    def _people(self, names: set[str]) -> dict[str, Profile]:
        found = {name: self.store.profile(name) for name in names}
        return {name: one for name, one in found.items() if one is not None}

    def _due(self, run: Enrollment) -> Instant | None:
        """When a run goes on by itself: its timer's instant, or that of the retry of the message that holds it."""
        if run.status != "live":
            return None
        if run.posture == "held":
            held = self.store.messages("held", run.journey, run.profile).items
            return next((one.due for one in held if one.enrollment == run.id and one.node == run.node), None)
        return min(self.store.dues(run.timers).values(), default=None)

    def _now(self) -> Instant:
        return self.writer.log_clock if self.writer.clock.by_log else self.writer.clock.now()


def _is(run: Enrollment, state: str) -> bool:
    match state:
        case "":
            return True
        case "live":
            return run.status == "live"
        case "waiting" | "held":
            return run.status == "live" and run.posture == state
        case "left":
            return run.status != "live"
        case _:
            return run.status == state
