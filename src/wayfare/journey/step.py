"""The one step: how an enrollment answers a stimulus; total, bounded, deterministic, used by all that walks."""

from __future__ import annotations

import msgspec

from wayfare.ground.errors import Broken
from wayfare.ground.time import DAY, Instant
from wayfare.journey import nodes
from wayfare.journey.compiled import Exit, Goal, Journey, Listen, Send, Task, Wait
from wayfare.journey.effect import AnyEffect
from wayfare.journey.enrollment import Enrollment
from wayfare.journey.stimulus import (
    Answered,
    AnyStimulus,
    Chosen,
    Due,
    Entered,
    Failed,
    Gated,
    Heard,
    Merged,
    Migrated,
    Paused,
    Removed,
    Resumed,
    Returned,
    Sent,
)
from wayfare.journey.walk import Walk


def step(
    journey: Journey, enrollment: Enrollment, stimulus: AnyStimulus, now: Instant
) -> tuple[Enrollment, tuple[AnyEffect, ...]]:
    """The enrollment after the stimulus, and what it asks of the world, in order.

    Total: every node kind answers every stimulus (with nothing, when it does not concern it). Bounded: at most
    walk.RUNAWAY transitions per UTC day, then the run ends, reason `runaway`. Deterministic: no clock and no
    chance but hashes. A finished enrollment feels nothing.
    """
    if enrollment.status != "live":
        return enrollment, ()
    if enrollment.version != journey.version or enrollment.journey != journey.id:
        raise Broken("WF1090", enrollment.id, journey=journey.id, version=journey.version)
    walk = Walk(journey, enrollment, stimulus, now)
    match stimulus:
        case Entered():
            _enter(walk)
        case Heard():
            _hear(walk, stimulus)
        case Due():
            _due(walk, stimulus)
        case Gated() | Sent() | Failed():
            _message(walk, stimulus)
        case Returned():
            _returned(walk, stimulus)
        case Merged():
            _merged(walk, stimulus)
        case Removed():
            walk.exit(stimulus.reason or "removed")
        case Answered() | Chosen() | Migrated() | Paused() | Resumed():
            pass  # felt by node kinds and verbs that are not built yet: nothing here waits for them
    return walk.result()


def _enter(walk: Walk) -> None:
    if walk.visit:
        return  # it has begun already
    walk.emit("Journey Entered", {})
    if not _own(walk):
        nodes.go(walk, walk.journey.start)


def _own(walk: Walk) -> bool:
    """Test every `exit: when` at a stimulus of the enrollment's own, before it moves on; True when it ended the run."""
    for leaving in walk.journey.exits:
        if leaving.when is not None and leaving.when.test(walk.scope) is True:
            if not walk.visit:
                walk.arrive(walk.journey.start)  # it has entered, and leaves from there with nothing done
            walk.exit(leaving.reason)
            return True
    return False


def _hear(walk: Walk, heard: Heard) -> None:
    name = heard.event.name
    for goal in walk.journey.goals:
        if goal.event == name and goal.id not in walk.goals:
            _reach(walk, goal)
            if not walk.live:
                return
    for leaving in walk.journey.exits:
        if _leaves(walk, leaving, heard):
            walk.exit(leaving.reason)
            return
    if heard.late:
        return
    node = walk.here
    if isinstance(node.does, Listen):
        for clause in node.does.clauses:
            if clause.event == name and (clause.where is None or walk.holds(clause.where)):
                if not _own(walk):
                    walk.leave(clause.port)
                    nodes.go(walk, clause.next)
                return


def _leaves(walk: Walk, leaving: Exit, heard: Heard) -> bool:
    if leaving.event is not None:
        if leaving.event != heard.event.name:
            return False
        return leaving.where is None or walk.holds(leaving.where)
    if leaving.when is None or not _touched(leaving.when.paths, heard.changed):
        return False
    return walk.holds(leaving.when)


def _touched(paths: frozenset[str], changed: frozenset[str]) -> bool:
    """Whether a change lies on, above or below one of the paths."""
    return any(
        path == change or path.startswith(change + ".") or change.startswith(path + ".")
        for change in changed
        for path in paths
    )


def _reach(walk: Walk, goal: Goal) -> None:
    if goal.within is not None and walk.now > walk.enrollment.entered_at + goal.within:
        return
    if goal.where is not None and not walk.holds(goal.where):
        return
    walk.reach(goal.id, goal.value)
    if goal.exits:
        walk.exit(goal.id)


def _due(walk: Walk, due: Due) -> None:
    if due.timer not in walk.timers:
        return
    walk.timers = tuple(timer for timer in walk.timers if timer != due.timer)
    if _own(walk):
        return
    node = walk.here
    match node.does:
        case Wait():
            walk.leave("next")
            nodes.go(walk, node.next)
        case Listen(otherwise=otherwise):
            walk.leave("timeout")
            nodes.go(walk, otherwise)
        case Task(overdue=overdue):
            walk.emit("Task Overdue", {"task": nodes.task_id(walk), "queue": node.does.queue})
            walk.leave("overdue")
            nodes.go(walk, overdue or node.next)
        case _:
            return


def _message(walk: Walk, stimulus: Gated | Sent | Failed) -> None:
    node = walk.here
    if not isinstance(node.does, Send) or stimulus.message != nodes.send_id(walk, node.does):
        return
    if _own(walk):
        return
    send = node.does
    match stimulus:
        case Gated(outcome="held"):
            walk.hold(stimulus.reason)
        case Gated(outcome="planned"):
            walk.resume()
        case Gated(outcome="suppressed"):
            walk.leave("suppressed", why=stimulus.reason)
            nodes.go(walk, send.suppressed or node.next)
        case Gated(outcome="expired"):
            walk.leave("expired", why=stimulus.reason)
            nodes.go(walk, send.expired or node.next)
        case Sent():
            walk.leave("next")
            nodes.go(walk, node.next)
        case Failed():
            walk.leave("failed", why=stimulus.reason)
            nodes.go(walk, send.failed or node.next)
        case _:
            raise Broken("WF1091", walk.enrollment.id, outcome=stimulus.outcome)


def _returned(walk: Walk, back: Returned) -> None:
    node = walk.here
    if not isinstance(node.does, Task) or back.effect != nodes.task_id(walk):
        return
    if back.properties:
        walk.learn(back.properties)
    walk.emit("Task Done", {"task": back.effect, "queue": node.does.queue, "outcome": back.outcome})
    if _own(walk):
        return
    walk.leave(back.outcome)
    nodes.go(walk, node.does.outcomes.get(back.outcome, node.next))


def _merged(walk: Walk, merged: Merged) -> None:
    walk.profile = merged.person.id
    if merged.ends:
        walk.exit("merged")
    else:
        _own(walk)  # what the other profile knew may end it


def steps_today(enrollment: Enrollment, now: Instant) -> int:
    """How many transitions the enrollment has made on the UTC day of `now`."""
    return enrollment.steps if enrollment.steps_day == now // DAY else 0


def moved(enrollment: Enrollment, profile: str) -> Enrollment:
    """The enrollment under another profile, as a merge leaves it; its draws stay with its birth profile."""
    return msgspec.structs.replace(enrollment, profile=profile)
