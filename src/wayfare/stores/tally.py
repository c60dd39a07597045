"""Tallies: what a batch adds to the counts that pages show, and the shape of those counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from wayfare.contact.message import Message
from wayfare.ground.time import HOUR
from wayfare.journey.enrollment import Enrollment
from wayfare.stores.records import Transition

ENTERED, ENROLLED = "entered", "enrolled"  # outcomes of the tally beside those of the ledger
LEFT = frozenset({"left", "withheld", "exited", "finished"})  # outcomes that end a visit


class NodeCounts(msgspec.Struct):
    """Visits of one node. Without a window: entered = waiting + held + left; `withheld` is a part of left.

    `edges` tells the left by port (visits that ended the run are counted under `exit` and `finish`), `held_by` the held
    messages by reason, `messages` every message planned here by its state.
    """

    entered: int = 0
    waiting: int = 0
    held: int = 0
    left: int = 0
    withheld: int = 0
    held_by: dict[str, int] = {}
    edges: dict[str, int] = {}
    messages: dict[str, int] = {}


class JourneyCounts(msgspec.Struct):
    """Runs of one journey: entered = treated + control; exits by reason, goals by arm, nodes by id."""

    entered: int = 0
    treated: int = 0
    control: int = 0
    exits: dict[str, int] = {}
    goals: dict[str, dict[str, int]] = {}
    nodes: dict[str, NodeCounts] = {}


class Standing(NamedTuple):
    """Where a run stood before the batch."""

    journey: str
    version: int
    node: str
    visit: int
    posture: str
    status: str


class MessageStanding(NamedTuple):
    """In which state a message was before the batch."""

    journey: str
    version: int
    node: str
    state: str
    reason: str


TallyKey = tuple[str, int, str, int, str, str, str]  # journey, version, node, hour, outcome, reason, arm


def outcomes(transitions: Iterable[Transition], before: Mapping[str, Standing]) -> Counter[TallyKey]:
    """The outcomes of these lines of the ledger, by hour, with the visits and runs that began in them.

    A visit begins with its first line: one that is later than where the run stood before.
    """
    counts: Counter[TallyKey] = Counter()
    noted: dict[str, int] = {}
    for line in transitions:
        place = (line.journey, line.version, line.node, line.at // HOUR)
        counts[(*place, line.outcome, line.reason, line.arm)] += 1
        last = noted.get(line.enrollment)
        if last is None:
            stood = before.get(line.enrollment)
            last = stood.visit if stood else 0
        if line.visit > last:
            counts[(*place, ENTERED, "", line.arm)] += 1
            if last == 0:
                counts[(*place, ENROLLED, "", line.arm)] += 1
        noted[line.enrollment] = max(last, line.visit)
    return counts


def presences(
    enrollments: Iterable[Enrollment], before: Mapping[str, Standing]
) -> Counter[tuple[str, int, str, str]]:
    """How many more or fewer stand at (journey, version, node, posture)."""
    counts: Counter[tuple[str, int, str, str]] = Counter()
    for run in enrollments:
        stood = before.get(run.id)
        if stood and stood.status == "live":
            counts[stood.journey, stood.version, stood.node, stood.posture] -= 1
        if run.status == "live":
            counts[run.journey, run.version, run.node, run.posture] += 1
    return counts


def message_states(
    messages: Iterable[Message], before: Mapping[str, MessageStanding]
) -> Counter[MessageStanding]:
    """How many more or fewer messages are in a state, for a reason."""
    counts: Counter[MessageStanding] = Counter()
    for message in messages:
        was = before.get(message.id)
        if was:
            counts[was] -= 1
        counts[
            MessageStanding(message.journey, message.version, message.node, message.state, message.reason)
        ] += 1
    return counts


def assemble(
    lines: Iterable[tuple[str, str, str, str, int]],
    standing: Iterable[tuple[str, str, int]],
    sends: Iterable[tuple[str, str, str, int]],
) -> JourneyCounts:
    """The counts of a journey from (node, outcome, reason, arm, n), (node, posture, n) and (node, state, reason, n)."""
    found = JourneyCounts()
    for node, outcome, reason, arm, count in lines:
        here = found.nodes.setdefault(node, NodeCounts())
        if outcome == ENTERED:
            here.entered += count
        elif outcome == ENROLLED:
            found.entered += count
            if arm == "control":
                found.control += count
            else:
                found.treated += count
        elif outcome == "goal":
            goal = found.goals.setdefault(reason, {"treated": 0, "control": 0})
            goal[arm] = goal.get(arm, 0) + count
        elif outcome in LEFT:
            here.left += count
            if outcome in ("exited", "finished"):
                found.exits[reason] = found.exits.get(reason, 0) + count
                _add(here.edges, "exit" if outcome == "exited" else "finish", count)
            else:
                _add(here.edges, reason, count)
            if outcome == "withheld":
                here.withheld += count
    for node, posture, count in standing:
        here = found.nodes.setdefault(node, NodeCounts())
        if posture == "held":
            here.held += count
        else:
            here.waiting += count
    for node, state, reason, count in sends:
        here = found.nodes.setdefault(node, NodeCounts())
        _add(here.messages, state, count)
        if state == "held":
            _add(here.held_by, reason, count)
    return found


def _add(counts: dict[str, int], name: str, count: int) -> None:
    counts[name] = counts.get(name, 0) + count
