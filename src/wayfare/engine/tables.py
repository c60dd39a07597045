"""The tables: rows of CSV, JSON lines, Parquet and Excel files in one shape, in order and in bounded memory."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import duckdb
import msgspec
from python_calamine import CalamineError, CalamineWorkbook
from sqlglot import exp

from wayfare.ground.errors import Malformed, Missing
from wayfare.ground.time import EPOCH, format_instant

Row: TypeAlias = dict[str, Any]
ROWS = 20_000  # rows read at once
LINE_BYTES = 16 * 1024 * 1024
_NUMBER = r"-?(0|[1-9][0-9]{0,14})(\.[0-9]+([eE][+-]?[0-9]{1,3})?)?"
_TRUTH = r"(?i)true|false"
_SIGNED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_INTEGERS = (*_SIGNED, *(f"U{name}" for name in _SIGNED))


class Bad(NamedTuple):
    """A row that could not be read: a stable reason, the detail, and its raw bytes."""

    reason: str
    detail: str
    raw: bytes


class Local(NamedTuple):
    """A time without a zone, as milliseconds since 1970 on its own clock."""

    milliseconds: int


class Zoned(NamedTuple):
    """An instant that a typed column holds."""

    milliseconds: int


Rows: TypeAlias = list[Row | Bad]


def read(path: Path, times: Sequence[str] = (), texts: Sequence[str] = ()) -> Iterator[Rows]:
    """The rows of a file in order, a few thousand at once.

    Values are JSON values: timestamps RFC 3339 text, dates text, decimals numbers, NaN null. The columns in `times`
    come as `Zoned`, `Local`, numbers or text instead, those in `texts` are ids: numbers as text in decimal. CSV columns
    become numbers or truths when every value of the column is one. Missing WF7001, Malformed WF7002 or WF7003 for a
    file that is not there, of an unknown form or unreadable.
    """
    if not path.is_file():
        raise Missing("WF7001", str(path))
    match _form(path):
        case "csv":
            return _csv(path, times, texts)
        case "jsonl":
            return _lines(path)
        case "parquet":
            return _parquet(path, times, texts)
        case "xlsx":
            return _sheet(path, times, texts)
    raise Malformed("WF7002", str(path), suffix=path.suffix)


def columns(path: Path) -> list[str] | None:
    """The names of a file's columns; None for JSON lines, where every row has its own."""
    if not path.is_file():
        raise Missing("WF7001", str(path))
    match _form(path):
        case "csv" | "parquet":
            with _duckdb(path) as db:
                return [name for name, _ in _described(db, _source(path))]
        case "xlsx":
            return next(_grid(path), [])
        case "jsonl":
            return None
    raise Malformed("WF7002", str(path), suffix=path.suffix)


