"""The live store's questions for pages and for history: any thread, any process, never in the writer's way."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import apsw
import msgspec

from wayfare.contact.message import Message
from wayfare.facts.event import Event
from wayfare.ground.time import HOUR, Instant
from wayfare.journey.enrollment import Enrollment
from wayfare.people.identity import readings
from wayfare.people.profile import Profile
from wayfare.stores import tally
from wayfare.stores.records import Applied, Merge, Missed, QuarantineRow, TaskRow, Timer, Transition
from wayfare.stores.sqlite import connect, statements
from wayfare.stores.tally import JourneyCounts

T = TypeVar("T")
NEWEST = (1 << 63) - 1
_LABELS = ("name", "first_name", "last_name", "firstName", "lastName", "email", "phone")

_unpack = msgspec.msgpack.Decoder().decode
_event = msgspec.msgpack.Decoder(Event).decode
_profile = msgspec.msgpack.Decoder(Profile).decode
_enrollment = msgspec.msgpack.Decoder(Enrollment).decode
_message = msgspec.msgpack.Decoder(Message).decode
_task = msgspec.msgpack.Decoder(TaskRow).decode
_gates = msgspec.msgpack.Decoder(tuple[dict[str, Any], ...]).decode
_canonical = msgspec.msgpack.Encoder(order="deterministic").encode


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some of many: `next_cursor` asks for those that come after, None at the end."""

    items: list[T]
    next_cursor: str | None = None


