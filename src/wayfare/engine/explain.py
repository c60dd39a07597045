"""The explanation: why, or why not, one person in one journey, out of the ledger alone (contract §7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from wayfare.contact.gate import first_blocker
from wayfare.contact.message import Message, Verdict
from wayfare.engine.book import Book
from wayfare.engine.views import at
from wayfare.ground.draw import BUCKETS, bucket
from wayfare.ground.time import Instant
from wayfare.ground.words import WORDS, say
from wayfare.journey.admission import PASSED
from wayfare.journey.compiled import Journey
from wayfare.journey.enrollment import Enrollment
from wayfare.stores.live_read import LiveReader
from wayfare.stores.records import Missed, Transition

Json = dict[str, Any]
PAGE = 500


def explain(reader: LiveReader, book: Book, person: str, journey: str, as_of: Instant | None = None) -> Json:
    """One journey of one person (a canonical id); `as_of` leaves out what happened later."""
    runs = [
        run
        for run in reader.enrollments_of(person)
        if run.journey == journey and (as_of is None or run.entered_at <= as_of)
    ]
    missed = next((one for one in reader.missed(person) if one.journey == journey), None)
    if not runs:
        live = next((one for one in book.live if one.id == journey), None)
        return _not_entered(person, journey, live, missed if as_of is None or _by(missed, as_of) else None)
    run = runs[0]
    version = book.versions.get((journey, run.version))
    lines = [line for line in ledger(reader, run.id) if as_of is None or line.at <= as_of]
    messages = [
        one
        for one in _messages(reader, person, journey)
        if one.enrollment == run.id and (as_of is None or one.planned_at <= as_of)
    ]
    verdict = _verdict(run, lines, messages)
    steps = [_entry(run, version, book), *(_step(line, version, messages) for line in lines)]
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


def _entry(run: Enrollment, version: Journey | None, book: Book) -> Json:
    entries = [entry for entry in version.entries if entry.event == run.entry.name] if version else []
    rules = [one.text for entry in entries for one in (entry.where, entry.who) if one is not None]
    holdout = _draws(run, version, book)
    key = "why.entered.control" if run.arm == "control" else "why.entered"
    told = _both(key, event=run.entry.name)
    for one in holdout:
        drawn = _both("why.drawn", bucket=one["bucket"], of=one["of"], below=one["control_below"])
        told = {"en": f"{told['en']}; {drawn['en']}", "zh": f"{told['zh']}；{drawn['zh']}"}
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
            "holdout": holdout,
        },
        "rule": " && ".join(rules),
        "because": told,
        "cause": run.entry.id,
    }


def _draws(run: Enrollment, version: Journey | None, book: Book) -> list[Json]:
    """The draws that chose the arm: the bucket of the house's control group, where it has one, and the journey's."""
    shares = [
        ("global", book.tenant, book.holdout),
        ("journey", run.journey, version.holdout if version else 0),
    ]
    return [
        {
            "of": BUCKETS,
            "by": by,
            "bucket": bucket("holdout", name, run.birth),
            "control_below": round(share * BUCKETS),
        }
        for by, name, share in shares
        if share > 0
    ]


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
    """Every gate of the entry: as it was asked the last time, or as far as it can be told of an event never seen."""
    asked = list(_never_met(live)) if missed is None else [_gate(gate) for gate in missed.gates]
    status = _blocker("status", "live", False, "change.none" if live else "change.status")
    blockers = [{**status, "outcome": "pass" if live else "no"}, *asked]
    stopping = [one for one in blockers if one["outcome"] != "pass"]
    if not stopping and missed is not None:
        stopping = [_blocker(missed.reason, missed.reason, True, f"change.{missed.reason}")]
        blockers += stopping
    for one in stopping[:1]:
        one["first"] = True
    steps = [] if missed is None else [_refused(missed)]
    return {
        "profile": person,
        "journey": journey,
        "version": live.version if live else None,
        "enrollment": None,
        "verdict": "not_entered",
        "steps": steps,
        "blockers": blockers,
    }


def _gate(gate: Json) -> Json:
    """A gate of an entry that was asked."""
    passes = gate["outcome"] == "pass"
    need = str(gate.get("rule") or gate["gate"])
    found = _blocker(
        gate["gate"], need, False, "change.none" if passes else f"change.{gate['gate']}", rule=need
    )
    return {**found, "outcome": gate["outcome"], "inputs": gate.get("inputs", {})}


def _never_met(live: Journey | None) -> Iterator[Json]:
    """The gates of a journey whose events this person never had: rules about an event cannot be asked without one."""
    for entry in live.entries if live else ():
        met = _blocker("event", entry.event, False, "change.never_met", event=entry.event)
        yield {**met, "outcome": "no"}
        rules = {"where": entry.where, "who": entry.who, "key": entry.key}
        for name in PASSED:
            rule = rules.get(name)
            open_ = rule is not None or (name == "limit" and entry.limit is not None)
            yield _gate(
                {"gate": name, "outcome": "unknown" if open_ else "pass", "rule": rule.text if rule else ""}
            )


def _refused(missed: Missed) -> Json:
    """The last time that an event came and did not enroll, told by the first gate that said no."""
    first = next((gate for gate in missed.gates if gate["outcome"] != "pass"), None)
    rule = str(first.get("rule", "")) if first else ""
    gate = str(first["gate"]) if first else missed.reason
    key = f"why.not_entered.{gate}"
    return {
        "at": at(missed.at),
        "node": None,
        "kind": "entry",
        "outcome": "not_entered",
        "inputs": {"times": missed.times, **(first.get("inputs", {}) if first else {})},
        "rule": rule,
        "because": _both(key if key in WORDS else "why.not_entered", rule=rule, gate=gate),
        "cause": missed.event,
    }


def _blocker(gate: str, need: str, first: bool, key: str, **values: Any) -> Json:
    known = key if key in WORDS else "change.other"
    change = _both(known, **{"gate": gate, **values})
    return {"gate": gate, "need": need, "first": first, "smallest_change": change}


def _both(key: str, **values: Any) -> dict[str, str]:
    return {"en": say(key, "en", **values), "zh": say(key, "zh", **values)}
