"""The crash trial: a real server killed with -9 under load, judged from outside by what it had acknowledged.

`python -m tests.sim.crash --kills 100` runs it alone and prints what it saw.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import apsw

from wayfare.app.book import make_book
from wayfare.config.workspace import load
from wayfare.engine.ingest import read_row
from wayfare.engine.refold import refold
from wayfare.facts.event import Event
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Log

JOURNEY = """\
journey: rush
entry: {on: event, event: Ping, key: event.properties.n}
exit: [{event: Stop, reason: stopped}]
goals: [{id: pong, event: Pong}]
holdout: 10%
class: transactional
start: pause
nodes:
  pause: {wait: {for: 1s}, next: mail}
  mail: {send: {channel: email, template: hello}, next: hear}
  hear: {listen: [{event: Pong, next: arms}], timeout: 2s, else: arms}
  arms: {split: {a: 50%, b: 50%}, next: {a: text, b: call}}
  text: {send: {channel: sms, template: hello, ttl: 1m}, next: done}
  call: {task: {queue: team, title: Call, sla: {within: 2s}}, overdue: done, next: done}
  done: {finish: completed}
"""
TEMPLATE = (
    "---\nchannel: email\n---\nHello {{ customer.first_name | default: 'you' }}, {{ entry.properties.n }}\n"
)
POLICY = "consent: {marketing: required, transactional: unless-withdrawn, mandatory: not-needed}\n"


@dataclass
class Verdict:
    """What the trial saw; `wrong` is empty when every promise held."""

    kills: int = 0
    acked: int = 0
    sent: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


class Server:
    """A served workspace that can be killed and started again."""

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [
            sys.executable,
            "-m",
            "wayfare",
            "serve",
            "--port",
            str(self.port),
            "--workspace",
            str(self.root),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:  # or somebody else would answer on its port
                assert self.process.stderr is not None
                raise AssertionError(self.process.stderr.read().decode())
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.02)
        raise AssertionError("the server did not come up")

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def end(self) -> None:
        """Make sure that it is gone."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


