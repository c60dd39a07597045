"""The kernels: compiled loops over columns in customer order; (columns, range of actors) → a partial that adds up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from wayfare.insight.columns import Codes, Ints, Marks

F = TypeVar("F", bound=Callable[..., Any])
NEVER = 2**62


def kernel(function: F) -> F:
    """Compiled once, kept in numba's cache, and free of the interpreter's lock while it runs."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


@kernel
def customer_order(actor: Codes, time: Ints, actors: int) -> tuple[Ints, Ints]:
    """(order, starts): rows in arrival order laid out by (actor, time, arrival); rows of actor -1 are left out."""
    starts = np.zeros(actors + 1, np.int64)
    for row in range(len(actor)):
        if actor[row] >= 0:
            starts[actor[row] + 1] += 1
    for one in range(actors):
        starts[one + 1] += starts[one]
    free = starts[:-1].copy()
    order = np.empty(starts[actors], np.int64)
    for row in range(len(actor)):
        if actor[row] >= 0:
            order[free[actor[row]]] = row
            free[actor[row]] += 1
    for one in range(actors):
        low, high = starts[one], starts[one + 1]
        sorted_already = True
        for place in range(low + 1, high):
            if time[order[place]] < time[order[place - 1]]:
                sorted_already = False
                break
        if not sorted_already:
            rows = order[low:high].copy()
            order[low:high] = rows[np.argsort(time[rows], kind="mergesort")]
    return order, starts


@kernel
def tally(starts: Ints, cell: Ints, first: int, last: int, cells: int) -> tuple[Ints, Ints]:
    """(events, actors): how many events fall into each cell (-1: into none), and of how many distinct actors."""
    events = np.zeros(cells, np.int64)
    actors = np.zeros(cells, np.int64)
    seen = np.full(cells, -1, np.int64)
    for actor in range(first, last):
        for row in range(starts[actor], starts[actor + 1]):
            place = cell[row]
            if place >= 0:
                events[place] += 1
                if seen[place] != actor:
                    seen[place] = actor
                    actors[place] += 1
    return events, actors


@kernel
def chains(
    starts: Ints,
    time: Ints,
    steps: Ints,
    blocks: Ints,
    first: int,
    last: int,
    count: int,
    window: int,
    strict: bool,
) -> Ints:
    """Of each actor the rows of its chain through the steps of a funnel in order; [actors, count], -1 = not reached.

    `steps` has bit k when an event can serve step k, `blocks` bit k when it must not lie between steps k and k+1.
    The chain is the deepest; among the deepest the one with the earliest first event, then second …
    """
    found = np.full((last - first, count), -1, np.int64)
    latest = np.empty(count, np.int64)  # the latest start (a time) of a chain that has come to step k
    longest = 0
    for actor in range(first, last):
        longest = max(longest, starts[actor + 1] - starts[actor])
    ends = np.empty(
        (count, longest), np.int64
    )  # the earliest end of a chain that goes on from step k at this event
    beyond = np.empty(count, np.int64)
    for actor in range(first, last):
        low, high = starts[actor], starts[actor + 1]
        depth = _depth(time, steps, blocks, low, high, count, window, strict, latest)
        if depth > 0:
            _ends(time, steps, blocks, low, high, depth, strict, ends, beyond)
            _earliest(time, steps, blocks, low, high, depth, window, strict, ends, found[actor - first])
    return found


@kernel
def _depth(
    time: Ints,
    steps: Ints,
    blocks: Ints,
    low: int,
    high: int,
    count: int,
    window: int,
    strict: bool,
    latest: Ints,
) -> int:
    """The deepest step that a chain can reach: per step only the latest start matters, since it leaves most time."""
    latest[:] = -NEVER
    depth = 0
    for row in range(low, high):
        mask, block = steps[row], blocks[row]
        for step in range(count - 1, -1, -1):  # from the last step down, so that one event serves one step
            mine = mask >> step & 1
            began = time[row] if step == 0 else latest[step - 1]
            # nothing may come between: what this event does not carry on is cut off by it
            if strict or block >> step & 1:
                latest[step] = -NEVER
            if mine and began != -NEVER and time[row] - began <= window:
                latest[step] = max(latest[step], began)
                depth = max(depth, step + 1)
        if depth == count:
            break
    return depth


@kernel
def _ends(
    time: Ints,
    steps: Ints,
    blocks: Ints,
    low: int,
    high: int,
    depth: int,
    strict: bool,
    ends: Ints,
    beyond: Ints,
) -> None:
    """Fills `ends[k, event]`: the earliest time at which a chain with its step k at that event can reach `depth`."""
    beyond[:] = NEVER  # of step k+1 at any later event that nothing cuts off
    for row in range(high - 1, low - 1, -1):
        for step in range(depth):
            ends[step, row - low] = NEVER
            if steps[row] >> step & 1:
                ends[step, row - low] = time[row] if step == depth - 1 else beyond[step]
        for step in range(depth - 1):
            if strict or blocks[row] >> step & 1:
                beyond[step] = NEVER
            beyond[step] = min(beyond[step], ends[step + 1, row - low])


