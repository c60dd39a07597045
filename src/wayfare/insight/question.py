"""The question: what somebody wants to know, read strictly from its JSON form into one frozen value."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeAlias

import msgspec

from wayfare.ground.errors import Malformed, NotBuilt
from wayfare.ground.rule import Path, Rule
from wayfare.ground.time import Duration, Instant
from wayfare.insight.reading import Reader, condition, path_of

Interval: TypeAlias = Literal["hour", "day", "week", "month"]
Order: TypeAlias = Literal["ordered", "strict", "any"]
At: TypeAlias = Literal["first", "last", "step"]

KINDS = (
    "trend", "funnel", "graph", "paths", "retention", "interval", "distribution", "sessions", "attribution",
    "lifecycle", "stickiness", "heat", "property", "rfm", "ltv", "journey", "metric", "pressure",
)  # fmt: skip
FRAME = ("kind", "from", "to", "last", "tz", "who", "unit", "breakdown", "compare")
STEPS_LIMIT = 32
GROUPS_LIMIT = 50
ARMS: tuple[Literal["arm"], ...] = ("arm",)
COMPARED: tuple[Literal["previous", "year_ago"], ...] = ("previous", "year_ago")
FUNCTIONS = ("sum", "avg", "p50", "p90", "nps")


class Selector(msgspec.Struct, frozen=True):
    """Which events are meant: a name (None: every event), and a condition that must be true of each."""

    event: str | None
    where: Rule | None
    label: str


class Breakdown(msgspec.Struct, frozen=True):
    """Split by the value at a path; `at` says of which event of the person: the first, the last or each step's own."""

    by: Path
    at: At
    limit: int


class Span(msgspec.Struct, frozen=True):
    """A frame of time, `since` inclusive and `until` exclusive; None = open."""

    since: Instant | None = None
    until: Instant | None = None


class Frame(msgspec.Struct, frozen=True):
    """What all kinds have in common; `unit` None is the kind's own, `last` counts back from the answer's now."""

    span: Span
    last: Duration | None
    tz: str
    who: Rule | None
    unit: str | None
    breakdown: tuple[Breakdown, ...]
    compare: Literal["previous", "year_ago"] | Span | None


class Measure(msgspec.Struct, frozen=True):
    """What is measured of the events in a bucket: `function` of the value at `of`, of all events or of one selector's.

    function: events | profiles | sum | avg | p50 | p90 | nps | ratio (then `num` and `den` are measures).
    """

    function: str
    of: Path | None = None
    over: Selector | None = None
    num: Measure | None = None
    den: Measure | None = None


class Trend(msgspec.Struct, frozen=True):
    """A measure of some events, bucket by bucket."""

    frame: Frame
    series: tuple[Selector, ...]
    measure: Measure
    interval: Interval


class Exclusion(msgspec.Struct, frozen=True):
    """Events that must not happen between two steps, counted from 1."""

    selector: Selector
    between: tuple[int, int]


class Funnel(msgspec.Struct, frozen=True):
    """How many people get from step to step within a window from the first one (None: any time)."""

    frame: Frame
    steps: tuple[Selector, ...]
    window: Duration | None
    order: Order
    exclude: tuple[Exclusion, ...]


class Graph(msgspec.Struct, frozen=True):
    """Which event directly follows which; `events` are kept before following (empty: all)."""

    frame: Frame
    events: tuple[Selector, ...]


class JourneyCounts(msgspec.Struct, frozen=True):
    """The counts of one journey, which the engine answers from its ledger."""

    frame: Frame
    id: str
    version: int | None
    clock: Literal["event", "entry"]
    by: Literal["arm"] | None


Question: TypeAlias = Trend | Funnel | Graph | JourneyCounts


def parse(document: object, tz: str = "UTC") -> Question:
    """The question of a JSON document (contract §5); `tz` is the workspace's zone, used where the question names none.

    Raises Malformed WF50xx for anything that is not exactly a question, NotBuilt WF0001 for a kind not built yet.
    """
    reader = Reader(document, "question")
    kind = reader.choice("kind", KINDS)
    match kind:
        case "trend":
            return _trend(reader, tz)
        case "funnel":
            return _funnel(reader, tz)
        case "graph":
            return _graph(reader, tz)
        case "journey":
            return _journey(reader, tz)
        case _:
            raise NotBuilt("WF0001", "question.kind", part=f"ask: {kind}")


def _trend(reader: Reader, tz: str) -> Trend:
    reader.allow(*FRAME, "series", "measure", "interval")
    frame = _frame(reader, tz, at="step")
    measure = _measure(reader.take("measure", "events"), "question.measure")
    series = tuple(_selectors(reader, "series"))
    if not series:
        label = "ratio" if measure.function == "ratio" else "*"
        series = (Selector(None, None, label),)
    return Trend(frame, series, measure, reader.choice("interval", ("hour", "day", "week", "month"), "day"))


