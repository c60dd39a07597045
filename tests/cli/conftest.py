"""Fixtures of the shells: a shop and a shell on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shop import Shell, shop, started


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(shop(tmp_path / "shop"), capsys)


@pytest.fixture
def starter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(started(tmp_path / "shop"), capsys)
