"""The dump: the ledger's tables as files that other tools read, every column named and typed (docs: COLUMNS)."""

from __future__ import annotations

import csv
import difflib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeAlias

import duckdb
import numpy as np
from sqlglot import exp

from wayfare.engine import views
from wayfare.engine.verbs import Json
from wayfare.ground.errors import Malformed, Missing, WayfareError
from wayfare.ground.refusal import told
from wayfare.ground.rule import Scope, compile_rule, holds, parse, reads

Kind: TypeAlias = Literal["text", "instant", "integer", "truth", "json"]
# an instant is RFC 3339 in UTC (a timestamp in Parquet), a json column is JSON text except in JSON lines
COLUMNS: dict[str, dict[str, Kind]] = {
    "events": {
        "arrival": "integer", "offset": "integer", "profile": "text", "id": "text", "source": "text", "kind": "text",
        "event": "text", "time": "instant", "received": "instant", "user_id": "text", "anonymous_id": "text",
        "channel": "text", "backfill": "truth", "properties": "json", "traits": "json", "context": "json",
        "keys": "json", "origin": "text",
    },
    "profiles": {
        "id": "text", "name": "text", "identifiers": "json", "traits": "json", "tags": "json", "consent": "json",
        "timezone": "text", "locale": "text", "first_seen": "instant", "seen": "instant", "merged": "json",
    },
    "messages": {
        "id": "text", "profile": "text", "enrollment": "text", "journey": "text", "version": "integer", "node": "text",
        "channel": "text", "template": "text", "class": "text", "state": "text", "reason": "text",
        "planned_at": "instant", "at": "instant", "due": "instant", "address": "text", "attempts": "integer",
        "content": "json", "verdicts": "json",
    },
    "enrollments": {
        "id": "text", "journey": "text", "version": "integer", "profile": "text", "key": "text", "arm": "text",
        "status": "text", "node": "text", "state": "text", "entered_at": "instant", "arrived_at": "instant",
        "exited_at": "instant", "reason": "text", "goals": "json",
    },
    "transitions": {
        "enrollment": "text", "profile": "text", "journey": "text", "version": "integer", "key": "text",
        "visit": "integer", "node": "text", "at": "instant", "stimulus": "text", "outcome": "text", "reason": "text",
        "cause": "text", "arm": "text", "inputs": "json",
    },
    "tasks": {
        "id": "text", "queue": "text", "title": "text", "profile": "text", "enrollment": "text", "journey": "text",
        "node": "text", "assignee": "text", "state": "text", "outcome": "text", "outcomes": "json",
        "created_at": "instant", "due_at": "instant", "closed_at": "instant",
    },
}  # fmt: skip
TABLES = (*COLUMNS, "decisions")
ROWS = 5_000
_SQL = {
    "text": "VARCHAR",
    "instant": "TIMESTAMPTZ",
    "integer": "BIGINT",
    "truth": "BOOLEAN",
    "json": "VARCHAR",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def event_row(arrival: int, offset: int, profile: str, event: Any) -> Json:
    """An event of history as a row of `events`."""
    return {
        "arrival": arrival, "offset": offset, "profile": profile, "id": event.id, "source": event.source,
        "kind": event.kind, "event": event.name, "time": views.at(event.time), "received": views.at(event.received),
        "user_id": event.user_id, "anonymous_id": event.anonymous_id, "channel": event.channel,
        "backfill": event.backfill, "properties": event.properties, "traits": event.traits,
        "context": event.context, "keys": event.keys, "origin": event.origin,
    }  # fmt: skip


def chosen(table: str, rows: Iterable[Json], where: str | None) -> Iterator[Json]:
    """The rows with the table's columns where the CEL over `row["COL"]` holds. Missing WF6921 for an unknown table."""
    columns = COLUMNS.get(table)
    if columns is None:
        raise Missing("WF6921", table, table=table, nearest=", ".join(TABLES))
    test = None if where is None else _test(where, columns)
    return _chosen(columns, rows, test)


def _test(where: str, columns: Mapping[str, Kind]) -> Callable[[Scope], object]:
    """The rule of `--where`, its errors placed there; Missing WF7007 for a column that the table does not have."""
    try:
        rule = parse(where)
    except WayfareError as error:
        raise type(error)(error.code, error.where or "--where", **error.values) from error
    for path in sorted(reads(rule).paths, key=str):
        name = str(path.keys[0]) if path.root == "row" and path.keys else path.root
        if path.root != "row" or name not in columns:
            near = difflib.get_close_matches(name, columns, 1, 0.4)
            raise Missing("WF7007", "--where", column=name, nearest=near[0] if near else ", ".join(columns))
    return compile_rule(rule)


def _chosen(
    columns: Iterable[str], rows: Iterable[Json], test: Callable[[Scope], object] | None
) -> Iterator[Json]:
    for row in rows:
        kept = {name: row.get(name) for name in columns}
        if test is None or holds(test(Scope(None, row=kept))):
            yield kept


def write(table: str, rows: Iterable[Json], out: Path) -> int:
    """Write rows to a .parquet, .csv or .jsonl file, whole or not at all; how many there were.

    Malformed WF6922 for another ending, WF6911 when the file cannot be written. Text cells of CSV that a spreadsheet
    would take for a formula begin with an apostrophe.
    """
    writers = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}
    writer = writers.get(out.suffix)
    if writer is None:
        raise Malformed("WF6922", str(out), suffix=out.suffix)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=out.suffix)
        os.close(handle)
        count = writer(COLUMNS[table], rows, Path(temporary))
        os.chmod(temporary, 0o600)
        os.replace(temporary, out)
    except OSError as cause:
        raise Malformed("WF6911", str(out), detail=told(cause)) from cause
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return count


