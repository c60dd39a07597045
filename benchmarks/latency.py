"""Latency: from the instant at which an entry event should be sent until its message is in the channel; fixed rate."""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import apsw
import msgspec
from bed import shop
from bed.crowd import Crowd, batch
from bed.report import Row, Spent, percentile, show

TICK = 0.01  # seconds between two requests
EVERY = 25  # one event of so many is watched: an entry that sends at once


class Watch:
    """Looks into the inbox all the time and notes when each watched message is there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.arrived: dict[int, float] = {}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        inbox = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
        inbox.set_busy_timeout(10_000)
        seen = 0
        while not self.stopping.is_set():
            rows: list[Any] = inbox.execute(
                "select seq, content from received where seq > ? order by seq", (seen,)
            ).fetchall()
            at = time.monotonic()
            for seq, content in rows:
                seen = seq
                number = int(msgspec.json.decode(content)["body"].rpartition(" ")[2])
                self.arrived.setdefault(number, at)
            time.sleep(0.002)
        inbox.close()


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=int, default=5_000, help="events per second")
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--people", type=int, default=100_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "shop"
        key = shop.found(root)
        with shop.Served.workspace(root) as served:
            shop.publish(root)
            watch = Watch(root / "data" / "inbox.db")
            watch.thread.start()
            spent = Spent((served.pid,))
            due = _send(served, key, asked)
            end = time.monotonic() + 60
            while len(watch.arrived.keys() & due.keys()) < len(due) and time.monotonic() < end:
                time.sleep(0.05)
            spent.stop()
            watch.stopping.set()
            watch.thread.join()
    took = [(watch.arrived[number] - at) * 1000 for number, at in due.items() if number in watch.arrived]
    lost = len(due) - len(took)
    rows = [
        Row("entry event → message in the channel, p50", percentile(took, 0.50), "ms"),
        Row("entry event → message in the channel, p99", percentile(took, 0.99), "ms", 250, most=True),
        Row("entry event → message in the channel, longest", max(took, default=0), "ms"),
        Row("watched messages", len(took), ""),
        Row("watched messages that had not come after a minute", lost, "", 0, most=True),
        Row("cores used by the server", spent.others / spent.wall, "cores"),
    ]
    show("latency, open loop", rows, {"rate": asked.rate, "seconds": asked.seconds, "people": asked.people})


def _send(served: shop.Served, key: str, asked: argparse.Namespace) -> dict[int, float]:
    """Send at the rate, whatever the server does; when each watched event was due, by its number."""
    crowd = Crowd(asked.people, 7)
    size = max(1, round(asked.rate * TICK))
    due: dict[int, float] = {}
    lanes = [_Lane(shop.Sender(served.port, key)) for _ in range(4)]
    began = time.monotonic()
    for turn in range(round(asked.seconds / TICK)):
        at = began + turn * TICK
        items = list(crowd.items(size))
        for place in range(0, size, EVERY):
            number = 1_000_000_000 + turn * size + place
            due[number] = at
            items[place] = (
                f'{{"messageId":"w{number}","userId":"w{number}","type":"track","event":"Coupon Claimed",'
                f'"properties":{{"n":{number},"price":1,"sku":"sku-1"}},"context":{{"traits":{{}}}}}}'
            ).encode()
            items.insert(place, (
                f'{{"messageId":"i{number}","userId":"w{number}","type":"identify","traits":{Crowd.traits(number)}}}'
            ).encode())  # fmt: skip
        lanes[turn % len(lanes)].put(batch(items))
        time.sleep(max(0.0, at + TICK - time.monotonic()))
    for lane in lanes:
        lane.end()
    return due


class _Lane:
    """A connection with a queue, so that a slow answer delays no later request's due time."""

    def __init__(self, sender: shop.Sender) -> None:
        self._sender = sender
        self._waiting: list[bytes] = []
        self._moved = threading.Condition()
        self._open = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def put(self, body: bytes) -> None:
        with self._moved:
            self._waiting.append(body)
            self._moved.notify()

    def end(self) -> None:
        with self._moved:
            self._open = False
            self._moved.notify()
        self._thread.join()
        self._sender.close()

    def _run(self) -> None:
        while True:
            with self._moved:
                self._moved.wait_for(lambda: self._waiting or not self._open)
                if not self._waiting:
                    return
                bodies, self._waiting = self._waiting, []
            for body in bodies:
                self._sender.send(body)


if __name__ == "__main__":
    main()
