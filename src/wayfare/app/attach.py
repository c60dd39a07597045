"""Attaching: the verbs of a workspace, wherever they are to be had."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from wayfare.engine.door import Visitor, connect
from wayfare.ground.errors import Unavailable

if TYPE_CHECKING:
    from wayfare.app.workspace import Workspace

PATIENCE_SECONDS = 15.0
POLL_SECONDS = 0.05


def attach(root: Path, patience: float = PATIENCE_SECONDS) -> Visitor | Workspace:
    """The running server's verbs, else the stores opened here; both are context managers.

    Somebody else who has the stores open is waited for; Unavailable WF6912 when that takes too long.
    """
    end = time.monotonic() + patience
    while True:
        visitor = connect(root / "data")
        if visitor is not None:
            return visitor
        from wayfare.app.workspace import open_workspace

        try:
            return open_workspace(root, settled=True)
        except Unavailable as busy:
            if busy.code != "WF6912" or time.monotonic() > end:
                raise
        time.sleep(POLL_SECONDS)
