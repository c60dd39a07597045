"""The writer: the one thread that changes the live store, by rows of the log, due timers and commands."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from wayfare.contact.message import Message
from wayfare.engine.book import Book
from wayfare.engine.clock import Clock
from wayfare.engine.transact import Courier, Transactor
from wayfare.ground.errors import Unavailable, WayfareError
from wayfare.ground.time import Instant
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Log

BATCH = 1_000
IDLE_SECONDS = 0.02


class Writer:
    """Reads the log in order, fires timers, carries out commands; everything of a lot commits at once or not at all.

    Other threads talk to it by `submit` and `call`; `applied` is the highest log offset whose effects are durable.
    """

    def __init__(self, log: Log, store: LiveStore, book: Book, clock: Clock) -> None:
        self.log = log
        self.store = store
        self.clock = clock
        self.on_commit: Callable[[], None] = lambda: None
        self._work = Transactor(store, book, clock.by_log)
        self._work.on_commit = self._committed
        self._queue: deque[tuple[str, dict[str, Any], Future[Any]]] = deque()
        self._wake = threading.Event()
        self._moved = threading.Condition()
        self._stopping = False
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    @property
    def book(self) -> Book:
        """What the engine goes by now."""
        return self._work.book

    @property
    def applied(self) -> int:
        """The highest log offset whose effects are durable."""
        return self._work.applied

    @property
    def log_clock(self) -> Instant:
        """The highest event time so far, under the log clock."""
        return self._work.log_clock

    @property
    def courier(self) -> Courier | None:
        """Who delivers under the log clock."""
        return self._work.courier

    @courier.setter
    def courier(self, courier: Courier | None) -> None:
        self._work.courier = courier

    @property
    def on_planned(self) -> Callable[[list[str]], None]:
        """Told, in the writer's thread, of the messages that a commit planned."""
        return self._work.on_planned

    @on_planned.setter
    def on_planned(self, told: Callable[[list[str]], None]) -> None:
        self._work.on_planned = told

    # ---- from other threads

    def start(self) -> None:
        """Begin to work in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="wayfare-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Apply what the log holds, answer what was asked, and end."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def wake(self) -> None:
        """There is something new in the log."""
        self._wake.set()

    @property
    def working(self) -> bool:
        """Whether it still applies what comes; False once a failure has ended it."""
        return self._failure is None

    def submit(self, kind: str, data: dict[str, Any]) -> Future[Any]:
        """Ask for a command; the future is done once its effects are durable, or carries why it was refused."""
        future: Future[Any] = Future()
        if self._failure is not None:
            future.set_exception(Unavailable("WF6412", detail=str(self._failure)))
            return future
        self._queue.append((kind, data, future))
        self._wake.set()
        return future

    def call(self, kind: str, data: dict[str, Any], timeout: float = 60.0) -> Any:
        """`submit`, and wait for the result."""
        return self.submit(kind, data).result(timeout)

    def start_message(self, message: str) -> Message | None:
        """Mark a message started, after the last gate; None when it may not go now."""
        found: Message | None = self.call("start", {"message": message})
        return found

    def answer(self, message: str, outcome: str, reason: str = "", due: Instant | None = None) -> str:
        """Tell what came of a started message: sent, failed, retry (at `due`) or unknown; the state it is in now."""
        return str(
            self.call("answer", {"message": message, "outcome": outcome, "reason": reason, "due": due})
        )

    def wait_applied(self, offset: int, timeout: float = 60.0) -> bool:
        """Wait until everything up to a log offset is durable; False when it took too long."""
        self._wake.set()
        with self._moved:
            return self._moved.wait_for(
                lambda: self.applied >= offset or self._failure is not None, timeout
            ) and (self.applied >= offset)

    # ---- the thread

    def _run(self) -> None:
        try:
            self._work.recover()
            while True:
                busy = self.turn()
                if self._stopping and not busy and not self._queue:
                    self._work.settle()
                    return
                if not busy and not self._queue:
                    self._wake.wait(IDLE_SECONDS)
                    self._wake.clear()
        except BaseException as failure:
            self._failure = failure
            while self._queue:
                self._queue.popleft()[2].set_exception(Unavailable("WF6412", detail=str(failure)))
            with self._moved:
                self._moved.notify_all()
            raise

    def turn(self) -> bool:
        """Rows of the log in order, then what is due, then commands; whether there was anything."""
        work = self._work
        frontier = min(self.log.frontier(), self.clock.now())
        rows = self.log.read(work.applied, BATCH)
        if rows:
            work.rows(rows)
        behind = len(rows) == BATCH
        heard = rows[-1].receipt if behind else frontier  # every event with a receipt before it is applied
        worked = work.fire(work.log_clock if work.by_log else heard) or bool(rows)
        return self._commands() or worked or behind

    def _commands(self) -> bool:
        asked: list[tuple[str, dict[str, Any], Future[Any]]] = []
        while self._queue and len(asked) < BATCH:
            asked.append(self._queue.popleft())
        if not asked:
            return False
        try:
            results = self._work.carry_out([(kind, data) for kind, data, _ in asked])
        except BaseException as failure:
            for _, _, future in asked:
                future.set_exception(failure)
            raise
        for (_, _, future), result in zip(asked, results, strict=True):
            if isinstance(result, WayfareError):
                future.set_exception(result)
            else:
                future.set_result(result)
        return True

    def _committed(self) -> None:
        with self._moved:
            self._moved.notify_all()
        self.on_commit()
