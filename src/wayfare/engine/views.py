"""The views: records as the JSON that pages, commands and programs see; instants are RFC 3339 in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wayfare.contact.message import Message
from wayfare.facts.event import Event
from wayfare.ground.time import Instant, format_instant
from wayfare.journey.enrollment import Enrollment
from wayfare.people.profile import Profile
from wayfare.stores.records import QuarantineRow, TaskRow, Transition
from wayfare.stores.tally import JourneyCounts

Json = dict[str, Any]
_NAMES = ("name", "nickname", "email", "phone")
SHOWN_BYTES = 2_000  # of a quarantined item


def at(instant: Instant | None) -> str | None:
    """An instant as text; None stays None."""
    return None if instant is None else format_instant(instant)


def name_of(person: Profile | None) -> str:
    """How a person is called: her name, else an identifier, else her id."""
    if person is None:
        return ""
    traits = person.traits
    first = traits.get("first_name") or traits.get("firstName")
    last = traits.get("last_name") or traits.get("lastName")
    both = " ".join(part for part in (first, last) if isinstance(part, str) and part)
    found = next((traits[key] for key in _NAMES if isinstance(traits.get(key), str) and traits[key]), "")
    return str(traits.get("name") or both or found or user_id(person) or person.id)


def user_id(person: Profile) -> str | None:
    """The userId that she is known by, None when she has none."""
    return next((value for space, value in person.identifiers if space == "user_id"), None)


def titles(document: Mapping[str, Any], name: str) -> dict[str, str]:
    """A journey's title in both languages; its id where it has none."""
    title = document.get("title")
    if isinstance(title, Mapping):
        return {lang: str(title.get(lang) or name) for lang in ("en", "zh")}
    return {"en": str(title or name), "zh": str(title or name)}


def profile_row(person: Profile, journeys: Iterable[str]) -> Json:
    """A person in a list."""
    return {
        "id": person.id,
        "name": name_of(person),
        "identifiers": _identifiers(person),
        "traits": person.traits,
        "seen": at(person.seen),
        "journeys": sorted(set(journeys)),
    }


def profile_sheet(person: Profile, enrollments: Iterable[Enrollment], journeys: Mapping[str, Json]) -> Json:
    """A person whole; `journeys` gives the documents that titles are taken from."""
    consent = {
        purpose: {
            channel: {"state": one.state, "at": at(one.time), "basis": one.basis}
            for channel, one in by.items()
        }
        for purpose, by in person.consents.items()
    }
    return {
        "id": person.id,
        "name": name_of(person),
        "identifiers": _identifiers(person),
        "traits": person.traits,
        "tags": list(person.tags),
        "consent": consent,
        "timezone": person.timezone,
        "locale": person.locale,
        "first_seen": at(person.first_seen),
        "seen": at(person.seen),
        "enrollments": [
            {**enrollment_sheet(one), "title": titles(journeys.get(one.journey, {}), one.journey)}
            for one in enrollments
        ],
        "merged": list(person.merged),
    }


def enrollment_sheet(run: Enrollment) -> Json:
    """A run as it stands."""
    return {
        "id": run.id,
        "journey": run.journey,
        "version": run.version,
        "profile": run.profile,
        "status": run.status,
        "arm": run.arm,
        "key": run.key,
        "node": run.node,
        "state": run.posture if run.status == "live" else run.status,
        "entered_at": at(run.entered_at),
        "arrived_at": at(run.arrived_at),
        "exited_at": at(run.exited_at),
        "reason": run.reason,
        "goals": {goal: at(instant) for goal, instant in run.goals.items()},
    }


def enrollment_row(run: Enrollment, person: Profile | None, due: Instant | None) -> Json:
    """A run in a list of who is here."""
    kept = (
        "id",
        "profile",
        "entered_at",
        "arrived_at",
        "exited_at",
        "node",
        "state",
        "reason",
        "arm",
        "version",
    )
    sheet = enrollment_sheet(run)
    return {**{key: sheet[key] for key in kept}, "name": name_of(person), "due_at": at(due)}


def message_row(message: Message, person: Profile | None) -> Json:
    """A message with its verdicts."""
    verdicts = [
        {"gate": one.gate, "outcome": one.outcome, "reason": one.reason, "until": at(one.until)}
        for one in message.verdicts
    ]
    return {
        "id": message.id,
        "at": at(message.at),
        "planned_at": at(message.planned_at),
        "profile": message.profile,
        "name": name_of(person),
        "journey": message.journey,
        "version": message.version,
        "enrollment": message.enrollment,
        "node": message.node,
        "channel": message.channel,
        "template": message.template,
        "class": message.klass,
        "state": message.state,
        "reason": message.reason,
        "due": at(message.due),
        "address": message.address,
        "content": message.content,
        "verdicts": verdicts,
        "attempts": message.attempts,
    }


