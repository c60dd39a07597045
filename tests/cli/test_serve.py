"""serve and the commands beside it: one line, one lock, one door, and the same answers with and without a server."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.cli.serving import command, environment, serving, until
from tests.cli.shop import event, person, shop
from wayfare.app.attach import attach
from wayfare.app.lock import Lock
from wayfare.app.workspace import open_workspace
from wayfare.engine.door import Door, Visitor, connect
from wayfare.ground.errors import Misused, Unavailable


def test_help_is_quick_and_names_every_command() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = command("--help", "--lang", "zh")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert said.returncode == 0 and spent < 0.8, "CPU seconds: other work on the machine does not count"
    for name in (
        "demo init serve import ask validate test simulate plan apply publish pause resume stop archive "
        "kill-switch explain profile export erase verify key dump backup restore doctor config"
    ).split():
        assert f" {name} " in said.stdout
    assert "一键停发" in said.stdout


def test_serve_prints_one_line_answers_and_drains(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "wayfare.toml").write_text((root / "wayfare.toml").read_text().replace('"log"', '"wall"'))
    made = json.loads(command("key", "create", "--json", "--workspace", str(root)).stdout)
    with serving(root) as server:
        assert server.get("/healthz") == (200, {"ok": True})
        assert command("publish", "rescue", "--workspace", str(root)).returncode == 0
        import base64
        from urllib.request import Request, urlopen

        auth = base64.b64encode(f"{made[0]['key']}:".encode()).decode()
        body = json.dumps(
            {"batch": [*person("ann"), event("ann", "Cart Filled", "10:00:00", price=200)]}
        ).encode()
        headers = {"authorization": f"Basic {auth}", "content-type": "application/json"}
        with urlopen(Request(server.url + "/v1/batch", body, headers), timeout=30) as answer:
            assert (answer.status, json.loads(answer.read())) == (200, {"success": True})
        offset = until(lambda: _offsets(server.get("/readyz")[1]), "history has the last row")
        assert offset == 3
        inside = command("profile", "ann", "--json", "--workspace", str(root))
        trend = {
            "kind": "trend",
            "series": [{"event": "Cart Filled"}],
            "measure": "events",
            "interval": "day",
        }
        (tmp_path / "q.json").write_text(json.dumps(trend))
        asked = command("ask", str(tmp_path / "q.json"), "--json", "--workspace", str(root))
        proof = command("verify", "--json", "--workspace", str(root))
        code, rest, err = server.end()
    assert (code, rest) == (0, "")
    assert (
        err.startswith("not in force: journeys/rescue, policy.yaml, templates/cart ·")
        and err.count("\n") == 1
    )
    outside = command("profile", "ann", "--json", "--workspace", str(root))
    assert json.loads(inside.stdout) == json.loads(outside.stdout)
    again = command("ask", str(tmp_path / "q.json"), "--json", "--workspace", str(root))
    assert json.loads(asked.stdout) == json.loads(again.stdout)
    assert json.loads(proof.stdout)["ok"] is True
    assert not (root / "data/door.sock").exists()


def _offsets(told: dict[str, int]) -> int:
    return told["accepted"] if told["accepted"] == told["applied"] == told["history"] else 0


def test_a_second_server_is_refused(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    with serving(root) as server:
        second = command("serve", "--port", "0", "--workspace", str(root))
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr.startswith("WF6912")
        port = server.url.rpartition(":")[2]
        other = shop(tmp_path / "other")
        third = command("serve", "--port", port, "--workspace", str(other), "--json")
        assert json.loads(third.stdout)["error"]["code"] == "WF8011"
        assert server.end(signal.SIGINT)[0] == 0


def test_a_killed_server_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    with serving(root) as server:
        server.end(signal.SIGKILL)
    assert (root / "data/door.sock").exists()
    assert json.loads(command("kill-switch", "status", "--json", "--workspace", str(root)).stdout) == {
        "on": False
    }


def test_two_commands_at_once_wait_for_each_other(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    line = [sys.executable, "-m", "wayfare", "kill-switch", "on", "--json", "--workspace", str(root)]
    both = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment()) for _ in range(3)]
    told = [process.communicate(timeout=60)[0] for process in both]
    assert [json.loads(one) for one in told] == [{"on": True}] * 3


def test_whoever_waits_too_long_is_told(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    lock = Lock.take(root / "data")
    with pytest.raises(Unavailable) as caught:
        attach(root, patience=0.2)
    assert caught.value.code == "WF6912"
    lock.release()
    with attach(root, patience=0.2) as verbs:
        assert verbs.kill_switch() == {"on": False}


def test_the_door_in_a_folder_of_a_long_name(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(6):
        folder = folder / ("long-name-" * 6)
    folder.mkdir(parents=True)
    assert len(str(folder)) > 300
    door = Door(folder, _Echo())
    try:
        assert stat.S_IMODE((folder / "door.sock").stat().st_mode) == 0o600
        visitor = connect(folder)
        assert isinstance(visitor, Visitor)
        with visitor:
            assert visitor.explain("you", None, None) == {"person": "you"}
            moved: list[tuple[int, int | None]] = []
            found = visitor.simulate(
                ["a"], {"days": 1}, progress=lambda done, total: moved.append((done, total))
            )
            assert (found, moved) == ({"journeys": ["a"]}, [(1, 2), (2, 2)])
            with pytest.raises(Unavailable) as caught:
                visitor.profile("ghost")
            assert (caught.value.code, caught.value.where, caught.value.values["detail"]) == (
                "WF8009",
                "here",
                "x",
            )
    finally:
        door.close()
    assert connect(folder) is None


def test_only_the_verbs_of_the_list_pass_the_door(tmp_path: Path) -> None:
    echo = _Echo()
    door = Door(tmp_path, echo)
    try:
        visitor = connect(tmp_path)
        assert visitor is not None
        with visitor, pytest.raises(AttributeError):
            visitor.close_everything()
        visitor = connect(tmp_path)
        assert visitor is not None
        with visitor, pytest.raises(Misused) as caught:
            visitor._ask("__init__", (), None)
        assert caught.value.code == "WF8010"
        raw = socket.socket(socket.AF_UNIX)
        raw.connect(str(tmp_path / "door.sock"))
        raw.sendall(b"\xff\xff\xff\xff nonsense")
        with contextlib.suppress(ConnectionResetError):
            assert raw.recv(10) == b""
        raw.close()
        late = connect(tmp_path)
        assert late is not None
        with late:
            assert late.explain("you", None, None) == {"person": "you"}
    finally:
        door.close()


class _Echo:
    """Verbs of a workspace that is not there."""

    def explain(self, person: str, journey: str | None, as_of: str | None) -> dict[str, str]:
        return {"person": person}

    def simulate(self, journeys: list[str], options: dict[str, int], progress: object) -> dict[str, object]:
        assert callable(progress)
        progress(1, 2)
        progress(2, 2)
        return {"journeys": journeys}

    def profile(self, person: str) -> None:
        raise Unavailable("WF8009", "here", detail="x")


def test_a_fast_clock_never_goes_back(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "wayfare.toml").write_text((root / "wayfare.toml").read_text().replace('"log"', '"x100000"'))
    with open_workspace(root) as workspace:
        workspace.ingest([{"userId": "ann", "event": "Seen"}])
        reached = until(
            lambda: workspace.clock.now() - time.time() * 1000 > 3_600_000 and workspace.clock.now(),
            "an hour",
        )
        workspace.ingest([{"userId": "ann", "event": "Seen"}])
    with open_workspace(root) as workspace:
        assert workspace.clock.now() >= reached


def test_many_threads_may_ask_one_workspace(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    failures: list[BaseException] = []
    with open_workspace(root) as workspace:
        workspace.publish("rescue")

        def work(number: int) -> None:
            try:
                for turn in range(5):
                    workspace.ingest([event(f"u{number}", "Cart Filled", f"10:0{turn}:00", price=200)])
                    assert workspace.profile(f"u{number}")["enrollments"]
                    workspace.overview()
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert workspace.verify()["ok"] is True
        assert workspace.counts("rescue", "event", "all")["entered"] == 6
