"""The tally: a ledger counted into nodes and edges, and the balance that must hold at every one of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from wayfare.contact.message import Message
from wayfare.ground.errors import Broken
from wayfare.journey.compiled import Journey
from wayfare.journey.enrollment import Enrollment
from wayfare.stores.records import Transition

LEAVING = frozenset({"left", "withheld", "exited", "finished"})


def journey_report(
    journey: Journey,
    enrollments: Iterable[Enrollment],
    transitions: Iterable[Transition],
    messages: Iterable[Message],
) -> dict[str, Any]:
    """One journey of a simulation's answer (contract §6), counted from its rows; nodes count visits."""
    mine = [enrollment for enrollment in enrollments if enrollment.journey == journey.id]
    exits = Counter(enrollment.reason for enrollment in mine if enrollment.status != "live")
    nodes = node_counts(journey, mine, [row for row in transitions if row.journey == journey.id])
    posted = [message for message in messages if message.journey == journey.id]
    states: Counter[str] = Counter(message.state for message in posted)
    channels = Counter(message.channel for message in posted if message.state == "sent")
    goals = {
        goal.id: {
            arm: sum(1 for one in mine if one.arm == arm and goal.id in one.goals)
            for arm in ("treated", "control")
        }
        for goal in journey.goals
    }
    return {
        "entered": len(mine),
        "by_exit": dict(sorted(exits.items())),
        "nodes": nodes,
        "messages": {"planned": len(posted), **message_states(states)},
        "sends": dict(sorted(channels.items())),
        "goals": goals,
    }


def message_states(states: Mapping[str, int]) -> dict[str, int]:
    """The states of planned messages as people see them; what is planned or started is in flight."""
    return {
        **{state: states.get(state, 0) for state in ("sent", "suppressed", "expired", "failed", "held")},
        "in_flight": states.get("planned", 0) + states.get("started", 0),
    }


def node_counts(
    journey: Journey, enrollments: list[Enrollment], rows: list[Transition]
) -> dict[str, dict[str, int]]:
    """Per node: visits entered and left as the ledger's rows tell, waiting and held as the enrollments stand."""
    visits: set[tuple[str, int]] = set()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.outcome in ("goal", "unknown"):
            continue
        if (row.enrollment, row.visit) not in visits:
            visits.add((row.enrollment, row.visit))
            counts[row.node]["entered"] += 1
        if row.outcome in LEAVING:
            counts[row.node]["left"] += 1
            counts[row.node]["withheld"] += row.outcome == "withheld"
    for enrollment in enrollments:
        if enrollment.status == "live":
            counts[enrollment.node][enrollment.posture] += 1
    return {
        node: {key: counts[node][key] for key in ("entered", "waiting", "held", "left", "withheld")}
        for node in journey.nodes
    }


def balance(report: dict[str, dict[str, Any]]) -> None:
    """Prove entered = waiting + held + left and planned = sent + … at every node; Broken WF6413 when it does not."""
    for journey, found in report.items():
        for node, count in found["nodes"].items():
            if count["entered"] != count["waiting"] + count["held"] + count["left"]:
                raise Broken("WF6413", f"{journey}.{node}", journey=journey, node=node)
        messages = found["messages"]
        if messages["planned"] != sum(count for state, count in messages.items() if state != "planned"):
            raise Broken("WF6413", journey, journey=journey, node="—")
