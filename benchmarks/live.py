"""Live: collect, profile, ten journeys, outbox and inbox, end to end through the server, as fast as it keeps up."""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path

import apsw
from bed import shop
from bed.crowd import Crowd, batch
from bed.report import Row, Spent, resident, show

from wayfare.stores.live_read import LiveReader

BATCH = 100
CALLERS = 4
AHEAD = 8_000  # accepted events that may wait for the engine: more would only measure the log


class Pressure:
    """Clients that send as fast as the engine applies."""

    def __init__(self, served: shop.Served, key: str, people: int) -> None:
        self.served = served
        self.key = key
        self.people = people
        self.stopping = threading.Event()
        self.offsets = served.offsets()
        self.track: list[tuple[float, int, float]] = []  # (seconds, applied, MB of the server)

    def known(self) -> None:
        """Introduce everybody first, each once."""
        crowd = Crowd(self.people).known()
        sender = shop.Sender(self.served.port, self.key)
        while items := [item for item, _ in zip(crowd, range(1_000), strict=False)]:
            sender.send(batch(items))
        sender.close()
        while (told := self.served.offsets())["applied"] < told["accepted"]:
            time.sleep(0.2)

    def run(self, seconds: float) -> None:
        """Send for so long."""
        self.stopping.clear()
        threads = [threading.Thread(target=self._send, args=(place,)) for place in range(CALLERS)]
        began = time.monotonic()
        self.offsets = self.served.offsets()
        for thread in threads:
            thread.start()
        while (passed := time.monotonic() - began) < seconds:
            self.offsets = self.served.offsets()
            self.track.append((passed, self.offsets["applied"], resident(self.served.pid)))
            time.sleep(0.1)
        self.stopping.set()
        for thread in threads:
            thread.join()
        self.offsets = self.served.offsets()

    def _send(self, place: int) -> None:
        crowd = Crowd(self.people, 100 + place)
        sender = shop.Sender(self.served.port, self.key)
        while not self.stopping.is_set():
            if self.offsets["accepted"] - self.offsets["applied"] > AHEAD:
                time.sleep(0.02)
                continue
            for _ in range(8):
                sender.send(batch(list(crowd.items(BATCH))))
        sender.close()


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--keep", type=Path, help="a folder for the workspace, kept afterwards")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = (asked.keep or Path(place)) / "shop"
        key = shop.found(root)
        with shop.Served.workspace(root) as served:
            pressure = Pressure(served, key, asked.people)
            spent = Spent((served.pid,))
            pressure.known()
            spent.stop()
            rows = [
                Row(
                    "people introduced, per CPU second of the server", asked.people / spent.others, "events/s"
                ),
                Row("people introduced, per second", asked.people / spent.wall, "events/s"),
            ]
            shop.publish(root)
            before = served.offsets()["applied"]
            spent = Spent(served.processes)
            server = Spent((served.pid,))
            pressure.run(asked.seconds)
            spent.stop()
            server.stop()
            rows += _rows(pressure, before, spent, server)
        rows += _ledger(root / "data", pressure.offsets["applied"])
    about = {
        "people": asked.people,
        "seconds": asked.seconds,
        "journeys": len(shop.JOURNEYS),
        "segments": "not built yet",
    }
    show("live, end to end", rows, about)


def _rows(pressure: Pressure, before: int, spent: Spent, server: Spent) -> list[Row]:
    applied = pressure.offsets["applied"] - before
    memory = [size for _, _, size in pressure.track]
    middle, end = memory[len(memory) // 2], memory[-1]
    return [
        Row("applied, per second", applied / spent.wall, "events/s", 40_000),
        Row("applied, per CPU second of the server", applied / server.others, "events/s"),
        Row("applied, per CPU second of server and history", applied / spent.others, "events/s"),
        Row("cores used by the server", server.others / server.wall, "cores"),
        Row("cores used by the clients", spent.cpu / spent.wall, "cores"),
        Row("memory of the server at half time", middle, "MB"),
        Row("memory of the server at the end", end, "MB"),
    ]


def _ledger(data: Path, applied: int) -> list[Row]:
    """What came of it, read from the stores once the server has drained."""
    reader = LiveReader(data / "live.db")
    states = reader.message_counts()
    reader.close()
    store = apsw.Connection(str(data / "live.db"))
    (transitions,) = store.execute("select count(*) from transition").fetchone() or (0,)
    (runs,) = store.execute("select count(*) from enrollment").fetchone() or (0,)
    store.close()
    inbox = apsw.Connection(str(data / "inbox.db"))
    (received,) = inbox.execute("select count(*) from received").fetchone() or (0,)
    inbox.close()
    assert received == states.get("sent", 0), f"{received} received, {states} told"
    return [
        Row("events applied in all", applied, "events"),
        Row("enrollments", runs, ""),
        Row("transitions", transitions, ""),
        Row("messages in the inbox", received, ""),
        Row("messages planned and not sent when it stopped", states.get("planned", 0), ""),
    ]


if __name__ == "__main__":
    main()
