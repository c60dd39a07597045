"""The trend: a measure of some events, bucket by bucket."""

from __future__ import annotations

from typing import Any

import numpy as np

from wayfare.ground.rule import Path
from wayfare.ground.time import Instant, format_local
from wayfare.insight import buckets, kernels
from wayfare.insight.columns import Columns, Ints, Marks, Needs
from wayfare.insight.groups import Dimension, split
from wayfare.insight.question import Measure, Selector, Span, Trend

Value = int | float | None


def needs(question: Trend, span: Span, unit: str, now: Instant) -> Needs:
    """What to read for a trend."""
    return Needs(
        unit=unit,
        span=span,
        who=question.frame.who,
        now=now,
        zone=question.frame.tz,
        picks=(*question.series, *_selectors(question.measure)),
        values=_paths(question.measure),
        groups=tuple(part.by for part in question.frame.breakdown),
    )


def solve(question: Trend, span: Span, columns: Columns) -> tuple[dict[str, Any], dict[str, int]]:
    """The answer's body, and what was left out by reason."""
    picked = _any(columns.picks, len(columns.time))
    frame = _cover(span, columns.time[picked])
    if frame is None:
        body: dict[str, Any] = {"series": [{"label": one.label, "points": []} for one in question.series]}
        return body | ({"groups": []} if question.frame.breakdown else {}), {}
    cuts = buckets.edges(*frame, question.interval, question.frame.tz)
    at = [format_local(edge, question.frame.tz) for edge in cuts[:-1]]
    bucket: Ints = np.searchsorted(np.array(cuts), columns.time, side="right") - 1
    excluded: dict[str, int] = {}
    every = [
        _measured(question, place, columns, bucket, len(at), excluded)
        for place in range(len(question.series))
    ]
    body = {"series": _series(question, at, every, 0)}
    if question.frame.breakdown:
        groups = _groups(question, columns, picked)
        if groups.beyond:
            excluded["beyond_limit"] = groups.beyond
        inside = np.full(len(bucket), -1, np.int64)
        inside[picked] = groups.codes
        cell: Ints = np.where(inside >= 0, inside * len(at) + bucket, -1)
        cells = len(at) * len(groups.labels)
        each = [_measured(question, place, columns, cell, cells, {}) for place in range(len(question.series))]
        body["groups"] = [
            {"group": list(label), "series": _series(question, at, each, number * len(at))}
            for number, label in enumerate(groups.labels)
        ]
    return body, excluded


def _series(question: Trend, at: list[str], values: list[list[Value]], begin: int) -> list[dict[str, Any]]:
    return [
        {"label": one.label, "points": [{"at": a, "value": mine[begin + i]} for i, a in enumerate(at)]}
        for one, mine in zip(question.series, values, strict=True)
    ]


def _groups(question: Trend, columns: Columns, picked: Marks) -> Any:
    """The split of the picked events: each by its own value, or by that of its actor's first or last picked one."""
    rows = np.flatnonzero(picked)
    actor = np.repeat(np.arange(columns.actors), np.diff(columns.starts))[rows]
    begins = np.searchsorted(actor, np.arange(columns.actors), side="left")
    ends = np.searchsorted(actor, np.arange(columns.actors), side="right")
    of = {"step": rows, "first": rows[begins[actor]], "last": rows[ends[actor] - 1]}
    return split(
        [
            Dimension(values, of[part.at], part.limit)
            for part, values in zip(question.frame.breakdown, columns.groups, strict=True)
        ]
    )


def _measured(
    question: Trend, place: int, columns: Columns, cell: Ints, cells: int, excluded: dict[str, int]
) -> list[Value]:
    """The measure of one series in every cell (-1: in none)."""
    mark = columns.picks[place]
    measure = question.measure
    if measure.num is None or measure.den is None:
        return _value(question, measure, mark, columns, cell, cells, excluded)
    num = _value(question, measure.num, mark, columns, cell, cells, excluded)
    den = _value(question, measure.den, mark, columns, cell, cells, excluded)
    return [None if not d or n is None else n / d for n, d in zip(num, den, strict=True)]


def _value(
    question: Trend,
    measure: Measure,
    mark: Marks,
    columns: Columns,
    cell: Ints,
    cells: int,
    excluded: dict[str, int],
) -> list[Value]:
    if measure.over is not None:
        mark = columns.picks[len(question.series) + _selectors(question.measure).index(measure.over)]
    inside: Ints = np.where(mark, cell, -1)
    if measure.of is None:
        events, actors = kernels.tally(columns.starts, inside, 0, columns.actors, cells)
        found: list[Value] = (events if measure.function == "events" else actors).tolist()
        return found
    numbers = columns.values[_paths(question.measure).index(measure.of)]
    missing = np.isnan(numbers.values)
    if lacking := int((missing & (inside >= 0)).sum()):
        excluded["no_number"] = excluded.get("no_number", 0) + lacking
    inside[missing] = -1
    return _of_numbers(measure.function, numbers.values, numbers.whole, inside, cells)


def _of_numbers(function: str, values: Any, whole: bool, cell: Ints, cells: int) -> list[Value]:
    kept = cell >= 0
    cell, values = cell[kept], values[kept]
    count = np.bincount(cell, minlength=cells)
    if function == "nps":
        for_, against = (np.bincount(cell[side], minlength=cells) for side in (values >= 9, values <= 6))
        return [
            100 * (f - a) / n if n else None for f, a, n in zip(*_lists(for_, against, count), strict=True)
        ]
    if function in ("sum", "avg"):
        sums: Any = (
            kernels.total(cell, values.astype(np.int64), cells)
            if whole
            else np.bincount(cell, values, minlength=cells)
        )
        if function == "sum":
            summed: list[Value] = sums.tolist()
            return summed
        return [s / n if n else None for s, n in zip(*_lists(sums, count), strict=True)]
    order = np.lexsort((values, cell))
    values, begins = values[order], np.concatenate(([0], np.cumsum(count)))
    share = {"p50": 0.5, "p90": 0.9}[function]
    return [
        float(np.quantile(values[low:high], share)) if high > low else None
        for low, high in zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True)
    ]


def _lists(*arrays: Any) -> list[list[Any]]:
    return [array.tolist() for array in arrays]


def _cover(span: Span, times: Ints) -> tuple[Instant, Instant] | None:
    """The frame that the buckets cover; where it is open, from the first and to the last event that is meant."""
    if span.since is not None and span.until is not None:
        return span.since, span.until
    if not len(times):
        return None
    since = int(times.min()) if span.since is None else span.since
    return since, int(times.max()) + 1 if span.until is None else span.until


def _any(marks: tuple[Marks, ...], rows: int) -> Marks:
    picked = np.zeros(rows, np.bool_)
    for mark in marks:
        picked |= mark
    return picked


def _selectors(measure: Measure) -> tuple[Selector, ...]:
    """The selectors that the parts of a ratio bring themselves."""
    return tuple(
        part.over for part in (measure.num, measure.den) if part is not None and part.over is not None
    )


def _paths(measure: Measure) -> tuple[Path, ...]:
    parts = (measure, *(part for part in (measure.num, measure.den) if part is not None))
    return tuple(dict.fromkeys(part.of for part in parts if part.of is not None))
