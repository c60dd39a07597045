"""The map in ARCHITECTURE.md is the one that the captions draw."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from scripts.map import ROOMS
from tests.house.laws import STAIRS

ROOT = Path(__file__).parents[2]


def run(root: Path, *options: str) -> int:
    script = root / "scripts" / "map.py"
    return subprocess.run(
        [sys.executable, str(script), *options], capture_output=True, check=False
    ).returncode


def test_the_map_is_current() -> None:
    assert run(ROOT, "--check") == 0, "run `make map`"


def test_a_changed_caption_makes_the_map_stale(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "map.py", tmp_path / "scripts")
    shutil.copy(ROOT / "ARCHITECTURE.md", tmp_path)
    facts = tmp_path / "src" / "wayfare" / "facts"
    facts.mkdir(parents=True)
    (facts.parent / "__init__.py").write_text('"""The package."""\n')
    (facts / "__init__.py").write_text('"""The facts."""\n')
    (facts / "event.py").write_text('"""What happened."""\n')
    assert run(tmp_path) == 0
    drawn = (tmp_path / "ARCHITECTURE.md").read_text()
    assert "- `event.py` — What happened." in drawn
    assert drawn.startswith((ROOT / "ARCHITECTURE.md").read_text().partition("<!-- map:begin -->")[0])
    assert run(tmp_path, "--check") == 0
    (facts / "event.py").write_text('"""What was told."""\n')
    assert run(tmp_path, "--check") == 1


def test_the_map_draws_every_room_of_the_staircase() -> None:
    assert [room for stair in STAIRS for room in stair if room not in ("", "__main__")] == ROOMS
