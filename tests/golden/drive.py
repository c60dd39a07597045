"""Two drivers of one scene: the executor alone in memory, and the live transactor over its log and store."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.golden.scene import Scene, Step
from wayfare.contact.message import Message
from wayfare.engine.advance import Executor
from wayfare.engine.command import act
from wayfare.engine.ingest import read_row
from wayfare.engine.transact import Transactor
from wayfare.engine.world import World
from wayfare.facts.event import Event
from wayfare.ground.time import Instant, parse_duration
from wayfare.journey.enrollment import Enrollment
from wayfare.people.profile import Profile
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Log, Row
from wayfare.stores.records import Changes, Command, Missed, TaskRow, Transition


@dataclass
class Rows:
    """All that a scene leaves behind, in the order in which it came about."""

    transitions: list[Transition] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    enrollments: list[Enrollment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)  # those of our own
    quarantined: list[tuple[int, str]] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    tasks: list[TaskRow] = field(default_factory=list)
    people: dict[str, Profile] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)  # gone profile → the one that it became part of


class Memory:
    """Preview, simulation and tests: no store, every send that passes its gates is sent at that instant."""

    def __init__(self, scene: Scene) -> None:
        self.world = World(None, ledger=True)
        self.executor = Executor(scene.book, self.world, instant_sends=True)
        self.zone = scene.zone
        self.clock: Instant = 0
        self.offset = 0
        self.commands = 0
        self.quarantined: list[tuple[int, str]] = []

    def take(self, step: Step) -> None:
        """Let one step happen."""
        if step.do is not None:
            self.fire(step.at)
            kind, data = step.do
            self.commands += 1
            act(
                self.executor,
                Command(self.commands, self.offset, step.at, kind, named(self.rows(), kind, data)),
            )
            return
        assert step.entry is not None
        self.offset += 1
        source, _, form, head, body, _ = step.entry
        event = read_row(Row(self.offset, step.at, source, form, head, body), self.zone)
        if not isinstance(event, Event):
            self.quarantined.append((self.offset, event.reason))
            return
        if not event.backfill:
            self.clock = max(self.clock, event.time)
        self.executor.fire(self.clock)
        self.executor.apply(event, self.offset, self.clock)

    def fire(self, until: Instant) -> None:
        """Fire what is due."""
        self.executor.fire(until)

    def rows(self) -> Rows:
        """What there is now."""
        changes: Changes = self.world.changes
        return Rows(
            list(changes.transitions),
            list(changes.messages.values()),
            list(changes.enrollments.values()),
            [one.event for one in changes.applied if one.event is not None],
            self.quarantined,
            list(changes.missed.values()),
            list(changes.tasks.values()),
            {name: dossier.profile for name, dossier in self.world.people().items()},
            dict(changes.gone),
        )


class Scripted:
    """A provider: takes everything, or says what the scene wrote for the node, one answer after the other."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = {node: list(said) for node, said in answers.items()}
        self.calls: list[str] = []

    def deliver(self, message: Message) -> tuple[str, str, Instant | None]:
        """`sent`, `failed WHY`, `retry SPAN` or `unknown`."""
        self.calls.append(message.id)
        said = self.answers.get(message.node)
        outcome, _, more = (said.pop(0) if said else "sent").partition(" ")
        if outcome == "retry":
            return "retry", "busy", message.at + parse_duration(more)
        return outcome, more, None

    def resume(self, message: Message) -> tuple[str, str, Instant | None]:
        """What a crash left started may have gone out; the same key is asked again."""
        return self.deliver(message)


class Live:
    """The product's own path: rows of the log in, transactions of the live store out, a provider behind it."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.now: Instant = 0
        self.log = Log.open(folder / "log", lambda: self.now)
        self.store = LiveStore.open(folder / "live.db")
        self.provider = Scripted(scene.answers)
        self.work = Transactor(self.store, scene.book, by_log=True)
        self.work.courier = self.provider

    def take(self, step: Step) -> None:
        """Let one step happen."""
        if step.do is not None:
            self.fire(step.at)
            kind, data = step.do
            (found,) = self.work.carry_out([(kind, named(self.rows(), kind, data))])
            if isinstance(found, Exception):
                raise found
            return
        self.append(step)
        self.apply()

    def append(self, step: Step) -> None:
        """Only into the log."""
        assert step.entry is not None
        self.now = step.at
        self.log.append([step.entry])

    def apply(self, limit: int = 1_000) -> None:
        """Apply what the log holds, `limit` rows in a lot."""
        while rows := self.log.read(self.work.applied, limit):
            self.work.rows(rows)

    def fire(self, until: Instant) -> None:
        """Fire what is due."""
        self.work.fire(until)

    def close(self) -> None:
        """Let go of the files."""
        self.log.close()
        self.store.close()

    def rows(self) -> Rows:
        """What there is now."""
        store = self.store
        people = store.profiles(limit=10_000).items
        merges = {one.loser: one.survivor for one in store.merges_after()}
        applied = store.applied_after(0, 1_000_000)
        missed = {(m.profile, m.journey): m for one in people for m in store.missed(one.id)}
        runs = [run for name in (*merges, *(one.id for one in people)) for run in store.enrollments_of(name)]
        return Rows(
            store.transitions(limit=1_000_000).items[::-1],
            store.messages(limit=1_000_000).items[::-1],
            runs,
            [one.event for one in applied if one.event is not None],
            [(one.offset, one.reason) for one in applied if one.verdict == "quarantined"],
            list(missed.values()),
            store.tasks(limit=10_000).items[::-1],
            {one.id: one for one in people},
            merges,
        )


def named(rows: Rows, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """A command's data with the ids of the people, tasks and runs that the scene names by `who`, `node`, `journey`."""
    if kind in ("publish", "kill_switch"):
        return data
    who = next(one.id for one in rows.people.values() if ("user_id", data["who"]) in one.identifiers)
    if kind == "task":
        task = next(one for one in rows.tasks if one.node == data["node"] and one.state == "open")
        return {"task": task.id, "outcome": data["outcome"], "properties": data.get("properties") or {}}
    if kind == "exit":
        run = next(
            one for one in rows.enrollments
            if one.profile == who and one.journey == data["journey"] and one.status == "live"
        )  # fmt: skip
        return {"profile": who, "enrollment": run.id, "reason": data["reason"]}
    assert kind == "consent"
    return {
        **{key: value for key, value in data.items() if key != "who"},
        "profile": who,
        "request": str(data),
    }


def in_memory(scene: Scene) -> Rows:
    """The scene by the executor alone."""
    driver = Memory(scene)
    for step in scene.steps:
        driver.take(step)
    driver.fire(scene.until)
    return driver.rows()


def live(scene: Scene, folder: Path) -> Rows:
    """The scene by the live engine."""
    driver = Live(scene, folder)
    try:
        for step in scene.steps:
            driver.take(step)
        driver.fire(scene.until)
        return driver.rows()
    finally:
        driver.close()
