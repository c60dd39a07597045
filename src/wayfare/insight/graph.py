"""The graph: which event directly follows which, how often, for how many people and after how long."""

from __future__ import annotations

from typing import Any

import numpy as np

from wayfare.ground.errors import Malformed
from wayfare.ground.time import Instant
from wayfare.insight import kernels
from wayfare.insight.columns import Columns, Ints, Needs
from wayfare.insight.groups import Dimension, split
from wayfare.insight.question import Graph, Span


def needs(question: Graph, span: Span, unit: str, now: Instant) -> Needs:
    """What to read for a graph."""
    for part in question.frame.breakdown:
        if part.at == "step":
            raise Malformed("WF5003", "question.breakdown.at", text="step", nearest="first, last")
    return Needs(
        unit=unit,
        span=span,
        who=question.frame.who,
        now=now,
        zone=question.frame.tz,
        keep=question.events,
        groups=tuple(part.by for part in question.frame.breakdown),
    )


def solve(question: Graph, columns: Columns) -> tuple[dict[str, Any], dict[str, int]]:
    """The answer's body, and what was left out by reason."""
    everyone = np.ones(columns.actors, np.bool_)
    body = _graph(columns, everyone)
    if not question.frame.breakdown:
        return body, {}
    present = np.flatnonzero(np.diff(columns.starts))
    of = {"first": columns.starts[present], "last": columns.starts[present + 1] - 1}
    parts = split(
        [
            Dimension(values, of[part.at], part.limit)
            for part, values in zip(question.frame.breakdown, columns.groups, strict=True)
        ]
    )
    groups = []
    for number, label in enumerate(parts.labels):
        mine = np.zeros(columns.actors, np.bool_)
        mine[present[parts.codes == number]] = True
        groups.append({"group": list(label), **_graph(columns, mine)})
    return body | {"groups": groups}, {"beyond_limit": parts.beyond} if parts.beyond else {}


def _graph(columns: Columns, actors: Any) -> dict[str, Any]:
    """Nodes, edges, starts and ends of some actors, most frequent first."""
    names, kinds = columns.names, len(columns.names)
    counted = np.repeat(actors, np.diff(columns.starts))
    name = columns.name.astype(np.int64)
    count, profiles = kernels.tally(columns.starts, np.where(counted, name, -1), 0, columns.actors, kinds)
    nodes = [
        {"event": names[code], "count": int(count[code]), "profiles": int(profiles[code])}
        for code in np.flatnonzero(count).tolist()
    ]
    present = np.flatnonzero(np.diff(columns.starts))
    present = present[actors[present]]
    return {
        "nodes": sorted(nodes, key=lambda node: (-node["count"], node["event"])),
        "edges": _edges(columns, name, counted),
        "starts": _ranked(name[columns.starts[present]], names),
        "ends": _ranked(name[columns.starts[present + 1] - 1], names),
    }


def _edges(columns: Columns, name: Ints, counted: Any) -> list[dict[str, Any]]:
    names, kinds = columns.names, len(columns.names)
    pair: Ints = np.full(len(name), -1, np.int64)
    pair[1:] = name[:-1] * kinds + name[1:]
    pair[columns.starts[:-1][np.diff(columns.starts) > 0]] = -1
    pair[~counted] = -1
    pairs = np.unique(pair[pair >= 0])
    edge: Ints = np.where(pair >= 0, np.searchsorted(pairs, pair), -1)
    count, profiles, gaps = kernels.follow(columns.starts, columns.time, edge, 0, columns.actors, len(pairs))
    begins = np.concatenate(([0], np.cumsum(count)))
    edges = [
        {
            "source": names[code // kinds],
            "target": names[code % kinds],
            "count": int(count[place]),
            "profiles": int(profiles[place]),
            "median_seconds": float(np.median(gaps[begins[place] : begins[place + 1]])) / 1000,
        }
        for place, code in enumerate(pairs.tolist())
    ]
    return sorted(edges, key=lambda one: (-one["count"], one["source"], one["target"]))


def _ranked(codes: Ints, names: tuple[str, ...]) -> list[dict[str, Any]]:
    count = np.bincount(codes, minlength=len(names))
    found = [{"event": names[code], "count": int(count[code])} for code in np.flatnonzero(count).tolist()]
    return sorted(found, key=lambda one: (-one["count"], one["event"]))
