"""The live store: everything that is going on, in one SQLite file with one writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from wayfare.contact.message import Message
from wayfare.ground.time import Instant
from wayfare.journey.enrollment import Enrollment
from wayfare.people.identity import Identifier, Owner
from wayfare.people.profile import Profile
from wayfare.stores import tally
from wayfare.stores.live_read import LiveReader, label
from wayfare.stores.records import Changes, Command, Dossier, TaskRow, Timer
from wayfare.stores.sqlite import FOLDER, connect, migrate, statements, transaction
from wayfare.stores.tally import MessageStanding, Standing

T = TypeVar("T")

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode
_profile = msgspec.msgpack.Decoder(Profile).decode
_enrollment = msgspec.msgpack.Decoder(Enrollment).decode
_message = msgspec.msgpack.Decoder(Message).decode
_task = msgspec.msgpack.Decoder(TaskRow).decode


class LiveStore(LiveReader):
    """The writer's side, for one thread; the inherited questions of pages may be asked from any thread."""

    def __init__(self, path: Path) -> None:
        self._db = connect(path)
        migrate(self._db, FOLDER / "live")
        self._load = statements("live_load")
        self._write = statements("live_write")
        super().__init__(path)

    @classmethod
    def open(cls, path: Path) -> LiveStore:
        """The store in that file, made or brought up to date; Unavailable or Broken WF60xx when it cannot be used."""
        return cls(path)

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded into the file."""
        super().close()
        self._db.close()

    def load(self, profiles: Iterable[str], reserved_since: Instant = 0) -> dict[str, Dossier]:
        """All that is live of these people; unknown ids are absent. Final messages come if they reserve since then."""
        asked = _json(profiles)
        found = {name: Dossier(_profile(body), {}, {}, {}) for name, body in self._ask("profiles", asked)}
        if not found:
            return found
        for (body,) in self._ask("live_enrollments", asked):
            run = _enrollment(body)
            found[run.profile].live[run.id] = run
        for profile, journey, key, left in self._ask("past_enrollments", asked):
            found[profile].past[journey, key] = left
        for (body,) in self._ask("open_messages", asked, reserved_since):
            message = _message(body)
            found[message.profile].messages[message.id] = message
        return found

    def owners(self, identifiers: Iterable[Identifier]) -> dict[Identifier, Owner]:
        """Whose these identifiers are; unknown ones are absent."""
        spaces: dict[str, list[str]] = {}
        for namespace, value in identifiers:
            spaces.setdefault(namespace, []).append(value)
        return {
            (namespace, value): Owner(profile, since, bool(shared))
            for namespace, values in spaces.items()
            for value, profile, since, shared in self._ask("owners", namespace, _json(values))
        }

    def enrollments_by_id(self, ids: Iterable[str]) -> dict[str, Enrollment]:
        """Runs by their ids; unknown ones are absent."""
        return {name: _enrollment(body) for name, body in self._ask("enrollments_by_id", _json(ids))}

    def messages_by_id(self, ids: Iterable[str]) -> dict[str, Message]:
        """Messages by their ids; unknown ones are absent."""
        return {name: _message(body) for name, body in self._ask("messages_by_id", _json(ids))}

    def tasks_by_id(self, ids: Iterable[str]) -> dict[str, TaskRow]:
        """Tasks by their ids; unknown ones are absent."""
        return {name: _task(body) for name, body in self._ask("tasks_by_id", _json(ids))}

    def timers_by_id(self, ids: Iterable[str]) -> dict[str, Timer]:
        """Timers by their ids; unknown ones are absent."""
        return {row[0]: Timer(*row) for row in self._ask("timers_by_id", _json(ids))}

    def due(self, until: Instant, limit: int = 1_000) -> list[Timer]:
        """The timers with due_at ≤ until, in the order in which they fire: (due_at, id)."""
        return [Timer(*row) for row in self._ask("due", until, limit)]

    def held_for(self, reason: str, limit: int = 1_000, after: str = "") -> list[Message]:
        """The messages that are held for a cause and have no instant to be retried at, by id."""
        return [_message(body) for (body,) in self._ask("held_for", reason, after, limit)]

    def outbox(self, limit: int = 1_000, state: str = "planned") -> list[Message]:
        """The messages of a state, the earliest planned first."""
        return [_message(body) for (body,) in self._ask("outbox", state, limit)]

    def limits(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """How many have entered by each (journey, slot); one that nobody used is absent."""
        return {key: entered for key in keys for (entered,) in self._ask("limit_use", *key)}

    def meta(self) -> dict[str, Any]:
        """The named values of the store itself: offset, clock, seq …"""
        return {name: _unpack(value) for name, value in self._ask("meta")}

    def commands(self, after_seq: int = 0, limit: int = 1_000) -> list[Command]:
        """What acted outside the log after a command, in order."""
        rows = self._ask("commands", after_seq, limit)
        return [Command(seq, after, at, kind, _unpack(data)) for seq, after, at, kind, data in rows]

    def commit(self, changes: Changes) -> None:
        """Write everything that a batch changed in one transaction.

        Raises Unavailable WF6004, and nothing is written, when the disk is full or fails.
        """
        with transaction(self._db):
            self._put_people(changes)
            self._put_runs(changes)
            self._put_messages(changes)
            self._put_ledger(changes)

    def _put_people(self, changes: Changes) -> None:
        people = changes.profiles.values()
        self._each(
            "put_profile", ((one.id, label(one), _pack(one)) for one in people if one.id not in changes.gone)
        )
        self._each("drop_profile", ((gone,) for gone in changes.gone))
        self._each(
            "put_identifier",
            ((*one, owner.profile, owner.since, owner.shared) for one, owner in changes.identifiers.items()),
        )
        self._each("put_merge", (msgspec.structs.astuple(merge) for merge in changes.merges))

    def _put_runs(self, changes: Changes) -> None:
        asked = _json({*changes.enrollments, *(line.enrollment for line in changes.transitions)})
        before = {name: Standing(*stood) for name, *stood in self._told("standing", asked)}
        self._each("put_enrollment", map(_enrollment_row, changes.enrollments.values()))
        self._each("drop_timer", ((timer,) for timer in changes.disarmed))
        self._each("put_timer", (_timer_row(timer) for timer in changes.armed.values()))
        self._each(
            "add_transition",
            (
                (*msgspec.structs.astuple(one)[:-1], _pack(one.inputs) if one.inputs else None)
                for one in changes.transitions
            ),
        )
        self._add("add_tally", tally.outcomes(changes.transitions, before))
        self._add("add_presence", tally.presences(changes.enrollments.values(), before))

    def _put_messages(self, changes: Changes) -> None:
        asked = _json(changes.messages)
        before = {name: MessageStanding(*was) for name, *was in self._told("message_states", asked)}
        self._each("put_message", map(_message_row, changes.messages.values()))
        self._add("add_message_tally", tally.message_states(changes.messages.values(), before))
        self._each(
            "put_task", ((t.id, t.profile, t.queue, t.state, _pack(t)) for t in changes.tasks.values())
        )

    def _put_ledger(self, changes: Changes) -> None:
        self._each("add_applied", (
            (one.seq, one.offset, one.verdict, one.profile, one.reason, _pack(one.event) if one.event else None)
            for one in changes.applied
        ))  # fmt: skip
        totals: dict[str, int] = {}
        for one in changes.applied:
            totals[one.verdict] = totals.get(one.verdict, 0) + 1
        self._each("add_total", totals.items())
        self._each("add_quarantined", (msgspec.structs.astuple(row) for row in changes.quarantined))
        self._each("put_missed", (
            (one.profile, one.journey, one.at, one.event, one.reason, _pack(one.gates), one.times)
            for one in changes.missed.values()
        ))  # fmt: skip
        self._each("put_limit", ((*key, entered) for key, entered in changes.limits.items()))
        self._each("add_command", ((c.seq, c.after, c.at, c.kind, _pack(c.data)) for c in changes.commands))
        self._each("put_meta", ((name, _pack(value)) for name, value in changes.meta.items()))

    def _ask(self, statement: str, *values: object) -> Iterator[tuple[Any, ...]]:
        return self._db.execute(self._load[statement], values)

    def _told(self, statement: str, *values: object) -> Iterator[tuple[Any, ...]]:
        return self._db.execute(self._write[statement], values)

    def _each(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._db.executemany(self._write[statement], rows)

    def _add(self, statement: str, counts: Mapping[Any, int]) -> None:
        self._each(statement, ((*key, count) for key, count in counts.items() if count))


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()


def _enrollment_row(run: Enrollment) -> tuple[Any, ...]:
    return (
        run.id, run.journey, run.version, run.profile, run.key, run.arm, run.status, run.node, run.visit,
        run.posture, run.entered_at, run.exited_at, run.reason, _pack(run),
    )  # fmt: skip


def _timer_row(timer: Timer) -> tuple[Any, ...]:
    return (
        timer.id, timer.due_at, timer.kind, timer.profile, timer.enrollment, timer.message, timer.wall, timer.zone,
    )  # fmt: skip


def _message_row(message: Message) -> tuple[Any, ...]:
    return (
        message.id, message.enrollment, message.profile, message.journey, message.version, message.node,
        message.channel, message.state, message.reason, message.due, message.planned_at, message.reserved,
        _pack(message),
    )  # fmt: skip
