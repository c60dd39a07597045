"""The questions of pages and of history, answered from plain dictionaries; it defines what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from wayfare.contact.message import Message
from wayfare.ground.time import HOUR, Instant
from wayfare.journey.enrollment import Enrollment
from wayfare.people.identity import Identifier, Owner, readings
from wayfare.people.profile import Profile
from wayfare.stores import tally
from wayfare.stores.live_read import Page, label, state_hash
from wayfare.stores.records import (
    Applied,
    Command,
    Merge,
    Missed,
    QuarantineRow,
    TaskRow,
    Timer,
    Transition,
)
from wayfare.stores.tally import JourneyCounts

T = TypeVar("T")


class MemoryReader:
    """Everything that a live store keeps, and what pages ask of it; every method means what LiveReader's means."""

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}
        self._owners: dict[Identifier, Owner] = {}
        self._merges: dict[str, Merge] = {}
        self._enrollments: dict[str, Enrollment] = {}
        self._timers: dict[str, Timer] = {}
        self._transitions: list[Transition] = []
        self._messages: dict[str, Message] = {}
        self._tasks: dict[str, TaskRow] = {}
        self._applied: list[Applied] = []
        self._quarantined: list[QuarantineRow] = []
        self._missed: dict[tuple[str, str], Missed] = {}
        self._limits: dict[tuple[str, str], int] = {}
        self._commands: list[Command] = []
        self._meta: dict[str, Any] = {}

    def close(self) -> None:
        """Nothing is open."""

    def find(self, person: str) -> str | None:
        """The canonical id of a person told by a profile id, `namespace:value`, a userId or an anonymousId."""
        found = self._canonical(person)
        for reading in readings(person):
            if found is None and reading in self._owners:
                found = self._canonical(self._owners[reading].profile)
        return found

    def profile(self, name: str) -> Profile | None:
        """The person of that id, whatever she was merged into."""
        return self._profiles.get(self._canonical(name) or "")

    def profiles(self, q: str = "", limit: int = 50, cursor: str | None = None) -> Page[Profile]:
        """People, the newest first."""
        named = {owner.profile for (_, value), owner in self._owners.items() if value.startswith(q)}
        return _page(
            list(self._profiles.values()),
            lambda one: q.lower() in label(one) or q == one.id or one.id in named,
            limit,
            cursor,
        )

    def enrollment(self, name: str) -> Enrollment | None:
        """The run of that id."""
        return self._enrollments.get(name)

    def enrollments_of(self, profile: str) -> list[Enrollment]:
        """Every run of a person, the latest entry first."""
        return sorted(self._runs_of(profile), key=lambda run: (-run.entered_at, run.id))

    def dues(self, timers: Iterable[str]) -> dict[str, Instant]:
        """When those of these timers come that are set."""
        return {name: self._timers[name].due_at for name in timers if name in self._timers}

    def enrollments_at(
        self, journey: str, node: str = "", posture: str = "", limit: int = 50, cursor: str | None = None
    ) -> Page[Enrollment]:
        """Runs that stand at a node of a journey, the newest first; without a node every run of it."""
        return _page(
            list(self._enrollments.values()),
            lambda run: (
                run.journey == journey
                and (not node or (run.status == "live" and run.node == node and posture in ("", run.posture)))
            ),
            limit,
            cursor,
        )

    def journey_counts(
        self, journey: str, version: int | None = None, since: Instant | None = None, clock: str = "event"
    ) -> JourneyCounts:
        """The counts of a journey: a visit begins with its first line of the ledger, a run with its first visit."""

        def counted(one: Enrollment | Transition | Message) -> bool:
            return one.journey == journey and version in (None, one.version)

        born = 0 if since is None or clock == "event" else since
        cohort = {run.id for run in self._enrollments.values() if run.entered_at >= born}
        since = 0 if since is None or clock == "entry" else since // HOUR * HOUR
        lines: Counter[tuple[str, str, str, str]] = Counter()
        visited: set[tuple[str, int]] = set()
        for line in self._transitions:
            first = line.visit > 0 and (line.enrollment, line.visit) not in visited
            visited.add((line.enrollment, line.visit))
            if not counted(line) or line.at < since or line.enrollment not in cohort:
                continue
            lines[line.node, line.outcome, line.reason, line.arm] += 1
            lines[line.node, tally.ENTERED, "", line.arm] += first
            lines[line.node, tally.ENROLLED, "", line.arm] += first and line.visit == 1
        present = Counter(
            (run.node, run.posture)
            for run in self._enrollments.values()
            if counted(run) and run.status == "live" and run.id in cohort
        )
        sends = Counter(
            (one.node, one.state, one.reason)
            for one in self._messages.values()
            if counted(one) and one.enrollment in cohort
        )
        return tally.assemble(
            ((*key, count) for key, count in lines.items() if count),
            ((*key, count) for key, count in present.items()),
            ((*key, count) for key, count in sends.items()),
        )

    def messages(
        self,
        state: str = "",
        journey: str = "",
        profile: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Message]:
        """Messages, the newest first."""
        return _page(
            list(self._messages.values()),
            lambda one: (
                state in ("", one.state) and journey in ("", one.journey) and profile in ("", one.profile)
            ),
            limit,
            cursor,
        )

    def message_counts(self, journey: str = "") -> dict[str, int]:
        """Messages by state, of one journey or of all."""
        return dict(Counter(one.state for one in self._messages.values() if journey in ("", one.journey)))

    def transitions(
        self,
        profile: str = "",
        enrollment: str = "",
        journey: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Transition]:
        """Lines of the ledger, the newest first; a person's are those of her runs, whoever she was then."""
        hers = {run.id for run in self._runs_of(profile)}
        return _page(
            self._transitions,
            lambda line: (
                enrollment in ("", line.enrollment)
                and journey in ("", line.journey)
                and (not profile or line.enrollment in hers)
            ),
            limit,
            cursor,
        )

    def tasks(
        self, state: str = "", queue: str = "", limit: int = 50, cursor: str | None = None
    ) -> Page[TaskRow]:
        """Tasks, the newest first."""
        return _page(
            list(self._tasks.values()),
            lambda one: state in ("", one.state) and queue in ("", one.queue),
            limit,
            cursor,
        )

    def missed(self, profile: str) -> list[Missed]:
        """Where a person, or one who became part of her, was not let in, the latest first."""
        known = self.profile(profile)
        names = (known.id, *known.merged) if known else (profile,)
        hers = (missed for missed in self._missed.values() if missed.profile in names)
        return sorted(hers, key=lambda missed: (-missed.at, missed.journey, missed.profile))

    def applied_after(self, seq: int, limit: int = 10_000) -> list[Applied]:
        """What was decided of the events after an arrival, in order."""
        return sorted((one for one in self._applied if one.seq > seq), key=lambda one: one.seq)[:limit]

    def merges_after(self, arrival: int = 0) -> list[Merge]:
        """The identity ledger after an arrival, in order."""
        later = (merge for merge in self._merges.values() if merge.arrival > arrival)
        return sorted(later, key=lambda merge: (merge.arrival, merge.loser))

    def quarantine(self, limit: int = 50, cursor: str | None = None) -> Page[QuarantineRow]:
        """Log rows that are no events, the newest first."""
        return _page(self._quarantined, lambda _: True, limit, cursor)

    def totals(self) -> dict[str, int]:
        """`people` there are now, and how many events had each verdict."""
        return {"people": len(self._profiles), **Counter(one.verdict for one in self._applied)}

    def standing(self) -> dict[str, Any]:
        """The store's own named values."""
        return dict(self._meta)

    def state_hash(self) -> str:
        """A hash of every profile, run, timer and message, attempts left out."""
        return state_hash(
            _ordered(self._profiles),
            _ordered(self._enrollments),
            _ordered(self._timers),
            _ordered(self._messages),
        )

    def _canonical(self, name: str) -> str | None:
        while name not in self._profiles and name in self._merges:
            name = self._merges[name].survivor
        return name if name in self._profiles else None

    def _runs_of(self, profile: str) -> Iterator[Enrollment]:
        return (run for run in self._enrollments.values() if run.profile == profile)


def _ordered(rows: dict[str, T]) -> list[T]:
    return [rows[name] for name in sorted(rows)]


def _page(rows: Sequence[T], wanted: Callable[[T], bool], limit: int, cursor: str | None) -> Page[T]:
    """The newest first; a cursor is the place of the last row that was given, counted from 1."""
    before = int(cursor) - 1 if cursor and cursor.isdecimal() else len(rows)
    found = [place for place in range(min(before, len(rows)) - 1, -1, -1) if wanted(rows[place])][: limit + 1]
    following = str(found[limit - 1] + 1) if len(found) > limit else None
    return Page([rows[place] for place in found[:limit]], following)