class LiveReader:
    """Reads what the writer has committed; each thread has a connection of its own, and none can change anything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = statements("live_read")
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._open: list[apsw.Connection] = []

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def find(self, person: str) -> str | None:
        """The canonical id of a person told by a profile id, `namespace:value`, a userId or an anonymousId."""
        with self._connection:
            found = self._one("canonical", person)
            for reading in readings(person):
                if found is None:
                    owner = self._one("owner", *reading)
                    found = self._one("canonical", owner[0]) if owner else None
        return found[0] if found else None

    def profile(self, name: str) -> Profile | None:
        """The person of that id, whatever she was merged into."""
        with self._connection:
            found = self._one("canonical", name)
            row = self._one("profile", found[0]) if found else None
        return _profile(row[0]) if row else None

    def profiles(self, q: str = "", limit: int = 50, cursor: str | None = None) -> Page[Profile]:
        """People, the newest first; `q` is a part of name, email or phone, or the beginning of an identifier."""
        if not q:
            return self._page("profiles", lambda row: _profile(row[1]), limit, cursor)
        words = {"text": q.lower(), "exact": q, "above": q + "\U0010ffff"}
        return self._page("profiles_like", lambda row: _profile(row[1]), limit, cursor, **words)

    def enrollment(self, name: str) -> Enrollment | None:
        """The run of that id."""
        row = self._one("enrollment", name)
        return _enrollment(row[0]) if row else None

    def enrollments_of(self, profile: str) -> list[Enrollment]:
        """Every run of a person, the latest entry first."""
        return [_enrollment(body) for (body,) in self._all("enrollments_of", profile)]

    def dues(self, timers: Iterable[str]) -> dict[str, Instant]:
        """When those of these timers come that are set."""
        return dict(self._all("dues", msgspec.json.encode(list(timers)).decode()))

    def enrollments_at(
        self, journey: str, node: str = "", posture: str = "", limit: int = 50, cursor: str | None = None
    ) -> Page[Enrollment]:
        """Runs that stand at a node of a journey, the newest first; without a node every run of it, over or not."""
        statement = "enrollments_live" if node else "enrollments"
        asked = {"journey": journey, **({"node": node, "posture": posture} if node else {})}
        return self._page(statement, lambda row: _enrollment(row[1]), limit, cursor, **asked)

    def journey_counts(
        self, journey: str, version: int | None = None, since: Instant | None = None, clock: str = "event"
    ) -> JourneyCounts:
        """The counts of a journey, all versions unless one is named.

        With `since`, clock `event` counts what happened from that hour on (presence and messages are those of now),
        clock `entry` everything that befell the runs that entered from that instant on.
        """
        asked: dict[str, Any] = {"journey": journey, "version": version}
        with self._connection:
            if clock == "entry" and since is not None:
                asked["since"] = since
                lines = self._all("cohort_lines", asked)
                for node, first, arm, count in self._all("cohort_visits", asked):
                    lines.append((node, tally.ENTERED, "", arm, count))
                    if first:
                        lines.append((node, tally.ENROLLED, "", arm, count))
                present, sends = self._all("cohort_presence", asked), self._all("cohort_messages", asked)
            else:
                lines = self._all("tally", {**asked, "hour": (since or 0) // HOUR})
                present, sends = self._all("presence", asked), self._all("message_tally", asked)
        return tally.assemble(lines, present, sends)

    def messages(
        self,
        state: str = "",
        journey: str = "",
        profile: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Message]:
        """Messages, the newest first."""
        asked = {"journey": journey}
        statement = "messages"
        if profile:
            statement, asked = "messages_of_profile", {**asked, "profile": profile, "state": state}
        elif state:
            statement, asked = "messages_in_state", {**asked, "state": state}
        return self._page(statement, lambda row: _message(row[1]), limit, cursor, **asked)

    def message_counts(self, journey: str = "") -> dict[str, int]:
        """Messages by state, of one journey or of all."""
        return dict(self._all("message_counts", {"journey": journey}))

    def transitions(
        self,
        profile: str = "",
        enrollment: str = "",
        journey: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Transition]:
        """Lines of the ledger, the newest first; a person's are those of her runs, whoever she was then."""
        statement, asked = "transitions", {"journey": journey}
        if enrollment:
            statement, asked = "transitions_of_enrollment", {"enrollment": enrollment}
        elif profile:
            statement, asked = "transitions_of_profile", {"profile": profile, "journey": journey}
        return self._page(statement, _transition, limit, cursor, **asked)

    def tasks(
        self, state: str = "", queue: str = "", limit: int = 50, cursor: str | None = None
    ) -> Page[TaskRow]:
        """Tasks, the newest first."""
        return self._page("tasks", lambda row: _task(row[1]), limit, cursor, state=state, queue=queue)

    def missed(self, profile: str) -> list[Missed]:
        """Where a person was not let in, the latest first; what befell one who became part of her counts as hers."""
        known = self.profile(profile)
        names = [known.id, *known.merged] if known else [profile]
        rows = self._all("missed", msgspec.json.encode(names).decode())
        return [
            Missed(who, where, at, event, why, _gates(gates), n)
            for who, where, at, event, why, gates, n in rows
        ]

    def applied_after(self, seq: int, limit: int = 10_000) -> list[Applied]:
        """What was decided of the events after an arrival, in order."""
        rows = self._all("applied_after", seq, limit)
        return [
            Applied(arrival, offset, verdict, profile, reason, _event(event) if event else None)
            for arrival, offset, verdict, profile, reason, event in rows
        ]

    def merges_after(self, arrival: int = 0) -> list[Merge]:
        """The identity ledger after an arrival, in order."""
        return [Merge(*row) for row in self._all("merges", arrival)]

    def quarantine(self, limit: int = 50, cursor: str | None = None) -> Page[QuarantineRow]:
        """Log rows that are no events, the newest first."""
        return self._page("quarantine", lambda row: QuarantineRow(*row[1:]), limit, cursor)

    def totals(self) -> dict[str, int]:
        """`people` there are now, and how many events had each verdict."""
        return dict(self._all("totals"))

    def standing(self) -> dict[str, Any]:
        """The store's own named values as they are committed: offset, clock, seq …"""
        return {name: _unpack(value) for name, value in self._all("meta")}

    def state_hash(self) -> str:
        """A hash of every profile, run, timer and message, attempts left out: equal states have equal hashes."""
        with self._connection:
            found = state_hash(
                (_profile(body) for (body,) in self._stream("all_profiles")),
                (_enrollment(body) for (body,) in self._stream("all_enrollments")),
                (Timer(*row) for row in self._stream("all_timers")),
                (_message(body) for (body,) in self._stream("all_messages")),
            )
        return found

    @property
    def _connection(self) -> apsw.Connection:
        found: apsw.Connection | None = getattr(self._mine, "connection", None)
        if found is None:
            found = connect(self._path, writes=False, create=False)
            self._mine.connection = found
            with self._lock:
                self._open.append(found)
        return found

    def _all(self, statement: str, *values: Any) -> list[Any]:
        given = values[0] if values and isinstance(values[0], dict) else values
        return self._connection.execute(self._read[statement], given).fetchall()

    def _stream(self, statement: str) -> Iterator[Any]:
        return self._connection.execute(self._read[statement])

    def _one(self, statement: str, *values: Any) -> Any | None:
        return self._connection.execute(self._read[statement], values).fetchone()

    def _page(
        self, statement: str, made: Callable[[Any], T], limit: int, cursor: str | None, **asked: Any
    ) -> Page[T]:
        before = int(cursor) if cursor and cursor.isdecimal() else NEWEST
        rows = self._all(statement, {**asked, "before": before, "limit": limit + 1})
        following = str(rows[limit - 1][0]) if len(rows) > limit else None
        return Page([made(row) for row in rows[:limit]], following)


def state_hash(
    profiles: Iterable[Profile],
    enrollments: Iterable[Enrollment],
    timers: Iterable[Timer],
    messages: Iterable[Message],
) -> str:
    """The canonical hash of a state, each kind given in the order of its ids."""
    found = hashlib.blake2b(digest_size=16)
    unattempted = (msgspec.structs.replace(one, attempts=0) for one in messages)
    for kind, values in (("p", profiles), ("e", enrollments), ("t", timers), ("m", unattempted)):
        for value in values:
            found.update(kind.encode())
            found.update(_canonical(value))
    return found.hexdigest()


def label(profile: Profile) -> str:
    """What people search by; traits that are no text do not count."""
    traits = profile.traits
    if not traits:
        return ""
    return " ".join([traits[name] for name in _LABELS if isinstance(traits.get(name), str)]).lower()


def _transition(row: Any) -> Transition:
    return Transition(*row[1:14], **({"inputs": _unpack(row[14])} if row[14] else {}))
