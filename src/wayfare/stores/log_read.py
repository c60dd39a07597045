"""Reading the log: the rows after an offset, from any thread and any process."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw

from wayfare.stores.log_day import Row, unpack
from wayfare.stores.sqlite import connect, statements


class LogReader:
    """Reads the day files of a directory, from any thread and any process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._open: list[apsw.Connection] = []
        self._firsts: dict[str, int] = {}

    def read(self, after: int, limit: int) -> list[Row]:
        """The rows after an offset, in order, `limit` at most."""
        rows: list[Row] = []
        for name in self._days(after):
            reader = self._reader(name)
            for first, receipt, packed in reader.execute(statements("log")["rows_from"], (after + 1,)):
                found = unpack(first, receipt, packed)
                rows.extend(row for row in found if row.offset > after)
                if len(rows) >= limit:
                    return rows[:limit]
        return rows

    def permanent_after(self, name: str, offset: int) -> list[tuple[int, bytes]]:
        """The blocks of permanent keys in a day after an offset."""
        blocks: list[Any] = (
            self._reader(name).execute(statements("log")["permanent_after"], (offset,)).fetchall()
        )
        return blocks

    def close(self) -> None:
        """Close the readers of all threads."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._mine = threading.local()

    def _days(self, after: int) -> list[str]:
        """The days that may hold rows after an offset, in order."""
        names = sorted(path.stem for path in self._directory.glob("????-??-??.db"))
        for name in names:
            if name not in self._firsts:
                with suppress(apsw.SQLError):  # its file is being made by the writer
                    found = self._reader(name).execute(statements("log")["origin"]).fetchone()
                    if found is not None:
                        self._firsts[name] = found[0]
        begun = [name for name in names if name in self._firsts]
        last_before = [place for place, name in enumerate(begun) if self._firsts[name] <= after + 1]
        return begun[last_before[-1] if last_before else 0 :]

    def _reader(self, name: str) -> apsw.Connection:
        readers: dict[str, apsw.Connection] | None = getattr(self._mine, "readers", None)
        if readers is None:
            readers = self._mine.readers = {}
        if name not in readers:
            readers[name] = connect(self._directory / f"{name}.db", writes=False, create=False)
            with self._lock:
                self._open.append(readers[name])
        return readers[name]
