"""The funnel: how many people get from step to step, and how long that takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from wayfare.ground.time import Instant
from wayfare.insight import kernels
from wayfare.insight.columns import Columns, Ints, Needs
from wayfare.insight.groups import Dimension, split
from wayfare.insight.question import Funnel, Span


def needs(question: Funnel, span: Span, unit: str, now: Instant) -> Needs:
    """What to read for a funnel."""
    return Needs(
        unit=unit,
        span=span,
        who=question.frame.who,
        now=now,
        zone=question.frame.tz,
        picks=(*question.steps, *(one.selector for one in question.exclude)),
        groups=tuple(part.by for part in question.frame.breakdown),
    )


def solve(question: Funnel, columns: Columns) -> tuple[dict[str, Any], dict[str, int]]:
    """The answer's body, and what was left out by reason."""
    chains = reached(question, columns, 0, columns.actors)
    body: dict[str, Any] = {"steps": _rows(question, columns.time, chains, chains >= 0)}
    excluded: dict[str, int] = {}
    if question.frame.breakdown:
        body["groups"], beyond = _groups(question, columns, chains)
        if beyond:
            excluded["beyond_limit"] = beyond
    return body, excluded


def reached(question: Funnel, columns: Columns, first: int, last: int) -> Ints:
    """The partial of a range of actors: the rows of each one's chain, [actors, steps], -1 where it did not get."""
    count = len(question.steps)
    window = kernels.NEVER if question.window is None else question.window
    steps: Ints = np.zeros(len(columns.time), np.int64)
    for step, mark in enumerate(columns.picks[:count]):
        steps |= mark.astype(np.int64) << step
    if question.order == "any":
        return kernels.gatherings(columns.starts, columns.time, steps, first, last, count, window)
    blocks: Ints = np.zeros(len(columns.time), np.int64)
    for one, mark in zip(question.exclude, columns.picks[count:], strict=True):
        low, high = one.between
        blocks |= mark.astype(np.int64) * ((1 << (high - 1)) - (1 << (low - 1)))
    strict = question.order == "strict"
    return kernels.chains(columns.starts, columns.time, steps, blocks, first, last, count, window, strict)


def merge(partials: list[Ints]) -> Ints:
    """Partials of consecutive ranges as one."""
    return np.concatenate(partials)


def _rows(question: Funnel, time: Ints, chains: Ints, counted: Any) -> list[dict[str, Any]]:
    """One row per step over the chain places that are `counted`."""
    rows: list[dict[str, Any]] = []
    sizes = counted.sum(axis=0).tolist()
    for step, size in enumerate(sizes):
        gaps = None
        if step and size:
            mine = chains[counted[:, step]]
            gaps = (time[mine[:, step]] - time[mine[:, step - 1]]) / 1000
        before = sizes[step - 1] if step else size
        rows.append(
            {
                "label": f"≥ {step + 1}" if question.order == "any" else question.steps[step].label,
                "profiles": size,
                "from_start": size / sizes[0] if sizes[0] else None,
                "from_previous": size / before if before else None,
                "median_seconds": None if gaps is None else float(np.quantile(gaps, 0.5)),
                "p90_seconds": None if gaps is None else float(np.quantile(gaps, 0.9)),
            }
        )
    return rows


def _groups(question: Funnel, columns: Columns, chains: Ints) -> tuple[list[dict[str, Any]], int]:
    """The rows again for each group; `at` says whose event's value it is: the chain's first, its last, each step's."""
    entered = chains[chains[:, 0] >= 0]
    last = entered[np.arange(len(entered)), (entered >= 0).sum(axis=1) - 1]
    inside = entered >= 0
    own = np.nonzero(inside)
    of = {"first": entered[own[0], 0], "last": last[own[0]], "step": entered[inside]}
    parts = split(
        [
            Dimension(values, of[part.at], part.limit)
            for part, values in zip(question.frame.breakdown, columns.groups, strict=True)
        ]
    )
    codes: Ints = np.full(entered.shape, -1, np.int64)
    codes[inside] = parts.codes
    groups = [
        {"group": list(label), "steps": _rows(question, columns.time, entered, codes == number)}
        for number, label in enumerate(parts.labels)
    ]
    beyond = int(((codes == -1) & inside).any(axis=1).sum())
    return groups, beyond
