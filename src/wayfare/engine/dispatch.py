"""The dispatcher: hands started messages to their providers, and says the honest thing about every answer."""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

from wayfare.channels.channel import Channel
from wayfare.channels.console import Console
from wayfare.channels.inbox import Inbox
from wayfare.channels.provider import Accepted, Outcome, Provider, Rejected, Retryable, Unknown
from wayfare.contact.message import Message
from wayfare.ground.draw import draw
from wayfare.ground.errors import Unavailable, WayfareError
from wayfare.ground.time import HOUR, MINUTE, SECOND, Duration, Instant

FIRST_WAIT: Duration = SECOND
LONGEST_WAIT: Duration = 5 * MINUTE
LONGEST_ASKED: Duration = HOUR  # what a provider may ask us to wait
TRIES = 185  # then a message fails: about a day of five-minute waits
AT_ONCE = 3  # calls in a row where there is no time to wait in


class Answer(NamedTuple):
    """What the writer is told: sent, failed, retry (surely not taken; again at `due`) or unknown (held)."""

    outcome: str
    reason: str = ""
    due: Instant | None = None


class Again(NamedTuple):
    """The message stays started and the provider is called again after `wait` ms: same key, same bytes."""

    wait: Duration


class Starter(Protocol):
    """The engine's single writer: `start` gives the started message or None, `answer` keeps what came of it."""

    def submit(self, kind: str, data: dict[str, Any]) -> Future[Any]: ...


def settle(channel: Channel, message: Message, outcome: Outcome, now: Instant) -> Answer | Again:
    """What follows from a provider's outcome, by the promise of its channel.

    An unknown outcome is asked again under the same key by class A, while the key is surely remembered (0.8 of its
    window) and the message wanted; class C asks once more where its file says `retry_once`; else it is held for people.
    `message.at` is not after its first start, so a window is never taken for longer than it is.
    """
    match outcome:
        case Accepted():
            return Answer("sent")
        case Rejected(reason):
            return Answer("failed", reason)
        case Retryable(reason, after):
            if message.attempts >= TRIES:
                return Answer("failed", reason)
            asked = min(max(after or 0, 0), LONGEST_ASKED)
            return Answer("retry", reason, now + max(asked, backoff(message)))
        case Unknown(reason):
            wait = backoff(message)
            wanted = message.expires_at is None or now + wait < message.expires_at
            if channel.promise == "A" and wanted and now + wait - message.at < 0.8 * channel.window:
                return Again(wait)
            if (
                channel.promise != "A"
                and channel.unknown == "retry_once"
                and message.attempts <= 1
                and wanted
            ):
                return Again(wait)
            return Answer("unknown", reason)


def backoff(message: Message) -> Duration:
    """Capped exponential with full jitter: anything up to 1 s, 2 s, 4 s … 5 min, drawn for message and attempt."""
    ceiling = min(LONGEST_WAIT, FIRST_WAIT << min(max(message.attempts - 1, 0), 20))
    return int(draw("backoff", message.id, str(message.attempts)) * ceiling)


def local_providers(inbox: Inbox, console: Console) -> Callable[[Channel], Provider]:
    """The provider of a channel: the local inbox for everything that is not live on purpose."""

    def provider(channel: Channel) -> Provider:
        return console if channel.live and channel.kind == "console" else inbox

    return provider


class Dispatcher:
    """One lane (queue and thread) for each channel, so that a slow provider delays nobody else.

    `planned` takes what the writer has committed as planned, `recover` what a crash left; under the log clock the
    writer calls `deliver` and `resume` itself and no lane is used.
    """

    def __init__(
        self,
        writer: Starter,
        channel: Callable[[str], Channel],
        provider: Callable[[Channel], Provider],
        now: Callable[[], Instant],
    ) -> None:
        self.writer = writer
        self.channel = channel
        self.provider = provider
        self.now = now
        self._lanes: dict[str, _Lane] = {}
        self._lock = threading.Lock()
        self._stopping = False

    def planned(self, messages: Iterable[tuple[str, str]]) -> None:
        """Messages that may be started now, as (id, channel); returns at once."""
        for name, channel in messages:
            lane = self._lane(channel)
            if lane is not None:
                lane.add(name)

    def recover(self, started: Iterable[Message], planned: Iterable[tuple[str, str]]) -> None:
        """Take up what the last run left: a message left started may or may not have gone out."""
        for message in started:
            lane = self._lane(message.channel)
            if lane is not None:
                lane.follow(message, Unknown("crash"))
        self.planned(planned)

    def stop(self, seconds: float = 30.0) -> None:
        """Finish the calls under way and start no more; every lane has ended when this returns."""
        with self._lock:
            self._stopping = True
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.stop()
        for lane in lanes:
            lane.join(seconds)

    def deliver(self, message: Message) -> Answer:
        """Hand over one started message and settle it at once, without waiting between calls."""
        channel = self.channel(message.channel)
        for _ in range(AT_ONCE):
            outcome = call(self.provider(channel), [message])[0]
            settled = settle(channel, message, outcome, self.now())
            if isinstance(settled, Answer):
                return settled
        return Answer("unknown", outcome.reason if isinstance(outcome, Unknown) else "")

    def resume(self, message: Message) -> Answer:
        """The answer of a message that a crash left started, at once: asked again where that is safe, else unknown."""
        settled = settle(self.channel(message.channel), message, Unknown("crash"), self.now())
        return settled if isinstance(settled, Answer) else self.deliver(message)

    def _lane(self, name: str) -> _Lane | None:
        with self._lock:
            if self._stopping:
                return None
            if name not in self._lanes:
                self._lanes[name] = _Lane(name, self)
            return self._lanes[name]