def _funnel(reader: Reader, tz: str) -> Funnel:
    reader.allow(*FRAME, "steps", "window", "order", "exclude")
    frame = _frame(reader, tz)
    steps = tuple(_selectors(reader, "steps"))
    if not 1 <= len(steps) <= STEPS_LIMIT:
        raise Malformed("WF5013", "question.steps", count=len(steps), limit=STEPS_LIMIT)
    order: Order = reader.choice("order", ("ordered", "strict", "any"), "ordered")
    exclude = []
    for item in reader.items("exclude"):
        selector = _selector(item, "between")
        between = item.take("between", [1, len(steps)])
        if (
            not isinstance(between, list)
            or len(between) != 2
            or not all(type(step) is int for step in between)
            or not 1 <= between[0] < between[1] <= len(steps)
        ):
            raise Malformed("WF5009", f"{item.place}.between", steps=len(steps))
        exclude.append(Exclusion(selector, (between[0], between[1])))
    if exclude and order == "any":
        raise Malformed("WF5015", "question.exclude")
    return Funnel(frame, steps, reader.duration("window"), order, tuple(exclude))


def _graph(reader: Reader, tz: str) -> Graph:
    reader.allow(*FRAME, "events")
    return Graph(_frame(reader, tz), tuple(_selectors(reader, "events")))


def _journey(reader: Reader, tz: str) -> JourneyCounts:
    reader.allow(*FRAME, "id", "version", "clock", "by")
    version = reader.take("version", None)
    if version is not None and type(version) is not int:
        raise Malformed("WF5005", "question.version", expected="1")
    by = reader.choice("by", ARMS) if reader.has("by") else None
    return JourneyCounts(
        _frame(reader, tz),
        reader.text("id"),
        version,
        reader.choice("clock", ("event", "entry"), "event"),
        by,
    )


def _frame(reader: Reader, tz: str, at: At = "first") -> Frame:
    tz = reader.zone("tz", tz)
    span, last = _span(reader, tz), reader.duration("last")
    if last is not None and span != Span():
        raise Malformed("WF5006", "question.last")
    who = reader.take("who", None)
    compare = reader.take("compare", None)
    against: Literal["previous", "year_ago"] | Span | None = None
    if isinstance(compare, dict):
        other = Reader(compare, "question.compare")
        other.allow("from", "to")
        against = _span(other, tz)
        if against.since is None or against.until is None:
            raise Malformed("WF5008", "question.compare")
    elif compare is not None:
        against = reader.choice("compare", COMPARED)
        if last is None and span.since is None:
            raise Malformed("WF5008", "question.compare")
    return Frame(
        span=span,
        last=last,
        tz=tz,
        who=None if who is None else _who(who),
        unit=reader.text("unit") if reader.has("unit") else None,
        breakdown=tuple(_breakdown(item, at) for item in reader.items("breakdown")),
        compare=against,
    )


def _span(reader: Reader, tz: str) -> Span:
    span = Span(reader.instant("from", tz), reader.instant("to", tz))
    if span.since is not None and span.until is not None and span.since >= span.until:
        raise Malformed("WF5007", reader.place)
    return span


def _who(who: object) -> Rule:
    if isinstance(who, str) and re.fullmatch(r"[a-z0-9-]+", who):
        raise NotBuilt("WF0001", "question.who", part="segment")
    return condition(who, "question.who")


def _breakdown(item: Reader, at: At) -> Breakdown:
    item.allow("by", "at", "limit")
    limit = item.take("limit", GROUPS_LIMIT)
    if type(limit) is not int or limit < 1:
        raise Malformed("WF5005", f"{item.place}.limit", expected="10")
    by = path_of(item.text("by"), f"{item.place}.by")
    return Breakdown(by, item.choice("at", ("first", "last", "step"), at), limit)


def _selectors(reader: Reader, key: str) -> list[Selector]:
    return [_selector(item) for item in reader.items(key, names=True)]


def _selector(item: Reader, *more: str) -> Selector:
    item.allow("event", "where", "label", *more)
    event = item.text("event")
    where = item.take("where", None)
    label = item.text("label") if item.has("label") else event
    return Selector(event, None if where is None else condition(where, f"{item.place}.where"), label)


def _measure(value: Any, place: str) -> Measure:
    """A measure from its text (`sum:total`) or object (`{"ratio": {"num": …, "den": …}}`)."""
    if isinstance(value, dict) and set(value) == {"ratio"}:
        parts = Reader(value["ratio"], f"{place}.ratio")
        parts.allow("num", "den")
        num, den = (_part(parts.take(name), f"{place}.ratio.{name}") for name in ("num", "den"))
        return Measure("ratio", num=num, den=den)
    if not isinstance(value, str):
        raise Malformed("WF5011", place, text=value)
    if value in ("events", "profiles"):
        return Measure(value)
    function, colon, of = value.partition(":")
    if function not in FUNCTIONS or not colon or not of:
        raise Malformed("WF5011", place, text=value)
    return Measure(function, path_of(of, place, bare=True))


def _part(value: Any, place: str) -> Measure:
    """Numerator or denominator: a measure of the series' own events, or a selector (optionally with a measure)."""
    if not isinstance(value, dict):
        return _measure(value, place)
    reader = Reader(value, place)
    selector = _selector(reader, "measure")
    inner = _measure(reader.take("measure", "events"), f"{place}.measure")
    if inner.function == "ratio":
        raise Malformed("WF5011", place, text="ratio")
    return Measure(inner.function, inner.of, selector)
