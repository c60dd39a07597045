"""Whatever is sent, the server's memory stays bounded and its answers right."""

from __future__ import annotations

import gzip
import http.client
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.facts import malformed
from tests.facts.malformed import KEY

MB = 1024 * 1024
GROWTH_MB = 64
DEADLINE_SECONDS = 30.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Address and process id of a server of its own."""
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is read from /proc, which is not here")
    command = [sys.executable, "-m", "tests.api.collecting_process", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])}
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        yield urlsplit(process.stdout.readline().strip()).netloc, process.pid
        process.stdin.close()
        assert process.wait(20) == 0


def peak_mb(pid: int) -> float:
    """The highest resident memory so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def good(rng: random.Random) -> bytes:
    return malformed._batch([malformed.event(rng) for _ in range(20)])


def requests(rng: random.Random) -> Iterator[tuple[str, bytes | int, int]]:
    """(how, body or declared length, status that must come)"""
    bomb = gzip.compress(bytes(200 * MB))
    blobs = {name: malformed.make(name, 1).body for name in ("deep_nesting", "many_keys", "event_over_512kb")}
    for place in range(60):
        yield "plain", good(rng), 200
        yield "plain", good(rng)[: 1 + place], 400
        yield "plain", b" " * (5 * MB + 1), 413
        yield "plain", bomb, 413
        yield "declared", 2 * 1024 * MB, 413
        yield "chunked", b" " * (rng.choice([5, 6, 20]) * MB + 1), 413
        yield "plain", rng.choice(list(blobs.values())), 200


def send(netloc: str, how: str, body: bytes | int) -> int:
    """The status that comes; busy ones are tried again, as every client does."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (status := _send_once(netloc, how, body)) == 503 and time.monotonic() < deadline:
        pass
    return status


def _send_once(netloc: str, how: str, body: bytes | int) -> int:
    connection = http.client.HTTPConnection(netloc, timeout=30)
    try:
        connection.putrequest("POST", "/v1/batch")
        connection.putheader("X-Write-Key", KEY)
        if isinstance(body, int):
            connection.putheader("Content-Length", str(body))
            connection.endheaders()
        elif how == "chunked":
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders((body[i : i + MB] for i in range(0, len(body), MB)), encode_chunked=True)
        else:
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()


def test_memory_stays_bounded_whatever_is_sent(server: tuple[str, int]) -> None:
    netloc, pid = server
    rng = random.Random(5)
    for _ in range(20):
        assert send(netloc, "plain", good(rng)) == 200
    before = peak_mb(pid)
    todo = list(requests(rng))
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda one: send(netloc, one[0], one[1]), todo))
    wrong = [(how, want, got) for (how, _, want), got in zip(todo, statuses, strict=True) if got != want]
    assert wrong == []
    assert peak_mb(pid) - before <= GROWTH_MB
