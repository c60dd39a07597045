"""The log: every accepted row, durable before it is acknowledged, at one offset for ever, no id twice."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

import apsw

from wayfare.ground.errors import Unavailable, WayfareError
from wayfare.ground.time import Instant
from wayfare.stores.keys import Run, key_of
from wayfare.stores.log_day import Day, Entry, Row, day_of, days_between, read_keys, sealed_keys
from wayfare.stores.log_read import LogReader
from wayfare.stores.sqlite import connect, statements, transaction

__all__ = ["Ack", "Entry", "Log", "LogReader", "Row"]

KEYS_DAYS = 30  # an id is remembered on its received day and on this many days after it
FILE_DAYS = 35
SEGMENT_ROWS = 1_000
GROUP_ROWS = 50_000
GROUP_BYTES = 16 << 20
SEAL_IMPORTS = 1 << 20  # imported keys outside the sealed file before it is written anew
_FSYNC = {apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC}


class Ack(NamedTuple):
    """What became of a batch, once it is durable: `offset` is the log's head after it."""

    accepted: int
    duplicates: int
    offset: int


class _Batch(NamedTuple):
    """One caller's entries with their keys, and where the answer goes."""

    entries: Sequence[Entry]
    keys: list[bytes | None]
    answer: Future[Ack]


