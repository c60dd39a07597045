"""The crash trial: a writer is killed at any moment; what it acknowledged is there, the rest is whole or not at all."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import wayfare
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Log

CHILD = Path(__file__).parent / "crash_child.py"
KILLS = 5


def killed(arguments: list[str], seconds: float) -> list[str]:
    """The lines that a child told before it was killed, some time after its first one."""
    command = [sys.executable, str(CHILD), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(wayfare.__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(seconds)
        child.kill()
        rest = child.stdout.read()
    lines = (first + rest).splitlines(keepends=True)
    return [line.strip() for line in lines if line.endswith("\n")]


def test_the_log_keeps_every_acknowledged_row_and_each_batch_whole(tmp_path: Path) -> None:
    chance = random.Random(7)
    acknowledged: list[tuple[str, bool]] = []
    for life in range(KILLS):
        lines = killed(["log", str(tmp_path), str(life)], chance.uniform(0.02, 0.3))
        acknowledged += [(line.split()[0], line.endswith("1")) for line in lines]
        log = Log.open(tmp_path, lambda: int(time.time() * 1000))
        rows = log.read(0, 10**9)
        assert [row.offset for row in rows] == list(range(1, len(rows) + 1))
        assert len({row.body for row in rows}) == len(rows)
        batches = Counter(row.body.decode().rsplit(".", 1)[0] for row in rows)
        assert set(batches.values()) == {5}
        assert {batch for batch, _ in acknowledged} <= set(batches)
        for batch, permanent in chance.sample(acknowledged, min(50, len(acknowledged))):
            source = "import" if permanent else "web"
            again = [Entry(source, f"{batch}.{k}", "segment", b"", b"again", permanent) for k in range(5)]
            assert log.append(again).duplicates == 5
        log.close()
    assert len(acknowledged) > 10 * KILLS


def test_the_live_store_commits_whole_batches_only(tmp_path: Path) -> None:
    chance = random.Random(8)
    acknowledged = 0
    for _ in range(KILLS):
        lines = killed(["live", str(tmp_path)], chance.uniform(0.02, 0.3))
        acknowledged = int(lines[-1])
        store = LiveStore.open(tmp_path / "live.db")
        committed = store.meta()["offset"]
        assert committed in (acknowledged, acknowledged + 1)
        assert store.totals() == {"people": committed, "applied": 2 * committed}
        assert len(store.due(10**9, 10**9)) == committed
        assert store.applied_after(0, 10**9)[-1].seq == 2 * committed + 1
        assert store._db.pragma("integrity_check") == "ok"
        store.close()
    assert acknowledged > KILLS
