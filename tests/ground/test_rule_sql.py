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
from wayfare.ground.errors import NotBuilt
from wayfare.ground.rule import Path, Rule, Scope, compile_rule, text, to_sql


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
    return People(make_people(120))


@pytest.fixture(scope="module")
def base(people: People) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
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


@settings(max_examples=250)
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
