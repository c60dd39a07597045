"""The explanation: why, or why not, one person in one journey, out of the ledger alone (contract §7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wayfare.contact.gate import first_blocker
from wayfare.contact.message import Message, Verdict
from wayfare.engine.views import at
from wayfare.ground.time import Instant
from wayfare.ground.words import WORDS, say
from wayfare.journey.compiled import Journey
from wayfare.journey.enrollment import Enrollment
from wayfare.stores.live_read import LiveReader
from wayfare.stores.records import Missed, Transition

Json = dict[str, Any]
PAGE = 500


def explain(
    reader: LiveReader, versions: Mapping[tuple[str, int], Journey], live: Journey | None, person: str, journey: str,
    as_of: Instant | None = None,
) -> Json:  # fmt: skip
    """One journey of one person (a canonical id). `live` is the version that may be entered now, None when none is."""
    runs = [
        run
        for run in reader.enrollments_of(person)
        if run.journey == journey and (as_of is None or run.entered_at <= as_of)
    ]
    missed = next((one for one in reader.missed(person) if one.journey == journey), None)
    if not runs:
        return _not_entered(person, journey, live, missed if as_of is None or _by(missed, as_of) else None)
    run = runs[0]
    version = versions.get((journey, run.version))
    lines = [line for line in ledger(reader, run.id) if as_of is None or line.at <= as_of]
    messages = [
        one
        for one in _messages(reader, person, journey)
        if one.enrollment == run.id and (as_of is None or one.planned_at <= as_of)
    ]
    verdict = _verdict(run, lines, messages)
    steps = [_entry(run, version), *(_step(line, version, messages) for line in lines)]
    return {
        "profile": person,
        "journey": journey,
        "version": run.version,
        "enrollment": run.id,
        "verdict": verdict,
        "steps": steps,
        "blockers": _blocked(verdict, messages),
    }


def ledger(reader: LiveReader, enrollment: str) -> list[Transition]:
    """Every line about a run, the oldest first."""
    lines: list[Transition] = []
    cursor: str | None = None
    while True:
        page = reader.transitions(enrollment=enrollment, limit=PAGE, cursor=cursor)
        lines += page.items
        cursor = page.next_cursor
        if cursor is None:
            return lines[::-1]


def _messages(reader: LiveReader, person: str, journey: str) -> list[Message]:
    """The messages of a person in a journey, the oldest first."""
    found: list[Message] = []
    cursor: str | None = None
    while True:
        page = reader.messages(profile=person, journey=journey, limit=PAGE, cursor=cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found[::-1]


def _by(missed: Missed | None, as_of: Instant) -> bool:
    return missed is not None and missed.at <= as_of


def _verdict(run: Enrollment, lines: Sequence[Transition], messages: Sequence[Message]) -> str:
    """Control, then what the last message met, then where the run stands."""
    if run.arm == "control":
        return "control"
    last = next((line for line in reversed(lines) if line.outcome not in ("goal", "unknown")), None)
    outcome = last.outcome if last else "waiting"
    if outcome == "held":
        return "held"
    if outcome == "exited":
        return "exited"
    ruled = [
        line for line in lines if line.outcome == "left" and line.stimulus in ("sent", "gated", "failed")
    ]
    if ruled and ruled[-1].reason == "suppressed" and all(one.state != "sent" for one in messages):
        return "suppressed"
    if messages and messages[-1].state == "suppressed" and all(one.state != "sent" for one in messages):
        return "suppressed"
    return "completed" if outcome == "finished" else "enrolled"


def _entry(run: Enrollment, version: Journey | None) -> Json:
    entries = [entry for entry in version.entries if entry.event == run.entry.name] if version else []
    rules = [one.text for entry in entries for one in (entry.where, entry.who) if one is not None]
    key = "why.entered.control" if run.arm == "control" else "why.entered"
    return {
        "at": at(run.entered_at),
        "node": None,
        "kind": "entry",
        "outcome": "control" if run.arm == "control" else "entered",
        "inputs": {
            "event": run.entry.name,
            "properties": run.entry.properties,
            "key": run.key,
            "arm": run.arm,
        },
        "rule": " && ".join(rules),
        "because": _both(key, event=run.entry.name),
        "cause": run.entry.id,
    }


def _step(line: Transition, version: Journey | None, messages: Sequence[Message]) -> Json:
    node = version.nodes.get(line.node) if version else None
    kind = node.kind if node else ""
    inputs = dict(line.inputs)
    message = next((one for one in messages if one.node == line.node and one.visit == line.visit), None)
    if message is not None and line.stimulus == "gated":
        inputs["gates"] = [
            {"gate": one.gate, "outcome": one.outcome, "reason": one.reason} for one in message.verdicts
        ]
    why = str(line.inputs.get("why", "") or (line.reason if line.outcome == "held" else ""))
    return {
        "at": at(line.at),
        "node": line.node,
        "kind": kind,
        "outcome": line.outcome,
        "inputs": inputs,
        "rule": _rule(line, version),
        "because": _because(line, kind, why, message),
        "cause": line.cause,
    }


def _rule(line: Transition, version: Journey | None) -> str:
    """The text of the rule that a line is about, where there is one."""
    if line.outcome == "unknown":
        return line.reason
    node = version.document.get("nodes", {}).get(line.node, {}) if version else {}
    for place, case in enumerate(node.get("branch") or (), 1):
        if line.outcome == "left" and line.reason == str(place):
            return str(case["if"])
    for clause in node.get("listen") or ():
        if line.outcome == "left" and line.reason == clause.get("event"):
            return str(clause.get("where") or "")
    if line.outcome == "exited" and version is not None:
        return next((str(one.get("when") or one.get("where") or "") for one in version.document.get("exit", ())
                     if one.get("reason") == line.reason), "")  # fmt: skip
    return ""


def _because(line: Transition, kind: str, why: str, message: Message | None) -> dict[str, str]:
    keys = (f"why.{line.outcome}.{kind}.{line.reason}", f"why.{line.outcome}.{kind}", f"why.{line.outcome}")
    key = next(key for key in keys if key in WORDS)
    told = {}
    for lang in ("en", "zh"):
        reason = _reason(why or line.reason, lang)
        until = at(message.due) if message else None
        told[lang] = say(key, lang, port=line.reason, reason=reason, until=until or say("when.cause", lang))
    return told


def _reason(reason: str, lang: Any) -> str:
    return say(f"reason.{reason}", lang) if f"reason.{reason}" in WORDS else reason


def _blocked(verdict: str, messages: Sequence[Message]) -> list[Json]:
    """Every gate of the message that did not go, the first blocker marked."""
    if verdict == "control":
        return [_blocker("holdout", "treated", True, "change.holdout")]
    if verdict not in ("held", "suppressed"):
        return []
    state = "held" if verdict == "held" else "suppressed"
    message = next((one for one in reversed(messages) if one.state == state), None)
    if message is None:
        return []
    first = first_blocker(message.verdicts)
    if (
        first is None
    ):  # it was stopped for a cause of its own: the person left, or the provider's answer is unknown
        return [_blocker(message.reason, message.reason, True, f"change.{message.reason}")]
    return [_verdict_blocker(one, message, one is first) for one in message.verdicts]


def _verdict_blocker(verdict: Verdict, message: Message, first: bool) -> Json:
    if verdict.outcome == "pass":
        return {**_blocker(verdict.gate, "", False, "change.none"), "outcome": "pass"}
    values: Json = {"channel": message.channel, "state": "—", **verdict.inputs}
    values["state"] = values["state"] or "—"
    values["until"] = at(verdict.until) or "—"
    found = _blocker(verdict.gate, verdict.reason, first, f"change.{verdict.gate}", **values)
    return {**found, "outcome": verdict.outcome, "until": at(verdict.until), "inputs": verdict.inputs}


def _not_entered(person: str, journey: str, live: Journey | None, missed: Missed | None) -> Json:
    blockers: list[Json] = []
    if live is None:
        blockers.append(_blocker("status", "live", True, "change.status"))
    if missed is None:
        for event in sorted(live.enters) if live else ():
            blockers.append(_blocker("event", event, not blockers, "change.never_met", event=event))
    else:
        for gate in missed.gates:
            passes = gate["outcome"] == "pass"
            blocks = not passes and not any(one["first"] for one in blockers)
            need = str(gate.get("rule") or gate["gate"])
            key = "change.none" if passes else f"change.{gate['gate']}"
            found = _blocker(gate["gate"], need, blocks, key, rule=need)
            blockers.append({**found, "outcome": gate["outcome"], "inputs": gate.get("inputs", {})})
        if not any(one["first"] for one in blockers):
            blockers.append(_blocker(missed.reason, missed.reason, True, f"change.{missed.reason}"))
    steps = [] if missed is None else [{
        "at": at(missed.at), "node": None, "kind": "entry", "outcome": "not_entered",
        "inputs": {"times": missed.times}, "rule": next((str(b["need"]) for b in blockers if b["first"]), ""),
        "because": next((b["smallest_change"] for b in blockers if b["first"]), {"en": "", "zh": ""}),
        "cause": missed.event,
    }]  # fmt: skip
    return {
        "profile": person,
        "journey": journey,
        "version": live.version if live else None,
        "enrollment": None,
        "verdict": "not_entered",
        "steps": steps,
        "blockers": blockers,
    }


def _blocker(gate: str, need: str, first: bool, key: str, **values: Any) -> Json:
    known = key if key in WORDS else "change.other"
    change = _both(known, **{"gate": gate, **values})
    return {"gate": gate, "need": need, "first": first, "smallest_change": change}


def _both(key: str, **values: Any) -> dict[str, str]:
    return {"en": say(key, "en", **values), "zh": say(key, "zh", **values)}
