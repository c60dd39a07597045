"""Every recorded run gives the same ledger in every later version, byte for byte."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.golden.conftest import folder
from tests.history.recording import HERE, path, replay

__all__ = ["folder"]  # the fixture
NAMES = sorted(one.stem for one in HERE.glob("*.jsonl"))


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_run_gives_the_same_bytes(name: str, folder: Path) -> None:
    recorded, now = replay(name, folder)
    assert now.splitlines() == recorded.splitlines()
    assert now == recorded


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_worth_keeping(name: str) -> None:
    assert path(name).stat().st_size <= 200_000
    seen: Counter[str] = Counter()
    for line in path(name).read_text().splitlines():
        (kind, value), *_ = json.loads(line).items()
        seen[kind] += 1
        if kind == "message":
            seen[f"message {value[7]}"] += 1
        if kind == "applied":
            seen[f"{value[2]}"] += 1
    wanted = {"message sent", "message suppressed", "late", "backfill", "quarantined", "task", "command"}
    assert not wanted - seen.keys(), seen


def test_both_clocks_are_recorded() -> None:
    assert NAMES == ["first-log", "first-wall"]
