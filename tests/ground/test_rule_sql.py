"""A rule says the same as a function and as SQL, on every person, in DuckDB itself."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from sqlglot import exp

from tests.ground.people import people as make_people
from tests.ground.rules import conditions, fits
from wayfare.facts.event import Event
from wayfare.ground.errors import NotBuilt
from wayfare.ground.rule import Path, Rule, Scope, compile_rule, parse, text, to_sql


class People(list[Scope]):
    """Many people, told short when a test fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} people>"


MAPS = (
    "event.properties",
    "event.context",
    "entry.properties",
    "entry.context",
    "profile.traits",
    "profile.consent",
)
PLAIN = (
    "event.name",
    "event.channel",
    "entry.name",
    "entry.channel",
    "profile.id",
    "profile.timezone",
    "profile.locale",
)
COLUMNS = (*MAPS, "profile.tags", "context", *PLAIN, "event.time", "entry.time", "now")


def column(path: Path) -> exp.Expression:
    return exp.column(exp.to_identifier(".".join([path.root, *map(str, path.keys)]), quoted=True))


def row(person: Scope) -> list[Any]:
    """A scope as the columns of a table."""
    cells: list[Any] = []
    for name in COLUMNS:
        root, _, part = name.partition(".")
        held = getattr(person, root)
        found = held if not part or held is None else getattr(held, part)
        is_json = name in MAPS or name in ("profile.tags", "context")
        cells.append(json.dumps(found, ensure_ascii=False) if is_json and found is not None else found)
    return cells


@pytest.fixture(scope="module")
def people() -> People:
    return People(make_people(100))


@pytest.fixture(scope="module")
def base(people: People) -> duckdb.DuckDBPyConnection:
    return table(people)


def table(people: People) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    kinds = ", ".join(
        f'"{name}" {"BIGINT" if name.endswith(("time", "now")) else "VARCHAR"}' for name in COLUMNS
    )
    connection.execute(f"CREATE TABLE person (place BIGINT, {kinds})")
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    connection.executemany(
        f"INSERT INTO person VALUES ({marks})", [[i, *row(p)] for i, p in enumerate(people)]
    )
    return connection


def answers(base: duckdb.DuckDBPyConnection, rule: Rule) -> list[bool | None]:
    sql = exp.select(to_sql(rule, column, "Asia/Shanghai")).from_("person").order_by("place").sql("duckdb")
    return [found for (found,) in base.execute(sql).fetchall()]


def meanings(people: People, rule: Rule) -> list[bool | None]:
    test = compile_rule(rule)
    found = [test(person) for person in people]
    return [value if isinstance(value, bool) else None for value in found]


@settings(max_examples=120)
@given(rule=conditions(3).filter(fits))
def test_closure_and_sql_agree(base: duckdb.DuckDBPyConnection, people: People, rule: Rule) -> None:
    try:
        told = answers(base, rule)
    except NotBuilt:
        return
    meant = meanings(people, rule)
    wrong = [
        (place, meant[place], told[place]) for place in range(len(people)) if meant[place] is not told[place]
    ]
    assert not wrong, f"{text(rule)} {wrong[:3]} {row(people[wrong[0][0]])}"


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("event.properties.n == 1.0", True),
        ("event.properties.n == '1'", None),
        ("event.properties.big == 9007199254740993", True),
        ("event.properties.big == 9007199254740992.0", False),
        ("event.properties.big > event.properties.near", True),
        ("event.properties.huge == 1180591620717411303425", True),
        ("event.properties.huge > 1180591620717411303424.0", True),
        ("event.properties.n / 0 == 1 || true", True),
        ("event.properties.n / 0 == 1", None),
        ("9223372036854775807 + event.properties.n > 0", None),
        ("event.properties.none == null", None),
        ("has(event.properties.none)", False),
        ("event.properties.truth == 1", None),
        ("event.properties.truth", True),
        ('event.properties["金 \\"额\\"/~1"].matches("^中")', True),
        ("event.properties['0'] == 'zero'", True),
        ("event.properties.list['0'] == 'a'", None),
        ("event.properties.list[0] == 'a'", True),
        ("'a' in event.properties.list", True),
        ("'z' in event.properties.list", None),
        ("size('🤦中é') == 3", True),
        ('event.name.contains("o\'clock; DROP TABLE")', True),
        ("event.time < now && now - event.time == duration('1d')", True),
        ("event.time == timestamp('2026-03-01T08:00:00')", True),
    ],
)
def test_edges(written: str, answer: bool | None) -> None:
    properties = {
        "n": 1,
        "big": 9007199254740993,
        "near": 9007199254740992.0,
        "huge": 2**70 + 1,
        "none": None,
        "truth": True,
        '金 "额"/~1': "中文",
        "0": "zero",
        "list": ["a", None],
    }
    at = 1_772_323_200_000
    event = Event(
        id="e",
        source="s",
        kind="track",
        name="o'clock; DROP TABLE",
        time=at,
        received=at,
        properties=properties,
    )
    person = Scope(event=event, now=at + 86_400_000, zone="Asia/Shanghai")
    rule = parse(written)
    connection = table(People([person]))
    assert meanings(People([person]), rule) == answers(connection, rule) == [answer]


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("local(now).getHours() > 8", "getHours"),
        ("timestamp(event.properties.due) > now", "timestamp"),
        ("days_since(profile.traits.signup) > 3", "days_since"),
        ('count("Order", "30d") > 1', "count"),
        ('in_segment("vip")', "in_segment"),
        ("1 in (event.properties.a == 1 ? event.properties.b : event.properties.c)", "in"),
    ],
)
def test_what_sql_cannot_say_is_refused_by_name(written: str, part: str) -> None:
    with pytest.raises(NotBuilt) as caught:
        to_sql(parse(written), column)
    assert caught.value.values == {"part": f"SQL: {part}"}


def test_the_longest_conditions_can_be_said() -> None:
    many = " && ".join(["context.a > 1"] * 200).replace(" ", "")
    mixed = ",".join(f"{n},'{n}'" for n in range(300))
    for written in (many, f"context.a in [{mixed}]"):
        assert to_sql(parse(written), column).sql("duckdb")
    with pytest.raises(NotBuilt, match="SQL: "):
        to_sql(parse("+".join(["context.a"] * 100) + " > 1"), column)
