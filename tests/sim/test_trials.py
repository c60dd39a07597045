"""The trials of the whole product: killed under load, and replayed live against its own simulation."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.sim import crash, replay


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_kill_9_under_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    verdict = crash.trial(8, 7, tmp_path / "shop", free_port())
    assert verdict.wrong == []
    assert verdict.acked > 100


@pytest.mark.soak
def test_a_hundred_kills(tmp_path: Path) -> None:
    verdict = crash.trial(100, 1, tmp_path / "shop", free_port())
    assert verdict.wrong == []


def test_a_real_log_sent_live_walks_as_simulated(tmp_path: Path) -> None:
    if not replay.LOG.exists():
        pytest.skip("the loan log is not at hand (shared/data/bpic2012_loan)")
    found = replay.trial(tmp_path, free_port(), 6_000)
    assert found["equal"], found
    assert found["transitions"] > 500


@pytest.mark.soak
def test_the_whole_log_sent_live_walks_as_simulated(tmp_path: Path) -> None:
    if not replay.LOG.exists():
        pytest.skip("the loan log is not at hand (shared/data/bpic2012_loan)")
    found = replay.trial(tmp_path, free_port(), None)
    assert found["equal"], found
