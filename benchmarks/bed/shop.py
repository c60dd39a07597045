"""The shop: a workspace with ten live journeys, a contact policy and templates, and its server."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bed.report import children

POLICY = """\
quiet: [{class: marketing, from: "03:00", to: "03:05", tz: profile, then: hold}]
caps:
  - {class: marketing, max: 20, per: day, window: calendar, then: suppress}
  - {class: marketing, max: 60, per: 7d, window: rolling, then: suppress}
consent: {marketing: unless-withdrawn, transactional: unless-withdrawn, mandatory: not-needed}
"""
TEMPLATE = """\
---
channel: email
subject: "For {{ customer.first_name | default: 'you' }}"
---
{{ entry.properties.sku }} at {{ entry.properties.price }}: {{ entry.properties.n }}
"""
JOURNEYS = {
    "cart": """\
entry: {on: event, event: Product Added, where: event.properties.price >= 500, reentry: always}
exit: [{event: Order Completed, reason: bought}]
goals: [{id: order, event: Order Completed}]
holdout: 10%
start: pause
nodes:
  pause: {wait: {for: 3s}, next: mail}
  mail: {send: {channel: email, template: offer, ttl: 1d}, next: hear}
  hear: {listen: [{event: Checkout Started, next: done}], timeout: 5s, else: done}
  done: {finish: completed}
""",
    "checkout": """\
entry: {on: event, event: Checkout Started, reentry: always}
exit: [{event: Order Completed, reason: bought}]
start: pause
nodes:
  pause: {wait: {for: 2s}, next: push}
  push: {send: {channel: push, template: offer, ttl: 1d}, next: done}
  done: {finish: completed}
""",
    "thanks": """\
entry: {on: event, event: Order Completed, reentry: always}
class: transactional
start: mail
nodes:
  mail: {send: {channel: email, template: offer}, next: done}
  done: {finish: completed}
""",
    "review": """\
entry: {on: event, event: Order Completed, reentry: {after: 30d}}
start: pause
nodes:
  pause: {wait: {for: 5s}, next: ask}
  ask: {send: {channel: email, template: offer, ttl: 1d}, next: hear}
  hear: {listen: [{event: Review Left, next: done}], timeout: 10s, else: done}
  done: {finish: completed}
""",
    "coupon": """\
entry: {on: event, event: Coupon Claimed, reentry: always}
start: arms
nodes:
  arms: {split: {a: 50%, b: 50%}, next: {a: text, b: push}}
  text: {send: {channel: sms, template: offer}, next: done}
  push: {send: {channel: push, template: offer}, next: done}
  done: {finish: completed}
""",
    "support": """\
entry: {on: event, event: Support Opened, reentry: always}
start: call
nodes:
  call: {task: {queue: team, title: Call, sla: {within: 5s}}, overdue: done, next: done}
  done: {finish: completed}
""",
    "welcome": """\
entry: {on: event, event: Signed Up, reentry: never}
class: transactional
start: mail
nodes:
  mail: {send: {channel: email, template: offer}, next: pause}
  pause: {wait: {for: 4s}, next: level}
  level: {branch: [{if: profile.traits.level >= 3, next: push}], else: done}
  push: {send: {channel: push, template: offer}, next: done}
  done: {finish: completed}
""",
    "browse": """\
entry: {on: event, event: Product Viewed, where: event.properties.price >= 950, reentry: {after: 1d}}
exit: [{event: Product Added, reason: added}]
start: pause
nodes:
  pause: {wait: {for: 3s}, next: push}
  push: {send: {channel: push, template: offer, ttl: 1d}, next: done}
  done: {finish: completed}
""",
    "search": """\
entry: {on: event, event: Product Searched, where: event.properties.results == 0, reentry: {after: 1d}}
exit: [{event: Product Added, reason: found}]
start: pause
nodes:
  pause: {wait: {for: 2s}, next: mail}
  mail: {send: {channel: email, template: offer}, next: done}
  done: {finish: completed}
""",
    "back": """\
entry: {on: event, event: App Opened, where: event.properties.price >= 950, reentry: {after: 7d}}
start: level
nodes:
  level: {branch: [{if: profile.traits.level >= 3, next: push}], else: mail}
  push: {send: {channel: push, template: offer}, next: done}
  mail: {send: {channel: email, template: offer}, next: done}
  done: {finish: completed}
""",
}


def journey(name: str) -> str:
    """The document of one of the ten."""
    return f"journey: {name}\n{JOURNEYS[name]}"


def found(root: Path, settings: str = "") -> str:
    """Make the workspace with its journeys as drafts; its write key."""
    made: dict[str, Any] = json.loads(wayfare("init", str(root), "--json"))
    for kind in ("journeys", "tests", "templates"):
        for path in (root / kind).iterdir():
            path.unlink()
    (root / "wayfare.toml").write_text(f'[workspace]\nid = "bench"\nsalt = "bench"\ntz = "UTC"\n{settings}')
    (root / "policy.yaml").write_text(POLICY)
    (root / "templates" / "offer.liquid").write_text(TEMPLATE)
    for name in JOURNEYS:
        (root / "journeys" / f"{name}.yaml").write_text(journey(name))
    return str(made["write_key"])


def publish(root: Path) -> None:
    """Put the ten journeys live."""
    for name in JOURNEYS:
        wayfare("publish", name, "--workspace", str(root))


def wayfare(*arguments: str) -> str:
    """What the command line prints; an error ends the benchmark."""
    done = subprocess.run(
        [sys.executable, "-m", "wayfare", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr + done.stdout)
    return done.stdout


class Served:
    """A process that answers HTTP on a port of this machine; a context manager."""

    def __init__(self, command: list[str], port: int) -> None:
        self.port = port
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    @classmethod
    def workspace(cls, root: Path) -> Served:
        """The product's own server."""
        port = free_port()
        return cls(
            [sys.executable, "-m", "wayfare", "serve", "--port", str(port), "--workspace", str(root)], port
        )

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    @property
    def processes(self) -> tuple[int, ...]:
        """The server and its children."""
        return self.pid, *children(self.pid)

    def offsets(self) -> dict[str, int]:
        """How far it is."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=60) as answer:
            told: dict[str, int] = json.load(answer)
        return told

    def __enter__(self) -> Self:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return self
            except (OSError, urllib.error.URLError):
                if self._process.poll() is not None:
                    raise SystemExit("the server ended") from None
                time.sleep(0.05)
        raise SystemExit("the server did not come up")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Sender:
    """One connection that is kept open; as little work as a client can do."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        token = base64.b64encode(f"{key}:".encode()).decode()
        self._head = (
            f"POST /v1/batch HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {token}\r\nContent-Length: "
        )

    def send(self, body: bytes) -> None:
        """Send one body and wait for its 200."""
        self._connection.sendall(f"{self._head}{len(body)}\r\n\r\n".encode() + body)
        answer = b""
        while b'{"success":true}' not in answer:
            part = self._connection.recv(4096)
            if not part or not (answer + part).startswith(b"HTTP/1.1 200"):
                raise SystemExit((answer + part).decode())
            answer += part

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number
