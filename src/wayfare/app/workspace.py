"""The workspace: the stores, the engine and the definitions of one folder, and every verb that they can do together."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from wayfare.app.book import make_book
from wayfare.app.desk import Desk
from wayfare.app.drafts import difference, put
from wayfare.app.lock import Lock
from wayfare.app.trials import ready
from wayfare.channels.channel import Channel
from wayfare.channels.console import Console
from wayfare.channels.inbox import Inbox
from wayfare.config.workspace import Config, load
from wayfare.engine import imports
from wayfare.engine.clock import Clock
from wayfare.engine.dispatch import Dispatcher, local_providers
from wayfare.engine.keys import Keys
from wayfare.engine.verbs import Json, Progress
from wayfare.engine.verify import verify
from wayfare.engine.writer import Writer
from wayfare.facts import envelope
from wayfare.facts.decode import Head
from wayfare.ground.errors import Lang, Missing, NotBuilt, Refused
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Log

PYTHON = "python"  # the source of events that a program hands over directly
LIVE = "live.db"


def open_workspace(root: Path) -> Workspace:
    """Take the lock and open everything; Unavailable WF6912 while another process has it."""
    config = load(root)
    lock = Lock.take(config.data)
    try:
        return Workspace(config, lock)
    except BaseException:
        lock.release()
        raise


class Workspace(Desk):
    """An open workspace; its verbs (engine/verbs.py) may be called from any thread. A context manager."""

    def __init__(self, config: Config, lock: Lock) -> None:
        book = make_book(config)
        self.data = config.data
        self._lock = lock
        with contextlib.ExitStack() as opening:
            self.keys = Keys(self.data)
            opening.callback(self.keys.close)
            store = LiveStore.open(self.data / LIVE)
            opening.callback(store.close)
            self.clock = Clock(config.settings.clock, int(store.meta().get("wall", 0)))
            self.log = Log.open(self.data / "log", self.clock.now)
            opening.callback(self.log.close)
            writer = Writer(self.log, store, book, self.clock)
            super().__init__(config, store, writer)
            self._dispatch(store, writer, opening)
            writer.on_commit = self._committed
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
            self._closing.close()
        finally:
            self._lock.release()

    def _dispatch(self, store: LiveStore, writer: Writer, opening: contextlib.ExitStack) -> None:
        """The dispatcher, with what the last run left; it is told of messages by the writer's own thread."""
        inbox, console = Inbox(self.data / "inbox.db"), Console()
        opening.callback(inbox.close)

        def channel(name: str) -> Channel:
            return writer.book.channel(name)

        self.dispatcher = Dispatcher(writer, channel, local_providers(inbox, console), self.clock.now)
        if self.clock.by_log:
            writer.courier = self.dispatcher
            return

        def planned(names: list[str]) -> None:
            self.dispatcher.planned((one.id, one.channel) for one in store.messages_by_id(names).values())

        writer.on_planned = planned
        started = store.outbox(1 << 31, "started")
        self.dispatcher.recover(started, [(one.id, one.channel) for one in store.outbox(1 << 31)])

    # ---- state

    def offsets(self) -> dict[str, int]:
        """How far the log is accepted, applied and in history."""
        return {"accepted": self.log.head, "applied": self.writer.applied, "history": 0}

    def ready(self) -> bool:
        """Whether the engine works."""
        return self.writer.working

    # ---- definitions

    def plan(self) -> Json:
        """What publishing every draft would change."""
        config = load(self.config.root)
        return _many([self._difference(config, name) for name in config.journeys])

    def apply(self) -> Json:
        """Publish every draft that changed; nothing is published when any has an error."""
        config = load(self.config.root)
        for name in config.journeys:
            ready(config, self.writer.book, name, "en")
        return _many([self._publish(config, name) for name in config.journeys])

    def publish(self, journey: str) -> Json:
        """Publish a draft as the next version; the live version again when nothing changed."""
        return self._publish(load(self.config.root), journey)

    def lifecycle(self, journey: str, verb: str) -> Json:
        """Pause, resume, stop or archive."""
        status = self.status(journey)
        newest = self._newest(journey)
        if newest is None:
            if journey not in load(self.config.root).journeys:
                raise self._no_journey(load(self.config.root), journey)
            raise Refused("WF6919", journey, status=status, verb=verb)
        self.writer.call("lifecycle", {"journey": journey, "verb": verb})
        return {"journey": journey, "status": self.status(journey), "version": newest.version, "affected": []}

    def put_draft(self, journey: str, body: bytes, as_json: bool, expected: str | None, lang: Lang) -> Json:
        """Keep a draft; its new ETag and problems."""
        put(self.config, journey, body, as_json, expected)
        return self.draft(journey, lang)

    def _difference(self, config: Config, journey: str) -> Json:
        document = config.journeys.get(journey)
        if document is None:
            raise self._no_journey(config, journey)
        data = document.data if isinstance(document.data, dict) else {}
        return difference(journey, data, self._newest(journey), self.store.journey_counts(journey))

    def _publish(self, config: Config, journey: str) -> Json:
        ready(config, self.writer.book, journey, "en")
        found = self._difference(config, journey)
        if found["change"] != "same" or self.status(journey) != "live":
            newest = self._newest(journey)
            found["version"] = newest.version + 1 if newest else 1
            data = {
                "journey": journey,
                "version": found["version"],
                "document": config.journeys[journey].data,
            }
            self.writer.call("publish", data)
        return found

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
        batch = envelope.split(json.dumps({"batch": [dict(event) for event in events]}).encode())
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
        self._applied(self.log.head)
        return report

    # ---- questions

    def ask(self, question: Mapping[str, Any]) -> Json:
        """Contract §5."""
        raise NotBuilt("WF0001", "ask", part="`ask`")

    def members(self, answer: str, cell: str) -> Json:
        """The people behind a cell of an answer."""
        raise NotBuilt("WF0001", "ask", part="`GET /api/ask/{id}/members`")

    def verify(self) -> Json:
        """Prove the ledger."""
        self._applied(self.log.head)
        return verify(self.data / LIVE, self.writer.applied, None)

    # ---- within

    def _applied(self, offset: int) -> None:
        if not self.writer.wait_applied(offset, timeout=3600):
            raise Refused("WF6912", str(self.data))

    def _committed(self) -> None:
        self.meter.note(self.writer.applied, self.clock.now())


def _many(found: list[Json]) -> Json:
    """Several journeys as one answer; that of the only one that changes stands on top."""
    changed = [one for one in found if one["change"] != "same"]
    only = changed[0] if len(changed) == 1 else {"journey": None, "version": None}
    affected = [row for one in found for row in one["affected"]]
    return {"journey": only["journey"], "version": only["version"], "affected": affected, "journeys": found}


def _minted() -> str:
    return f"evt_{secrets.token_hex(16)}"
