"""The whole engine is killed while it sends: every person gets the message once, none twice, none never."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.channels.desk import until
from wayfare.channels.inbox import Inbox
from wayfare.config.starter import create

PEOPLE = 300
RUN = """
import sys
from pathlib import Path
from wayfare.app.workspace import open_workspace

with open_workspace(Path(sys.argv[1])) as workspace:
    if sys.argv[2] == "first":
        workspace.publish("welcome")
        people = [f"u{n}" for n in range(int(sys.argv[3]))]
        email = {person: {"email": f"{person}@x.y"} for person in people}
        identify = [{"type": "identify", "userId": p, "traits": email[p], "messageId": f"i-{p}"} for p in people]
        track = [{"type": "track", "userId": p, "event": "Signed Up", "messageId": f"s-{p}"} for p in people]
        workspace.ingest([*identify, *track])
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_kills_while_sending_cost_nobody_a_message(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    create(root, tz="Asia/Shanghai")
    journey = root / "journeys" / "welcome.yaml"
    journey.write_text(journey.read_text().replace("for: 1m", "for: 1s"))
    inbox = Inbox(root / "data" / "inbox.db")
    environment = {**os.environ, "PYTHONPATH": "src"}
    for run, kill_at in enumerate([1, 120, PEOPLE]):
        command = [sys.executable, "-c", RUN, str(root), "next" if run else "first", str(PEOPLE)]
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert child.stdin is not None and child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        until(lambda least=kill_at: len(inbox.ledger()) >= least, 60)  # type: ignore[misc]
        if kill_at < PEOPLE:
            child.send_signal(signal.SIGKILL)
        child.stdin.close()
        child.stdout.close()
        assert child.wait() == (-signal.SIGKILL if kill_at < PEOPLE else 0)
    taken = inbox.ledger()
    inbox.close()
    assert Counter(one.address for one in taken) == {f"u{n}@x.y": 1 for n in range(PEOPLE)}
    assert {one.content["subject"] for one in taken} == {"Welcome, friend"}