class Load:
    """A client that sends each batch until it is acknowledged, and keeps its own fsynced list of what was."""

    def __init__(self, port: int, key: str, seed: int, acks: Path) -> None:
        self.url = f"http://127.0.0.1:{port}/v1/batch"
        self.auth = base64.b64encode(f"{key}:".encode()).decode()
        self.random = Random(seed)
        self.seed = seed
        self.acks = os.open(acks, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self.acked: list[str] = []
        self.stopping = threading.Event()
        self.number = 0

    def run(self) -> None:
        """Until it is told to stop; the last batch is acknowledged before it ends."""
        while not self.stopping.is_set():
            batch = [self._item() for _ in range(self.random.randint(1, 20))]
            body = json.dumps({"batch": batch}).encode()
            while not self._post(body):
                time.sleep(0.02)
            names = [item["messageId"] for item in batch]
            os.write(self.acks, ("\n".join(names) + "\n").encode())
            os.fsync(self.acks)
            self.acked += names
            time.sleep(0.005)
        os.close(self.acks)

    def _post(self, body: bytes) -> bool:
        request = urllib.request.Request(self.url, body, {"Authorization": f"Basic {self.auth}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _item(self) -> dict[str, Any]:
        self.number += 1
        person = f"u{self.seed}-{self.random.randint(1, 400)}"
        name = f"m{self.seed}-{self.number}"
        luck = self.random.random()
        item: dict[str, Any] = {
            "messageId": name,
            "userId": person,
            "type": "track",
            "properties": {"n": self.number},
        }
        if luck < 0.4:
            item["event"] = "Ping"
        elif luck < 0.6:
            item["event"] = "Pong"
        elif luck < 0.65:
            item["event"] = "Stop"
        elif luck < 0.8:
            item |= {
                "type": "identify",
                "traits": {"first_name": name, "email": f"{person}@x.org", "phone": "+861390000"},
            }
        elif luck < 0.85:
            change = {
                "purpose": "transactional",
                "channel": "email",
                "state": self.random.choice(("withdrawn", "granted")),
            }
            item |= {"event": "Consent Changed", "properties": change}
        elif luck < 0.9:
            item |= {"type": "alias", "previousId": f"u{self.seed}-{self.random.randint(1, 400)}"}
        elif luck < 0.95:
            item |= {"event": "Noise", "anonymousId": f"a{self.seed}-{self.random.randint(1, 400)}"}
        else:
            item = {"messageId": name, "type": "track", "event": "Nobody"}  # no id: quarantined, never lost
        return item


def trial(kills: int, seed: int, root: Path, port: int) -> Verdict:
    """Serve a fresh workspace, kill it `kills` times under load, then look at everything from outside."""
    began = time.monotonic()
    key = _workspace(root)
    server = Server(root, port)
    server.start()
    try:
        return _trial(kills, seed, root, server, key, began)
    finally:
        server.end()


def _trial(kills: int, seed: int, root: Path, server: Server, key: str, began: float) -> Verdict:
    wayfare(root, "publish", "rush")
    port = server.port
    loads = [Load(port, key, seed * 10 + place, root.parent / f"acks-{place}") for place in range(2)]
    threads = [threading.Thread(target=load.run) for load in loads]
    for thread in threads:
        thread.start()
    random = Random(seed)
    verdict = Verdict(kills)
    for _ in range(kills):
        time.sleep(random.uniform(0.05, 1.2))
        server.kill()
        server.start()
    time.sleep(1)
    for client in loads:
        client.stopping.set()
    for thread in threads:
        thread.join()
    time.sleep(5)  # every wait of the journey ends within this: what is planned is sent
    found = json.loads(wayfare(root, "verify", "--json"))
    if not found.get("ok"):
        verdict.wrong.append(f"verify: {[one for one in found.get('checks', [found]) if not one.get('ok')]}")
    if server.stop() != 0:
        verdict.wrong.append("SIGTERM did not end with 0")
    acked = [name for load in loads for name in load.acked]
    verdict.acked = len(acked)
    _judge(root, acked, verdict)
    verdict.seconds = round(time.monotonic() - began, 1)
    return verdict


def _judge(root: Path, acked: list[str], verdict: Verdict) -> None:
    config = load(root)
    store = LiveStore.open(config.data / "live.db")
    log = Log.open(config.data / "log", lambda: int(time.time() * 1000))
    try:
        _events(log, store, acked, verdict)
        _messages(config.data, store, verdict)
        fresh = LiveStore.open(root.parent / "refold.db")
        refold(log, store, fresh, make_book(config), by_log=False)
        if fresh.state_hash() != store.state_hash():
            verdict.wrong.append("the refolded state differs")
        fresh.close()
    finally:
        log.close()
        store.close()


def _events(log: Log, store: LiveStore, acked: list[str], verdict: Verdict) -> None:
    """Every acknowledged id is in the log once, and every row of the log was decided once."""
    held: Counter[str] = Counter()
    offset = 0
    while rows := log.read(offset, 5_000):
        offset = rows[-1].offset
        for row in rows:
            event = read_row(row, "UTC")
            held[event.id if isinstance(event, Event) else json.loads(row.body)["messageId"]] += 1
    lost = [name for name in acked if held[name] == 0]
    doubled = [name for name, count in held.items() if count > 1]
    if lost or doubled:
        verdict.wrong.append(f"{len(lost)} lost, {len(doubled)} doubled: {lost[:3]} {doubled[:3]}")
    decided: Counter[int] = Counter()
    seq = 0
    while applied := store.applied_after(seq, 10_000):
        seq = applied[-1].seq
        decided.update(one.offset for one in applied if one.event is None)
    wrong = [at for at in range(1, offset + 1) if decided[at] != 1]
    if wrong:
        verdict.wrong.append(f"{len(wrong)} rows of the log not decided exactly once: {wrong[:3]}")


def _messages(data: Path, store: LiveStore, verdict: Verdict) -> None:
    """What the store calls sent is what the provider has, each once; nothing is left in between."""
    provider = apsw.Connection(str(data / "inbox.db"))
    table = next(name for (name,) in provider.execute("select name from sqlite_master where type='table'"))
    delivered = Counter(name for (name,) in provider.execute(f"select id from {table}"))
    provider.close()
    states: dict[str, str] = {}
    cursor = None
    while True:
        page = store.messages(limit=500, cursor=cursor)
        states.update((message.id, message.state) for message in page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    sent = {name for name, state in states.items() if state == "sent"}
    verdict.sent = len(sent)
    if sent != set(delivered):
        verdict.wrong.append(
            f"{len(sent - set(delivered))} sent and not delivered, {len(set(delivered) - sent)} the reverse"
        )
    if any(count > 1 for count in delivered.values()):
        verdict.wrong.append("a message was delivered twice")
    between = [name for name, state in states.items() if state in ("planned", "started", "held")]
    if between:
        verdict.wrong.append(f"{len(between)} messages were left between planned and final")
    if not sent:
        verdict.wrong.append("nothing was sent: the trial proves nothing")


def _workspace(root: Path) -> str:
    made = json.loads(wayfare(root.parent, "init", str(root), "--json", workspace=False))
    for path in (root / "journeys").glob("*.yaml"):
        path.unlink()
    for path in (root / "tests").glob("*.yaml"):
        path.unlink()
    (root / "journeys" / "rush.yaml").write_text(JOURNEY)
    (root / "templates" / "hello.liquid").write_text(TEMPLATE)
    (root / "policy.yaml").write_text(POLICY)
    return str(made["write_key"])


def wayfare(root: Path, *arguments: str, workspace: bool = True) -> str:
    """Run the command line on a workspace; what it printed."""
    place = ["--workspace", str(root)] if workspace else []
    done = subprocess.run(
        [sys.executable, "-m", "wayfare", *arguments, *place],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0 or arguments[0] == "verify", done.stderr + done.stdout
    return done.stdout


def main() -> int:
    """Run the trial by hand."""
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--port", type=int, default=8791)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        verdict = trial(asked.kills, asked.seed, Path(folder) / "shop", asked.port)
    print(verdict)
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
