"""The history: every event in arrival order, appended once, read by time for runs, by person for questions."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec
import numpy as np

from wayfare.facts.event import Event
from wayfare.ground.errors import Broken, Unavailable
from wayfare.ground.time import Instant
from wayfare.stores.records import Merge

FILE = "history.duckdb"
_EVENT = (
    ("seq", "BIGINT NOT NULL"), ("off", "BIGINT NOT NULL"), ("profile", "VARCHAR NOT NULL"),
    ("name", "VARCHAR NOT NULL"), ("kind", "VARCHAR NOT NULL"), ("time", "BIGINT NOT NULL"),
    ("received", "BIGINT NOT NULL"), ("source", "VARCHAR NOT NULL"),
    ("id", "VARCHAR NOT NULL"), ("user_id", "VARCHAR"), ("anonymous_id", "VARCHAR"),
    ("previous_id", "VARCHAR"), ("group_id", "VARCHAR"), ("channel", "VARCHAR"), ("origin", "VARCHAR"),
    ("backfill", "BOOLEAN NOT NULL"), ("properties", "VARCHAR"), ("traits", "VARCHAR"), ("context", "VARCHAR"),
    ("keys", "VARCHAR"), ("warnings", "VARCHAR"),
)  # fmt: skip
_SCHEMA = (
    "create table if not exists event(" + ", ".join(f"{name} {form}" for name, form in _EVENT) + ")",
    'create table if not exists merged(profile VARCHAR NOT NULL, "into" VARCHAR NOT NULL, arrival BIGINT NOT NULL)',
    "create table if not exists meta(name VARCHAR PRIMARY KEY, value BIGINT NOT NULL)",
)
_MAPS = ("properties", "traits", "context", "keys", "warnings")
_INTEGERS = ("seq", "off", "time", "received")
_NAMES = tuple(name for name, _ in _EVENT)
_SCAN_ROWS = 20_000
_TELLING = ("Consent Changed", "Profile Merged")  # our own events that no line of the ledger tells

# the first event of each userId with an anonymousId: all that an identity fold needs of events that nobody reads
_JOINS = """
select arg_min(seq, (time, seq)) from event where user_id is not null and anonymous_id is not null
group by user_id, anonymous_id
"""


class HistoryRow(NamedTuple):
    """One event as the engine applied it: its arrival, log offset, the profile it went to, and itself."""

    seq: int
    offset: int
    profile: str
    event: Event


class History:
    """The one owner of the file `history.duckdb` in a directory; threads share it, processes do not.

    DuckDB can reach no file and no network beside it: external access is off and its configuration is locked.
    """

    def __init__(self, directory: Path, memory: str = "2GB", threads: int = 2) -> None:
        """Open or make the store. WF5501 when another process owns it, WF5502 when it cannot be read."""
        self.path = directory / FILE
        directory.mkdir(parents=True, exist_ok=True)
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory, "threads": threads}
        config["pandas_analyze_sample"] = 0  # object columns are text, whatever the first rows hold
        try:
            self._db = duckdb.connect(str(self.path), config=config)
            self._db.execute("set enable_external_access = false")
            for statement in _SCHEMA:
                self._db.execute(statement)
            self._db.execute("set lock_configuration = true")
        except duckdb.Error as cause:
            raise _unopened(self.path, cause) from cause
        self._writing = threading.Lock()
        self._covered = self._meta("seq")
        self._offset = self._meta("offset")

    def close(self) -> None:
        """Write everything into the one file and let it go."""
        self._db.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same store, for one thread."""
        return self._db.cursor()

    @property
    def covered(self) -> int:
        """The arrival up to which every event is here; 0 when empty."""
        return self._covered

    @property
    def offset(self) -> int:
        """The log offset up to which every event is here; 0 when empty."""
        return self._offset

    def append(self, rows: Sequence[HistoryRow], merges: Sequence[Merge], seq: int, offset: int = 0) -> int:
        """Add what the engine decided up to arrival `seq`, in one transaction; returns how many rows were new.

        Rows and merges at or below the covered arrival are ignored, so that a batch told twice counts once.
        `offset` is the log offset up to which everything is then here, when that is known.
        """
        with self._writing:
            fresh = sorted((row for row in rows if row.seq > self._covered), key=lambda row: row.seq)
            merged = [m for m in merges if m.arrival > self._covered]
            if fresh and fresh[-1].seq > seq:
                raise Broken("WF5503", str(self.path), seq=fresh[-1].seq, covered=seq)
            if seq <= self._covered and offset <= self._offset:
                return 0
            fresh_to = max((row.event.received for row in fresh), default=0)
            with self._db.cursor() as db:
                db.execute("begin")
                try:
                    if fresh:
                        db.register("batch", _batch(fresh))
                        db.execute("insert into event select * from batch")
                        db.unregister("batch")
                    if merged:
                        db.executemany(
                            "insert into merged values (?, ?, ?)",
                            [(m.loser, m.survivor, m.arrival) for m in merged],
                        )
                    self._keep(db, "seq", seq)
                    self._keep(db, "received", fresh_to)
                    self._keep(db, "offset", offset)
                    db.execute("commit")
                except BaseException:
                    db.execute("rollback")
                    raise
            self._covered, self._offset = max(seq, self._covered), max(offset, self._offset)
            return len(fresh)

    def fresh_to(self) -> Instant | None:
        """The latest receipt among the events that are here; None when there are none."""
        return self._meta("received") or None

    def count(self) -> int:
        """How many events are here."""
        return int(self._one("select count(*) from event") or 0)

    def counts(self) -> dict[str, int]:
        """How many events of each name, most frequent first."""
        with self._db.cursor() as db:
            found = db.execute(
                "select name, count(*) from event group by name order by count(*) desc, name"
            ).fetchall()
        return {name: count for name, count in found}

    def highest_time(self, live_only: bool = True) -> Instant | None:
        """The highest stored time of live events; with `live_only` false, or when all are backfilled, of all events."""
        highest = self._one("select max(time) from event where not backfill") if live_only else None
        return self._one("select max(time) from event") if highest is None else highest

    def lowest_time(self) -> Instant | None:
        """The lowest stored time of all events."""
        return self._one("select min(time) from event")

    def scan(
        self, names: Collection[str] | None = None, kinds: Collection[str] = (), until: Instant | None = None
    ) -> Iterator[HistoryRow]:
        """Events ordered by (time, arrival), for a run through history, in bounded memory.

        `names` None means every event; else events with one of the names or of one of the `kinds`, and with kinds also
        the first event of every userId with an anonymousId, whatever its name: it may be what proves them one person.
        `until` is exclusive. The profile is the one that the engine gave the event to, before any later merge.
        """
        wanted: list[str] = []
        values: list[int | list[str]] = []
        if until is not None:
            wanted.append("time < ?")
            values.append(until)
        if names is not None:
            joins = f" or seq in ({_JOINS})" if kinds else ""
            wanted.append(f"(list_contains(?::varchar[], name) or list_contains(?::varchar[], kind){joins})")
            values += [list(names), list(kinds)]
        where = f"where {' and '.join(wanted)}" if wanted else ""
        with self._db.cursor() as db:
            found = db.execute(f"select * from event {where} order by time, seq", values)
            while batch := found.fetchmany(_SCAN_ROWS):
                for row in batch:
                    yield _row(row)

    def of(
        self, profiles: Collection[str], limit: int, before: tuple[Instant, int] | None = None
    ) -> list[HistoryRow]:
        """The latest events of a person under all her ids, by (time, arrival) downwards and before such a place.

        What our own steps wrote is left out, since the ledger tells it, but for consent and merges.
        """
        values: list[Any] = [list(profiles), list(_TELLING)]
        place = ""
        if before is not None:
            place = "and (time, seq) < (?, ?)"
            values += before
        query = (
            "select * from event where list_contains(?::varchar[], profile) "
            f"and (source <> 'wayfare' or list_contains(?::varchar[], name)) {place} "
            "order by time desc, seq desc limit ?"
        )
        with self._db.cursor() as db:
            return [_row(row) for row in db.execute(query, [*values, limit]).fetchall()]

    def _meta(self, name: str) -> int:
        with self._db.cursor() as db:  # the connection itself serves one thread at a time
            found = db.execute("select value from meta where name = ?", [name]).fetchone()
        return int(found[0]) if found else 0

    def _one(self, query: str) -> int | None:
        with self._db.cursor() as db:
            found = db.execute(query).fetchone()
        return None if found is None or found[0] is None else int(found[0])

    @staticmethod
    def _keep(db: duckdb.DuckDBPyConnection, name: str, value: int) -> None:
        db.execute(
            "insert into meta values (?, ?) on conflict (name) do update set value = greatest(value, excluded.value)",
            [name, value],
        )


