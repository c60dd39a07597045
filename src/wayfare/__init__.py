"""Customer journey orchestration on one deterministic step and one complete ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wayfare.app.notebook import Notebook

__all__ = ["open"]


def open(folder: str | Path | None = None) -> Notebook:
    """The workspace of a folder (None: the nearest parent with a wayfare.toml), whether or not a server runs on it.

    Raises Missing WF6906 when there is none, Unavailable WF6912 while another command has it open.
    """
    from wayfare.app.notebook import Notebook

    return Notebook(None if folder is None else Path(folder))
