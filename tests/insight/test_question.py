"""A question is read strictly: what is not exactly one is refused with its place and the nearest match."""

from __future__ import annotations

from typing import Any

import pytest

from wayfare.ground.errors import Malformed, NotBuilt
from wayfare.ground.rule import Path
from wayfare.ground.rule import parse as rule
from wayfare.ground.time import DAY, parse_instant
from wayfare.insight.question import (
    Breakdown,
    Exclusion,
    Frame,
    Funnel,
    Graph,
    JourneyCounts,
    Measure,
    Selector,
    Span,
    Trend,
    parse,
)

EMPTY = Frame(Span(), None, "Asia/Shanghai", None, None, (), None)


def test_a_funnel_with_everything() -> None:
    document = {
        "kind": "funnel",
        "steps": ["A", {"event": "B", "where": "event.properties.x > 1", "label": "bee"}],
        "window": "7d",
        "order": "strict",
        "exclude": [{"event": "C", "between": [1, 2]}],
        "from": "2026-03-01",
        "to": "2026-04-01T00:00:00Z",
        "tz": "Asia/Shanghai",
        "who": 'profile.traits.tier == "gold"',
        "unit": "order",
        "breakdown": [{"by": 'event.properties["金额"]', "at": "last", "limit": 3}, {"by": "event.channel"}],
        "compare": "year_ago",
    }
    frame = Frame(
        Span(parse_instant("2026-02-28T16:00:00Z"), parse_instant("2026-04-01T00:00:00Z")),
        None,
        "Asia/Shanghai",
        rule('profile.traits.tier == "gold"'),
        "order",
        (
            Breakdown(Path("event", ("properties", "金额")), "last", 3),
            Breakdown(Path("event", ("channel",)), "first", 50),
        ),
        "year_ago",
    )
    steps = (Selector("A", None, "A"), Selector("B", rule("event.properties.x > 1"), "bee"))
    assert parse(document) == Funnel(
        frame, steps, 7 * DAY, "strict", (Exclusion(Selector("C", None, "C"), (1, 2)),)
    )


def test_defaults() -> None:
    tz = "Asia/Shanghai"
    everything = Selector(None, None, "*")
    assert parse({"kind": "trend"}, tz) == Trend(EMPTY, (everything,), Measure("events"), "day")
    assert parse({"kind": "graph"}, tz) == Graph(EMPTY, ())
    assert parse({"kind": "journey", "id": "welcome"}, tz) == JourneyCounts(
        EMPTY, "welcome", None, "event", None
    )


def measured(measure: object) -> Measure:
    found = parse({"kind": "trend", "series": ["A"], "measure": measure})
    assert isinstance(found, Trend)
    return found.measure


def test_measures() -> None:
    total = Path("event", ("properties", "total"))
    assert measured("sum:total") == measured("sum:event.properties.total") == Measure("sum", total)
    assert measured("p90:case:amount") == Measure("p90", Path("event", ("properties", "case:amount")))
    assert measured("avg:profile.traits.age") == Measure("avg", Path("profile", ("traits", "age")))
    ratio = {"ratio": {"num": "sum:total", "den": {"event": "B", "measure": "profiles"}}}
    den = Measure("profiles", over=Selector("B", None, "B"))
    assert measured(ratio) == Measure("ratio", num=Measure("sum", total), den=den)


REFUSED: list[tuple[Any, str, str]] = [
    ([], "WF5001", "question"),
    ({}, "WF5004", "question"),
    ({"kind": "funel", "steps": ["A"]}, "WF5003", "did you mean funnel"),
    ({"kind": "funnel", "step": ["A"]}, "WF5002", "did you mean steps"),
    ({"kind": "funnel"}, "WF5013", "question.steps"),
    ({"kind": "funnel", "steps": [{"evnt": "A"}]}, "WF5002", "question.steps[0].evnt · did you mean event"),
    ({"kind": "funnel", "steps": [{"event": "A", "between": [1, 2]}]}, "WF5002", "question.steps[0].between"),
    ({"kind": "funnel", "steps": [{"where": "true"}]}, "WF5004", "question.steps[0]"),
    (
        {"kind": "funnel", "steps": [{"event": "A", "where": "event.properties."}]},
        "WF13",
        "question.steps[0].where",
    ),
    ({"kind": "funnel", "steps": "A"}, "WF5005", "question.steps"),
    ({"kind": "funnel", "steps": ["A"], "window": "7 days"}, "WF0101", "question.window"),
    ({"kind": "funnel", "steps": ["A"], "window": 7}, "WF5005", "question.window"),
    ({"kind": "funnel", "steps": ["A"], "order": "any "}, "WF5003", "did you mean any"),
    (
        {"kind": "funnel", "steps": ["A", "B"], "exclude": [{"event": "C", "between": [2, 1]}]},
        "WF5009",
        "1 to 2",
    ),
    (
        {"kind": "funnel", "steps": ["A", "B"], "exclude": [{"event": "C"}], "order": "any"},
        "WF5015",
        "exclude",
    ),
    ({"kind": "graph", "from": "2026-02-30"}, "WF0102", "question.from"),
    ({"kind": "graph", "from": "2026-03-01", "to": "2026-03-01"}, "WF5007", "question"),
    ({"kind": "graph", "from": "2026-03-01", "last": "7d"}, "WF5006", "question.last"),
    ({"kind": "graph", "tz": "Mars/Base"}, "WF0103", "question.tz"),
    ({"kind": "graph", "compare": "previous"}, "WF5008", "question.compare"),
    ({"kind": "graph", "compare": {"from": "2026-03-01"}}, "WF5008", "question.compare"),
    (
        {"kind": "graph", "breakdown": [{"by": "event.properties.a + 1"}]},
        "WF5014",
        "question.breakdown[0].by",
    ),
    ({"kind": "graph", "breakdown": [{"by": "entry.properties.a"}]}, "WF5014", "question.breakdown[0].by"),
    ({"kind": "graph", "breakdown": [{"by": "event.channel", "limit": 0}]}, "WF5005", "limit"),
    ({"kind": "trend", "measure": "max:total"}, "WF5011", "question.measure"),
    ({"kind": "trend", "measure": {"ratio": {"num": "events"}}}, "WF5004", "question.measure.ratio"),
    ({"kind": "trend", "interval": "year"}, "WF5003", "question.interval"),
]


@pytest.mark.parametrize(("document", "code", "told"), REFUSED)
def test_refused(document: Any, code: str, told: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(document)
    assert refused.value.code.startswith(code)
    assert told in refused.value.text("en")
    assert "{" not in refused.value.text("zh").replace('{"', "")


@pytest.mark.parametrize("document", [{"kind": "retention"}, {"kind": "graph", "who": "gold-members"}])
def test_not_built(document: dict[str, Any]) -> None:
    with pytest.raises(NotBuilt, match="WF0001"):
        parse(document)