def _batch(rows: Sequence[HistoryRow]) -> dict[str, np.ndarray[Any, Any]]:
    """The rows as columns, in the order of the table; maps as JSON text, empty ones as null."""
    columns: dict[str, list[Any]] = {name: [] for name in _NAMES}
    columns["seq"] = [row.seq for row in rows]
    columns["off"] = [row.offset for row in rows]
    columns["profile"] = [row.profile for row in rows]
    encode = msgspec.json.Encoder().encode
    for name in _NAMES[3:]:
        values = [getattr(row.event, name) for row in rows]
        if name in _MAPS:
            values = [encode(value).decode() if value else None for value in values]
        columns[name] = values
    return {
        name: np.array(
            values, dtype=np.int64 if name in _INTEGERS else np.bool_ if name == "backfill" else object
        )
        for name, values in columns.items()
    }


def _row(values: Sequence[Any]) -> HistoryRow:
    """The event of a table row, equal to the one that was appended."""
    fields = dict(zip(_NAMES, values, strict=True))
    seq, offset, profile = fields.pop("seq"), fields.pop("off"), fields.pop("profile")
    for name in _MAPS:
        text = fields[name]
        if text is None:
            del fields[name]
        else:
            fields[name] = msgspec.json.decode(text)
    if "warnings" in fields:
        fields["warnings"] = tuple(fields["warnings"])
    return HistoryRow(seq, offset, profile, Event(**fields))


def _unopened(path: Path, cause: duckdb.Error) -> Unavailable | Broken:
    text = str(cause).lower()
    if "lock on" in text or "configuration" in text:  # the latter: it is open in this very process
        return Unavailable("WF5501", str(path))
    return Broken("WF5502", str(path), cause=str(cause).splitlines()[0])
