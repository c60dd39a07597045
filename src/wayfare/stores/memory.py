"""The live store in memory: the same questions answered from plain dictionaries; it defines what they mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from wayfare.contact.message import FINAL, Message
from wayfare.ground.time import Instant
from wayfare.journey.enrollment import Enrollment
from wayfare.people.identity import Identifier, Owner
from wayfare.stores.memory_read import MemoryReader
from wayfare.stores.records import Changes, Command, Dossier, TaskRow, Timer

K = TypeVar("K")
T = TypeVar("T")


class MemoryStore(MemoryReader):
    """Everything that a live store keeps, as long as the process lives; every method means what LiveStore's means."""

    def load(self, profiles: Iterable[str], reserved_since: Instant = 0) -> dict[str, Dossier]:
        """All that is live of these people; unknown ids are absent."""
        found = {
            name: Dossier(self._profiles[name], {}, {}, {}) for name in profiles if name in self._profiles
        }
        for run in sorted(self._enrollments.values(), key=lambda one: (one.entered_at, one.id)):
            if run.profile not in found:
                continue
            dossier = found[run.profile]
            if run.status == "live":
                dossier.live[run.id] = run
            else:
                passage = (run.journey, run.key)
                dossier.past[passage] = max(dossier.past.get(passage, 0), run.exited_at or 0)
        for message in self._messages.values():
            reserves = message.reserved is not None and message.reserved >= reserved_since
            if message.profile in found and (message.state not in FINAL or reserves):
                found[message.profile].messages[message.id] = message
        return found

    def owners(self, identifiers: Iterable[Identifier]) -> dict[Identifier, Owner]:
        """Whose these identifiers are."""
        return _chosen(self._owners, identifiers)

    def enrollments_by_id(self, ids: Iterable[str]) -> dict[str, Enrollment]:
        """Runs by their ids."""
        return _chosen(self._enrollments, ids)

    def messages_by_id(self, ids: Iterable[str]) -> dict[str, Message]:
        """Messages by their ids."""
        return _chosen(self._messages, ids)

    def tasks_by_id(self, ids: Iterable[str]) -> dict[str, TaskRow]:
        """Tasks by their ids."""
        return _chosen(self._tasks, ids)

    def timers_by_id(self, ids: Iterable[str]) -> dict[str, Timer]:
        """Timers by their ids."""
        return _chosen(self._timers, ids)

    def due(self, until: Instant, limit: int = 1_000) -> list[Timer]:
        """The timers with due_at ≤ until, by (due_at, id)."""
        ripe = (timer for timer in self._timers.values() if timer.due_at <= until)
        return sorted(ripe, key=lambda timer: (timer.due_at, timer.id))[:limit]

    def held_for(self, reason: str, limit: int = 1_000, after: str = "") -> list[Message]:
        """The messages that are held for a cause and have no instant to be retried at, by id."""
        waiting = [
            one
            for one in self._messages.values()
            if one.state == "held" and one.due is None and one.reason == reason and one.id > after
        ]
        return sorted(waiting, key=lambda message: message.id)[:limit]

    def outbox(self, limit: int = 1_000, state: str = "planned") -> list[Message]:
        """The messages of a state, the earliest planned first."""
        return [message for message in self._messages.values() if message.state == state][:limit]

    def limits(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """How many have entered by each (journey, slot)."""
        return _chosen(self._limits, keys)

    def meta(self) -> dict[str, Any]:
        """The named values of the store itself."""
        return dict(self._meta)

    def commands(self, after_seq: int = 0, limit: int = 1_000) -> list[Command]:
        """What acted outside the log after a command, in order."""
        later = (command for command in self._commands if command.seq > after_seq)
        return sorted(later, key=lambda command: command.seq)[:limit]

    def commit(self, changes: Changes) -> None:
        """Take over everything that a batch changed."""
        self._profiles.update(changes.profiles)
        for gone in changes.gone:
            self._profiles.pop(gone, None)
        self._owners.update(changes.identifiers)
        self._merges.update((merge.loser, merge) for merge in changes.merges)
        self._enrollments.update(changes.enrollments)
        for timer in changes.disarmed:
            self._timers.pop(timer, None)
        self._timers.update(changes.armed)
        self._transitions += changes.transitions
        self._messages.update(changes.messages)
        self._tasks.update(changes.tasks)
        self._applied += changes.applied
        self._quarantined += changes.quarantined
        for key, missed in changes.missed.items():
            before = self._missed[key].times if key in self._missed else 0
            self._missed[key] = msgspec.structs.replace(missed, times=missed.times + before)
        self._limits.update(changes.limits)
        self._commands += changes.commands
        self._meta.update(changes.meta)


def _chosen(rows: dict[K, T], keys: Iterable[K]) -> dict[K, T]:
    return {key: rows[key] for key in keys if key in rows}