@kernel
def _earliest(
    time: Ints, steps: Ints, blocks: Ints, low: int, high: int, depth: int, window: int, strict: bool, ends: Ints,
    chain: Ints,
) -> None:  # fmt: skip
    """Fills `chain` with the earliest rows, step by step, that can still end in time."""
    step = 0
    deadline = NEVER
    for row in range(low, high):
        if steps[row] >> step & 1:
            end = ends[step, row - low]
            if end != NEVER and end <= (time[row] + window if step == 0 else deadline):
                if step == 0:
                    deadline = time[row] + window
                chain[step] = row
                step += 1
                if step == depth:
                    return


@kernel
def gatherings(starts: Ints, time: Ints, steps: Ints, first: int, last: int, count: int, window: int) -> Ints:
    """Of each actor the rows of its chain through distinct steps in any order; [actors, count], -1 = no more.

    All events of a chain lie within `window` of its earliest; among the deepest the earliest rows. Which events can
    serve distinct steps is a matching, and taking rows in order, each if the matching can still grow, is optimal.
    """
    found = np.full((last - first, count), -1, np.int64)
    serves = np.empty(count, np.int64)  # the event that serves each step
    rows = np.empty(count, np.int64)
    for actor in range(first, last):
        low, high = starts[actor], starts[actor + 1]
        best = 0
        for begin in range(low, high):
            if steps[begin] == 0:
                continue
            serves[:] = -1
            depth = 0
            for row in range(begin, high):
                if time[row] - time[begin] > window or depth == count:
                    break
                if steps[row] != 0 and _augment(steps, row, serves, count):
                    rows[depth] = row
                    depth += 1
            if depth > best:
                best = depth
                found[actor - first, :depth] = rows[:depth]
            if best == count:
                break
    return found


@kernel
def _augment(steps: Ints, row: int, serves: Ints, count: int) -> bool:
    """Let `row` serve a step as well, moving others to other steps where needed; False when that cannot be done."""
    came = np.full(count, -2, np.int64)  # the step from which each step was reached; -1: from the new row
    queue = np.empty(count, np.int64)
    head, tail = 0, 0
    for step in range(count):
        if steps[row] >> step & 1:
            came[step] = -1
            queue[tail] = step
            tail += 1
    while head < tail:
        step = queue[head]
        head += 1
        if serves[step] == -1:
            while came[step] != -1:
                serves[step] = serves[came[step]]
                step = came[step]
            serves[step] = row
            return True
        for other in range(count):
            if came[other] == -2 and steps[serves[step]] >> other & 1:
                came[other] = step
                queue[tail] = other
                tail += 1
    return False


@kernel
def follow(
    starts: Ints, time: Ints, edge: Ints, first: int, last: int, edges: int
) -> tuple[Ints, Ints, Ints]:
    """(count, actors, gaps) of each edge: `edge[row]` is the edge that ends at the row, -1 for none.

    `gaps` are the milliseconds since the row before, edge by edge: those of edge e begin at the sum of counts before.
    """
    count, actors = tally(starts, edge, first, last, edges)
    free = np.zeros(edges, np.int64)
    for one in range(edges - 1):
        free[one + 1] = free[one] + count[one]
    gaps = np.empty(count.sum(), np.int64)
    for row in range(starts[first], starts[last]):
        if edge[row] >= 0:
            gaps[free[edge[row]]] = time[row] - time[row - 1]
            free[edge[row]] += 1
    return count, actors, gaps


@kernel
def total(cell: Ints, values: Ints, cells: int) -> Ints:
    """The exact sum of whole values in each cell (-1: in none)."""
    sums = np.zeros(cells, np.int64)
    for row in range(len(cell)):
        if cell[row] >= 0:
            sums[cell[row]] += values[row]
    return sums


def warm() -> None:
    """Compile or load every kernel, so that no question waits for it."""
    starts, time = np.array([0, 2], np.int64), np.array([1, 2], np.int64)
    zeros: Ints = np.zeros(2, np.int64)
    customer_order(np.zeros(2, np.int32), time, 1)
    tally(starts, zeros, 0, 1, 1)
    chains(starts, time, zeros + 1, zeros, 0, 1, 1, 1, False)
    gatherings(starts, time, zeros + 1, 0, 1, 1, 1)
    follow(starts, time, np.array([-1, 0], np.int64), 0, 1, 1)
    total(zeros, time, 1)


__all__ = ["NEVER", "Marks", "chains", "customer_order", "follow", "gatherings", "tally", "total", "warm"]
