"""Plain loops that say what each kind of question means: slow, obvious, and nothing shared with the kernels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, pairwise, permutations
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple


class Fact(NamedTuple):
    """One event as the loops see it; a person's are in order of (time, arrival)."""

    profile: str
    time: int
    seq: int
    name: str
    properties: Mapping[str, Any] = MappingProxyType({})


Test = Callable[[Fact], bool]


def by_profile(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    people: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda fact: (fact.time, fact.seq)):
        people[fact.profile].append(fact)
    return people


def chain(
    events: Sequence[Fact],
    steps: Sequence[Test],
    window: int | None,
    order: str,
    exclude: Sequence[tuple[Test, int, int]] = (),
) -> tuple[int, ...]:
    """The places of the deepest chain of one person, among the deepest the lexicographically earliest; () for none."""
    for depth in range(len(steps), 0, -1):
        for places in combinations(range(len(events)), depth):  # in lexicographic order
            mine = [events[place] for place in places]
            if window is not None and mine[-1].time - mine[0].time > window:
                continue
            if order == "any":
                fits = any(
                    all(test(fact) for test, fact in zip(some, mine, strict=True))
                    for some in permutations(steps, depth)
                )
            else:
                fits = all(test(fact) for test, fact in zip(steps, mine, strict=False))
            if order == "strict":
                fits = fits and places[-1] - places[0] == depth - 1
            for test, low, high in exclude:
                for step in range(low, min(high, depth)):  # between step and step + 1, counted from 1
                    fits = fits and not any(
                        test(events[p]) for p in range(places[step - 1] + 1, places[step])
                    )
            if fits:
                return places
    return ()


def quantile(values: Iterable[float], share: float) -> float | None:
    """Linear interpolation between the two nearest ranks."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def funnel(people: dict[str, list[Fact]], steps: Sequence[Test], **how: Any) -> list[dict[str, Any]]:
    found = [(events, chain(events, steps, **how)) for events in people.values()]
    rows = []
    for step in range(len(steps)):
        reached = [(events, places) for events, places in found if len(places) > step]
        before = [1 for _, places in found if len(places) >= step] if step else reached
        gaps = [(e[p[step]].time - e[p[step - 1]].time) / 1000 for e, p in reached] if step else []
        first = sum(len(places) > 0 for _, places in found)
        rows.append(
            {
                "profiles": len(reached),
                "from_start": len(reached) / first if first else None,
                "from_previous": len(reached) / len(before) if before else None,
                "median_seconds": quantile(gaps, 0.5),
                "p90_seconds": quantile(gaps, 0.9),
            }
        )
    return rows


def graph(people: dict[str, list[Fact]]) -> dict[str, Any]:
    nodes: Counter[str] = Counter()
    node_people: dict[str, set[str]] = defaultdict(set)
    gaps: dict[tuple[str, str], list[float]] = defaultdict(list)
    edge_people: dict[tuple[str, str], set[str]] = defaultdict(set)
    starts, ends = Counter[str](), Counter[str]()
    for person, events in people.items():
        for fact in events:
            nodes[fact.name] += 1
            node_people[fact.name].add(person)
        for one, two in pairwise(events):
            gaps[one.name, two.name].append(two.time - one.time)
            edge_people[one.name, two.name].add(person)
        if events:
            starts[events[0].name] += 1
            ends[events[-1].name] += 1
    return {
        "nodes": {name: (count, len(node_people[name])) for name, count in nodes.items()},
        "edges": {
            pair: (len(all_), len(edge_people[pair]), median(all_) / 1000) for pair, all_ in gaps.items()
        },
        "starts": dict(starts),
        "ends": dict(ends),
    }


def told(body: dict[str, Any]) -> dict[str, Any]:
    """A graph answer in the form of the loop."""
    return {
        "nodes": {node["event"]: (node["count"], node["profiles"]) for node in body["nodes"]},
        "edges": {
            (edge["source"], edge["target"]): (edge["count"], edge["profiles"], edge["median_seconds"])
            for edge in body["edges"]
        },
        "starts": {row["event"]: row["count"] for row in body["starts"]},
        "ends": {row["event"]: row["count"] for row in body["ends"]},
    }
