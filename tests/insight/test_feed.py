"""History follows what the engine decides, in a process of its own that may die at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from wayfare.engine.asking import HistoryClient, LocalHistory
from wayfare.engine.child import HistoryProcess
from wayfare.facts.decode import Head
from wayfare.facts.event import Event
from wayfare.ground.errors import Malformed, NotBuilt, Unavailable
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Log
from wayfare.stores.records import Applied, Changes, Merge

HEAD = msgspec.json.encode(Head("web"))
NOW = 1_770_000_000_000


class Server:
    """The two stores that an engine writes, and an engine that takes every event as it comes."""

    def __init__(self, data: Path) -> None:
        self.log = Log.open(data / "log", lambda: NOW)
        self.live = LiveStore.open(data / "live.db")
        self.seq = 0

    def track(self, *names: str, user: str = "u1") -> None:
        items = [
            {"type": "track", "userId": user, "event": name, "timestamp": "2026-01-31T10:00:00Z"}
            for name in names
        ]
        ack = self.log.append(
            [Entry("web", None, "segment", HEAD, msgspec.json.encode(item)) for item in items]
        )
        first = ack.offset - len(names) + 1
        self.decide(*[Applied(0, first + place, "applied", f"prf_{user}") for place in range(len(names))])

    def decide(self, *decided: Applied, merges: tuple[Merge, ...] = ()) -> None:
        changes = Changes()
        for one in decided:
            self.seq += 1
            changes.applied.append(msgspec.structs.replace(one, seq=self.seq))
        changes.merges += [msgspec.structs.replace(merge, arrival=self.seq) for merge in merges]
        changes.meta = {"offset": self.log.head, "seq": self.seq}
        self.live.commit(changes)

    def close(self) -> None:
        self.live.close()
        self.log.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.close()


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "took too long"
        time.sleep(0.01)


def trend(**frame: object) -> dict[str, object]:
    return {"kind": "trend", "series": ["A"], "measure": "profiles", "interval": "day", **frame}


def test_the_feed_joins_verdicts_with_the_log(server: Server, tmp_path: Path) -> None:
    server.track("A", "B")
    ours = Event("e1", "wayfare", "track", "Journey Entered", NOW, NOW, origin="enr_1")
    server.decide(
        Applied(0, 2, "applied", "prf_u1", event=ours), Applied(0, 2, "quarantined", reason="no_id"),
    )  # fmt: skip
    server.track("A", user="u2")
    server.decide(merges=(Merge("prf_u1", "prf_u2", NOW, "alias", "m", 0),))
    history = LocalHistory.open(tmp_path, "UTC")
    assert history.ask(trend(), NOW)["series"][0]["points"][0]["value"] == 1  # two profiles, one person
    assert [(row.seq, row.profile, row.event.name) for row in history.scan()] == [
        (1, "prf_u1", "A"), (2, "prf_u1", "B"), (5, "prf_u2", "A"), (3, "prf_u1", "Journey Entered"),
    ]  # fmt: skip
    assert history.position() == (5, 3, NOW)
    assert history.counts() == {"A": 2, "B": 1, "Journey Entered": 1}
    server.track("A", user="u3")
    assert history.ask(trend(), NOW)["series"][0]["points"][0]["value"] == 2
    history.close()


def test_the_journey_kind_is_answered_by_the_hook(server: Server, tmp_path: Path) -> None:
    history = LocalHistory.open(tmp_path, "UTC", journey=lambda question: {"journey": question.id})
    assert history.ask({"kind": "journey", "id": "welcome"}, NOW) == {"journey": "welcome"}
    history.close()
    with pytest.raises(NotBuilt):
        HistoryClient(tmp_path, "UTC").ask({"kind": "journey", "id": "welcome"}, NOW)


def test_a_child_that_is_killed_comes_back_with_nothing_lost_or_doubled(
    server: Server, tmp_path: Path
) -> None:
    deep = tmp_path / ("long-" * 12) / ("path-" * 12)  # longer than a socket's path may be
    deep.mkdir(parents=True)
    data = deep / "data"
    data.symlink_to(tmp_path)
    child = HistoryProcess(data, "UTC")
    client = HistoryClient(data, "UTC")
    try:
        total = 0
        for strike in range(3):
            for _ in range(5):
                server.track(*["A"] * 100)
                total += 100
            until(lambda: client.position().covered > 0)
            before = child.pid
            os.kill(before, signal.SIGKILL)
            until(lambda before=before: child.pid != before)
            server.track("B", user=f"u{strike}")
        until(lambda: client.position().covered == server.seq)
        assert client.counts() == {"A": total, "B": 3}
        assert client.position().offset == server.log.head
        rows = list(client.scan(names={"B"}))
        assert [row.profile for row in rows] == ["prf_u0", "prf_u1", "prf_u2"]
        assert len(list(client.scan())) == total + 3
        server.track("C")
        wrote = time.monotonic()
        until(lambda: client.counts().get("C") == 1)
        assert time.monotonic() - wrote < 1
        found = client.ask(trend(measure="events"), NOW)
        assert found["series"][0]["points"] == [{"at": "2026-01-31T00:00:00+00:00", "value": total}]
        with pytest.raises(Malformed, match="WF5002"):
            client.ask(trend(form="2026"), NOW)
        with pytest.raises(Unavailable, match="WF5501"):
            LocalHistory.open(tmp_path, "UTC")
    finally:
        child.stop()
    assert LocalHistory.open(tmp_path, "UTC").position().covered == server.seq


def test_the_child_dies_with_its_parent(server: Server, tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from wayfare.engine.child import HistoryProcess\n"
        f"child = HistoryProcess(Path({str(tmp_path)!r}), 'UTC'); print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    HistoryClient(tmp_path, "UTC").position()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
