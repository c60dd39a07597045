"""Every scene gives the ledger that stands beside it, in preview and simulation as in live.

`python -m tests.golden.test_scenes` writes the ledgers anew: read every changed line before it is committed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from tests.golden.drive import in_memory, live
from tests.golden.ledger import ledger
from tests.golden.scene import load

SCENES = sorted((Path(__file__).parent / "scenes").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_the_live_engine_writes_the_ledger(path: Path, folder: Path) -> None:
    scene = load(path)
    assert ledger(scene, live(scene, folder)) == path.with_suffix(".txt").read_text()


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_the_executor_alone_writes_the_same(path: Path) -> None:
    scene = load(path)
    if scene.live_only:
        assert scene.answers or any(step.do and step.do[0] == "kill_switch" for step in scene.steps)
        return  # in memory nobody answers but with `sent`, and there is no switch
    assert ledger(scene, in_memory(scene)) == path.with_suffix(".txt").read_text()


def main() -> None:
    """Write the ledgers of the scenes that are named, or of all."""
    for path in SCENES:
        if len(sys.argv) > 1 and not any(name in path.stem for name in sys.argv[1:]):
            continue
        scene = load(path)
        with tempfile.TemporaryDirectory() as folder:
            text = ledger(scene, live(scene, Path(folder)))
        path.with_suffix(".txt").write_text(text)
        print(
            f"{'' if scene.live_only or ledger(scene, in_memory(scene)) == text else 'DIFFERS '}{path.stem}"
        )


if __name__ == "__main__":
    main()
