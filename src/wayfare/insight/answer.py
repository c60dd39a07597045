"""The answer: what a question found, with how fresh it is and what was left out."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from wayfare.ground.errors import Broken, Malformed, NotBuilt
from wayfare.ground.time import Instant, format_instant
from wayfare.insight import buckets, funnel, graph, trend
from wayfare.insight.columns import Source, State
from wayfare.insight.question import Funnel, Graph, JourneyCounts, Question, Span, Trend


class Answer(msgspec.Struct, frozen=True):
    """A frozen answer; `body` holds what its kind answers, `excluded` what was left out and why.

    `fresh_to` is the latest receipt among the events that were asked; `id` names the question at that state.
    """

    kind: str
    clock: str
    unit: str
    fresh_to: Instant | None
    excluded: tuple[tuple[str, int], ...]
    id: str
    body: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON values, by contract §5."""
        return {
            "kind": self.kind,
            "clock": self.clock,
            "unit": self.unit,
            "fresh_to": None if self.fresh_to is None else format_instant(self.fresh_to),
            "excluded": [{"reason": reason, "count": count} for reason, count in self.excluded],
            "id": self.id,
            **self.body,
        }


def answer(question: Question, source: Source, now: Instant) -> Answer:
    """Ask a source. `now` is where `last` counts back from, and what conditions call now.

    Raises Malformed WF5012 for a unit that the kind does not count in, NotBuilt WF0001 for sessions.
    """
    if isinstance(question, JourneyCounts):
        raise Broken("WF5504", "question.kind")
    state = source.state()
    unit, actor = _unit(question)
    span = question.frame.span
    if question.frame.last is not None:
        span = Span(now + 1 - question.frame.last, now + 1)  # an event of this very millisecond is in
    body, excluded = _solve(question, span, actor, source, state, now)
    compare = question.frame.compare
    if compare is not None:
        if isinstance(compare, str):
            bounded = span if span.until is not None else Span(span.since, now + 1)
            compare = buckets.shifted(bounded, compare, question.frame.tz)
        body["compare"] = _solve(question, compare, actor, source, state, now)[0]
    kind = type(question).__name__.lower()
    counted = tuple(sorted(excluded.items()))
    return Answer(kind, "event", unit, state.fresh_to, counted, _identity(question, span, state), body)


def _solve(
    question: Trend | Funnel | Graph, span: Span, actor: str, source: Source, state: State, now: Instant
) -> tuple[dict[str, Any], dict[str, int]]:
    match question:
        case Trend():
            columns = source.read(trend.needs(question, span, actor, now), state)
            body, excluded = trend.solve(question, span, columns)
        case Funnel():
            columns = source.read(funnel.needs(question, span, actor, now), state)
            body, excluded = funnel.solve(question, columns)
        case Graph():
            columns = source.read(graph.needs(question, span, actor, now), state)
            body, excluded = graph.solve(question, columns)
    return body, columns.excluded | excluded


def _unit(question: Trend | Funnel | Graph) -> tuple[str, str]:
    """The unit that the answer counts in, and whose events are put in order: profiles' or an entity's."""
    unit = question.frame.unit
    if unit == "sessions":
        raise NotBuilt("WF0001", "question.unit", part="unit: sessions")
    if isinstance(question, Trend):
        own = "profiles" if question.measure.function == "profiles" else "events"
        return unit or own, "profiles" if unit in (None, "events", "profiles") else str(unit)
    if unit == "events":
        raise Malformed("WF5012", "question.unit", kind=type(question).__name__.lower(), unit=unit)
    return unit or "profiles", unit or "profiles"


def _identity(question: Question, span: Span, state: State) -> str:
    told = f"{question!r} {span!r} {state.covered}"
    return "ans_" + hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
