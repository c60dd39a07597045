"""The Node client of Segment, installed from its registry, against a served app with a real log."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api import collecting
from tests.clients.serving import Faults, served
from tests.clients.test_segment_python import EVERY
from tests.facts.malformed import KEY

HERE = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script beside its installed client."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node is not installed")
    place = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "trial.mjs"):
        shutil.copy(HERE / name, place)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return place / "trial.mjs"


def run(trial: Path, host: str, *verb: object) -> None:
    command = ["node", str(trial), host, KEY, *map(str, verb)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"errors": []}


@pytest.mark.parametrize("statuses", [(), (429, 500)])
def test_every_call_arrives_once(tmp_path: Path, trial: Path, statuses: tuple[int, ...]) -> None:
    log = collecting.opened(tmp_path)
    faults = Faults(collecting.app(log), *statuses)
    with served(faults) as host:
        run(trial, host, "every")
    assert faults.seen[: len(statuses)] == list(statuses) and faults.seen[-1] == 200
    events = collecting.applied(log)
    assert [one.kind for one in events] == EVERY
    assert events[0].traits == {"email": "a@b.cn", "name": "张三"}
    assert events[-1].previous_id == "anon1"
    assert collecting.quarantined(log) == []
    log.close()


def test_duplicates_across_a_restart_count_once(tmp_path: Path, trial: Path) -> None:
    for first, last in ((0, 200), (140, 300)):
        log = collecting.opened(tmp_path)
        with served(collecting.app(log)) as host:
            run(trial, host, "many", first, last)
        numbers = sorted(one.properties["number"] for one in collecting.applied(log))
        assert numbers == list(range(last))
        log.close()
