"""The writer: the one thread that changes the live store, a transaction per micro-batch."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from wayfare.contact.message import Message
from wayfare.engine.advance import Executor
from wayfare.engine.book import Book
from wayfare.engine.clock import Clock
from wayfare.engine.command import act
from wayfare.engine.ingest import read_row
from wayfare.engine.world import World
from wayfare.facts.event import Event, Quarantined
from wayfare.ground.errors import Unavailable, WayfareError
from wayfare.ground.time import Instant
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Log, Row
from wayfare.stores.records import Applied, Command, QuarantineRow

BATCH = 1_000
TIMERS = 5_000  # loaded at once
IDLE_SECONDS = 0.02
TRIES = 3  # an event that fails this often is quarantined as poison


class Courier(Protocol):
    """The dispatcher's synchronous side, for the log clock: call the provider of a started message."""

    def deliver(self, message: Message) -> tuple[str, str, Instant | None]: ...


class Writer:
    """Reads the log in order, fires timers, carries out commands; everything of a batch commits at once or not at all.

    Other threads talk to it by `submit` and `call`; `applied` is the highest log offset whose effects are durable.
    """

    def __init__(self, log: Log, store: LiveStore, book: Book, clock: Clock) -> None:
        self.log = log
        self.store = store
        self.clock = clock
        self.book = book
        self.courier: Courier | None = None
        self.on_planned: Callable[[list[str]], None] = lambda _: None
        self.on_commit: Callable[[], None] = lambda: None
        meta = store.meta()
        self.applied = int(meta.get("offset", 0))
        self.log_clock = int(meta.get("clock", 0))
        self._command_seq = int(meta.get("command_seq", 0))
        self._meta: dict[str, Any] = dict(meta)
        self._instant = 0
        self._queue: deque[tuple[str, dict[str, Any], Future[Any]]] = deque()
        self._failures: dict[int, int] = {}  # log offset → how often it failed alone
        self._wake = threading.Event()
        self._moved = threading.Condition()
        self._stopping = False
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._recall()

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
        return str(self.call("answer", {"message": message, "outcome": outcome, "reason": reason, "due": due}))

    def wait_applied(self, offset: int, timeout: float = 60.0) -> bool:
        """Wait until everything up to a log offset is durable; False when it took too long."""
        self._wake.set()
        with self._moved:
            return self._moved.wait_for(lambda: self.applied >= offset or self._failure is not None, timeout) and (
                self.applied >= offset
            )

    # ---- the thread

    def _run(self) -> None:
        try:
            while True:
                busy = self.turn()
                if self._stopping and not busy and not self._queue:
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
        """One micro-batch: rows of the log in order, then what is due, then commands; whether there was anything."""
        frontier = min(self.log.frontier(), self.clock.now())
        rows = self.log.read(self.applied, BATCH)
        worked = bool(rows)
        if rows:
            self._rows(rows)
        behind = len(rows) == BATCH
        if self.clock.by_log:
            self._instant = self.log_clock
        else:
            self._instant = max(self._instant, rows[-1].receipt if behind else frontier)
        worked = self._fire() or worked
        return self._commands() or worked

    def _executor(self) -> Executor:
        world = World(self.store, self._meta)
        return Executor(self.book, world, instant_sends=False, barrier=self.clock.by_log)

    def _rows(self, rows: list[Row]) -> None:
        """Apply rows; when the batch fails, once more one by one, and a row that keeps failing is quarantined."""
        done = 0
        tries = 0
        while done < len(rows):
            single = tries > 0
            chunk = rows[done : done + 1] if single else rows[done:]
            try:
                done += self._chunk(chunk)
            except WayfareError as failure:
                if isinstance(failure, Unavailable):
                    raise
                done, tries = self._failed(rows, done, tries, failure)
            except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, AttributeError) as failure:
                done, tries = self._failed(rows, done, tries, failure)

    def _failed(self, rows: list[Row], done: int, tries: int, failure: Exception) -> tuple[int, int]:
        if tries == 0:
            return done, 1  # go one by one through the rest of this batch
        row = rows[done]
        self._failures[row.offset] = self._failures.get(row.offset, 0) + 1
        if self._failures[row.offset] < TRIES:
            return done, tries
        del self._failures[row.offset]
        executor = self._executor()
        self._quarantine(executor, row, Quarantined("poison", f"{type(failure).__name__}: {failure}"))
        self._commit(executor, row.offset)
        return done + 1, tries

    def _chunk(self, rows: list[Row]) -> int:
        """Apply rows in one transaction, or fewer when timers or the barrier cut it short; how many were applied."""
        executor = self._executor()
        read = [(row, read_row(row, self.book.zone)) for row in rows]
        executor.world.prefetch(event for _, event in read if isinstance(event, Event))
        log_clock = self.log_clock
        executor.world.reach(self._furthest(read), TIMERS)
        for place, (row, event) in enumerate(read):
            if isinstance(event, Quarantined):
                self._quarantine(executor, row, event)
                continue
            clock = row.receipt
            if self.clock.by_log:
                clock = log_clock if event.backfill else max(log_clock, event.time)
            if not executor.fire(clock):
                self.log_clock = log_clock
                self._commit(executor, rows[place - 1].offset if place else self.applied)
                self._dispatch(executor)
                return place
            log_clock = clock if self.clock.by_log else log_clock
            executor.apply(event, row.offset, clock)
            if executor.barrier and executor.post.planned:
                self.log_clock = log_clock
                self._commit(executor, row.offset)
                self._dispatch(executor)
                return place + 1
        self.log_clock = log_clock
        self._commit(executor, rows[-1].offset)
        return len(rows)

    def _furthest(self, read: list[tuple[Row, Event | Quarantined]]) -> Instant:
        """The latest clock of these rows: timers up to it are loaded in one question."""
        if not self.clock.by_log:
            return read[-1][0].receipt
        times: list[Instant] = [event.time for _, event in read if isinstance(event, Event) and not event.backfill]
        return max([self.log_clock, *times])

    def _quarantine(self, executor: Executor, row: Row, found: Quarantined) -> None:
        changes = executor.world.changes
        arrival = executor.world.arrive()
        changes.applied.append(Applied(arrival, row.offset, "quarantined", reason=found.reason))
        changes.quarantined.append(
            QuarantineRow(row.offset, row.receipt, row.source, found.reason, found.detail, found.pointer, row.body)
        )

    def _fire(self) -> bool:
        """Fire everything that is due by now."""
        worked = False
        while True:
            executor = self._executor()
            done = executor.fire(self._instant)
            if self._commit(executor, self.applied):
                worked = True
            self._dispatch(executor)
            if done:
                return worked

    def _commands(self) -> bool:
        """Carry out what was asked, one transaction for all that can be done together."""
        asked: list[tuple[str, dict[str, Any], Future[Any]]] = []
        while self._queue and len(asked) < BATCH:
            asked.append(self._queue.popleft())
        if not asked:
            return False
        executor = self._executor()
        book = self.book
        done: list[tuple[Future[Any], Any]] = []
        for kind, data, future in asked:
            command = Command(self._command_seq + 1, self.applied, self._now(), kind, data)
            try:
                result = act(executor, command)
            except WayfareError as refused:
                future.set_exception(refused)
                continue
            self._command_seq += 1
            executor.world.changes.commands.append(command)
            done.append((future, result))
        self.book = executor.book
        executor.world.changes.meta["command_seq"] = self._command_seq
        try:
            self._commit(executor, self.applied)
        except WayfareError as failure:
            self.book = book
            for future, _ in done:
                future.set_exception(failure)
            raise
        for future, result in done:
            future.set_result(result)
        self._dispatch(executor)
        return True

    def _now(self) -> Instant:
        """The engine's instant: everything heard before it is applied, everything due by it has fired."""
        return self._instant

    def _commit(self, executor: Executor, offset: int) -> bool:
        world = executor.world
        changes = world.changes
        changes.meta.update(offset=offset, clock=self.log_clock, seq=world.seq)
        known = {key: self._meta.get(key) for key in changes.meta}
        if changes.meta == known and not changes.armed and not changes.disarmed and not changes.messages:
            return False
        self.store.commit(changes)
        self._meta.update(changes.meta)
        with self._moved:
            self.applied = offset
            self._moved.notify_all()
        if executor.post.planned and not executor.barrier:
            self.on_planned(list(executor.post.planned))
        self.on_commit()
        return True

    def _dispatch(self, executor: Executor) -> None:
        """Under the log clock: send what was planned at this instant before anything later is applied."""
        if not executor.barrier or self.courier is None:
            return
        waiting = deque(executor.post.planned)
        while waiting:
            name = waiting.popleft()
            started = self._direct("start", {"message": name}, waiting)
            if isinstance(started, Message):
                outcome, reason, due = self.courier.deliver(started)
                answer = {"message": name, "outcome": outcome, "reason": reason, "due": due}
                self._direct("answer", answer, waiting)

    def _direct(self, kind: str, data: dict[str, Any], waiting: deque[str]) -> Any:
        executor = self._executor()
        command = Command(self._command_seq + 1, self.applied, self.log_clock, kind, data)
        result = act(executor, command)
        self._command_seq += 1
        executor.world.changes.commands.append(command)
        executor.world.changes.meta["command_seq"] = self._command_seq
        self._commit(executor, self.applied)
        waiting.extend(name for name in executor.post.planned if name not in waiting)
        return result

    def _recall(self) -> None:
        """Publish again, in memory, what the ledger says was published."""
        after = 0
        world = World(None, self._meta, ledger=False)
        executor = Executor(self.book, world, instant_sends=False)
        while True:
            commands = self.store.commands(after)
            if not commands:
                break
            for command in commands:
                after = command.seq
                if command.kind == "publish":
                    act(executor, command)
        self.book = executor.book

