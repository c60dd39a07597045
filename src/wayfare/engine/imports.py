"""The import: rows of files become backfilled events, each with the same key every time: a second run adds none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from wayfare.engine import tables
from wayfare.engine.tables import Bad, Local, Row, Zoned
from wayfare.facts.decode import Head
from wayfare.facts.event import Event, Quarantined
from wayfare.facts.moment import read_time
from wayfare.facts.reason import CODES
from wayfare.ground.errors import Malformed, Misused
from wayfare.ground.rule import Rule, Scope, compile_rule, holds, parse, reads
from wayfare.ground.time import EPOCH, LATEST, Instant, format_instant, resolve_local
from wayfare.stores.log import Ack, Entry

SOURCE = "import"
FIELDS = ("profile", "event", "time", "id", "channel")
ID_CHARS = 255
_NEXT = re.compile(rf",(?=\s*(?:{'|'.join(FIELDS)}|key\.[^=,]+)\s*=)")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_SLASHED = re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})(?!\d)")
_ZONED = re.compile(r"\s*(?:UTC|GMT)$")
_CODES = CODES | {"row_malformed": "WF7101"}


@dataclass(frozen=True, slots=True)
class Map:
    """Which column is what; a dotted path reaches into JSON. `keys` is entity → column."""

    profile: str
    time: str
    event: str | None = None
    id: str | None = None
    channel: str | None = None
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is mapped."""
        given = (
            self.profile,
            self.time,
            self.event,
            self.id,
            self.channel,
            *(column for _, column in self.keys),
        )
        return tuple(column for column in given if column is not None)


@dataclass(frozen=True, slots=True)
class Job:
    """One import command; `event` names the rows without an event of their own, `tz` is for times without a zone."""

    files: tuple[Path, ...]
    map: Map
    event: str | None = None
    where: Rule | None = None
    tz: str = "UTC"
    epoch: Literal["s", "ms"] | None = None


def parse_map(text: str) -> Map:
    """The map of `profile=COL,event=COL,time=COL[,id=COL][,channel=COL][,key.ENTITY=COL]`.

    Columns may hold `:`, `.`, `=` and commas. Misused WF7004 for a part that is none, WF7005 without profile and time.
    """
    given: dict[str, str] = {}
    for part in _NEXT.split(text):
        field, equals, column = part.partition("=")
        field = field.strip()
        if (
            not equals
            or not column
            or field in given
            or not (field in FIELDS or re.fullmatch(r"key\.[^=,]+", field))
        ):
            raise Misused("WF7004", "--map", text=part)
        given[field] = column
    if "profile" not in given or "time" not in given:
        raise Misused("WF7005", "--map")
    keys = tuple((field[4:], column) for field, column in given.items() if field.startswith("key."))
    return Map(
        given["profile"], given["time"], given.get("event"), given.get("id"), given.get("channel"), keys
    )


def plan(
    files: Sequence[Path],
    map_text: str,
    event: str | None = None,
    where: str | None = None,
    tz: str = "UTC",
    epoch: Literal["s", "ms"] | None = None,
) -> Job:
    """The job of a command's options; every file and column is checked before the first row is read.

    Misused WF7004 … WF7006 for options that do not fit, Missing WF7001, Malformed WF7002, WF7003 or WF7007 for a file.
    """
    job = Job(tuple(files), parse_map(map_text), event, None if where is None else parse(where), tz, epoch)
    if job.map.event is None and event is None:
        raise Misused("WF7006", "--map")
    for path in job.files:
        names = tables.columns(path)
        for column in job.map.columns if names is not None else ():
            if _holder(names or [], column) is None:
                near = get_close_matches(column, names or [], 1, 0.4)
                raise Malformed(
                    "WF7007", str(path), column=column, nearest=near[0] if near else ", ".join(names or [])
                )
    return job