class Log(LogReader):
    """The writer's side: callers of any thread are served by one thread that commits them in groups."""

    def __init__(self, directory: Path, now: Callable[[], Instant]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        super().__init__(directory)
        self._now = now
        self._waiting: deque[_Batch] = deque()
        self._called = threading.Condition()
        self._floor: Instant = 0
        self._head = 0
        self._closed = False
        self._stopped: str | None = None
        self._in_flight: Instant | None = None
        self._open_days()
        self._open_imports()
        self._thread = threading.Thread(target=self._serve, name="log", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, directory: Path, now: Callable[[], Instant]) -> Log:
        """The log in that directory; `now` tells receipts. Unavailable WF60xx when it cannot be kept there."""
        return cls(directory, now)

    @property
    def head(self) -> int:
        """The highest durable offset; 0 in an empty log."""
        return self._head

    def append(self, entries: Sequence[Entry]) -> Ack:
        """Append and wait until it is durable; raises what `append_soon` answers with."""
        return self.append_soon(entries).result()

    def append_soon(self, entries: Sequence[Entry]) -> Future[Ack]:
        """Append together with whatever else is waiting; the answer comes after the fsync.

        It is an Unavailable when nothing was kept: WF6004 the disk is full, WF6005 the log stopped, WF6008 closed.
        """
        keys = [None if one.id is None else key_of(one.source, one.id) for one in entries]
        batch = _Batch(entries, keys, Future())
        batch.answer.set_running_or_notify_cancel()  # what is being written cannot be called back
        with self._called:
            if self._closed:
                batch.answer.set_exception(Unavailable("WF6008"))
            else:
                self._waiting.append(batch)
                self._called.notify()
        return batch.answer

    def frontier(self) -> Instant:
        """An instant such that every row with an earlier receipt, now or ever, can be read already."""
        with self._called:
            if self._in_flight is not None:
                return self._in_flight
            self._floor = max(self._floor, self._now())
            return self._floor

    def expire(self, now: Instant) -> list[str]:
        """Delete the files of days that ended more than 35 days ago, and name them."""
        today, gone = day_of(now), []
        for path in sorted(self._directory.glob("????-??-??.db")):
            if days_between(path.stem, today) > FILE_DAYS and path.stem < self._day.name:
                for ending in (".db-wal", ".db-shm", ".keys", ".db"):
                    path.with_suffix(ending).unlink(missing_ok=True)
                gone.append(path.stem)
        return gone

    def close(self) -> None:
        """Write what is waiting, then close."""
        with self._called:
            self._closed = True
            self._called.notify()
        self._thread.join()
        self._day.close()
        self._imports_file.close()
        super().close()

    def _open_days(self) -> None:
        names = sorted(path.stem for path in self._directory.glob("????-??-??.db"))
        self._past: list[tuple[str, Run]] = []
        for name in names:
            day = Day(self._directory, name, self._head + 1)
            self._head, receipt = day.newest
            self._floor = max(self._floor, receipt)
            day.close()
        present = max([day_of(max(self._floor, self._now())), *names])
        for name in names:
            if name < present and days_between(name, present) <= KEYS_DAYS:
                day = Day(self._directory, name, 0)
                self._past.append((name, day.seal()))
                day.close()
        self._day = Day(self._directory, present, self._head + 1)
        self._keys = self._day.keys()

    def _open_imports(self) -> None:
        """Open the permanent keys, and copy into them what a crash kept in a day's file only."""
        self._imports_file = connect(self._directory / "imports.db")
        sealed = self._directory / "imports.keys"
        with transaction(self._imports_file):
            self._imports_file.execute(statements("log")["imports_schema"])
            (through,) = self._imports_file.execute(statements("log")["keys_through"]).fetchone() or (None,)
        for name in self._days(through or 0):
            self._copy_permanent(self.permanent_after(name, through or 0))
        self._imports = read_keys(self._imports_file, sealed)
        if self._imports.unsealed >= SEAL_IMPORTS:
            sealed_keys(self._imports_file, sealed)
            self._imports = read_keys(self._imports_file, sealed)

    def _copy_permanent(self, blocks: Iterable[tuple[int, bytes]]) -> None:
        with transaction(self._imports_file):
            self._imports_file.executemany(statements("log")["copy_keys"], blocks)

    def _serve(self) -> None:
        while True:
            with self._called:
                self._called.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                group = self._take()
                self._in_flight = self._floor = max(self._floor, self._now())
            try:
                counts = self._write(group, self._in_flight)
            except Exception as failure:
                answers: Iterable[Ack | Exception] = [failure] * len(group)
                if getattr(failure.__cause__, "extendedresult", None) in _FSYNC:
                    self._stopped = str(failure.__cause__)
            else:
                answers = [Ack(accepted, duplicates, self._head) for accepted, duplicates in counts]
            with self._called:
                self._in_flight = None
            for batch, answer in zip(group, answers, strict=True):
                if isinstance(answer, Exception):
                    batch.answer.set_exception(answer)
                else:
                    batch.answer.set_result(answer)

    def _take(self) -> list[_Batch]:
        """As many of the waiting as one commit should carry, one at least."""
        group, rows, size = [], 0, 0
        while self._waiting and rows < GROUP_ROWS and size < GROUP_BYTES:
            group.append(self._waiting.popleft())
            rows += len(group[-1].entries)
            size += sum(len(entry.body) for entry in group[-1].entries)
        return group

    def _write(self, group: list[_Batch], receipt: Instant) -> list[tuple[int, int]]:
        """Commit a group; how many of each batch were kept, and how many were known."""
        if self._stopped is not None:
            raise Unavailable("WF6005", cause=self._stopped)
        self._roll(day_of(receipt))
        fresh, counts = self._fresh(group)
        blocks: list[tuple[int, bytes]] = []
        first = self._head + 1
        with transaction(self._day.connection):
            for part in _segments(fresh):
                keys = b"".join(key for entry, key in part if key and not entry.permanent)
                permanent = b"".join(key for entry, key in part if key and entry.permanent)
                self._day.put(first, [entry for entry, _ in part], receipt, keys, permanent)
                if permanent:
                    blocks.append((first, permanent))
                first += len(part)
        self._head = first - 1
        self._keys.add(key for entry, key in fresh if key and not entry.permanent)
        if blocks:
            self._imports.add(key for entry, key in fresh if key and entry.permanent)
            try:
                self._copy_permanent(blocks)
            except WayfareError as failure:  # the day has them, and the next start copies them
                self._stopped = str(failure)
        return counts

    def _fresh(self, group: list[_Batch]) -> tuple[list[tuple[Entry, bytes | None]], list[tuple[int, int]]]:
        """What nobody has appended before, in this group or earlier, and the counts of each batch."""
        asked: list[bytes] = []
        permanent: list[bytes] = []
        for batch in group:
            for entry, key in zip(batch.entries, batch.keys, strict=True):
                if key is not None:
                    (permanent if entry.permanent else asked).append(key)
        seen = self._keys.known(asked)
        for _, run in self._past:
            seen |= run.known(asked)
        seen |= self._imports.known(permanent)
        fresh: list[tuple[Entry, bytes | None]] = []
        counts = []
        for batch in group:
            before = len(fresh)
            for entry, key in zip(batch.entries, batch.keys, strict=True):
                if key is not None:
                    if key in seen:
                        continue
                    seen.add(key)
                fresh.append((entry, key))
            accepted = len(fresh) - before
            counts.append((accepted, len(batch.entries) - accepted))
        return fresh, counts

    def _roll(self, name: str) -> None:
        """Begin a new day when its first row comes."""
        if name <= self._day.name:
            return
        old = self._day
        self._past = [(past, run) for past, run in self._past if days_between(past, name) <= KEYS_DAYS]
        if days_between(old.name, name) <= KEYS_DAYS:
            self._past.append((old.name, old.seal()))
        self._day = Day(self._directory, name, self._head + 1)
        self._keys = self._day.keys()
        old.close()


def _segments(fresh: list[tuple[Entry, bytes | None]]) -> Iterable[list[tuple[Entry, bytes | None]]]:
    """Parts of a bounded number of rows and bytes."""
    part: list[tuple[Entry, bytes | None]] = []
    size = 0
    for pair in fresh:
        part.append(pair)
        size += len(pair[0].body)
        if len(part) == SEGMENT_ROWS or size > GROUP_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
