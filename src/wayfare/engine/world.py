"""The world: the working set of a batch or of a whole simulation, and everything that is changed in it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import islice
from typing import Any, Protocol

import msgspec

from wayfare.contact.message import FINAL, Message
from wayfare.facts.event import Event
from wayfare.ground.time import Instant
from wayfare.journey.enrollment import Enrollment
from wayfare.people.identity import Identifier, Owner, mentions
from wayfare.people.profile import Profile
from wayfare.stores.live_read import Page
from wayfare.stores.records import Changes, Dossier, TaskRow, Timer

KEPT = 50_000  # people, identifiers and open messages that are remembered from one batch to the next


class Loader(Protocol):
    """What a world asks of the memory below it, when it does not know something itself."""

    def load(self, profiles: Iterable[str]) -> dict[str, Dossier]: ...

    def owners(self, identifiers: Iterable[Identifier]) -> dict[Identifier, Owner]: ...

    def due(self, until: Instant, limit: int) -> list[Timer]: ...

    def timers_by_id(self, ids: Iterable[str]) -> dict[str, Timer]: ...

    def tasks_by_id(self, ids: Iterable[str]) -> dict[str, TaskRow]: ...

    def enrollments_of(self, profile: str) -> list[Enrollment]: ...

    def enrollments_by_id(self, ids: Iterable[str]) -> dict[str, Enrollment]: ...

    def messages(
        self,
        state: str = "",
        journey: str = "",
        profile: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Message]: ...

    def held_for(self, reason: str, limit: int = 1000, after: str = "") -> list[Message]: ...

    def messages_by_id(self, ids: Iterable[str]) -> dict[str, Message]: ...

    def limits(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]: ...


class World:
    """Mutable. Without a loader it holds everything there is (a simulation); with one, what a batch has touched.

    `ledger` says whether rows that only a store needs (what was applied, merges, missed entries) are kept. Once its
    changes are committed it may be renewed for the next batch: people stay known, up to `KEPT` of them.
    """

    def __init__(
        self, loader: Loader | None = None, meta: dict[str, Any] | None = None, ledger: bool = True
    ) -> None:
        self.loader = loader
        self.ledger = ledger
        self.seq = int((meta or {}).get("seq", 0))
        self.kill_switch = bool((meta or {}).get("kill_switch", False))
        self.changes = Changes()
        self._dossiers: dict[str, Dossier] = {}
        self._owners: dict[Identifier, Owner | None] = {}
        self._timers: dict[str, Timer] = {}
        self._heap: list[tuple[Instant, str]] = []
        self._limits: dict[tuple[str, str], int] = {}
        self._whose: dict[str, str] = {}  # open message → profile
        self._horizon: tuple[Instant, str] | None = None if loader else (1 << 62, "")

    def renew(self) -> None:
        """Begin the next batch, the changes of the last one being committed: what is known of people is true still.

        Only for the one writer of the store, and only after its commit; after a failure a new world is made.
        """
        for message in self.changes.messages.values():
            if message.state in FINAL and message.reserved is None:  # as a load leaves it out
                found = self._dossiers.get(message.profile)
                if found is not None:
                    found.messages.pop(message.id, None)
        self.changes = Changes()
        self._timers.clear()
        self._heap.clear()
        self._horizon = None
        for known in (self._dossiers, self._owners, self._whose):
            _forget_oldest(known)

    def prefetch(self, events: Iterable[Event]) -> None:
        """Load all that a batch of events will ask for, in two questions."""
        if self.loader is None:
            return
        asked = {identifier for event in events for identifier in mentions(event)} - self._owners.keys()
        if not asked:
            return
        found = self.loader.owners(asked)
        for identifier in asked:
            self._owners[identifier] = found.get(identifier)
        people = {owner.profile for owner in found.values()} - self._dossiers.keys()
        if people:
            self._dossiers.update(self.loader.load(people))

    def owner(self, identifier: Identifier) -> Owner | None:
        """Who an identifier belongs to."""
        if identifier not in self._owners:
            found = self.loader.owners([identifier]) if self.loader else {}
            self._owners[identifier] = found.get(identifier)
        return self._owners[identifier]

    def link(self, identifier: Identifier, owner: Owner) -> None:
        """Give an identifier to a profile."""
        self._owners[identifier] = owner
        self.changes.identifiers[identifier] = owner

    def dossier(self, profile: str) -> Dossier | None:
        """Everything live of one profile, None when there is no such profile."""
        found = self._dossiers.get(profile)
        if found is None and self.loader is not None:
            loaded = self.loader.load([profile])
            self._dossiers.update(loaded)
            found = loaded.get(profile)
        return found

    def person(self, profile: str) -> Profile | None:
        """The profile of that id."""
        found = self.dossier(profile)
        return found.profile if found else None

    def people(self) -> dict[str, Dossier]:
        """Every dossier in the working set, by profile."""
        return self._dossiers

    def create(self, profile: Profile) -> Dossier:
        """A new profile, with nothing live."""
        made = Dossier(profile, {}, {}, {})
        self._dossiers[profile.id] = made
        self.changes.profiles[profile.id] = profile
        return made

    def put(self, dossier: Dossier, profile: Profile) -> None:
        """The profile as it is now."""
        dossier.profile = profile
        self.changes.profiles[profile.id] = profile

    def forget(self, loser: str, survivor: str) -> None:
        """A profile is gone: it became part of another."""
        self._dossiers.pop(loser, None)
        self.changes.profiles.pop(loser, None)
        self.changes.gone[loser] = survivor

    def finished(self, profile: str) -> list[Enrollment]:
        """The finished runs of a profile, for a merge to move; a simulation keeps only what they left behind."""
        if self.loader is None:
            return []
        known = {one.id: one for one in self.loader.enrollments_of(profile)}
        known.update((one.id, one) for one in self.changes.enrollments.values() if one.profile == profile)
        return [one for one in known.values() if one.status != "live"]

    def posted(self, dossier: Dossier) -> list[Message]:
        """Every message of a dossier's person, for a merge to move, by id; a simulation keeps those that matter."""
        profile = dossier.profile.id
        known: dict[str, Message] = {}
        cursor: str | None = None
        while self.loader is not None:
            page = self.loader.messages(profile=profile, limit=500, cursor=cursor)
            known.update((one.id, one) for one in page.items)
            cursor = page.next_cursor
            if cursor is None:
                break
        if self.loader is not None:
            known.update((one.id, one) for one in self.changes.messages.values() if one.profile == profile)
        known.update(dossier.messages)
        return sorted(known.values(), key=lambda one: one.id)

    def keep(self, dossier: Dossier, enrollment: Enrollment) -> None:
        """The enrollment as it is now; a finished one leaves the dossier and only its last exit stays."""
        self.changes.enrollments[enrollment.id] = enrollment
        if enrollment.status == "live":
            dossier.live[enrollment.id] = enrollment
            return
        dossier.live.pop(enrollment.id, None)
        passage = (enrollment.journey, enrollment.key)
        dossier.past[passage] = max(dossier.past.get(passage, 0), enrollment.exited_at or 0)

    def post(self, dossier: Dossier, message: Message) -> None:
        """The message as it is now."""
        dossier.messages[message.id] = message
        self.changes.messages[message.id] = message
        if message.state in FINAL:
            self._whose.pop(message.id, None)
        else:
            self._whose[message.id] = message.profile

    def open_task(self, task: TaskRow) -> None:
        """A task is put into its queue."""
        self.changes.tasks[task.id] = task

    def close_task(self, name: str, state: str, now: Instant) -> None:
        """A task whose enrollment went on without an answer is closed; an answered one stays as it is."""
        task = self.changes.tasks.get(name)
        if task is None and self.loader is not None:
            task = self.loader.tasks_by_id([name]).get(name)
        if task is not None and task.state == "open":
            self.changes.tasks[name] = msgspec.structs.replace(task, state=state, closed_at=now)

    def used(self, journey: str, slot: str) -> int:
        """How many have entered by a limit's slot."""
        key = (journey, slot)
        if key not in self._limits:
            found = self.loader.limits([key]) if self.loader else {}
            self._limits[key] = found.get(key, 0)
        return self._limits[key]

    def use(self, journey: str, slot: str) -> None:
        """One more has entered by a limit's slot."""
        self._limits[(journey, slot)] = self.used(journey, slot) + 1
        self.changes.limits[(journey, slot)] = self._limits[(journey, slot)]

    def arrive(self) -> int:
        """The next arrival number: one for every event, ours included."""
        self.seq += 1
        return self.seq

    def arm(self, timer: Timer) -> None:
        """Set a timer, or set it anew."""
        self._timers[timer.id] = timer
        heapq.heappush(self._heap, (timer.due_at, timer.id))
        if self.loader is not None:
            self.changes.armed[timer.id] = timer
            self.changes.disarmed.discard(timer.id)

    def disarm(self, timer: str) -> None:
        """Take a timer back."""
        self._timers.pop(timer, None)
        if self.loader is not None:
            self.changes.armed.pop(timer, None)
            self.changes.disarmed.add(timer)

    def timers(self, names: Iterable[str]) -> list[Timer]:
        """Those of the named timers that are set, by (due_at, id)."""
        asked = set(names)
        found = {name: self._timers[name] for name in asked & self._timers.keys()}
        missing = asked - found.keys() - self.changes.disarmed
        if missing and self.loader is not None:
            found.update(self.loader.timers_by_id(missing))
        return sorted(found.values(), key=lambda timer: (timer.due_at, timer.id))

    def message(self, name: str) -> tuple[Dossier, Message] | None:
        """A message with the dossier of the person it is for, None when there is no such message."""
        whose = self._dossiers.get(self._whose.get(name, ""))
        message = whose.messages.get(name) if whose is not None else self.changes.messages.get(name)
        if message is None and self.loader is not None:
            message = self.loader.messages_by_id([name]).get(name)
        if message is None:
            return None
        dossier = self.dossier(message.profile)
        if dossier is None:
            return None
        dossier.messages.setdefault(name, message)
        return dossier, dossier.messages[name]

    def reach(self, until: Instant, limit: int) -> None:
        """Bring the stored timers that are due up to an instant into the working set, `limit` at most."""
        if self.loader is None or (self._horizon is not None and self._horizon >= (until, "￿")):
            return
        stored = self.loader.due(until, limit)
        for timer in stored:
            if timer.id not in self._timers and timer.id not in self.changes.disarmed:
                self._timers[timer.id] = timer
                heapq.heappush(self._heap, (timer.due_at, timer.id))
        full = len(stored) == limit
        self._horizon = (stored[-1].due_at, stored[-1].id) if full else (until, "￿")
        missing = {timer.profile for timer in stored} - self._dossiers.keys()
        if missing:
            self._dossiers.update(self.loader.load(missing))

    def due(self, until: Instant) -> Timer | None:
        """The earliest timer that is due up to an instant, in the order (due_at, id), taken out of the working set.

        None when there is none, or when the stored ones beyond the horizon must be loaded first (`behind`).
        """
        while self._heap and self._heap[0][0] <= until:
            if self._horizon is not None and self._heap[0] > self._horizon:
                return None
            due_at, name = heapq.heappop(self._heap)
            timer = self._timers.get(name)
            if timer is None or timer.due_at != due_at:
                continue
            self.disarm(name)
            return timer
        return None

    def behind(self, until: Instant) -> bool:
        """Whether stored timers due up to an instant are not in the working set yet."""
        return self.loader is not None and (self._horizon is None or self._horizon < (until, "￿"))


def _forget_oldest(known: dict[Any, Any]) -> None:
    """Bound a memory: beyond `KEPT` the half that was learnt first is forgotten."""
    if len(known) > KEPT:
        for key in list(islice(known, len(known) // 2)):
            del known[key]
