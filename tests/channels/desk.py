"""A small writer in memory that asks the real gate, and providers that fail as they are told."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import msgspec

from tests.contact.cases import NOW, person, standing
from wayfare.channels.provider import Accepted, Outcome, Provider
from wayfare.contact.gate import judge, recheck
from wayfare.contact.message import FINAL, Message
from wayfare.contact.policy import Policy
from wayfare.ground.errors import Unavailable
from wayfare.people.profile import Profile


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for a condition, or fail."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        pause.wait(0.002)


class Desk:
    """The writer's side of the dispatcher, one change at a time; `messages` is what is durable.

    `crash_at` names a command (`start`, `answer`) and whether the crash comes before or after it is durable.
    """

    def __init__(self, messages: Sequence[Message], policy: Policy | None = None) -> None:
        self.messages = {message.id: message for message in messages}
        self.policy = policy or Policy()
        self.people: dict[str, Profile] = {}
        self.kill_switch = False
        self.now = NOW
        self.ended = False
        self.crash_at: tuple[str, str] | None = None
        self.log: list[tuple[str, str, str]] = []  # (command, message, what became of it)
        self.on_planned: Callable[[list[tuple[str, str]]], None] = lambda _: None
        self._lock = threading.Lock()

    def submit(self, kind: str, data: dict[str, Any]) -> Future[Any]:
        """Carry out a command at once."""
        future: Future[Any] = Future()
        with self._lock:
            if self.ended or self.crash_at == (kind, "before"):
                self.ended = True
                future.set_exception(Unavailable("WF6012", detail="crash"))
                return future
            act = self._start if kind == "start" else self._answer
            result = act(self.messages[data["message"]], data)
            self.log.append((kind, data["message"], self.messages[data["message"]].state))
            if self.crash_at == (kind, "after"):
                self.ended = True
                future.set_exception(Unavailable("WF6012", detail="crash"))
            else:
                future.set_result(result)
        return future

    def restart(self) -> Desk:
        """The desk of the next run: only what was durable is left."""
        desk = Desk(list(self.messages.values()), self.policy)
        desk.people, desk.kill_switch, desk.now = self.people, self.kill_switch, self.now
        return desk

    def switch(self, on: bool) -> None:
        """The kill switch; lifting it asks every gate again."""
        with self._lock:
            self.kill_switch = on
        if not on:
            self.tick(self.now)

    def tick(self, now: int) -> None:
        """Let time pass: what is held and due, or held without an instant by a lifted switch, is asked again."""
        planned = []
        with self._lock:
            self.now = now
            for message in self.messages.values():
                waits = (message.due is not None and message.due <= now) or message.reason == "kill_switch"
                if message.state == "held" and waits and message.reason != "unknown_outcome":
                    ruled = judge(self.policy, message, self._person(message), (), self._standing(), now)
                    self._put(message, ruled.outcome, ruled.reason, ruled.until)
                    if ruled.outcome == "planned":
                        planned.append((message.id, message.channel))
        self.on_planned(planned)

    def states(self) -> Counter[str]:
        """How many messages are in each state."""
        with self._lock:
            return Counter(message.state for message in self.messages.values())

    def settled(self) -> bool:
        """Whether nothing is on its way any more."""
        return not {"planned", "started"} & set(self.states())

    def _start(self, message: Message, data: dict[str, Any]) -> Message | None:
        if message.state not in ("planned", "started"):
            return None
        ruled = recheck(self.policy, message, self._person(message), self._standing(), self.now)
        if ruled.outcome != "planned":
            unknown = (
                message.state == "started"
            )  # it may have gone out: nothing else can be said of it any more
            self._put(
                message,
                "held" if unknown else ruled.outcome,
                "unknown_outcome" if unknown else ruled.reason,
                None,
            )
            return None
        return self._put(msgspec.structs.replace(message, attempts=message.attempts + 1), "started", "", None)

    def _answer(self, message: Message, data: dict[str, Any]) -> str:
        assert message.state == "started", (message.id, message.state)
        states = {"sent": "sent", "failed": "failed", "retry": "held", "unknown": "held"}
        reason = "unknown_outcome" if data["outcome"] == "unknown" else data["reason"]
        return self._put(message, states[data["outcome"]], reason, data["due"]).state

    def _put(self, message: Message, state: str, reason: str, due: int | None) -> Message:
        assert message.state not in FINAL
        after = msgspec.structs.replace(message, state=state, reason=reason, due=due)
        self.messages[message.id] = after
        return after

    def _person(self, message: Message) -> Profile:
        return self.people.get(message.profile, person())

    def _standing(self) -> Any:
        return standing(kill_switch=self.kill_switch)


class Faulty:
    """Takes messages as a provider without keys would, one entry of `taken` for each, and fails by script.

    `script` gives for a call (its number from 0, the message) the outcome, or None to take it; `before` runs first.
    """

    def __init__(
        self,
        script: Callable[[int, Message], Outcome | BaseException | None] = lambda n, m: None,
        takes_first: bool = False,
        batch: int = 1,
    ) -> None:
        self.script = script
        self.takes_first = takes_first
        self.batch = batch
        self.taken: list[str] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.before: Callable[[Message], None] = lambda _: None
        self._lock = threading.Lock()

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """Do as the script says; with `takes_first` the message is taken even when the answer is a failure."""
        return [self._one(message) for message in messages]

    def _one(self, message: Message) -> Outcome:
        self.before(message)
        with self._lock:
            number = len(self.calls)
            self.calls.append((message.id, dict(message.content)))
            planned = self.script(number, message)
            if planned is None or self.takes_first:
                self.taken.append(message.id)
        if isinstance(planned, BaseException):
            raise planned
        return Accepted(f"ref-{message.id}") if planned is None else planned


class Between:
    """A real provider with something that happens before and after it."""

    def __init__(self, inner: Provider, before: Callable[[], None], after: Callable[[], None]) -> None:
        self.inner = inner
        self.before = before
        self.after = after

    @property
    def batch(self) -> int:
        """As many as the real one takes."""
        return self.inner.batch

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Around the real call."""
        self.before()
        outcomes = self.inner.send(messages)
        self.after()
        return outcomes
