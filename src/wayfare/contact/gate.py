"""The gate: may this message go to this person now, by every rule there is, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from wayfare.contact.consent import allows, state
from wayfare.contact.hours import inside, opening, period_start, readable
from wayfare.contact.message import Message, Verdict
from wayfare.contact.policy import Cap, Policy, Quiet
from wayfare.ground import rule as rules
from wayfare.ground.time import Instant, format_duration, format_local
from wayfare.people.profile import Profile

Outcome: TypeAlias = Literal["planned", "held", "suppressed", "expired"]
_RULED: dict[str, Outcome] = {"expire": "expired", "suppress": "suppressed", "hold": "held"}
_TURNS = 64  # bounds the search for an instant that suits every gate that depends on time


class Use(NamedTuple):
    """A reservation of one person: a message that counts for caps from `at` on. Released ones are not listed."""

    message: str
    at: Instant
    channel: str
    klass: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the shell knows about reaching this person by this message: nothing here may be guessed.

    `suppressed`: the address is on the suppression list. `lacking`: (reason, name) when the content cannot be
    rendered, the reason a WF42xx code or the template's own. `repeated`: another run of this person, before a
    merge, already got this node's message. `consent_default`: the workspace's table, by channel or purpose.
    """

    kill_switch: bool
    suppressed: bool
    address: str | None
    zone: str
    lacking: tuple[str, str] | None = None
    repeated: bool = False
    consent_default: Mapping[str, str] | None = None


class Ruling(NamedTuple):
    """What all verdicts together say. `until`: when a held message can pass, None when only its cause can tell.

    `reserves`: it counts for the caps from now on (it goes, or is held by something else than a cap).
    """

    outcome: Outcome
    reason: str
    until: Instant | None
    reserves: bool
    verdicts: tuple[Verdict, ...]


def gate(
    policy: Policy, message: Message, person: Profile, uses: Sequence[Use], standing: Standing, now: Instant
) -> tuple[Verdict, ...]:
    """Every gate's verdict, in the order in which a blocker is named; none ends the record early."""
    zones = _zones(policy, person, standing)
    return (
        *_last(policy, message, person, standing, now),
        _say("address", "" if standing.address else "no_address"),
        _content(standing.lacking),
        _say("repeat", "already_sent" if standing.repeated else ""),
        *_pauses(policy, message, person, zones, now),
        *_caps(policy, message, uses, zones, now),
    )


def judge(
    policy: Policy, message: Message, person: Profile, uses: Sequence[Use], standing: Standing, now: Instant
) -> Ruling:
    """The whole gate and its ruling; a held message gets the first instant that suits all gates of time together."""
    ruled = ruling(gate(policy, message, person, uses, standing, now))
    if ruled.until is None:
        return ruled
    zones = _zones(policy, person, standing)
    until: Instant | None = ruled.until
    for _ in range(_TURNS):
        if until is None:
            break
        later = (*_quiets(policy, message, zones, until), *_caps(policy, message, uses, zones, until))
        waits = [verdict.until for verdict in later if verdict.outcome != "pass"]
        if not waits:
            break
        until = None if None in waits else max(wait for wait in waits if wait is not None)
    return ruled._replace(until=until)


def recheck(policy: Policy, message: Message, person: Profile, standing: Standing, now: Instant) -> Ruling:
    """The last gate, read in the transaction that marks a fresh message `started`: what may have changed since.

    Kill switch, ttl, consent, suppression and quiet hours; caps keep the reservation that planning took.
    """
    return ruling(tuple(_last(policy, message, person, standing, now)))


def ruling(verdicts: tuple[Verdict, ...]) -> Ruling:
    """One ruling of many verdicts: expired before suppressed before held before planned."""
    blocker = first_blocker(verdicts)
    if blocker is None:
        return Ruling("planned", "", None, True, verdicts)
    outcome = _RULED[blocker.outcome]
    until: Instant | None = None
    if outcome == "held":
        waits = [verdict.until for verdict in verdicts if verdict.outcome == "hold"]
        known = [wait for wait in waits if wait is not None]
        until = max(known) if len(known) == len(waits) else None
    capped = any(verdict.gate == "cap" and verdict.outcome != "pass" for verdict in verdicts)
    return Ruling(outcome, blocker.reason, until, outcome == "held" and not capped, verdicts)


