"""Reading history in customer order: masks, numbers and groups of events, compiled from conditions to SQL."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import msgspec
import numpy as np
from sqlglot import exp

from wayfare.ground.errors import NotBuilt, TooLarge
from wayfare.ground.rule import Path, Rule, reads
from wayfare.ground.rule.sql import to_sql
from wayfare.ground.time import Instant
from wayfare.insight import kernels
from wayfare.insight.columns import Codes, Columns, Groups, Ints, Label, Marks, Needs, Numbers, State
from wayfare.insight.question import Selector, Span
from wayfare.stores.history import History

_MAPS = {"properties", "context", "keys"}
_PLAIN = {"name", "channel", "time"}
_EXACT = 2**53

# every profile with one code per person: merges of merged people are followed to the one who is left
_ACTORS = """
create or replace temp table actor as
with recursive
last as (select profile, arg_max("into", arrival) as target from merged where arrival <= $covered group by profile),
chain(profile, root, depth) as (
  select profile, target, 1 from last
  union all
  select chain.profile, last.target, depth + 1 from chain join last on chain.root = last.profile where depth < 1000
),
canonical as (select profile, arg_max(root, depth) as root from chain group by profile),
known as (select distinct profile from event where seq <= $covered)
select known.profile, coalesce(root, known.profile) as root,
  (dense_rank() over (order by coalesce(root, known.profile)) - 1)::integer as code
