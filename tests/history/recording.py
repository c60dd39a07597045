"""A recorded run: what the log and the commands were, and the ledger that followed, as lines of JSON.

`python -m tests.history.recording NAME` records one; what is recorded stays, since later versions are held to it.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tests.engine.streams import HOUSE, scene, stream
from tests.golden.drive import Live
from tests.golden.scene import read
from wayfare.engine.book import Book
from wayfare.engine.transact import Transactor
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Log
from wayfare.stores.records import Command

HERE = Path(__file__).parent
LENGTH = 140
WHATS = ("Cart", "Cart", "Cart", "Order", "Click", "traits", "import", "broken", "consent")
SEEDS = {"first-log": 40, "first-wall": 45}


def path(name: str) -> Path:
    """Where a recording is."""
    return HERE / f"{name}.jsonl"


def told(store: LiveStore) -> Iterator[dict[str, Any]]:
    """Everything that a run leaves behind, in one order."""
    for one in store.applied_after(0, 1_000_000):
        name = one.event.name if one.event is not None else ""
        yield {"applied": [one.seq, one.offset, one.verdict, one.profile, one.reason, name]}
    for row in store.transitions(limit=1_000_000).items[::-1]:
        yield {"transition": list(msgspec.structs.asdict(row).values())}
    for message in sorted(store.messages(limit=1_000_000).items, key=lambda m: m.id):
        kept = msgspec.structs.asdict(message)
        yield {
            "message": [kept[key] for key in MESSAGE],
            "verdicts": [[v.gate, v.outcome, v.reason, v.until] for v in message.verdicts],
        }
    for journey in ("after", "bought", "cart"):
        for run in sorted(store.enrollments_at(journey, limit=1_000_000).items, key=lambda r: r.id):
            kept = msgspec.structs.asdict(run)
            yield {"enrollment": [kept[key] for key in RUN]}
    for task in sorted(store.tasks(limit=1_000_000).items, key=lambda t: t.id):
        yield {
            "task": [
                task.id,
                task.enrollment,
                task.state,
                task.outcome,
                task.created_at,
                task.due_at,
                task.closed_at,
            ]
        }
    for person in sorted(store.profiles(limit=1_000_000).items, key=lambda p: p.id):
        yield {
            "person": [
                person.id,
                person.seen,
                person.traits,
                person.consent,
                person.identifiers,
                person.merged,
            ]
        }


MESSAGE = (
    "id", "enrollment", "profile", "node", "visit", "channel", "klass", "state", "planned_at", "at", "reason", "due",
    "expires_at", "reserved", "content", "arm",
)  # fmt: skip
RUN = (
    "id", "journey", "version", "profile", "birth", "entered_at", "key", "arm", "status", "node", "visit", "posture",
    "arrived_at", "goals", "exited_at", "reason",
)  # fmt: skip


def record(name: str, seed: int, by_log: bool) -> None:
    """Run a made stream with a provider behind it, and write down all of it."""
    made = scene(stream(seed, LENGTH, WHATS))
    with tempfile.TemporaryDirectory() as folder:
        driver = Live(made, Path(folder))
        try:
            if not by_log:
                _by_wall(driver, made.book)
            for step in made.steps:
                driver.take(step)
            lines = [
                {"book": {"by_log": by_log, "house": {k: v for k, v in HOUSE.items() if k != "journeys"}}}
            ]
            lines += _given(driver)
            lines += told(driver.store)
        finally:
            driver.close()
    path(name).write_text(
        "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    )


def _by_wall(driver: Live, book: Book) -> None:
    """Under the wall clock a dispatcher answers a little later, by commands of its own."""
    work = driver.work = Transactor(driver.store, book, by_log=False)

    def answer(names: list[str]) -> None:
        queue.extend(names)

    queue: list[str] = []
    work.on_planned = answer
    apply = driver.apply

    def applied(limit: int = 1_000) -> None:
        apply(limit)
        while queue:
            name = queue.pop(0)
            work.fire(work.instant + 40)
            (started,) = work.carry_out([("start", {"message": name})])
            if started is not None:
                outcome = ("sent", "failed", "unknown", "retry")[(len(name) + work.instant) % 11 % 4]
                due = work.instant + 600_000 if outcome == "retry" else None
                work.fire(work.instant + 25)
                work.carry_out(
                    [("answer", {"message": name, "outcome": outcome, "reason": "busy", "due": due})]
                )

    driver.apply = applied  # type: ignore[method-assign]


def _given(driver: Live) -> Iterator[dict[str, Any]]:
    for row in driver.log.read(0, 1_000_000):
        body = row.body.decode() if row.form == "segment" else base64.b64encode(row.body).decode()
        yield {"row": [row.offset, row.receipt, row.source, row.form, row.head.decode(), body]}
    commands = driver.store.commands(0, 1_000_000)
    for one in commands:
        yield {"command": [one.seq, one.after, one.at, one.kind, one.data]}


def replay(name: str, folder: Path) -> tuple[str, str]:
    """The recording's own ledger, and the one that this version writes of the same rows and commands."""
    given: dict[str, list[Any]] = {"book": [], "row": [], "command": []}
    recorded: list[str] = []
    for line in path(name).read_text().splitlines():
        (kind, value), *_ = json.loads(line).items()
        if kind in given:
            given[kind].append(value)
        else:
            recorded.append(line)
    (head,) = given["book"]
    book = read({**head["house"], "journeys": [], "when": [], "until": "2026-01-01"}, name).book
    store = LiveStore.open(folder / "live.db")
    log = _log(given["row"], folder)
    try:
        work = Transactor(store, book, head["by_log"])
        for seq, after, at, kind, data in given["command"]:
            _rows(log, work, after)
            work.repeat(Command(seq, after, at, kind, data))
        _rows(log, work, log.head)
        lines = [json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in told(store)]
        return "\n".join(recorded), "\n".join(lines)
    finally:
        log.close()
        store.close()


def _log(rows: list[list[Any]], folder: Path) -> Log:
    """The log that was recorded: every row at its offset and receipt."""
    now = [0]
    log = Log.open(folder / "log", lambda: now[0])
    for offset, receipt, source, form, head, body in rows:
        now[0] = receipt
        raw = body.encode() if form == "segment" else base64.b64decode(body)
        ack = log.append([Entry(source, None, form, head.encode(), raw)])
        assert ack.offset == offset
    return log


def _rows(log: Log, work: Transactor, upto: int) -> None:
    while work.applied < upto:
        work.rows(log.read(work.applied, upto - work.applied))


if __name__ == "__main__":
    record(sys.argv[1], SEEDS[sys.argv[1]], sys.argv[1].endswith("log"))
