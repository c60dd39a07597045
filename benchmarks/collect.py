"""Collect: events per second that are durable and exactly de-duplicated, by the log alone and over HTTP."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bed.crowd import Crowd, batch
from bed.report import Row, Spent, show
from bed.shop import Sender, Served, free_port

from wayfare.stores.log import Entry, Log
from wayfare.stores.log_day import Day
from wayfare.stores.sqlite import transaction

BATCH = 100
CALLERS = 4
DAYS = 10
BLOCK = 100_000


def now() -> int:
    """The wall clock."""
    return int(time.time() * 1000)


def remember(folder: Path, keys: int) -> None:
    """Fill the days before today with keys of events that were received then; the payloads are left out."""
    folder.mkdir(parents=True)
    day, first = datetime.now(UTC).date() - timedelta(days=DAYS), 1
    entry = [Entry("bench", None, "segment", b"{}", b"{}")]
    for _ in range(DAYS if keys else 0):
        made = Day(folder, day.isoformat(), first)
        for _ in range(keys // DAYS // BLOCK):
            with transaction(made.connection):
                made.put(first, entry, now(), os.urandom(16 * BLOCK), b"")
            first += 1
        made.close()
        day += timedelta(days=1)


def callers(work: Callable[[int], None]) -> None:
    """Run the work of every caller in a thread of its own."""
    threads = [threading.Thread(target=work, args=(place,)) for place in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def alone(folder: Path, events: int, keys: int) -> list[Row]:
    """The log in this process: callers hand over ready entries."""
    remember(folder, keys)
    log = Log.open(folder, now)
    batches = [
        [
            [Entry("bench", f"m{place}-{turn}-{n}", "segment", b'{"source":"bench"}', item)
             for n, item in enumerate(crowd.items(BATCH))]
            for turn in range(events // CALLERS // BATCH)
        ]
        for place in range(CALLERS)
        for crowd in [Crowd(100_000, place)]
    ]  # fmt: skip
    kept = [0] * CALLERS

    def run(place: int) -> None:
        answers = [log.append_soon(entries) for entries in batches[place][:4]]
        for entries in batches[place][4:]:
            kept[place] += answers.pop(0).result().accepted
            answers.append(log.append_soon(entries))
        kept[place] += sum(answer.result().accepted for answer in answers)

    spent = Spent()
    callers(run)
    spent.stop()
    again = log.append(batches[0][0])
    log.close()
    assert again.duplicates == BATCH, "an id was taken twice"
    done = sum(kept)
    words = f"log alone, {keys:,} live keys" if keys else "log alone"
    goal = 60_000 if keys else 150_000
    return [
        Row(f"{words}: events per CPU second", done / spent.cpu, "events/s", goal),
        Row(f"{words}: events per second", done / spent.wall, "events/s"),
        Row(f"{words}: peak memory, the data that is sent included", spent.memory, "MB"),
    ]


def by_http(folder: Path, events: int, keys: int) -> list[Row]:
    """The product's doors in a process of their own, on loopback."""
    remember(folder, keys)
    port = free_port()
    bodies = [
        [batch(list(crowd.items(BATCH))) for _ in range(events // CALLERS // BATCH)]
        for crowd in (Crowd(100_000, place) for place in range(CALLERS))
    ]
    with Served(
        [sys.executable, str(Path(__file__).parent / "bed/doors.py"), str(folder), str(port)], port
    ) as served:
        senders = [Sender(port, "key") for _ in range(CALLERS)]

        def run(place: int) -> None:
            for body in bodies[place]:
                senders[place].send(body)

        spent = Spent((served.pid,))
        callers(run)
        spent.stop()
        senders[0].send(bodies[0][0])
    log = Log.open(folder, now)
    done = sum(map(len, bodies)) * BATCH
    first = keys // BLOCK // DAYS * DAYS
    assert log.head - first == done, f"{log.head - first} rows of {done} events"
    log.close()
    words = f"HTTP, {keys:,} live keys" if keys else "HTTP"
    return [
        Row(
            f"{words}: events per CPU second of the server",
            done / spent.others,
            "events/s",
            60_000 if keys else 150_000,
        ),
        Row(f"{words}: events per second", done / spent.wall, "events/s"),
        Row(f"{words}: memory of the server", spent.memory, "MB"),
    ]


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=400_000)
    options.add_argument("--keys", type=int, default=10_000_000, help="ids remembered from earlier days")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = alone(folder / "a", asked.events, 0) + alone(folder / "b", asked.events, asked.keys)
        rows += by_http(folder / "c", asked.events // 2, 0) + by_http(
            folder / "d", asked.events // 2, asked.keys
        )
    show(
        "collect, durable, batches of 100",
        rows,
        {"events": asked.events, "keys": asked.keys, "callers": CALLERS},
    )


if __name__ == "__main__":
    main()
