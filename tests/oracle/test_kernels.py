"""The kernels say what plain loops say, on logs with ties, duplicates, late events and people of one event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.oracle import naive
from tests.oracle.naive import Fact
from wayfare.insight import kernels

kernels.warm()
MASKS = some.integers(0, 7)
EVENTS = some.lists(
    some.tuples(some.integers(0, 3), some.integers(0, 12), MASKS, some.integers(0, 3)), max_size=24
)
WINDOWS = some.none() | some.integers(0, 12)


def laid_out(log: Sequence[tuple[int, int, int, int]]) -> tuple[naive.Any, ...]:
    """Columns of a log of (person, time, steps, blocks) in arrival order; person 3's events are left out."""
    actor = np.array([-1 if person == 3 else person for person, *_ in log], np.int32)
    time = np.array([time for _, time, *_ in log], np.int64)
    order, starts = kernels.customer_order(actor, time, 3)
    steps = np.array([steps for *_, steps, _ in log], np.int64)[order]
    blocks = np.array([blocks for *_, blocks in log], np.int64)[order]
    return starts, time[order], steps, blocks, order


def people_of(log: Sequence[tuple[int, int, int, int]]) -> dict[str, list[Fact]]:
    facts = [
        Fact(str(p), t, n, "e", {"steps": s, "blocks": b, "row": n})
        for n, (p, t, s, b) in enumerate(log)
        if p != 3
    ]
    return naive.by_profile(facts)


def chained(rows: np.ndarray, order: np.ndarray) -> list[list[int]]:
    return [[int(order[row]) for row in chain if row >= 0] for chain in rows]


STEPS = [lambda fact, bit=bit: bool(fact.properties["steps"] >> bit & 1) for bit in range(3)]
EXCLUDE = [
    (lambda fact, bit=bit: bool(fact.properties["blocks"] >> bit & 1), bit + 1, bit + 2) for bit in range(2)
]


@given(EVENTS)
def test_customer_order_is_by_person_time_and_arrival(log: list[tuple[int, int, int, int]]) -> None:
    starts, _, _, _, order = laid_out(log)
    people = people_of(log)
    for person in range(3):
        mine = order[starts[person] : starts[person + 1]].tolist()
        assert mine == [fact.properties["row"] for fact in people.get(str(person), [])]


@settings(max_examples=400, deadline=None)
@given(EVENTS, WINDOWS, some.sampled_from(["ordered", "strict", "any"]))
def test_chains_are_the_deepest_and_earliest(
    log: list[tuple[int, int, int, int]], window: int | None, order: str
) -> None:
    starts, time, steps, blocks, rows = laid_out(log)
    reach = kernels.NEVER if window is None else window
    exclude = [] if order == "any" else EXCLUDE
    if order == "any":
        found = kernels.gatherings(starts, time, steps, 0, 3, 3, reach)
    else:
        found = kernels.chains(starts, time, steps, blocks, 0, 3, 3, reach, order == "strict")
    people = people_of(log)
    for person, mine in enumerate(chained(found, rows)):
        events = people.get(str(person), [])
        assert mine == [
            events[place].properties["row"] for place in naive.chain(events, STEPS, window, order, exclude)
        ]


@given(EVENTS, some.integers(0, 3))
def test_partials_of_ranges_make_the_whole(log: list[tuple[int, int, int, int]], cut: int) -> None:
    starts, time, steps, blocks, _ = laid_out(log)
    whole = kernels.chains(starts, time, steps, blocks, 0, 3, 3, 5, False)
    parts = [kernels.chains(starts, time, steps, blocks, *ends, 3, 5, False) for ends in ((0, cut), (cut, 3))]
    assert np.array_equal(np.concatenate(parts), whole)
    events, actors = kernels.tally(starts, steps - 1, 0, 3, 7)
    left, right = kernels.tally(starts, steps - 1, 0, cut, 7), kernels.tally(starts, steps - 1, cut, 3, 7)
    assert np.array_equal(left[0] + right[0], events)
    assert np.array_equal(left[1] + right[1], actors)
