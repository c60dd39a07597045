"""The ledger of a scene as text that people can read: every row, with names where the store has ids."""

from __future__ import annotations

from collections.abc import Iterator

from tests.golden.drive import Rows
from tests.golden.scene import Scene
from wayfare.contact.message import Message
from wayfare.facts.event import Event
from wayfare.ground.time import Instant, local
from wayfare.journey.enrollment import Enrollment
from wayfare.stores.records import TaskRow, Transition

TOLD = (
    "node",
    "reason",
    "goal",
    "value",
    "outcome",
    "merged",
    "state",
    "holdout",
)  # of our events' properties


def ledger(scene: Scene, rows: Rows) -> str:
    """The whole text; equal texts mean equal ledgers."""
    return "\n".join([f"# {scene.what}", *_Writer(scene, rows).lines()]) + "\n"


class _Writer:
    def __init__(self, scene: Scene, rows: Rows) -> None:
        self.scene = scene
        self.rows = rows
        self.runs = {one.id: one for one in rows.enrollments}
        self.began: dict[str, int] = {}
        for place, row in enumerate(rows.transitions):
            self.began.setdefault(row.enrollment, place)

    def lines(self) -> Iterator[str]:
        rows = self.rows
        yield from ("", "transitions")
        yield from map(self.transition, rows.transitions)
        if rows.messages:
            yield from ("", "messages")
            yield from map(self.message, sorted(rows.messages, key=self.place))
        yield from ("", "our events")
        yield from map(self.event, rows.events)
        yield from ("", "enrollments")
        yield from sorted(map(self.enrollment, rows.enrollments))
        if rows.tasks:
            yield from ("", "tasks")
            yield from map(self.task, rows.tasks)
        if rows.missed:
            yield from ("", "not entered")
            yield from sorted(
                f"{self.who(one.profile)} {one.journey}: {one.reason}, last {self.at(one.at)}, {one.times} in all"
                for one in rows.missed
            )
        if rows.quarantined:
            yield from ("", "quarantined")
            yield from (f"row {offset}: {reason}" for offset, reason in rows.quarantined)

    def transition(self, row: Transition) -> str:
        more = "".join(f" {key}={row.inputs[key]}" for key in sorted(row.inputs) if key != "draw")
        reason = f" {row.reason}" if row.reason else ""
        place = f"{self.run(row.enrollment)} {row.visit}.{row.node}"
        return f"{self.at(row.at)} {place}: {row.outcome}{reason} ({row.stimulus}){more}"

    def place(self, one: Message) -> tuple[Instant, int, int, str]:
        """Messages by planning, then in the order in which their runs began."""
        return one.planned_at, self.began[one.enrollment], one.visit, one.id

    def task(self, one: TaskRow) -> str:
        due = f" due {self.at(one.due_at)}" if one.due_at is not None else ""
        closed = f" {one.outcome} {self.at(one.closed_at)}" if one.closed_at is not None else ""
        place = f"{self.run(one.enrollment)} {one.node} for {one.assignee or 'nobody'}"
        return f"{self.at(one.created_at)} {place}{due}: {one.state}{closed}"

    def message(self, one: Message) -> str:
        gates = [
            f"{v.gate} {v.outcome} {v.reason}{self.until(v.until)}"
            for v in one.verdicts
            if v.outcome != "pass"
        ]
        reason = f" {one.reason}" if one.reason else ""
        due = f", due {self.at(one.due)}" if one.due is not None else ""
        counts = (
            f", counts from {self.at(one.reserved)}" if one.reserved is not None else ", counts for nothing"
        )
        asked = f" [{'; '.join(gates)}]" if gates else ""
        return (
            f"{self.at(one.planned_at)} {self.run(one.enrollment)} {one.visit}.{one.node} {one.channel}: "
            f"{one.state}{reason} {self.at(one.at)}{due}{counts}{asked}"
        )

    def event(self, one: Event) -> str:
        told = "".join(
            f" {key}={one.properties[key]}" for key in TOLD if key in one.properties and key != "merged"
        )
        about = self.run(one.properties["enrollment"]) if "enrollment" in one.properties else self.whose(one)
        return f"{self.at(one.time)} {about} {one.name}{told}"

    def whose(self, one: Event) -> str:
        if "into" in one.properties:
            return f"{self.who(one.properties['into'])}+{self.who(one.properties['merged'])}"
        return "person"

    def enrollment(self, one: Enrollment) -> str:
        goals = "".join(f", {goal} {self.at(at)}" for goal, at in sorted(one.goals.items()))
        context = f", context {dict(sorted(one.context.items()))}" if one.context else ""
        if one.status == "live":
            standing = f"{one.posture} at {one.visit}.{one.node} since {self.at(one.arrived_at)}"
        else:
            standing = f"{one.status} {one.reason} {self.at(one.exited_at or 0)}"
        return f"{self.run(one.id)} v{one.version} {one.arm}, in {self.at(one.entered_at)}: {standing}{goals}{context}"

    def run(self, name: str) -> str:
        """A run by its birth profile, journey and key; a second one of the same is `#2`, in the order of beginning."""
        one = self.runs[name]
        key = f"[{one.key}]" if one.key is not None else ""
        same = [
            r for r in self.runs.values() if (r.birth, r.journey, r.key) == (one.birth, one.journey, one.key)
        ]
        place = sorted(same, key=lambda r: self.began[r.id]).index(one) + 1
        again = f"#{place}" if place > 1 else ""
        return f"{self.who(one.birth, own=True)} {one.journey}{key}{again}"

    def who(self, profile: str, own: bool = False) -> str:
        """A person by a userId, else an anonymousId; with `own` as she was before any merge."""
        final = profile
        while final in self.rows.merged:
            final = self.rows.merged[final]
        if final != profile:
            return self.gone(profile)
        found = self.rows.people[final].identifiers
        users = [value for namespace, value in found if namespace == "user_id"]
        return (users or [value for _, value in found] or ["?"])[0]

    def gone(self, profile: str) -> str:
        """One who was merged away, told by the order of merging."""
        return f"gone{list(self.rows.merged).index(profile) + 1}"

    def at(self, instant: Instant) -> str:
        return local(instant, self.scene.zone).strftime("%d %H:%M:%S")

    def until(self, instant: Instant | None) -> str:
        return "" if instant is None else f" until {self.at(instant)}"
