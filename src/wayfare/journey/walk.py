"""The walk: the scratch paper of one step, from the enrollment as it was to the enrollment as it will be."""

from __future__ import annotations

from typing import Any

import msgspec

from wayfare.facts.event import Event
from wayfare.ground.draw import hashed_id
from wayfare.ground.rule import UNKNOWN, Scope
from wayfare.ground.time import DAY, Instant
from wayfare.journey.compiled import Condition, Journey, Node
from wayfare.journey.effect import AnyEffect, Arm, Disarm, Emit, Finish, Note
from wayfare.journey.enrollment import Enrollment
from wayfare.journey.stimulus import AnyStimulus, Entered, Heard

RUNAWAY = 100  # transitions of one enrollment in one UTC day


class Walk:
    """Mutable for the length of one step; what it records becomes the new enrollment and the effects."""

    __slots__ = (
        "arrived_at", "context", "effects", "enrollment", "goals", "journey", "live", "node", "now", "posture",
        "profile", "reason", "scope", "splits", "status", "steps", "stimulus", "timers", "visit",
    )  # fmt: skip

    def __init__(self, journey: Journey, enrollment: Enrollment, stimulus: AnyStimulus, now: Instant) -> None:
        self.journey = journey
        self.enrollment = enrollment
        self.stimulus = stimulus
        self.now = now
        self.effects: list[AnyEffect] = []
        self.live = True
        self.profile = enrollment.profile
        self.node = enrollment.node
        self.visit = enrollment.visit
        self.posture = enrollment.posture
        self.arrived_at = enrollment.arrived_at
        self.timers = enrollment.timers
        self.context = enrollment.context
        self.goals = enrollment.goals
        self.splits = enrollment.splits
        self.status = enrollment.status
        self.reason = enrollment.reason
        self.steps = enrollment.steps if enrollment.steps_day == now // DAY else 0
        person = stimulus.person
        event: Event | None = None
        if isinstance(stimulus, Heard):
            event = stimulus.event
        elif isinstance(stimulus, Entered):
            event = enrollment.entry
        self.scope = Scope(
            profile=person,
            event=event,
            entry=enrollment.entry,
            context=enrollment.context,
            now=now,
            zone=person.timezone or journey.zone,
        )

    @property
    def here(self) -> Node:
        """The node where the enrollment stands."""
        return self.journey.nodes[self.node]

    @property
    def control(self) -> bool:
        """Whether the person is in the control group."""
        return self.enrollment.arm == "control"

    def holds(self, condition: Condition) -> bool:
        """Whether a condition is true; an unknown is not, and is noted with what it read."""
        found = condition.test(self.scope)
        if found is UNKNOWN:
            self.note("unknown", condition.text, condition.read(self.scope))
        return found is True

    def note(self, outcome: Any, reason: str, inputs: dict[str, Any] | None = None) -> None:
        """A line of the ledger about the present visit."""
        self.effects.append(
            Note(
                id="",
                visit=self.visit,
                node=self.node,
                at=self.now,
                stimulus=type(self.stimulus).__name__.lower(),
                outcome=outcome,
                reason=reason,
                cause=self.stimulus.cause,
                inputs=inputs or {},
            )
        )

    def learn(self, found: dict[str, Any]) -> None:
        """Put values into the context, where every condition sees them from now on."""
        self.context = {**self.context, **found}
        self.scope.context = self.context

    def arrive(self, node: str) -> None:
        """Stand at a node: a new visit."""
        self.node = node
        self.visit += 1
        self.steps += 1
        self.posture = "waiting"
        self.arrived_at = self.now

    def stay(self) -> None:
        """Wait here."""
        self.note("waiting", "")

    def hold(self, reason: str) -> None:
        """A gate says later."""
        self.posture = "held"
        self.note("held", reason)

    def resume(self) -> None:
        """A gate that said later now says yes."""
        if self.posture == "held":
            self.posture = "waiting"
            self.note("waiting", "")

    def leave(
        self, port: str, why: str = "", inputs: dict[str, Any] | None = None, withheld: bool = False
    ) -> None:
        """Leave the node by a port; its timers go."""
        found = dict(inputs or {})
        if why:
            found["why"] = why
        self.disarm()
        self.posture = "waiting"
        self.note("withheld" if withheld else "left", port, found)

    def exit(self, reason: str) -> None:
        """Leave the journey from where the enrollment stands."""
        self.disarm()
        self.note("exited", reason)
        self.end("exited", reason)

    def finish(self, reason: str) -> None:
        """The journey ends here, at its own end."""
        self.disarm()
        self.note("finished", reason)
        self.end("completed", reason)

    def end(self, status: Any, reason: str) -> None:
        """Close the enrollment."""
        self.live = False
        self.status = status
        self.reason = reason
        self.posture = "waiting"
        self.effects.append(Finish(self.effect_id("finish"), reason))
        self.emit("Journey Exited", {"reason": reason})

    def reach(self, goal: str, value: Condition | None) -> None:
        """A goal is reached, once."""
        self.goals = {**self.goals, goal: self.now}
        worth = value.test(self.scope) if value is not None else UNKNOWN
        properties: dict[str, Any] = {"goal": goal}
        if worth is not UNKNOWN:
            properties["value"] = worth
        self.note("goal", goal, {key: properties[key] for key in properties if key != "goal"})
        self.emit("Goal Reached", properties)

    def arm(self, due: Instant, wall: str | None = None, zone: str | None = None) -> None:
        """Set a timer for this visit."""
        timer = self.effect_id("timer")
        self.timers = (*self.timers, timer)
        self.effects.append(Arm(timer, due, wall, zone))

    def disarm(self) -> None:
        """Take back every timer of the visit."""
        self.effects.extend(Disarm(timer) for timer in self.timers)
        self.timers = ()

    def emit(self, name: str, properties: dict[str, Any]) -> None:
        """Write an event of our own, with the enrollment's own words in it."""
        enrollment = self.enrollment
        full = {
            "journey": self.journey.id,
            "version": self.journey.version,
            "enrollment": enrollment.id,
            "arm": enrollment.arm,
            **({"node": self.node} if self.node else {}),
            **({"holdout": True} if self.control else {}),
            **properties,
        }
        what = str(properties.get("goal", ""))
        self.effects.append(Emit(self.effect_id("emit", name, what), name, full))

    def effect_id(self, *parts: str) -> str:
        """A hash of tenant, enrollment, node and visit, and of what tells effects of one visit apart."""
        return hashed_id("eff", self.journey.tenant, self.enrollment.id, self.node, str(self.visit), *parts)

    def result(self) -> tuple[Enrollment, tuple[AnyEffect, ...]]:
        """The enrollment as it is now, and the effects in order."""
        after = msgspec.structs.replace(
            self.enrollment,
            profile=self.profile,
            node=self.node,
            visit=self.visit,
            posture=self.posture,
            arrived_at=self.arrived_at,
            timers=self.timers,
            context=self.context,
            goals=self.goals,
            splits=self.splits,
            status=self.status,
            reason=self.reason,
            exited_at=None if self.live else self.now,
            steps=self.steps,
            steps_day=self.now // DAY,
        )
        return after, tuple(self.effects)
