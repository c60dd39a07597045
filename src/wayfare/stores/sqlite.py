"""SQLite as every store of ours opens it: checked promises, numbered migrations, named statements."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import apsw

from wayfare.ground.errors import Broken, Refused, Unavailable

NEEDED = (3, 51, 3)  # older builds have a race between a checkpoint and a write that corrupts the file
BUSY_MILLISECONDS = 10_000
FOLDER = Path(__file__).parent / "sql"
_NAMED = re.compile(r"^-- (\w+): .+$", re.MULTILINE)


def connect(path: Path, *, writes: bool = True, create: bool = True) -> apsw.Connection:
    """A connection with write-ahead log and full synchrony, both checked; WF6002, WF6003 when that cannot be,
    WF6930 without the permission.

    `writes=False` gives a connection that refuses to change anything.
    """
    found = apsw.sqlite_lib_version()
    if tuple(int(part) for part in found.split(".")) < NEEDED:
        raise Unavailable("WF6002", found=found, needed=".".join(map(str, NEEDED)))
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    try:
        connection = apsw.Connection(str(path), flags=flags)
        # SQLite opens what it may only read, and would fail much later
        if writes and connection.readonly("main"):
            raise Refused("WF6930", str(path))
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        demand(connection, path, "journal_mode", "wal")
        demand(connection, path, "synchronous", 2, "full")
        demand(connection, path, "foreign_keys", 1, "on")
        connection.pragma("cache_size", -65_536)
        connection.pragma("wal_autocheckpoint", 4_000)
        if not writes:
            demand(connection, path, "query_only", 1, "on")
    except (apsw.CantOpenError, apsw.NotADBError, apsw.IOError) as cause:
        held = path if path.exists() else path.parent
        if held.exists() and not os.access(held, os.R_OK | os.W_OK):
            raise Refused("WF6930", str(path)) from cause
        raise Unavailable("WF6003", str(path), file=path.name, setting="open", found=cause) from cause
    return connection


def demand(connection: apsw.Connection, path: Path, setting: str, expected: object, value: str = "") -> None:
    """Set a pragma and read it back; WF6003 when SQLite did not take it."""
    connection.pragma(setting, value or expected)
    found = connection.pragma(setting)
    if found != expected:
        raise Unavailable("WF6003", str(path), file=path.name, setting=setting, found=found)


@contextmanager
def transaction(connection: apsw.Connection) -> Generator[None]:
    """All or nothing: an error undoes everything, and one of the disk is told as Unavailable WF6004."""
    try:
        connection.execute("begin immediate")
        try:
            yield
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
    except (apsw.FullError, apsw.IOError, apsw.ReadOnlyError, apsw.BusyError, apsw.CantOpenError) as cause:
        raise Unavailable("WF6004", cause=f"{type(cause).__name__}: {cause}") from cause


def migrate(connection: apsw.Connection, folder: Path) -> None:
    """Apply the numbered `.sql` files that the file behind the connection has not seen, each in one transaction.

    The hash of each is kept: Broken WF6006 when one was changed afterwards, Unavailable WF6007 when the store has seen
    one that is not here.
    """
    scripts = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("[0-9]*.sql"))}
    with transaction(connection):
        connection.execute(
            "create table if not exists migration (name text primary key, hash text not null) without rowid"
        )
        rows: list[Any] = connection.execute("select name, hash from migration").fetchall()
    seen: dict[str, str] = dict(rows)
    for name in seen:
        if name not in scripts:
            raise Unavailable("WF6007", connection.filename, name=name)
    for name, script in scripts.items():
        digest = hashlib.sha256(script.encode()).hexdigest()
        if name in seen:
            if seen[name] != digest:
                raise Broken("WF6006", connection.filename, name=name)
            continue
        with transaction(connection):
            connection.execute(script)
            connection.execute("insert into migration values (?, ?)", (name, digest))


@cache
def statements(name: str) -> dict[str, str]:
    """The statements of a file in `sql/` by their names; each begins with a line `-- name: a sentence`."""
    parts = _NAMED.split((FOLDER / f"{name}.sql").read_text("utf-8"))[1:]
    return {key: body.strip().rstrip(";") for key, body in zip(parts[::2], parts[1::2], strict=True)}
