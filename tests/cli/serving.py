"""A real server in a process of its own, for tests of the shells."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def environment() -> dict[str, str]:
    """The environment of a command that runs this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}


def command(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    line = [sys.executable, "-m", "wayfare", *words]
    return subprocess.run(
        line, capture_output=True, text=True, env=environment(), cwd=cwd, timeout=PATIENCE, check=False
    )


class Server:
    """A server that answers."""

    def __init__(self, process: subprocess.Popen[str], line: str) -> None:
        self.process = process
        self.line = line
        found = re.search(r"http://\S+", line)
        assert found, line
        self.link = found.group()
        self.url = self.link.partition("/?")[0]

    def get(
        self, path: str, key: str | None = None, body: Any = None, method: str | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of an address."""
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(self.url + path, data, headers, method=method), timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal and wait for the end: exit code, the rest of stdout, stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """A server on a workspace, ended afterwards if the test did not."""
    line = [sys.executable, "-m", "wayfare", "serve", "--port", "0", "--workspace", str(root)]
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    assert process.stdout is not None and process.stderr is not None
    first = process.stdout.readline()
    watchdog.cancel()
    try:
        assert first, process.stderr.read()
        yield Server(process, first)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
        process.stdout.close()
        process.stderr.close()


def until(condition: Any, what: str) -> Any:
    """The first true value of a condition; fails when it takes too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited in vain: {what}")
