"""One received day of the log: packed rows and their keys in one SQLite file, and how rows are packed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import msgspec

from wayfare.ground.time import Instant, local
from wayfare.stores.keys import Keys, Run
from wayfare.stores.sqlite import connect, statements, transaction

_pack = msgspec.msgpack.Encoder().encode


class Entry(NamedTuple):
    """What a caller appends: `id` None is never a duplicate; `permanent` ids are remembered for ever."""

    source: str
    id: str | None
    form: str  # segment | import | refused
    head: bytes
    body: bytes
    permanent: bool = False


class Row(NamedTuple):
    """What a reader finds."""

    offset: int
    receipt: Instant
    source: str
    form: str
    head: bytes
    body: bytes


class _Packed(msgspec.Struct, array_like=True):
    """Rows in order: how many share a source, form and head, and the body of each."""

    shared: list[tuple[int, str, str, bytes]]
    bodies: list[bytes]


_unpack = msgspec.msgpack.Decoder(_Packed).decode


def pack(entries: Sequence[Entry]) -> bytes:
    """The bytes of a segment."""
    shared = [
        (len(list(same)), *about)
        for about, same in groupby((one.source, one.form, one.head) for one in entries)
    ]
    return _pack(_Packed(shared, [one.body for one in entries]))


def unpack(first: int, receipt: Instant, packed: bytes) -> Iterator[Row]:
    """The rows of a segment whose first offset is given."""
    found = _unpack(packed)
    place = 0
    for count, source, form, head in found.shared:
        for body in found.bodies[place : place + count]:
            yield Row(first + place, receipt, source, form, head, body)
            place += 1


def day_of(receipt: Instant) -> str:
    """The UTC day of a receipt, as day files are named."""
    return f"{local(receipt, 'UTC'):%Y-%m-%d}"


def days_between(earlier: str, later: str) -> int:
    """How many days lie between two names of days."""
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days


class Day:
    """The writer's side of one day file. Every write is part of the caller's transaction."""

    def __init__(self, directory: Path, name: str, first: int) -> None:
        """Open or make the day's file; in a new one offsets begin at `first`."""
        self.name = name
        self.path = directory / f"{name}.db"
        self._sealed = directory / f"{name}.keys"
        self._sql = statements("log")
        self.connection = connect(self.path)
        with transaction(self.connection):  # a reader sees no day without its origin
            self.connection.execute(self._sql["schema"])
            if self.connection.execute(self._sql["origin"]).fetchone() is None:
                self.connection.execute(self._sql["put_origin"], (first,))
        found: Any = self.connection.execute(self._sql["origin"]).fetchone()
        self.first: int = found[0]

    @property
    def newest(self) -> tuple[int, Instant]:
        """The last offset and its receipt; (first − 1, 0) in an empty day."""
        found: Any = self.connection.execute(self._sql["newest"]).fetchone()
        return found or (self.first - 1, 0)

    def put(
        self, first: int, entries: Sequence[Entry], receipt: Instant, keys: bytes, permanent: bytes
    ) -> None:
        """Write one segment and the keys of its rows."""
        self.connection.execute(
            self._sql["put_segment"], (first, first + len(entries) - 1, receipt, pack(entries))
        )
        if keys:
            self.connection.execute(self._sql["put_keys"], (first, keys))
        if permanent:
            self.connection.execute(self._sql["put_permanent"], (first, permanent))

    def keys(self) -> Keys:
        """The keys of the day, to grow."""
        return read_keys(self.connection, self._sealed)

    def seal(self) -> Run:
        """The keys of a day that is over, mapped from a file of their own."""
        return sealed_keys(self.connection, self._sealed)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


def read_keys(connection: apsw.Connection, sealed: Path) -> Keys:
    """All keys of a file: the sealed ones mapped, the blocks after them read."""
    found = Run.load(sealed)
    if found is None or found[1] > _through(connection):
        found = (Run.of(b""), -1)
    keys = Keys([found[0]])
    for _, block in connection.execute(statements("log")["keys_after"], (found[1],)):
        keys.add_block(block)
    return keys


def sealed_keys(connection: apsw.Connection, sealed: Path) -> Run:
    """The keys of a file as one run, mapped from `sealed`, which is written when it does not cover every block."""
    found = Run.load(sealed)
    if found is not None and found[1] == _through(connection):
        return found[0]
    run = read_keys(connection, sealed).whole()
    try:
        run.save(sealed, _through(connection))
    except OSError:  # a full disk costs memory, never a key
        return run
    found = Run.load(sealed)
    return found[0] if found else run


def _through(connection: apsw.Connection) -> int:
    """The offset of the last block of keys, −1 when there is none."""
    (through,) = connection.execute(statements("log")["keys_through"]).fetchone() or (None,)
    return -1 if through is None else int(through)