def first_blocker(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The verdict that decided: the first of the gravest kind; None when all pass."""
    for grave in _RULED:
        for verdict in verdicts:
            if verdict.outcome == grave:
                return verdict
    return None


class _Zones(NamedTuple):
    person: str
    home: str


def _zones(policy: Policy, person: Profile, standing: Standing) -> _Zones:
    """The person's zone and the default one (the policy's, else the workspace's); an unreadable name is absent."""
    home = next((name for name in (policy.default_zone, standing.zone) if readable(name)), "UTC") or "UTC"
    return _Zones(person.timezone if person.timezone and readable(person.timezone) else home, home)


def _say(
    gate_name: str, reason: str, outcome: Literal["hold", "suppress", "expire"] = "suppress", **inputs: Any
) -> Verdict:
    """A verdict that passes when there is no reason not to."""
    return Verdict(gate_name, outcome if reason else "pass", reason, inputs=inputs)


def _last(
    policy: Policy, message: Message, person: Profile, standing: Standing, now: Instant
) -> Iterator[Verdict]:
    yield _say("kill_switch", "kill_switch" if standing.kill_switch else "", "hold")
    expired = message.expires_at is not None and now >= message.expires_at
    yield _say("ttl", "ttl" if expired else "", "expire")
    yield _consent(policy, message, person, standing)
    yield _say("suppression", "suppression_list" if standing.suppressed else "")
    yield from _quiets(policy, message, _zones(policy, person, standing), now)


def _consent(policy: Policy, message: Message, person: Profile, standing: Standing) -> Verdict:
    requirement = policy.consent.get(message.klass, "required")
    known = state(person, message.klass, message.channel, standing.consent_default or {})
    reason = "" if allows(requirement, known) else "no_consent"
    return _say("consent", reason, purpose=message.klass, requirement=requirement, state=known)


def _content(lacking: tuple[str, str] | None) -> Verdict:
    return _say("template", lacking[0], name=lacking[1]) if lacking else _say("template", "")


def _pauses(
    policy: Policy, message: Message, person: Profile, zones: _Zones, now: Instant
) -> Iterator[Verdict]:
    scope = rules.Scope(person, now=now, zone=zones.person)
    for pause in policy.pauses:
        if pause.reach.covers(message.klass, message.channel):
            paused = rules.holds(pause.condition(scope))
            yield _say("pause", pause.reason if paused else "", pause.then, condition=pause.text)


def _quiets(policy: Policy, message: Message, zones: _Zones, now: Instant) -> Iterator[Verdict]:
    for quiet in policy.quiet:
        if quiet.reach.covers(message.klass, message.channel):
            yield _quiet(quiet, zones, now)


def _quiet(quiet: Quiet, zones: _Zones, now: Instant) -> Verdict:
    zone = {"profile": zones.person, "workspace": zones.home}.get(quiet.zone, quiet.zone)
    if not inside(now, quiet.start, quiet.end, zone):
        return Verdict("quiet", "pass")
    until = opening(now, quiet.start, quiet.end, zone)
    return Verdict(
        "quiet", quiet.then, "quiet_hours", until, {"zone": zone, "local": format_local(now, zone)}
    )


def _caps(
    policy: Policy, message: Message, uses: Sequence[Use], zones: _Zones, now: Instant
) -> Iterator[Verdict]:
    for cap in policy.caps:
        if cap.reach.covers(message.klass, message.channel):
            ats = sorted(
                u.at for u in uses if u.message != message.id and cap.reach.covers(u.klass, u.channel)
            )
            yield _rolling(cap, ats, now) if cap.period is None else _calendar(cap, ats, zones.person, now)


def _rolling(cap: Cap, ats: list[Instant], now: Instant) -> Verdict:
    """A use at u counts while u > now - span, so that no half-open window of that span holds more than the limit."""
    inputs = {"limit": cap.limit, "per": format_duration(cap.span)}
    counted = [at for at in ats if at > now - cap.span]
    if len(counted) < cap.limit:
        return Verdict("cap", "pass", inputs={**inputs, "used": len(counted)})
    until = counted[len(counted) - cap.limit] + cap.span if cap.limit else None
    return Verdict("cap", cap.then, "cap", until, {**inputs, "used": len(counted)})


def _calendar(cap: Cap, ats: list[Instant], zone: str, now: Instant) -> Verdict:
    """Uses of the person's own day, week or month; full ones in the future (after a merge) are skipped."""
    assert cap.period is not None
    if not ats and cap.limit:
        return Verdict("cap", "pass", inputs={"limit": cap.limit, "per": cap.period, "used": 0})
    start, end = (period_start(now, cap.period, zone, ahead) for ahead in (0, 1))
    used = sum(start <= at < end for at in ats)
    inputs = {"limit": cap.limit, "per": cap.period, "used": used}
    if used < cap.limit:
        return Verdict("cap", "pass", inputs=inputs)
    until: Instant | None = None
    for ahead in range(1, len(ats) + 2 if cap.limit else 0):
        opens, closes = (period_start(now, cap.period, zone, later) for later in (ahead, ahead + 1))
        if sum(opens <= at < closes for at in ats) < cap.limit:
            until = opens
            break
    return Verdict("cap", cap.then, "cap", until, inputs)
