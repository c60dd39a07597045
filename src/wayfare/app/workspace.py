"""The workspace: the stores, the engine and the definitions of one folder, and every verb that they can do together."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from wayfare.app.book import make_book
from wayfare.app.lock import Lock
from wayfare.app.opening import dispatching, last_instant
from wayfare.app.publishing import Publishing
from wayfare.app.rehearsal import simulate_drafts
from wayfare.channels.inbox import Inbox
from wayfare.config.workspace import Config, load
from wayfare.engine import imports
from wayfare.engine.clock import Clock
from wayfare.engine.dump import chosen, event_row, write
from wayfare.engine.keys import Keys
from wayfare.engine.timeline import timeline
from wayfare.engine.verbs import Json, Page, Progress
from wayfare.engine.verify import verify
from wayfare.engine.writer import Writer
from wayfare.facts import envelope
from wayfare.facts.decode import Head
from wayfare.ground.errors import Missing, NotBuilt, Unavailable
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Log

if TYPE_CHECKING:
    from wayfare.engine.asking import Asked, HistoryClient, LocalHistory

LIVE, LOG = "live.db", "log"  # below data/, where the history looks for them too
PYTHON = "python"  # the source of events that a program hands over directly
STILL_TRIES = 50
PATIENCE_SECONDS = 600.0  # for the engine and history to come to what was accepted


def open_workspace(root: Path, settled: bool = False) -> Workspace:
    """Take the lock and open everything; Unavailable WF6912 while another process has it.

    `settled`: return once everything accepted is applied and everything due has fired.
    """
    config = load(root)
    lock = Lock.take(config.data)
    try:
        return Workspace(config, lock, settled)
    except BaseException:
        lock.release()
        raise


class Workspace(Publishing):
    """An open workspace; its verbs (engine/verbs.py) may be called from any thread. A context manager."""

    def __init__(self, config: Config, lock: Lock, settled: bool) -> None:
        book = make_book(config)
        self.data = config.data
        self._lock = lock
        self._asking = threading.Lock()
        self._local: LocalHistory | None = None
        self._served: HistoryClient | None = None
        with contextlib.ExitStack() as opening:
            self.keys = Keys(self.data)
            opening.callback(self.keys.close)
            self.keys.pin(config.settings.id, config.settings.salt)
            store = LiveStore.open(self.data / LIVE)
            opening.callback(store.close)
            self.clock = Clock(config.settings.clock, last_instant(self.data / LOG, store))
            self.log = Log.open(self.data / LOG, self.clock.now)
            opening.callback(self.log.close)
            writer = Writer(self.log, store, book, self.clock)
            super().__init__(config, store, writer)
            inbox = Inbox(self.data / "inbox.db")
            opening.callback(inbox.close)
            self.dispatcher = dispatching(writer, store, self.clock, inbox)
            writer.on_commit = self._committed
            while settled and writer.turn():
                pass
            writer.start()
            opening.callback(writer.stop)
            opening.callback(self.dispatcher.stop)
            self._closing = opening.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Apply what was accepted, let everything end in order, and give the lock back."""
        try:
            if self._local is not None:
                self._local.close()
            self._closing.close()
        finally:
            self._lock.release()

    def serve_history(self) -> None:
        """From now on history is fed and asked in a process of its own, as long as this one lives."""
        from wayfare.engine.asking import HistoryClient
        from wayfare.engine.child import HistoryProcess

        with self._asking:
            if self._local is not None:
                self._local.close()
                self._local = None
            zone = self.config.settings.tz
            child = HistoryProcess(self.data, zone)
            self._closing.callback(child.stop)
            self._served = HistoryClient(self.data, zone, self._counted)

    @property
    def history(self) -> Asked:
        """The history: that of the child, else opened here when it is first asked."""
        with self._asking:
            if self._served is not None:
                return self._served
            if self._local is None:
                from wayfare.engine.asking import LocalHistory  # its kernels take a second to load

                self._local = LocalHistory.open(self.data, self.config.settings.tz, journey=self._counted)
            return self._local

    # ---- state

    def offsets(self) -> dict[str, int]:
        """How far the log is accepted, applied and in history; -1 while history cannot be asked."""
        try:
            history = self._served.position().offset if self._served is not None else -1
        except Unavailable:
            history = -1
        return {"accepted": self.log.head, "applied": self.writer.applied, "history": history}

    def ready(self) -> bool:
        """Whether the engine works."""
        return self.writer.working

    # ---- switches and people

    def kill_switch(self, on: bool | None = None) -> Json:
        """Set or tell the switch; answers after the live store has it."""
        if on is not None:
            self.writer.call("kill_switch", {"on": on})
        return {"on": self._switch()}

    def consent(self, person: str, change: Mapping[str, Any]) -> Json:
        """Change consent now, ahead of the log."""
        found = self.person(person)
        request = secrets.token_hex(16)
        event = self.writer.call("consent", {"profile": found.id, "request": request, **change})
        return {"profile": found.id, "event": event, "consent": self.profile(found.id)["consent"]}

    def exit_enrollment(self, enrollment: str, reason: str) -> Json:
        """Take somebody out of a run."""
        run = self.store.enrollment(enrollment)
        if run is None:
            raise Missing("WF6917", enrollment)
        self.writer.call("exit", {"profile": run.profile, "enrollment": enrollment, "reason": reason})
        return self.enrollment(enrollment)

    def task_done(self, task: str, outcome: str, properties: Mapping[str, Any]) -> Json:
        """A task is done."""
        self.writer.call("task", {"task": task, "outcome": outcome, "properties": dict(properties)})
        return {"task": task, "state": "done", "outcome": outcome}

    # ---- events

    def ingest(self, events: Sequence[Mapping[str, Any]]) -> Json:
        """Events in the form of the Segment family, from a program on this machine; answers once they are applied."""
        told = [{"type": "track", **event} for event in events]
        batch = envelope.split(json.dumps({"batch": told}).encode())
        entries = [
            Entry(
                PYTHON, key, "segment", msgspec.json.encode(Head(PYTHON, id=None if key else _minted())), item
            )
            for key, item in zip(batch.keys, batch.items, strict=True)
        ]
        ack = self.log.append(entries)
        self._applied(ack.offset)
        return {"accepted": ack.accepted, "duplicates": ack.duplicates}

    def import_files(
        self, files: Sequence[str], options: Mapping[str, Any], *, progress: Progress | None = None
    ) -> Json:
        """Contract §2 `import`; answers once history has the last row."""
        form = options.get("form", "events")
        if form != "events":
            raise NotBuilt("WF0001", f"--{form}", part=f"`import --{form}`")
        job = imports.plan(
            [Path(name) for name in files], options.get("map") or "", options.get("event"), options.get("where"),
            options.get("tz") or self.config.settings.tz, options.get("epoch"),
        )  # fmt: skip
        done = 0

        def append(entries: list[Entry]) -> Any:
            nonlocal done
            ack = self.log.append(entries)
            self.writer.wake()
            done += len(entries)
            if progress is not None:
                progress(done, None)
            return ack

        report = imports.load(job, append, bool(options.get("dry_run")))
        self._recorded()
        return report

    # ---- questions

    def timeline(self, person: str, limit: int, cursor: str | None) -> Page:
        """What happened with a person, the newest first: her events, the ledger's lines and messages about her."""
        found = self.person(person)
        if self._served is None:
            self._recorded()
        return timeline(found, self.store, self.history, limit, cursor)

    def ask(self, question: Mapping[str, Any]) -> Json:
        """Contract §5."""
        self._recorded()
        return self.history.ask(dict(question), self._now())

    def members(self, answer: str, cell: str) -> Json:
        """The people behind a cell of an answer."""
        raise NotBuilt("WF0001", answer, part="`GET /api/ask/{id}/members`")

    def simulate(
        self, journeys: Sequence[str], options: Mapping[str, Any], *, progress: Progress | None = None
    ) -> Json:
        """Contract §6: the drafts over stored history. Options: from, to, days, seed, transitions (a file)."""
        self._recorded()
        return simulate_drafts(self.files(), self.history, journeys, options, progress)

    def verify(self) -> Json:
        """Prove the ledger."""
        self._recorded()
        return verify(self.data / LIVE, self._still())

    def table(self, table: str, where: str | None = None) -> list[Json]:
        """The rows of a table."""
        return list(chosen(table, self._rows(table), where))

    def dump(self, table: str, out: str, where: str | None = None) -> Json:
        """Write a table to a file."""
        return {"rows": write(table, chosen(table, self._rows(table), where), Path(out))}

    # ---- within

    def _rows(self, table: str) -> Iterator[Json]:
        if table == "decisions":
            raise NotBuilt("WF0001", table, part="`dump decisions`")
        self._recorded()
        if table == "events":
            return (event_row(*row) for row in self.history.scan())
        return self.rows(table)

    def _applied(self, offset: int) -> None:
        if not self.writer.wait_applied(offset, timeout=3600):
            raise Unavailable("WF6926", str(self.data))

    def _recorded(self) -> None:
        """Wait until everything accepted so far is applied and in history."""
        head = self.log.head
        self._applied(head)
        history = self.history
        if self._local is not None:
            self._local.catch_up()
            return
        end = time.monotonic() + PATIENCE_SECONDS
        while history.position().offset < head:
            if time.monotonic() > end or not self.writer.working:
                raise Unavailable("WF6926", str(self.data))
            time.sleep(0.02)

    def _still(self) -> tuple[int, int] | None:
        """The arrival that history has come to and its events up to there; None when it never stands still."""
        for _ in range(STILL_TRIES):
            covered = self.history.position().covered
            count = sum(self.history.counts().values())
            if self.history.position().covered == covered:
                return covered, count
        return None

    def _committed(self) -> None:
        self.meter.note(self.writer.applied, self.clock.now())


def _minted() -> str:
    return f"evt_{secrets.token_hex(16)}"
