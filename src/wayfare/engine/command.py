"""The commands: what acts outside the log, each a recorded value, carried out the same way live and in a refold."""

from __future__ import annotations

from typing import Any

from wayfare.contact.message import Message
from wayfare.engine.advance import Executor
from wayfare.facts.event import CONSENT_CHANGED
from wayfare.ground.draw import hashed_id
from wayfare.ground.errors import Broken, Missing, NotBuilt, Refused
from wayfare.ground.time import MINUTE, Instant
from wayfare.journey import document as documents
from wayfare.journey.compiled import compile_journey
from wayfare.journey.stimulus import Removed
from wayfare.stores.records import Command

BOOKED = ("publish", "define")  # the kinds that change the book: what a restart must hear again
FRESH = MINUTE  # a planned message that is older passes every gate again, not only the last one


def act(executor: Executor, command: Command) -> Any:
    """Carry out a command in the executor's world at the command's own instant; its result for whoever asked.

    Raises Missing or Refused when it cannot be done: then nothing has changed and it is not recorded.
    """
    data, now = command.data, command.at
    match command.kind:
        case "publish":
            return _publish(executor, data)
        case "define":
            executor.use(executor.book.with_definitions(data))
            return None
        case "kill_switch":
            return _kill_switch(executor, bool(data["on"]), now)
        case "consent":
            return _consent(executor, data, now)
        case "start":
            return _start(executor, data["message"], now)
        case "answer":
            return _answer(executor, data, now)
        case "task":
            return _task(executor, data, now)
        case "exit":
            return _exit(executor, data, command, now)
        case "lifecycle":
            raise NotBuilt("WF0001", data["journey"], part=f"`{data['verb']}`")
        case _:
            raise Broken("WF6405", command.kind, kind=command.kind)


def _publish(executor: Executor, data: dict[str, Any]) -> int:
    document, problems = documents.parse(data["document"])
    if document is None:
        raise Refused("WF1006", data["journey"], key=data["journey"], value=problems[0].code)
    book = executor.book.with_definitions(data)
    journey = compile_journey(document, data["version"], book.tenant, book.zone)
    executor.use(book.with_journey(journey))
    return journey.version


def _kill_switch(executor: Executor, on: bool, now: Instant) -> bool:
    world = executor.world
    world.kill_switch = on
    world.changes.meta["kill_switch"] = on
    if not on and world.loader is not None:
        for message in world.loader.held_for("kill_switch", limit=1 << 31):
            found = world.message(message.id)
            if found is not None:
                dossier, held = found
                executor.post.regate(dossier, held, max(now, dossier.profile.seen))
        executor.settle()
    return on


def _consent(executor: Executor, data: dict[str, Any], now: Instant) -> str:
    dossier = executor.world.dossier(data["profile"])
    if dossier is None:
        raise Missing("WF6406", data["profile"], profile=data["profile"])
    properties = {key: data[key] for key in ("purpose", "channel", "state", "basis", "text") if data.get(key)}
    name = hashed_id("cns", data["profile"], str(data["request"]))
    executor.write(dossier, name, CONSENT_CHANGED, properties, max(now, dossier.profile.seen), "")
    executor.settle()
    return name


def _start(executor: Executor, name: str, now: Instant) -> Message | None:
    found = executor.world.message(name)
    if found is None:
        raise Missing("WF6407", name, message=name)
    dossier, message = found
    if message.state not in ("planned", "started"):
        return None
    at = _moment(executor, message, now)
    if message.state == "started":
        again = executor.post.start_again(dossier, message, at)
        executor.settle()
        return again
    waited = at - message.at > FRESH or message.attempts > 0
    started = executor.post.start(dossier, message, at, waited)
    executor.settle()
    return started


def _moment(executor: Executor, message: Message, now: Instant) -> Instant:
    """When a dispatcher's word counts: under the log clock at the instant that the message was planned."""
    return message.at if executor.barrier else max(now, message.at)


def _answer(executor: Executor, data: dict[str, Any], now: Instant) -> str:
    found = executor.world.message(data["message"])
    if found is None:
        raise Missing("WF6407", data["message"], message=data["message"])
    dossier, message = found
    at = _moment(executor, message, now)
    executor.post.answer(dossier, message, data["outcome"], data.get("reason", ""), at, data.get("due"))
    executor.settle()
    return dossier.messages[message.id].state


def _task(executor: Executor, data: dict[str, Any], now: Instant) -> str:
    world = executor.world
    task = world.loader.tasks_by_id([data["task"]]).get(data["task"]) if world.loader else None
    task = world.changes.tasks.get(data["task"], task)
    if task is None:
        raise Missing("WF6408", data["task"], task=data["task"])
    if task.state != "open":
        raise Refused("WF6409", task.id, task=task.id, state=task.state)
    if task.outcomes and data["outcome"] not in task.outcomes:
        raise Refused("WF6410", task.id, outcome=data["outcome"], known=", ".join(task.outcomes))
    run = world.loader.enrollments_by_id([task.enrollment]).get(task.enrollment) if world.loader else None
    dossier = world.dossier(
        run.profile if run is not None else task.profile
    )  # the person may be merged since
    if dossier is None:
        raise Broken("WF6402", task.id, profile=task.profile)
    at = max(now, dossier.profile.seen)
    executor.returned(dossier, task, data["outcome"], data.get("properties") or {}, at)
    return task.id


def _exit(executor: Executor, data: dict[str, Any], command: Command, now: Instant) -> str:
    dossier = executor.world.dossier(data["profile"])
    if dossier is None or data["enrollment"] not in dossier.live:
        raise Missing("WF6411", data["enrollment"], enrollment=data["enrollment"])
    stimulus = Removed(dossier.profile, f"cmd_{command.seq}", data["reason"])
    executor.advance(dossier, data["enrollment"], stimulus, max(now, dossier.profile.seen))
    executor.settle()
    return str(data["enrollment"])