class _Lane:
    """The queue of one channel and the thread that works on it; an id is in it at most once."""

    def __init__(self, name: str, owner: Dispatcher) -> None:
        self._name = name
        self._owner = owner
        self._ready: deque[str] = deque()
        self._later: list[tuple[float, str]] = []  # (monotonic seconds, id)
        self._queued: set[str] = set()
        self._moved = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"wayfare-dispatch-{name}", daemon=True)
        self._thread.start()

    def add(self, name: str, wait: Duration = 0) -> None:
        """Queue an id, to be started after `wait` ms."""
        with self._moved:
            if name in self._queued:
                return
            self._queued.add(name)
            if wait:
                heapq.heappush(self._later, (time.monotonic() + wait / 1000, name))
            else:
                self._ready.append(name)
            self._moved.notify()

    def follow(self, message: Message, outcome: Outcome) -> Future[Any] | None:
        """Tell the writer what came of a message, or queue it again."""
        settled = settle(self._owner.channel(self._name), message, outcome, self._owner.now())
        if isinstance(settled, Again):
            self.add(message.id, max(settled.wait, 1))
            return None
        told = {
            "message": message.id,
            "outcome": settled.outcome,
            "reason": settled.reason,
            "due": settled.due,
        }
        return self._owner.writer.submit("answer", told)

    def stop(self) -> None:
        """Start nothing more."""
        with self._moved:
            self._stopping = True
            self._moved.notify()

    def join(self, seconds: float) -> None:
        """Wait until the calls under way are settled."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while names := self._take():
                self._work(names)
        except Unavailable:
            return  # the writer has ended and tells why itself: what is started stays so, for the next run to resolve

    def _take(self) -> list[str]:
        """The ids to start next, as many as the provider takes at once; none when the lane stops."""
        with self._moved:
            while not self._stopping:
                while self._later and self._later[0][0] <= time.monotonic():
                    self._ready.append(heapq.heappop(self._later)[1])
                if self._ready:
                    limit = self._provider().batch
                    names = [self._ready.popleft() for _ in range(min(limit, len(self._ready)))]
                    self._queued.difference_update(names)
                    return names
                self._moved.wait(max(0.0, self._later[0][0] - time.monotonic()) if self._later else None)
        return []

    def _provider(self) -> Provider:
        return self._owner.provider(self._owner.channel(self._name))

    def _work(self, names: list[str]) -> None:
        asked = [self._owner.writer.submit("start", {"message": name}) for name in names]
        started = [message for message in map(_result, asked) if message is not None]
        if not started:
            return
        outcomes = call(self._provider(), started)
        told = [self.follow(message, outcome) for message, outcome in zip(started, outcomes, strict=True)]
        for future in told:
            if future is not None:
                _result(future)


def _result(future: Future[Any]) -> Any:
    """What the writer said, None for what it refused; an end of the writer is the end of the lane."""
    try:
        return future.result()
    except Unavailable:
        raise
    except WayfareError:
        return None


def call(provider: Provider, messages: Sequence[Message]) -> list[Outcome]:
    """One outcome for each message, whatever the provider does: what it does not say is unknown."""
    try:
        outcomes = list(provider.send(messages))[: len(messages)]
    except Exception as cause:
        return [Unknown(f"{type(cause).__name__}: {cause}"[:200]) for _ in messages]
    return outcomes + [Unknown("no answer")] * (len(messages) - len(outcomes))