def _jsonl(_columns: dict[str, Kind], rows: Iterable[Json], out: Path) -> int:
    count = 0
    with out.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def _csv(columns: dict[str, Kind], rows: Iterable[Json], out: Path) -> int:
    count = 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row[name], kind) for name, kind in columns.items()])
            count += 1
    return count


def _cell(value: Any, kind: Kind) -> Any:
    if value is None:
        return ""
    if kind == "json":
        return json.dumps(value, ensure_ascii=False)
    if kind == "truth":
        return "true" if value else "false"
    if kind == "text" and str(value).startswith(_FORMULA):
        return f"'{value}"
    return value


def _parquet(columns: dict[str, Kind], rows: Iterable[Json], out: Path) -> int:
    db = duckdb.connect(config={"memory_limit": "512MB", "threads": 1, "autoinstall_known_extensions": False})
    try:
        made = ", ".join(f"{_name(name)} {_SQL[kind]}" for name, kind in columns.items())
        db.execute(f"create table dumped ({made})")
        count = 0
        taken = iter(rows)
        casts = ", ".join(f"cast({_name(name)} as {_SQL[kind]})" for name, kind in columns.items())
        while batch := list(islice(taken, ROWS)):
            arrays = {name: _array(batch, name, kind) for name, kind in columns.items()}
            db.register("batch", arrays)
            db.execute(f"insert into dumped select {casts} from batch")
            db.unregister("batch")
            count += len(batch)
        place = exp.Literal.string(str(out)).sql("duckdb")
        db.execute(f"copy dumped to {place} (format parquet)")
    finally:
        db.close()
    return count


def _array(batch: list[Json], name: str, kind: Kind) -> np.ndarray[Any, Any]:
    values = [row[name] for row in batch]
    if kind == "json":
        values = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    elif kind in ("integer", "truth"):
        values = [None if value is None else str(value) for value in values]
    return np.array(values, dtype=object)


def _name(column: str) -> str:
    return exp.to_identifier(column, quoted=True).sql("duckdb")
