"""The lock: one process owns the stores of a workspace at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from wayfare.ground.errors import Unavailable

FILE = "lock"


class Lock:
    """Held from `take` until `release` or the end of the process, however it ends."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, data: Path) -> Lock:
        """The lock of a data folder; Unavailable WF6912 while somebody else holds it."""
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(data / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as cause:
            os.close(handle)
            raise Unavailable("WF6912", str(data)) from cause
        return cls(handle)

    def release(self) -> None:
        """Let the next one in."""
        os.close(self._handle)