from known left join canonical using (profile)
"""
_WORDS = """
create or replace temp table word as
select name, (row_number() over (order by name) - 1)::integer as code
from (select distinct name from event where seq <= $covered)
"""
_ROWS = """
select event.seq, actor.code as actor, word.code as name, event.time
from event join actor using (profile) join word using (name) where event.seq <= $covered
"""


@dataclass(frozen=True, slots=True)
class _Base:
    """All events up to a state, in arrival order, with codes for people and names."""

    covered: int
    seq: Ints
    actor: Codes
    name: Codes
    time: Ints
    actors: int
    names: tuple[str, ...]
    order: Ints
    starts: Ints

    def places(self, seqs: Ints) -> Ints:
        """Where rows with these arrivals are."""
        return np.searchsorted(self.seq, seqs)


class CustomerOrder:
    """The history as questions see it (an `insight.columns.Source`); one question at a time, any thread."""

    def __init__(self, history: History) -> None:
        self._db = history.cursor()
        self._lock = threading.Lock()
        self._base: _Base | None = None

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()

    def state(self) -> State:
        """How far the history has come."""
        with self._lock:
            meta = dict(self._db.execute("select name, value from meta").fetchall())
        return State(meta.get("seq", 0), meta.get("received") or None)

    def read(self, needs: Needs, state: State) -> Columns:
        """The columns of all events up to that state; TooLarge WF5020 when that takes more memory than allowed."""
        with self._lock, _bounded():
            base = self._laid_out(state.covered)
            return _Reading(self._db, base, needs).columns()

    def _laid_out(self, covered: int) -> _Base:
        if self._base is None or self._base.covered != covered:
            self._base = None
            self._base = _base(self._db, covered)
        return self._base


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError) as cause:
        raise TooLarge("WF5020", "question") from cause


def _base(db: duckdb.DuckDBPyConnection, covered: int) -> _Base:
    for statement in (_ACTORS, _WORDS):
        db.execute(statement, {"covered": covered})
    rows = db.execute(_ROWS, {"covered": covered}).fetchnumpy()
    seq, actor, name, time = (
        np.ascontiguousarray(rows[column]) for column in ("seq", "actor", "name", "time")
    )
    if len(seq) > 1 and not (np.diff(seq) > 0).all():  # a join may hand rows over in any order
        order = np.argsort(seq)
        seq, actor, name, time = seq[order], actor[order], name[order], time[order]
    actors = int(actor.max()) + 1 if len(actor) else 0
    names = tuple(text for (text,) in db.execute("select name from word order by code").fetchall())
    order, starts = kernels.customer_order(actor, time, actors)
    return _Base(covered, seq, actor, name, time, actors, names, order, starts)


class _Reading:
    """One read of a base: what the needs ask, as arrays over its rows, then laid out."""

    def __init__(self, db: duckdb.DuckDBPyConnection, base: _Base, needs: Needs) -> None:
        self.db = db
        self.base = base
        self.needs = needs
        self._person()

    def columns(self) -> Columns:
        """The columns that were asked for."""
        needs, base = self.needs, self.base
        excluded: dict[str, int] = {}
        picks = [self._mask(one) for one in needs.picks]
        kept = self._kept()
        actor, actors = base.actor, base.actors
        if needs.unit != "profiles":
            actor, actors = self._entities(needs.unit)
            if lacking := int((kept & (actor < 0)).sum()):
                excluded["no_entity"] = lacking
            kept &= actor >= 0
        if kept.all() and needs.unit == "profiles":
            rows, starts = base.order, base.starts
        else:
            inside = np.flatnonzero(kept)
            order, starts = kernels.customer_order(actor[inside], base.time[inside], actors)
            rows = inside[order]
        return Columns(
            starts=starts,
            name=base.name[rows],
            names=base.names,
            time=base.time[rows],
            picks=tuple(mask[rows] for mask in picks),
            values=tuple(self._numbers(path, rows) for path in needs.values),
            groups=tuple(self._groups(path, rows) for path in needs.groups),
            excluded=excluded,
        )

    def _kept(self) -> Marks:
        needs, base = self.needs, self.base
        kept = _within(base.time, needs.span)
        if needs.keep:
            kept &= np.logical_or.reduce([self._mask(one) for one in needs.keep])
        if needs.who is not None:
            people = np.zeros(base.actors, np.bool_)
            people[self._codes(needs.who)] = True
            kept &= people[base.actor]
        return kept

    def _mask(self, selector: Selector) -> Marks:
        """Which rows a selector means."""
        base = self.base
        if selector.event is not None and selector.event not in base.names:
            return np.zeros(len(base.seq), np.bool_)
        if selector.where is None:
            if selector.event is None:
                return np.ones(len(base.seq), np.bool_)
            return np.asarray(base.name == base.names.index(selector.event))
        query = exp.select("event.seq").where(_true(self._sql(selector.where)))
        if selector.event is not None:
            query = query.where(exp.column("name", "event").eq(exp.Literal.string(selector.event)))
        mask = np.zeros(len(base.seq), np.bool_)
        mask[base.places(self._rows(query)["seq"])] = True
        return mask

    def _codes(self, who: Rule) -> Ints:
        """The codes of the people of whom a condition is true."""
        query = exp.select("person.code").from_("person").where(_true(self._sql(who)))
        codes: Ints = self.db.execute(query.sql("duckdb")).fetchnumpy()["code"]
        return codes

    def _numbers(self, path: Path, rows: Ints) -> Numbers:
        """The number at a path of each row; what is no JSON number is missing."""
        value = self._value(path)
        number = exp.Anonymous(this="json_type", expressions=[value]).isin("UBIGINT", "BIGINT", "DOUBLE")
        query = exp.select("event.seq", exp.cast(value, "double").as_("value")).where(number)
        found = self._rows(query)
        values = np.full(len(self.base.seq), np.nan)
        values[self.base.places(found["seq"])] = found["value"]
        known = found["value"]
        whole = bool(((known == np.floor(known)) & (np.abs(known) <= _EXACT)).all())
        return Numbers(values[rows], whole)

    def _groups(self, path: Path, rows: Ints) -> Groups:
        """The value at a path of each row, as codes."""
        value = self._value(path)
        distinct = self._query(exp.select(value.as_("v")).distinct()).sql("duckdb")
        texts = [text for (text,) in self.db.execute(distinct).fetchall() if text is not None]
        labels: dict[tuple[bool, Label], int] = {}
        codes = [_code(labels, msgspec.json.decode(text)) for text in texts]
        everyone: Codes = np.full(len(self.base.seq), -1, np.int32)
        if texts:
            self.db.register("label", {"v": np.array(texts, object), "code": np.array(codes, np.int32)})
            self.db.execute("create or replace temp table labels as select * from label")
            self.db.unregister("label")
            told = self._query(exp.select("event.seq", value.as_("v"))).subquery("told")
            query = exp.select("told.seq", "labels.code").from_(told).join("labels", using=["v"])
            found = self.db.execute(query.sql("duckdb")).fetchnumpy()
            everyone[self.base.places(found["seq"])] = found["code"]
        return Groups(everyone[rows], tuple(label for _, label in labels))

    def _entities(self, entity: str) -> tuple[Codes, int]:
        """The code of each row's entity, -1 where the event carries none, and how many there are."""
        found = self._groups(Path("event", ("keys", entity)), np.arange(len(self.base.seq)))
        return found.codes, len(found.labels)

    def _query(self, query: exp.Select) -> exp.Select:
        """The query over every event of the base with the person behind it."""
        joined = query.from_("event").join("actor", using=["profile"])
        joined = joined.join("person", on="person.code = actor.code", join_type="left")
        return joined.where(f"event.seq <= {self.base.covered}")

    def _rows(self, query: exp.Select) -> dict[str, Any]:
        return self.db.execute(self._query(query).sql("duckdb")).fetchnumpy()

    def _sql(self, rule: Rule) -> exp.Expression:
        return to_sql(rule, self._column, self.needs.zone)

    def _column(self, path: Path) -> exp.Expression:
        """The column behind a path; raises NotBuilt WF0001 for what history does not keep."""
        match path.root, path.keys:
            case "event", (str(name), *_) if name in _MAPS | _PLAIN:
                return exp.column(name, "event")
            case "profile", ("id" | "traits" as name, *_):
                return exp.column(name, "person")
            case "now", ():
                return exp.Literal.number(self.needs.now)
        raise NotBuilt("WF0001", "question", part=".".join(map(str, (path.root, *path.keys))))

    def _value(self, path: Path) -> exp.Expression:
        """The JSON value at a path."""
        column = self._column(path)
        if path.keys[0] in _PLAIN | {"id"}:
            return exp.Anonymous(this="to_json", expressions=[column])
        return exp.Anonymous(this="json_extract", expressions=[column, _pointer(path.keys[1:])])

    def _person(self) -> None:
        """Makes the table of people with the traits that the needs read, at their newest: the last writer wins."""
        needs = self.needs
        rules = [one.where for one in (*needs.picks, *needs.keep) if one.where is not None]
        rules += [needs.who] if needs.who is not None else []
        paths = {path for rule in rules for path in reads(rule).paths} | {*needs.values, *needs.groups}
        traits = sorted({str(path.keys[1]) for path in paths if path.root == "profile" and path.keys[1:]})
        fields = ", ".join(
            f"{exp.Literal.string(trait).sql('duckdb')}, "
            f"arg_max(json_extract(event.traits, {_pointer([trait]).sql('duckdb')}), (event.time, event.seq))"
            for trait in traits
        )
        written = "kind = 'identify' and event.traits is not null" if traits else "false"
        self.db.execute(
            f"create or replace temp table person as "
            f"select actor.code, any_value(actor.root) as id, json_object({fields})::varchar as traits "
            f"from actor left join (select * from event where seq <= {self.base.covered} and {written}) as event "
            f"using (profile) group by actor.code"
        )


def _within(time: Ints, span: Span) -> Marks:
    since: Instant = 0 if span.since is None else span.since
    kept = np.asarray(time >= since) if span.since is not None else np.ones(len(time), np.bool_)
    return kept & (time < span.until) if span.until is not None else kept


def _true(condition: exp.Expression) -> exp.Expression:
    """Only true acts: an unknown is no member of a mask."""
    return exp.Coalesce(this=exp.paren(condition), expressions=[exp.false()])


def _pointer(keys: Iterable[str | int]) -> exp.Expression:
    """A JSON pointer, which unlike a JSON path can spell every key."""
    return exp.Literal.string("".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys))


def _code(labels: dict[tuple[bool, Label], int], value: object) -> int:
    """The code of a value: 1 and 1.0 are one, true and 1 are two, null is missing, a list is told as its text."""
    if value is None:
        return -1
    label: Label = value if isinstance(value, str | int | float) else msgspec.json.encode(value).decode()
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return labels.setdefault((isinstance(label, bool), label), len(labels))
