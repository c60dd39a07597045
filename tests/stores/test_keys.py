"""Trials of the keys: exactly those that were added are known, in memory, in runs and from a file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from wayfare.stores import keys as keys_module
from wayfare.stores.keys import Keys, Run, key_of


def make_keys(count: int, seed: int) -> list[bytes]:
    chance = random.Random(seed)
    return [chance.randbytes(16) for _ in range(count)]


def test_runs_know_exactly_what_was_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "TAIL", 64)
    monkeypatch.setattr(keys_module, "LARGEST", 1_024)
    there, not_there = make_keys(5_000, 1), make_keys(20_000, 2)
    keys = Keys()
    for place in range(0, len(there), 50):
        part = there[place : place + 50]
        assert keys.known(part) == set()
        keys.add(part)
        assert keys.known(part + not_there[:10]) == set(part)
    assert len(keys) == 5_000
    assert keys.known(there) == set(there)
    assert keys.known(not_there) == set()
    assert keys.known([]) == set()


def test_keys_that_share_a_half_are_told_apart() -> None:
    halves = make_keys(4, 3)
    same = [halves[0][:8] + other[8:] for other in halves]
    run = Run.of(b"".join(same[:3]))
    assert run.known(same) == set(same[:3])
    crossed = [halves[1][:8] + halves[0][8:]]
    assert run.known(crossed) == set()


def test_a_run_is_the_same_from_its_file(tmp_path: Path) -> None:
    there, not_there = make_keys(3_000, 4), make_keys(3_000, 5)
    path = tmp_path / "2026-03-01.keys"
    Run.of(b"".join(there)).save(path, through=77)
    loaded = Run.load(path)
    assert loaded is not None
    run, through = loaded
    assert through == 77 and run.mapped and len(run) == 3_000
    assert run.known(there + not_there) == set(there)
    joined = run.joined([Run.of(b"".join(not_there))])
    assert joined.known(there + not_there) == set(there + not_there)


def test_a_broken_or_absent_file_is_no_run(tmp_path: Path) -> None:
    path = tmp_path / "a.keys"
    assert Run.load(path) is None
    Run.of(b"".join(make_keys(10, 6))).save(path, 1)
    path.write_bytes(path.read_bytes()[:-1])
    assert Run.load(path) is None
    path.write_bytes(b"short")
    assert Run.load(path) is None


def test_a_key_tells_source_and_id_apart() -> None:
    assert len({key_of("a", "bc"), key_of("ab", "c"), key_of("", "abc"), key_of("1:a", "bc")}) == 4
    assert key_of("web", "m1") == key_of("web", "m1") and len(key_of("web", "m1")) == 16
