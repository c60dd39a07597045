"""The meter: how many events were applied in each of the last sixty minutes."""

from __future__ import annotations

import threading
from collections import OrderedDict

from wayfare.ground.time import MINUTE, Instant

MINUTES = 60


class Meter:
    """Counts by minute of the engine's clock; one writer, any reader."""

    def __init__(self, applied: int) -> None:
        self._applied = applied
        self._lock = threading.Lock()
        self._minutes: OrderedDict[Instant, int] = OrderedDict()

    def note(self, applied: int, now: Instant) -> None:
        """The log is applied up to this offset at this instant."""
        with self._lock:
            minute = now - now % MINUTE
            self._minutes[minute] = self._minutes.get(minute, 0) + applied - self._applied
            self._applied = applied
            while len(self._minutes) > MINUTES + 1:
                self._minutes.popitem(last=False)

    def minutes(self, now: Instant) -> list[tuple[Instant, int]]:
        """(minute, events) of the last sixty minutes, the oldest first, quiet ones too."""
        last = now - now % MINUTE
        with self._lock:
            return [
                (at, self._minutes.get(at, 0))
                for at in range(last - (MINUTES - 1) * MINUTE, last + 1, MINUTE)
            ]
