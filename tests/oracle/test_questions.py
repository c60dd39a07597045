"""Questions asked of a real history answer what plain loops over the same events answer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.oracle import naive
from tests.oracle.naive import Fact
from wayfare.facts.event import Event
from wayfare.insight import kernels
from wayfare.insight.answer import answer
from wayfare.insight.question import parse
from wayfare.stores.columns import CustomerOrder
from wayfare.stores.history import History, HistoryRow
from wayfare.stores.records import Merge

kernels.warm()
HOUR = 3_600_000
START = 1_774_738_800_000  # 2026-03-28T23:00Z: Berlin springs forward at 01:00Z
NOW = START + 1_000 * HOUR
PRICES = some.sampled_from([None, 1, 2, 2.5, "2", True, [1]])
HAPPENINGS = some.lists(
    some.tuples(
        some.sampled_from("pqrs"),  # who
        some.integers(0, 60).map(lambda number: START + number * HOUR // 2),  # when, with many ties
        some.sampled_from("ABC"),  # what
        PRICES,
        some.sampled_from([None, "gold", "silver"]),  # a trait, written by identify calls
    ),
    max_size=25,
)
Log = list[tuple[str, int, str, Any, Any]]


def asked(log: Log, *documents: dict[str, Any], merges: Sequence[Merge] = ()) -> list[dict[str, Any]]:
    """The answers of a fresh history that got the log in two batches."""
    rows = []
    for seq, (who, when, what, price, tier) in enumerate(log, 1):
        fields: dict[str, Any] = {"kind": "identify", "traits": {"tier": tier}} if tier else {"kind": "track"}
        if price is not None:
            fields["properties"] = {"price": price}
        event = Event(id=str(seq), source="web", name=what, time=when, received=NOW, user_id=who, **fields)
        rows.append(HistoryRow(seq, seq, who, event))
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder))
        half = len(rows) // 2
        history.append(rows[:half], [], half)
        history.append(rows, list(merges), len(rows) + 1)
        source = CustomerOrder(history)
        found = [answer(parse(document), source, NOW).to_dict() for document in documents]
        source.close()
        history.close()
    return found


def facts(log: Log, into: dict[str, str] | None = None) -> list[Fact]:
    tiers: dict[str, tuple[int, int, str]] = {}
    for seq, (told, when, _, _, tier) in enumerate(log, 1):
        who = (into or {}).get(told, told)
        if tier and (when, seq) >= tiers.get(who, (0, 0))[:2]:
            tiers[who] = (when, seq, tier)
    found = []
    for seq, (told, when, what, price, _) in enumerate(log, 1):
        who = (into or {}).get(told, told)
        found.append(Fact(who, when, seq, what, {"price": price, "tier": tiers.get(who, (0, 0, None))[2]}))
    return found


def named(name: str) -> naive.Test:
    return lambda fact: fact.name == name


def priced(fact: Fact) -> bool:
    price = fact.properties["price"]
    return fact.name == "B" and type(price) in (int, float) and price >= 2


LIMITS = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@LIMITS
@given(HAPPENINGS, some.sampled_from([None, "90m", "12h"]), some.sampled_from(["ordered", "strict", "any"]))
def test_funnel(log: Log, window: str | None, order: str) -> None:
    document = {
        "kind": "funnel",
        "steps": ["A", {"event": "B", "where": "event.properties.price >= 2"}, "C"],
        "order": order,
        "breakdown": [{"by": "profile.traits.tier"}],
        **({"window": window} if window else {}),
        **({"exclude": [{"event": "A", "between": [2, 3]}]} if order == "ordered" else {}),
    }
    (found,) = asked(log, document)
    how: dict[str, Any] = {
        "window": {None: None, "90m": 3 * HOUR // 2, "12h": 12 * HOUR}[window],
        "order": order,
    }
    if order == "ordered":
        how["exclude"] = [(named("A"), 2, 3)]
    steps = [named("A"), priced, named("C")]
    people = naive.by_profile(facts(log))
    labels = [f"≥ {k}" for k in (1, 2, 3)] if order == "any" else ["A", "B", "C"]
    expected = [
        {"label": label, **row} for label, row in zip(labels, naive.funnel(people, steps, **how), strict=True)
    ]
    assert found["steps"] == expected
    for group in found["groups"]:
        mine = {
            who: events for who, events in people.items() if events[0].properties["tier"] == group["group"][0]
        }
        rows = naive.funnel(mine, steps, **how)
        assert group["steps"] == [{"label": label, **row} for label, row in zip(labels, rows, strict=True)]
    assert sum(group["steps"][0]["profiles"] for group in found["groups"]) == found["steps"][0]["profiles"]


@LIMITS
@given(HAPPENINGS, some.booleans())
def test_graph(log: Log, filtered: bool) -> None:
    merges = [Merge("p", "q", NOW, "alias", "m", len(log)), Merge("r", "p", NOW, "alias", "m", len(log) + 1)]
    kept: dict[str, Any] = {"events": ["A", "B"]} if filtered else {}
    plain, whose = asked(
        log, {"kind": "graph", **kept}, {"kind": "graph", "who": 'profile.traits.tier == "gold"', **kept}
    )
    merged = asked(log, {"kind": "graph", **kept}, merges=merges)[0]
    into = {"q": "r", "p": "r"}
    for found, given_ in ((plain, facts(log)), (merged, facts(log, into))):
        people = naive.by_profile(fact for fact in given_ if not filtered or fact.name in "AB")
        assert naive.told(found) == naive.graph(people)
    golden = [
        fact
        for fact in facts(log)
        if fact.properties["tier"] == "gold" and (not filtered or fact.name in "AB")
    ]
    assert naive.told(whose) == naive.graph(naive.by_profile(golden))


GOLD = 'profile.traits.tier == "gold"'
MEASURES = ["events", "profiles", "sum:price", "avg:price", "p50:price", "p90:price", "nps:price"]


def bucket(time: int, interval: str) -> str:
    """The start of a Berlin bucket as RFC 3339, by the fields of its local time."""
    zone = ZoneInfo("Europe/Berlin")
    moment = datetime.fromtimestamp(time / 1000, UTC).astimezone(zone)
    wall = moment.replace(minute=0, second=0, microsecond=0)  # keeps its fold
    if interval != "hour":
        wall = wall.replace(hour=0, fold=0)
    if interval == "week":
        wall = (wall.replace(tzinfo=None) - timedelta(days=wall.weekday())).replace(tzinfo=zone)
    if interval == "month":
        wall = wall.replace(day=1)
    return wall.isoformat(timespec="seconds")


def measured(events: list[Fact], measure: str) -> Any:
    if measure in ("events", "profiles"):
        return len(events) if measure == "events" else len({fact.profile for fact in events})
    prices = [p for fact in events if type(p := fact.properties["price"]) in (int, float)]
    match measure.partition(":")[0]:
        case "sum":
            return sum(prices)
        case "avg":
            return sum(prices) / len(prices) if prices else None
        case "p50" | "p90" as share:
            return naive.quantile(prices, int(share[1:]) / 100)
    top, low = sum(p >= 9 for p in prices), sum(p <= 6 for p in prices)
    return 100 * (top - low) / len(prices) if prices else None


@LIMITS
@given(HAPPENINGS, some.sampled_from(["hour", "day", "week", "month"]))
def test_trend(log: Log, interval: str) -> None:
    common = {
        "kind": "trend",
        "series": ["A", {"event": "B", "label": "b"}],
        "interval": interval,
        "tz": "Europe/Berlin",
    }
    split = {"breakdown": [{"by": "event.properties.price"}]}
    found = asked(log, *[{**common, **split, "measure": measure} for measure in MEASURES])
    for measure, told in zip(MEASURES, found, strict=True):
        for series, name in zip(told["series"], "AB", strict=True):
            mine = [fact for fact in facts(log) if fact.name == name]
            points = {point["at"]: point["value"] for point in series["points"]}
            assert list(points) == sorted(points, key=datetime.fromisoformat)
            for at, value in points.items():
                inside = [fact for fact in mine if bucket(fact.time, interval) == at]
                assert value == pytest.approx(measured(inside, measure)), (measure, at)
            assert {bucket(fact.time, interval) for fact in mine} <= set(points)
        total = sum(p["value"] or 0 for group in told["groups"] for s in group["series"] for p in s["points"])
        if measure in ("events", "sum:price"):
            assert total == pytest.approx(sum(p["value"] for s in told["series"] for p in s["points"]))
        labels = [repr(group["group"][0]) for group in told["groups"]]
        prices = [fact.properties["price"] for fact in facts(log) if fact.name in "AB"]
        assert sorted(labels) == sorted({repr("[1]" if price == [1] else price) for price in prices})


LOAN = Path(__file__).parents[3] / "shared" / "data" / "bpic2012_loan" / "events.parquet"


@pytest.mark.skipif(not LOAN.exists(), reason="needs ../shared/data/bpic2012_loan")
def test_loan_applications(tmp_path: Path) -> None:
    query = """select "case:concept:name"::varchar, "concept:name", epoch_ms("time:timestamp") from read_parquet(?)
               where "lifecycle:transition" = 'COMPLETE'"""
    found = duckdb.connect().execute(query, [str(LOAN)]).fetchall()
    assert len(found) == 164_506
    rows = [
        HistoryRow(
            seq, seq, who, Event(str(seq), "import", "track", name, time, NOW, user_id=who, backfill=True)
        )
        for seq, (who, name, time) in enumerate(found, 1)
    ]
    history = History(tmp_path)
    history.append(rows, [], len(rows))
    source = CustomerOrder(history)
    people = naive.by_profile(Fact(row.profile, row.event.time, row.seq, row.event.name) for row in rows)
    graph = answer(parse({"kind": "graph"}), source, NOW).to_dict()
    assert naive.told(graph) == naive.graph(people)
    names = ["A_SUBMITTED", "A_ACCEPTED", "A_APPROVED"]
    funnel = answer(parse({"kind": "funnel", "steps": names, "window": "30d"}), source, NOW).to_dict()
    relevant = {who: [fact for fact in events if fact.name in names] for who, events in people.items()}
    expected = naive.funnel(relevant, [named(name) for name in names], window=30 * 24 * HOUR, order="ordered")
    for row, plain in zip(funnel["steps"], expected, strict=True):
        assert {key: row[key] for key in plain} == pytest.approx(plain)
    assert [row["profiles"] for row in funnel["steps"]] == [13_087, 5_113, 2_058]
    source.close()
    history.close()