def _form(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    for form, endings in {
        "csv": (".csv", ".tsv", ".txt"),
        "jsonl": (".jsonl", ".ndjson", ".json"),
        "parquet": (".parquet", ".pq"),
        "xlsx": (".xlsx", ".xlsm", ".xls"),
    }.items():
        if name.endswith(endings):
            return form
    return ""


@contextmanager
def _duckdb(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A small engine of its own for one file; errors of the file are told as such."""
    db = duckdb.connect(config={"memory_limit": "512MB", "threads": 2, "autoinstall_known_extensions": False})
    try:
        db.execute("set TimeZone = 'UTC'")
        yield db
    except duckdb.Error as cause:
        raise Malformed("WF7003", str(path), cause=str(cause).strip().splitlines()[0]) from cause
    finally:
        db.close()


def _source(path: Path) -> str:
    """The table function that reads a file; a text of its own path only, never a pattern."""
    place = exp.Literal.string(_escaped(path)).sql("duckdb")
    if _form(path) == "parquet":
        return f"read_parquet({place})"
    return (
        f"read_csv({place}, header = true, all_varchar = true, nullstr = '', null_padding = true, parallel = false, "
        "ignore_errors = true, store_rejects = true, rejects_limit = 0)"
    )


def _escaped(path: Path) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path.resolve()))


def _described(db: duckdb.DuckDBPyConnection, source: str) -> list[tuple[str, str]]:
    return [(name, form) for name, form, *_ in db.execute(f"describe select * from {source}").fetchall()]


def _name(column: str) -> str:
    return exp.to_identifier(column, quoted=True).sql("duckdb")


def _streamed(
    db: duckdb.DuckDBPyConnection, names: list[str], values: list[str], source: str
) -> Iterator[list[Row]]:
    found = db.execute(f"select {', '.join(values)} from {source}")
    while batch := found.fetchmany(ROWS):
        yield [dict(zip(names, row, strict=True)) for row in batch]


def _csv(path: Path, times: Sequence[str], texts: Sequence[str]) -> Iterator[Rows]:
    with _duckdb(path) as db:
        source = _source(path)
        names = [name for name, _ in _described(db, source)]
        free = [name for name in names if name not in times and name not in texts]
        forms = dict(zip(free, _forms(db, free, source), strict=True)) if free else {}
        db.execute("delete from reject_errors" if _rejects(db) else "select 1")
        values = []
        for name in names:
            column, form = _name(name), forms.get(name, "")
            values.append(f"cast({column} as {form})" if form else column)
        for batch in _streamed(db, names, values, source):
            yield list(batch)
        if _rejects(db):
            found = db.execute(
                "select line, error_message, csv_line from reject_errors order by line"
            ).fetchall()
            told = {line: (message, text) for line, message, text in found}
            yield [
                Bad("row_malformed", f"line {n}: {why}", (text or "").encode())
                for n, (why, text) in told.items()
            ]


def _forms(db: duckdb.DuckDBPyConnection, names: list[str], source: str) -> list[str]:
    """Of each text column the type that all its values have: BIGINT, DOUBLE, BOOLEAN, or none."""
    tests = []
    for name in names:
        column = _name(name)
        tests += [
            f"bool_and(regexp_full_match({column}, '{_NUMBER}'))",
            f"bool_or(contains({column}, '.'))",
            f"bool_and(regexp_full_match({column}, '{_TRUTH}'))",
        ]
    found = db.execute(f"select {', '.join(tests)} from {source}").fetchone() or ()
    forms = []
    for place in range(0, len(found), 3):
        number, fraction, truth = found[place : place + 3]
        forms.append(("DOUBLE" if fraction else "BIGINT") if number else "BOOLEAN" if truth else "")
    return forms


def _rejects(db: duckdb.DuckDBPyConnection) -> bool:
    tables = db.execute("select 1 from duckdb_tables() where table_name = 'reject_errors'").fetchone()
    return tables is not None


def _parquet(path: Path, times: Sequence[str], texts: Sequence[str]) -> Iterator[Rows]:
    with _duckdb(path) as db:
        source = _source(path)
        described = _described(db, source)
        names = [name for name, _ in described]
        nested = [name for name, form in described if _nested(form)]
        values = [_typed(_name(name), form, name in times, name in texts) for name, form in described]
        shapes = {
            name: form for name, form in described if name in times and form.startswith(("TIMESTAMP", "DATE"))
        }
        for batch in _streamed(db, names, values, source):
            for row in batch:
                for name in nested:
                    row[name] = None if row[name] is None else msgspec.json.decode(row[name])
                for name, form in shapes.items():
                    if row[name] is not None:
                        row[name] = (Zoned if _is_zoned(form) else Local)(row[name])
            yield list(batch)


def _typed(column: str, form: str, is_time: bool, is_text: bool) -> str:
    """The SQL by which a typed column becomes a JSON value."""
    if form.startswith(("TIMESTAMP", "DATE")):
        if is_time and "_NS" in form:
            return f"epoch_ns({column}) // 1000000"  # a cast would round
        if is_time:
            return f"epoch_us({column}::{'timestamptz' if _is_zoned(form) else 'timestamp'}) // 1000"  # epoch_ms too
        if form == "DATE":
            return f"cast({column} as varchar)"
        pattern = "%Y-%m-%dT%H:%M:%S.%gZ" if _is_zoned(form) else "%Y-%m-%dT%H:%M:%S.%g"
        return f"strftime(({column}::{'timestamptz' if _is_zoned(form) else 'timestamp'})::timestamp, '{pattern}')"
    if form in ("FLOAT", "DOUBLE"):
        finite = f"case when isfinite({column}) then {column}::double end"
        whole = f"case when isfinite({column}) and {column} = trunc({column}) then ({column}::hugeint)::varchar end"
        return f"coalesce({whole}, ({finite})::varchar)" if is_text else finite
    if form.startswith("DECIMAL"):
        return f"{column}::varchar" if is_text else f"{column}::double"
    if form in _INTEGERS:
        return f"{column}::varchar" if is_text else column
    if form in ("BOOLEAN", "VARCHAR"):
        return f"{column}::varchar" if is_text else column
    if form == "BLOB":
        return f"base64({column})"
    return f"to_json({column})::varchar" if _nested(form) else f"{column}::varchar"


def _is_zoned(form: str) -> bool:
    return "WITH TIME ZONE" in form or form.startswith("TIMESTAMPTZ")


def _nested(form: str) -> bool:
    return form.endswith("]") or form.startswith(("STRUCT", "MAP", "JSON", "UNION"))


def _lines(path: Path) -> Iterator[Rows]:
    decode = msgspec.json.Decoder().decode
    try:
        with _opened(path) as file:
            rows: Rows = []
            while line := file.readline(LINE_BYTES):
                if line.isspace():
                    continue
                try:
                    row = decode(line.removeprefix(b"\xef\xbb\xbf"))
                except (ValueError, RecursionError) as wrong:
                    rows.append(Bad("not_json", str(wrong), line))
                else:
                    rows.append(
                        row if isinstance(row, dict) else Bad("item_not_object", type(row).__name__, line)
                    )
                if len(rows) == ROWS:
                    yield rows
                    rows = []
            yield rows
    except (OSError, EOFError) as cause:
        raise Malformed("WF7003", str(path), cause=cause) from cause


def _opened(path: Path) -> gzip.GzipFile | BinaryIO:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


def _sheet(path: Path, times: Sequence[str], texts: Sequence[str]) -> Iterator[Rows]:
    grid = _grid(path)
    names = next(grid, [])
    rows: Rows = []
    for cells in grid:
        if all(cell == "" for cell in cells):
            continue
        row = dict(zip(names, cells, strict=False))
        rows.append({n: _cell(row.get(n), n in times, n in texts) for n in names if n})
        if len(rows) == ROWS:
            yield rows
            rows = []
    yield rows


def _grid(path: Path) -> Iterator[list[Any]]:
    """The cells of the first sheet, row by row; the first row as texts."""
    try:
        book = CalamineWorkbook.from_path(path)
        rows = book.get_sheet_by_index(0).iter_rows()
        yield [str(cell).strip() for cell in next(rows, [])]
        yield from rows
    except (CalamineError, zipfile.BadZipFile, OSError, IndexError) as cause:
        raise Malformed("WF7003", str(path), cause=cause) from cause


def _cell(value: Any, is_time: bool, is_text: bool) -> Any:
    match value:
        case "" | None:
            return None
        case datetime():
            local = Local((value.replace(tzinfo=EPOCH.tzinfo) - EPOCH) // timedelta(milliseconds=1))
            return local if is_time else format_instant(local.milliseconds).removesuffix("Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case float() if value.is_integer():  # a sheet knows no integers
            return str(int(value)) if is_text else int(value)
    return str(value) if is_text else value
