"""The local inbox keeps each id once, on disk, whatever the crash; the console prints a line."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.contact.cases import message
from wayfare.channels.console import Console
from wayfare.channels.inbox import Inbox
from wayfare.channels.provider import Accepted, Rejected

HERE = {"subject": "Hi", "body": "there"}


def test_the_same_key_is_taken_once(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "data" / "inbox.db")
    first = message(id="m1", address="a@b.c", content=HERE)
    assert inbox.send([first, message(id="m2", content=HERE)]) == [Accepted("inbox:m1"), Accepted("inbox:m2")]
    assert inbox.send([first]) == [Accepted("inbox:m1")]
    assert inbox.send([message(id="m1", address="a@b.c", content={"body": "other"})]) == [
        Rejected("different_content")
    ]
    with ThreadPoolExecutor(8) as many:
        assert set(many.map(lambda _: inbox.send([first])[0], range(20))) == {Accepted("inbox:m1")}
    kept = inbox.ledger()
    assert [(one.id, one.address, one.content, one.times) for one in kept] == [
        ("m1", "a@b.c", HERE, 23),
        ("m2", "", HERE, 1),
    ]
    inbox.close()
    again = Inbox(tmp_path / "data" / "inbox.db")
    assert again.ledger() == kept
    again.close()


def test_what_it_took_survives_a_kill(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.contact.cases import message\n"
        "from wayfare.channels.inbox import Inbox\n"
        "inbox = Inbox(Path(sys.argv[1]))\n"
        "for n in range(10_000):\n"
        "    inbox.send([message(id=f'm{n}', content={'body': str(n)})]); print(n, flush=True)\n"
    )
    path = tmp_path / "inbox.db"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])}
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(50)]
    child.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in child.stdout.read().split("\n") if line]
    child.wait()
    child.stdout.close()
    inbox = Inbox(path)
    kept = [one.id for one in inbox.ledger()]
    assert len(acknowledged) >= 50
    assert kept[: len(acknowledged)] == [f"m{n}" for n in acknowledged] and len(kept) <= len(acknowledged) + 1
    inbox.close()


def test_the_console_prints_a_line() -> None:
    out = io.StringIO()
    told = Console(out).send(
        [message(address="a@b.c", content=HERE), message(address="x", content={"body": "a\nb"})]
    )
    assert out.getvalue() == "email → a@b.c: Hi\nemail → x: a b\n" and told == [
        Accepted("msg_1"),
        Accepted("msg_1"),
    ]