def task_row(task: TaskRow) -> Json:
    """A task."""
    return {
        "id": task.id,
        "queue": task.queue,
        "title": task.title,
        "profile": task.profile,
        "enrollment": task.enrollment,
        "journey": task.journey,
        "node": task.node,
        "assignee": task.assignee,
        "state": task.state,
        "outcome": task.outcome,
        "outcomes": list(task.outcomes),
        "created_at": at(task.created_at),
        "due_at": at(task.due_at),
        "closed_at": at(task.closed_at),
    }


def quarantine_row(row: QuarantineRow) -> Json:
    """An item that is no event; its bytes as text, cut."""
    return {
        "offset": row.offset,
        "received_at": at(row.received),
        "source": row.source,
        "reason": row.reason,
        "detail": row.detail,
        "pointer": row.pointer,
        "bytes": len(row.raw),
        "raw": row.raw[:SHOWN_BYTES].decode("utf-8", "replace"),
    }


def transition_row(line: Transition) -> Json:
    """A line of the ledger."""
    return {
        "enrollment": line.enrollment,
        "profile": line.profile,
        "journey": line.journey,
        "version": line.version,
        "key": line.key,
        "visit": line.visit,
        "node": line.node,
        "at": at(line.at),
        "stimulus": line.stimulus,
        "outcome": line.outcome,
        "reason": line.reason,
        "cause": line.cause,
        "arm": line.arm,
        "inputs": line.inputs,
    }


def event_row(event: Event) -> Json:
    """An event on a timeline."""
    detail = {
        key: value for key, value in (("properties", event.properties), ("traits", event.traits)) if value
    }
    return {
        "at": at(event.time),
        "kind": "event",
        "title": event.name,
        "channel": event.channel,
        "journey": event.properties.get("journey") if event.source == "wayfare" else None,
        "node": event.properties.get("node") if event.source == "wayfare" else None,
        "detail": {**detail, "source": event.source},
        "id": event.id,
    }


def transition_moment(line: Transition) -> Json:
    """A line of the ledger on a timeline."""
    detail = {"outcome": line.outcome, "reason": line.reason, "cause": line.cause, "inputs": line.inputs}
    return {
        "at": at(line.at),
        "kind": "transition",
        "title": line.outcome,
        "channel": None,
        "journey": line.journey,
        "node": line.node,
        "detail": detail,
        "id": f"{line.enrollment}:{line.visit}:{line.outcome}",
    }


def message_moment(message: Message) -> Json:
    """A message on a timeline."""
    return {
        "at": at(message.planned_at),
        "kind": "message",
        "title": message.state,
        "channel": message.channel,
        "journey": message.journey,
        "node": message.node,
        "detail": {
            "at": at(message.at),
            "reason": message.reason,
            "template": message.template,
            "content": message.content,
        },
        "id": message.id,
    }


def message_states(counts: Mapping[str, int]) -> dict[str, int]:
    """planned = sent + suppressed + expired + failed + held + in flight."""
    shown = {state: counts.get(state, 0) for state in ("sent", "suppressed", "expired", "failed", "held")}
    shown["in_flight"] = counts.get("planned", 0) + counts.get("started", 0)
    return {"planned": sum(shown.values()), **shown}


def counts_sheet(counts: JourneyCounts, nodes: Iterable[str]) -> Json:
    """The counts of a journey; every node of its document is there, in the document's order, and what was before."""
    names = dict.fromkeys([*nodes, *counts.nodes])
    shown: dict[str, Json] = {}
    for name in names:
        node = counts.nodes.get(name)
        shown[name] = {
            "entered": node.entered if node else 0,
            "waiting": node.waiting if node else 0,
            "held": node.held if node else 0,
            "left": node.left if node else 0,
            "withheld": node.withheld if node else 0,
            "held_by": node.held_by if node else {},
            "edges": node.edges if node else {},
            "messages": message_states(node.messages) if node and node.messages else {},
        }
    return {
        "entered": counts.entered,
        "treated": counts.treated,
        "control": counts.control,
        "exits": counts.exits,
        "nodes": shown,
        "goals": counts.goals,
    }


def card(
    name: str, document: Mapping[str, Any], status: str, version: int | None, counts: JourneyCounts
) -> Json:
    """A journey in a list: `entered` are people, the others visits of all its nodes."""
    nodes = counts.nodes.values()
    return {
        "id": name,
        "title": titles(document, name),
        "scene": document.get("scene"),
        "status": status,
        "version": version,
        "entered": counts.entered,
        "waiting": sum(node.waiting for node in nodes),
        "held": sum(node.held for node in nodes),
        "left": sum(counts.exits.values()),
        "goals": counts.goals,
    }


def _identifiers(person: Profile) -> list[Json]:
    return [{"namespace": namespace, "value": value} for namespace, value in person.identifiers]
