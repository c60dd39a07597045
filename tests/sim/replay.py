"""The replay trial: a real loan log simulated, and sent live by a real client; both must walk the same transitions.

`python -m tests.sim.replay` runs it over the whole log and prints what it saw.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from segment.analytics import Client

from tests.sim.crash import Server, wayfare

LOG = Path(__file__).parents[3] / "shared/data/bpic2012_loan/events.parquet"
COLUMNS = ("profile", "journey", "key", "visit", "node", "at", "stimulus", "outcome", "reason")
SETTINGS = """\
[workspace]
id = "loan"
salt = "the-same-in-both"
tz = "UTC"
[engine]
clock = "log"
trigger_bound = "off"
"""
JOURNEY = """\
journey: offer
entry: {on: event, event: O_SENT}
exit:
  - {event: A_CANCELLED, reason: cancelled}
  - {event: A_DECLINED, reason: declined}
  - {event: O_CANCELLED, reason: offer-cancelled}
goals: [{id: approved, event: A_APPROVED}]
class: transactional
start: heard
nodes:
  heard: {listen: [{event: O_SENT_BACK, next: done}], timeout: 5d, else: call}
  call: {task: {queue: advisors, title: call the applicant}, next: done}
  done: {finish: completed}
"""


def rows(count: int | None) -> list[tuple[str, str, datetime]]:
    """(case, event, time) of the completed events, by time, ties in file order."""
    found = duckdb.sql(
        f"""select "case:concept:name"::varchar, "concept:name", "time:timestamp"::timestamptz as at
            from '{LOG}' where "lifecycle:transition" = 'COMPLETE'"""
    ).fetchall()
    return sorted(found, key=lambda row: row[2])[:count]


def trial(folder: Path, port: int, count: int | None) -> dict[str, Any]:
    """Simulate the log in one workspace, replay it live into another, and compare their ledgers row by row."""
    listed = rows(count)
    began = time.monotonic()
    simulated = _simulated(folder, listed)
    middle = time.monotonic()
    live = _live(folder, listed, port)
    ended = time.monotonic()
    return {
        "events": len(listed),
        "transitions": sum(simulated.values()),
        "equal": simulated == live,
        "only_simulated": list((simulated - live).items())[:3],
        "only_live": list((live - simulated).items())[:3],
        "seconds": {"import and simulate": round(middle - began, 1), "live": round(ended - middle, 1)},
    }


def _workspace(root: Path) -> str:
    key = json.loads(wayfare(root.parent, "init", str(root), "--json", workspace=False))["write_key"]
    for kind in ("journeys", "tests", "templates"):
        for path in (root / kind).iterdir():
            path.unlink()
    (root / "wayfare.toml").write_text(SETTINGS)
    (root / "journeys" / "offer.yaml").write_text(JOURNEY)
    return str(key)


def _simulated(folder: Path, listed: list[tuple[str, str, datetime]]) -> Counter[tuple[Any, ...]]:
    root = folder / "simulated"
    _workspace(root)
    table = folder / "rows.jsonl"
    with table.open("w") as lines:
        for case, event, at in listed:
            lines.write(
                json.dumps({"case": case, "event": event, "at": at.astimezone(UTC).isoformat()}) + "\n"
            )
    done = json.loads(
        wayfare(root, "import", str(table), "--map", "profile=case,event=event,time=at", "--json")
    )
    assert done["applied"] == len(listed), done
    out = folder / "simulated.jsonl"
    wayfare(root, "simulate", "offer", "--transitions", str(out), "--json")
    return _ledger(out)


def _live(folder: Path, listed: list[tuple[str, str, datetime]], port: int) -> Counter[tuple[Any, ...]]:
    root = folder / "live"
    key = _workspace(root)
    server = Server(root, port)
    server.start()
    try:
        wayfare(root, "publish", "offer")
        client = Client(
            key, host=f"http://127.0.0.1:{port}", max_queue_size=len(listed) + 1, thread=1, upload_size=100,
            upload_interval=0.05, timeout=30,
        )  # fmt: skip
        for case, event, at in listed:
            assert client.track(case, event, timestamp=at)[0]
        client.flush()
        client.join()
        _applied(port, len(listed))
        out = folder / "live.jsonl"
        wayfare(root, "dump", "transitions", "--out", str(out))
        assert server.stop() == 0
    finally:
        server.end()
    return _ledger(out)


def _applied(port: int, count: int) -> None:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            offsets = json.load(answer)
        if offsets["accepted"] == offsets["applied"] == count:
            return
        time.sleep(0.1)
    raise AssertionError(f"not applied in time: {offsets}")


def _ledger(path: Path) -> Counter[tuple[Any, ...]]:
    with path.open() as lines:
        return Counter(tuple(json.loads(line)[column] for column in COLUMNS) for line in lines)


def main() -> int:
    """Run the trial by hand."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=None)
    options.add_argument("--port", type=int, default=8792)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = trial(Path(folder), asked.port, asked.rows)
    print(json.dumps(found, indent=1, default=str))
    return 0 if found["equal"] else 1


if __name__ == "__main__":
    sys.exit(main())
