"""The clock of the engine: the wall's, a faster one for demos, or none at all when the log tells the time."""

from __future__ import annotations

import time
from collections.abc import Callable

from wayfare.ground.time import Instant


class Clock:
    """`now()` never goes back. mode: `wall`, `xN` (N times as fast, from the later of wall time and `start`), or `log`
    (receipts are wall time; the engine goes by the highest event time instead)."""

    def __init__(self, mode: str, start: Instant = 0, wall: Callable[[], float] = time.time) -> None:
        self.mode = mode
        self._wall = wall
        self._factor = int(mode[1:]) if mode.startswith("x") else 1
        self._began = self._wall_ms()
        self._start = max(self._began, start) if self._factor > 1 else self._began
        self._last = start if self._factor > 1 else 0

    @property
    def by_log(self) -> bool:
        """Whether time advances only with the events of the log."""
        return self.mode == "log"

    def now(self) -> Instant:
        """The present instant."""
        instant = self._start + (self._wall_ms() - self._began) * self._factor
        self._last = max(self._last, instant)
        return self._last

    def _wall_ms(self) -> Instant:
        return int(self._wall() * 1000)