class Import:
    """One run of a job: gives log entries batch by batch, and counts what it saw."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.read = 0
        self.filtered = 0
        self.reasons: Counter[str] = Counter()
        self._where = None if job.where is None else compile_rule(job.where)
        self._mapped = frozenset(job.map.columns)
        asked = set() if job.where is None else {path.keys[:1] for path in reads(job.where).paths}
        self._asks_time = (job.map.time,) in asked or () in asked
        self._ordinals = Ordinals()

    def batches(self) -> Iterator[list[Entry]]:
        """The entries of all files in order; rows that are no events come as `refused` entries, for quarantine."""
        mapping = self.job.map
        texts = [column for column in mapping.columns if column != mapping.time]
        for path in self.job.files:
            for rows in tables.read(path, times=(mapping.time,), texts=texts):
                yield self._entries(rows)

    def _entries(self, rows: tables.Rows) -> list[Entry]:
        self.read += len(rows)
        events: list[tuple[Event, bytes]] = []
        entries: list[Entry | None] = []
        for row in rows:
            if isinstance(row, Bad):
                entries.append(self._refused(Quarantined(row.reason, row.detail), row.raw))
            elif not self._wanted(row):
                self.filtered += 1
            else:
                event = self._event(row)
                if isinstance(event, Quarantined):
                    entries.append(self._refused(event, _canonical(_told(row))))
                else:
                    events.append((event, _hash(event)))
                    entries.append(None)
        made = iter(self._keyed(events))
        return [next(made) if entry is None else entry for entry in entries]

    def _wanted(self, row: Row) -> bool:
        if self._where is None:
            return True
        return holds(self._where(Scope(row=_told(row) if self._asks_time else row, zone=self.job.tz)))

    def _keyed(self, events: list[tuple[Event, bytes]]) -> list[Entry]:
        if self.job.map.id is not None:
            return [_entry(event, f"{event.name}\n{event.id}") for event, _ in events]
        entries = []
        ordinals = self._ordinals.next([hashed for _, hashed in events])
        for (event, hashed), ordinal in zip(events, ordinals, strict=True):
            key = f"imp_{hashed.hex()}" + (f"_{ordinal}" if ordinal else "")
            entries.append(_entry(msgspec.structs.replace(event, id=key), key))
        return entries

    def _refused(self, found: Quarantined, raw: bytes) -> Entry:
        self.reasons[_CODES.get(found.reason, found.reason)] += 1
        head = Head(SOURCE, reason=found.reason, detail=found.detail[:500])
        key = "bad_" + blake2b(raw, digest_size=16).hexdigest()
        return Entry(SOURCE, key, "refused", msgspec.json.encode(head), raw, permanent=True)

    def _event(self, row: Row) -> Event | Quarantined:
        """The backfilled event of a row, or why it is none; without an id column its id is still empty."""
        mapping, job = self.job.map, self.job
        profile = _text(_reach(row, mapping.profile))
        if profile is None or len(profile) > ID_CHARS:
            return Quarantined("id_blank" if profile is None else "id_too_long", "", mapping.profile)
        name = (_text(_reach(row, mapping.event)) if mapping.event else None) or job.event
        if name is None or len(name) > ID_CHARS:
            return Quarantined("event_missing" if name is None else "event_too_long", "", mapping.event or "")
        time = _instant(_reach(row, mapping.time), job, mapping.time)
        if isinstance(time, Quarantined):
            return time
        key = ""
        if mapping.id is not None:
            found = _text(_reach(row, mapping.id))
            if found is None:
                return Quarantined("message_id_bad", "", mapping.id)
            key = found
        keys = {entity: _text(_reach(row, column)) for entity, column in mapping.keys}
        mapped = self._mapped
        return Event(
            id=key,
            source=SOURCE,
            kind="track",
            name=name,
            time=time,
            received=0,
            user_id=profile,
            channel=None if mapping.channel is None else _text(_reach(row, mapping.channel)),
            properties={column: value for column, value in row.items() if column not in mapped},
            keys={entity: value for entity, value in keys.items() if value is not None},
            backfill=True,
        )


def load(job: Job, append: Callable[[list[Entry]], Ack], dry_run: bool = False) -> dict[str, Any]:
    """Run a job into the log: `append` takes a batch and says how many were new. A dry run appends nothing.

    Returns the report `{"read", "filtered", "applied", "duplicates", "quarantined", "reasons": {code: n}}`: each row
    read is filtered, quarantined, applied or a duplicate; a dry run tells as applied what it would append.
    """
    run = Import(job)
    refused = accepted = 0
    seen: set[str] = set()
    for batch in run.batches():
        good = [entry for entry in batch if entry.form == "import"]
        if dry_run:
            fresh = (
                {str(entry.id) for entry in good} - seen
                if job.map.id is not None
                else {str(e.id) for e in good}
            )
            seen |= fresh if job.map.id is not None else set()
            accepted += len(fresh)
            continue
        bad = [entry for entry in batch if entry.form != "import"]
        if bad:
            append(bad)
        if good:
            accepted += append(good).accepted
    refused = sum(run.reasons.values())
    return {
        "read": run.read,
        "filtered": run.filtered,
        "applied": accepted,
        "duplicates": run.read - run.filtered - refused - accepted,
        "quarantined": refused,
        "reasons": dict(sorted(run.reasons.items())),
    }


class Ordinals:
    """Counts equal rows within one command in eight bytes a row: sorted runs of hashes, merged as they grow."""

    def __init__(self) -> None:
        self._runs: list[np.ndarray[Any, np.dtype[np.uint64]]] = []

    def next(self, hashes: Sequence[bytes]) -> list[int]:
        """For each row how many equal ones came before it."""
        new = np.frombuffer(b"".join(hashed[:8] for hashed in hashes), np.uint64)
        before: np.ndarray[Any, np.dtype[np.int64]] = np.zeros(len(new), np.int64)
        for run in self._runs:
            before += np.searchsorted(run, new, "right") - np.searchsorted(run, new, "left")
        order = np.argsort(new, kind="stable")
        run = new[order]
        within = np.arange(len(new)) - np.searchsorted(run, run, "left")
        before[order] += within
        while self._runs and len(self._runs[-1]) <= len(run):
            run = np.sort(np.concatenate((self._runs.pop(), run)))
        self._runs.append(run)
        counted: list[int] = before.tolist()
        return counted


def _entry(event: Event, key: str) -> Entry:
    return Entry(SOURCE, key, "import", b"", msgspec.msgpack.encode(event), permanent=True)


def _hash(event: Event) -> bytes:
    mapped = {
        "profile": event.user_id,
        "event": event.name,
        "time": event.time,
        "channel": event.channel,
        "keys": event.keys,
        # a column that another row brings into the file is empty here, and must not change the key
        "properties": {name: value for name, value in event.properties.items() if value is not None},
    }
    return blake2b(_canonical(mapped), digest_size=16).digest()


def _canonical(value: object) -> bytes:
    """JSON with sorted keys: equal values have equal bytes."""
    return msgspec.json.encode(value, order="sorted")


def _told(row: Row) -> Row:
    """A row as conditions and quarantine see it: typed times as RFC 3339 text."""
    return {
        column: _moment(value) if isinstance(value, Local | Zoned) else value for column, value in row.items()
    }


def _moment(value: Local | Zoned) -> str:
    text = format_instant(value.milliseconds)
    return text if isinstance(value, Zoned) else text.removesuffix("Z")


def _holder(names: Sequence[str], column: str) -> str | None:
    """The column that a dotted path begins with: the longest one that exists."""
    parts = column.split(".")
    for size in range(len(parts), 0, -1):
        name = ".".join(parts[:size])
        if name in names:
            return name
    return None


def _reach(row: Row, column: str) -> Any:
    """The value of a column, or of a dotted path into the JSON that a column holds; None when there is none."""
    if column in row:
        return row[column]
    name = _holder(list(row), column)
    if name is None:
        return None
    value = row[name]
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except ValueError:
            return None
    for part in column[len(name) + 1 :].split("."):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def _text(value: Any) -> str | None:
    """An id as text, integers in decimal; None when blank."""
    match value:
        case str():
            return value if value and not value.isspace() else None
        case bool() | None:
            return None if value is None else str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
        case Local() | Zoned():
            return _moment(value)
    return _canonical(value).decode()


def _instant(value: Any, job: Job, column: str) -> Instant | Quarantined:
    if value is None:
        return Quarantined("time_unreadable", "null", column)
    if isinstance(value, Zoned):
        found: Instant | Quarantined = value.milliseconds
    elif isinstance(value, Local):
        wall = (EPOCH + timedelta(milliseconds=value.milliseconds)).replace(tzinfo=None, microsecond=0)
        found = resolve_local(wall, job.tz) + value.milliseconds % 1000
    else:
        found = _written(value, job, column)
    if isinstance(found, int) and not 0 <= found <= LATEST:
        return Quarantined("time_far", str(found), column)
    return found


def _written(value: Any, job: Job, column: str) -> Instant | Quarantined:
    """A time as text or number: RFC 3339, local time, epoch in s or ms by size, or a day such as 20260301."""
    if isinstance(value, str):
        value = _ZONED.sub("Z", value.strip())
        value = _SLASHED.sub(lambda day: f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}", value)
    digits = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if job.epoch is not None and re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        return int(Decimal(str(value)) * (1000 if job.epoch == "s" else 1))
    if _DAY.fullmatch(digits):
        value = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return read_time(value, job.tz, column)
