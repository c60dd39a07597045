"""Timers: many due at one instant, drained by the engine's writer into the live store; none may be lost."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import apsw
import msgspec
from bed import shop
from bed.report import Row, Spent, show
from ruamel.yaml import YAML

from wayfare.contact import policy
from wayfare.engine.book import Book
from wayfare.engine.transact import Transactor
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Log

JOURNEY = """\
journey: noon
entry: {on: event, event: Booked}
start: pause
nodes:
  pause: {wait: {until: event.properties.at}, next: done}
  done: {finish: completed}
"""
HOUR = 3_600_000
read = YAML(typ="safe", pure=True).load


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--timers", type=int, default=100_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        rows = _run(Path(place), asked.timers)
    show("timers at one instant", rows, {"timers": asked.timers})


def _run(folder: Path, count: int) -> list[Row]:
    now = [int(time.time() * 1000)]
    due = now[0] + HOUR
    log = Log.open(folder / "log", lambda: now[0])
    store = LiveStore.open(folder / "live.db")
    work = Transactor(store, Book("bench", "bench", "UTC", policy.parse(read(shop.POLICY))), by_log=False)
    work.carry_out([("publish", {"journey": "noon", "version": 1, "document": read(JOURNEY)})])
    head = msgspec.json.encode({"source": "bench"})
    for first in range(0, count, 10_000):
        log.append([_booked(n, due, head) for n in range(first, min(first + 10_000, count))])
    entered = Spent()
    while rows := log.read(work.applied, 1_000):
        work.rows(rows)
    entered.stop()
    store.close()
    store = LiveStore.open(folder / "live.db")  # nothing that fires was kept in memory
    work = Transactor(store, work.book, by_log=False)
    fired = Spent()
    work.fire(due)
    fired.stop()
    log.close()
    store.close()
    found = apsw.Connection(str(folder / "live.db"))
    (left,) = found.execute("select count(*) from timer").fetchone() or (0,)
    (ended,) = found.execute("select count(*) from enrollment where status = 'completed'").fetchone() or (0,)
    found.close()
    return [
        Row("entered, per CPU second", count / entered.cpu, "people/s", 50_000),
        Row("fired, per CPU second", count / fired.cpu, "timers/s"),
        Row("1 M drained in, at this speed", 1_000_000 * fired.wall / count, "s", 30, most=True),
        Row("lost", count - ended + left, "timers", 0, most=True),
        Row("peak memory", fired.memory, "MB"),
    ]


def _booked(number: int, due: int, head: bytes) -> Entry:
    item = {
        "type": "track", "event": "Booked", "userId": f"u{number}", "messageId": f"m{number}",
        "properties": {"at": _text(due)},
    }  # fmt: skip
    return Entry("bench", f"m{number}", "segment", head, msgspec.json.encode(item))


def _text(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 1000)) + f".{at % 1000:03}Z"


if __name__ == "__main__":
    main()
