"""The transactor: rows, timers and commands applied to the live store, everything of a lot in one transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from wayfare.contact.message import Message
from wayfare.engine.advance import DEFECTS, Executor, Misfired
from wayfare.engine.book import Book
from wayfare.engine.command import BOOKED, act
from wayfare.engine.ingest import read_row
from wayfare.engine.world import World
from wayfare.facts.event import Event, Quarantined
from wayfare.ground.errors import Malformed, Missing, NotBuilt, Refused, Unavailable, WayfareError
from wayfare.ground.time import Instant
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Row
from wayfare.stores.records import Applied, Command, QuarantineRow, Timer

TIMERS = 5_000  # loaded at once
BARRIER = ("start", "answer")
REFUSALS = (Malformed, Missing, NotBuilt, Refused)
TRIES = 3  # a row that fails this often alone is quarantined as poison


class Courier(Protocol):
    """The dispatcher's synchronous side, for the log clock: call the provider of a started message."""

    def deliver(self, message: Message) -> tuple[str, str, Instant | None]: ...

    def resume(self, message: Message) -> tuple[str, str, Instant | None]: ...


class Transactor:
    """Owns the writing of a live store; not for several threads.

    `applied` is the highest log offset whose effects are durable, `log_clock` the highest event time so far (under the
    log clock), `instant` the present: everything heard before it is applied, everything due by it has fired.
    """

    def __init__(self, store: LiveStore, book: Book, by_log: bool) -> None:
        self.store = store
        self.by_log = by_log
        self.courier: Courier | None = None
        self.on_planned: Callable[[list[str]], None] = lambda _: None
        self.on_commit: Callable[[], None] = lambda: None
        self._meta: dict[str, Any] = dict(store.meta())
        self.applied = int(self._meta.get("offset", 0))
        self.log_clock = int(self._meta.get("clock", 0))
        self.instant = self.log_clock if by_log else int(self._meta.get("instant", 0))
        self._command_seq = int(self._meta.get("command_seq", 0))
        self._proven: Executor | None = None  # of the last lot, committed
        self._failures: dict[int, int] = {}  # log offset → how often it failed alone
        self._misfires: dict[str, int] = {}  # timer → how often it failed
        self.book = self._recalled(book)

    # ---- rows

    def rows(self, rows: Sequence[Row]) -> None:
        """Apply rows; when the lot fails, once more one by one, and a row that keeps failing is quarantined."""
        done = 0
        single = False
        while done < len(rows):
            lot = rows[done : done + 1] if single else rows[done:]
            try:
                done += self._lot(lot)
            except Unavailable:
                raise
            except Misfired as misfired:
                if single:  # or the run that the timer belongs to may be of this very lot
                    self._misfired(misfired.timer)
                single = True
            except (WayfareError, *DEFECTS) as failure:
                if single:
                    done += self._failed(rows[done], failure)
                single = True

    def _failed(self, row: Row, failure: Exception) -> int:
        """1 when the row was given up and quarantined, else 0."""
        self._failures[row.offset] = self._failures.get(row.offset, 0) + 1
        if self._failures[row.offset] < TRIES:
            return 0
        del self._failures[row.offset]
        executor = self._executor()
        self._quarantine(executor, row, Quarantined("poison", f"{type(failure).__name__}: {failure}"))
        self._commit(executor, row.offset)
        return 1

    def _lot(self, rows: Sequence[Row]) -> int:
        """Apply rows in one transaction, or fewer when timers or the barrier cut it short; how many were applied."""
        executor = self._executor()
        read = [(row, read_row(row, self.book.zone)) for row in rows]
        executor.world.prefetch(event for _, event in read if isinstance(event, Event))
        executor.world.reach(self._furthest(read), TIMERS)
        log_clock = self.log_clock
        for place, (row, event) in enumerate(read):
            if isinstance(event, Quarantined):
                self._quarantine(executor, row, event)
                continue
            clock = row.receipt
            if self.by_log:
                clock = log_clock if event.backfill else max(log_clock, event.time)
            if not executor.fire(clock):
                self._close(executor, rows[place - 1].offset if place else self.applied, log_clock)
                return place
            log_clock = clock if self.by_log else log_clock
            executor.apply(event, row.offset, clock)
            if executor.barrier and executor.post.planned:
                self._close(executor, row.offset, log_clock)
                return place + 1
        self._close(executor, rows[-1].offset, log_clock)
        return len(rows)

    def _close(self, executor: Executor, offset: int, log_clock: Instant) -> None:
        """Commit a lot, and under the log clock send what it planned before anything later."""
        self.log_clock = log_clock
        if self.by_log:
            self.instant = max(self.instant, log_clock, executor.reached)
        self._commit(executor, offset)
        self._dispatch(executor)

    def _furthest(self, read: Sequence[tuple[Row, Event | Quarantined]]) -> Instant:
        """The latest clock of these rows: timers up to it are loaded in one question."""
        if not self.by_log:
            return read[-1][0].receipt
        times: list[Instant] = [
            event.time for _, event in read if isinstance(event, Event) and not event.backfill
        ]
        return max([self.log_clock, *times])

    def _quarantine(self, executor: Executor, row: Row, found: Quarantined) -> None:
        changes = executor.world.changes
        arrival = executor.world.arrive()
        executor.offset = row.offset  # what a timer causes next comes after this row, wherever the lot ends
        changes.applied.append(Applied(arrival, row.offset, "quarantined", reason=found.reason))
        changes.quarantined.append(
            QuarantineRow(
                row.offset, row.receipt, row.source, found.reason, found.detail, found.pointer, row.body
            )
        )

    # ---- timers

    def fire(self, until: Instant) -> bool:
        """Fire everything that is due by an instant, which becomes the present; whether there was anything."""
        self.instant = max(self.instant, until)
        worked = False
        while True:
            executor = self._executor()
            try:
                done = executor.fire(self.instant)
            except Misfired as misfired:
                self._misfired(misfired.timer)
                continue
            worked = self._commit(executor, self.applied) or worked
            self._dispatch(executor)
            if done:
                return worked

    def _misfired(self, timer: Timer) -> None:
        """A timer failed: after some tries its run is ended, and if even that fails it is only taken back."""
        self._misfires[timer.id] = self._misfires.get(timer.id, 0) + 1
        if self._misfires[timer.id] < TRIES:
            return
        for ends in (True, False):
            executor = self._executor()
            try:
                executor.give_up(timer, ends)
            except DEFECTS:
                continue
            self._commit(executor, self.applied)
            del self._misfires[timer.id]
            return

    # ---- commands

    def carry_out(self, asked: Sequence[tuple[str, dict[str, Any]]]) -> list[Any]:
        """Carry out commands at the present instant, in one transaction; a result or the WayfareError for each."""
        executor = self._executor()
        results: list[Any] = []
        for kind, data in asked:
            try:
                results.append(self._act(executor, kind, data))
            except (
                REFUSALS
            ) as refused:  # told before anything is changed; every other error ends the whole lot
                results.append(refused)
        self._commit(executor, self.applied)
        self.book = executor.book
        self._dispatch(executor)
        return results

    def repeat(self, command: Command) -> None:
        """Carry out a recorded command again, at its own instant (a refold)."""
        if self.by_log and command.kind in BARRIER:
            self._until_planned(command)
        else:
            self.fire(command.at)
        executor = self._executor()
        self._act(executor, command.kind, command.data)
        self._commit(executor, self.applied)
        self.book = executor.book

    def _until_planned(self, command: Command) -> None:
        """Under the log clock a message is sent before the next timer fires: fire only until it is planned."""
        self.instant = max(self.instant, command.at)
        name = command.data["message"]
        done = False
        while not done:
            message = self.store.messages_by_id([name]).get(name)
            if message is not None and message.state in ("planned", "started"):
                return
            executor = self._executor()
            done = executor.fire(self.instant)
            self._commit(executor, self.applied)

    def _act(self, executor: Executor, kind: str, data: dict[str, Any]) -> Any:
        command = Command(self._command_seq + 1, self.applied, self.instant, kind, data)
        result = act(executor, command)
        self._command_seq += 1
        executor.world.changes.commands.append(command)
        executor.world.changes.meta["command_seq"] = self._command_seq
        return result

    # ---- within

    def _executor(self) -> Executor:
        """Who applies the next lot: the last lot's, which knows people already, when that committed whole.

        It is taken out while it works: only a commit puts it back, so whatever fails is forgotten with all it knew.
        """
        executor, self._proven = self._proven, None
        if executor is None:
            world = World(self.store, self._meta)
            return Executor(self.book, world, instant_sends=False, barrier=self.by_log, offset=self.applied)
        executor.renew(self.applied)
        if executor.book is not self.book:
            executor.use(self.book)
        return executor

    def _commit(self, executor: Executor, offset: int) -> bool:
        """Commit what the executor's world changed; False when that is nothing."""
        world = executor.world
        changes = world.changes
        if offset == self.applied and not _anything(world):
            self._proven = executor
            return False
        changes.meta.update(offset=offset, clock=self.log_clock, seq=world.seq, instant=self.instant)
        self.store.commit(changes)
        self._meta.update(changes.meta)
        self.applied = offset
        self._proven = executor
        if executor.post.planned and not executor.barrier:
            self.on_planned(list(executor.post.planned))
        self.on_commit()
        return True

    def settle(self) -> None:
        """Write down the present instant, so that whoever reads the store knows what has fired."""
        executor = self._executor()
        executor.world.changes.meta["settled"] = True
        self._commit(executor, self.applied)

    def recover(self) -> None:
        """Under the log clock: end what the last run left planned or started, before anything is applied."""
        if not self.by_log or self.courier is None:
            return
        waiting: deque[str] = deque(message.id for message in self.store.outbox(1 << 31))
        for message in self.store.outbox(1 << 31, "started"):
            self._answered(message.id, self.courier.resume(message), waiting)
        self._deliver(self.courier, waiting)

    def _dispatch(self, executor: Executor) -> None:
        """Under the log clock: send what was planned at this instant before anything later is applied."""
        if executor.barrier and self.courier is not None:
            self._deliver(self.courier, deque(executor.post.planned))

    def _deliver(self, courier: Courier, waiting: deque[str]) -> None:
        while waiting:
            name = waiting.popleft()
            started = self._direct("start", {"message": name}, waiting)
            if isinstance(started, Message):
                self._answered(name, courier.deliver(started), waiting)

    def _answered(self, name: str, answer: tuple[str, str, Instant | None], waiting: deque[str]) -> None:
        outcome, reason, due = answer
        self._direct("answer", {"message": name, "outcome": outcome, "reason": reason, "due": due}, waiting)

    def _direct(self, kind: str, data: dict[str, Any], waiting: deque[str]) -> Any:
        executor = self._executor()
        result = self._act(executor, kind, data)
        self._commit(executor, self.applied)
        waiting.extend(name for name in executor.post.planned if name not in waiting)
        return result

    def _recalled(self, book: Book) -> Book:
        """The book with everything published that the ledger says was."""
        executor = Executor(book, World(None, self._meta, ledger=False), instant_sends=False)
        after = 0
        while commands := self.store.commands(after):
            for command in commands:
                after = command.seq
                if command.kind in BOOKED:
                    act(executor, command)
        return executor.book


def _anything(world: World) -> bool:
    changes = world.changes
    return bool(
        changes.profiles or changes.enrollments or changes.armed or changes.disarmed or changes.messages
        or changes.applied or changes.commands or changes.tasks or changes.meta
    )  # fmt: skip
