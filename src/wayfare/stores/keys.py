"""Keys: exact memory of which events were seen before, as sorted runs of digests with a filter in front of each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 16  # bytes of a key
TAIL = 1 << 16  # keys that stay in a plain set before they become a run
LARGEST = (
    1 << 20
)  # keys of the largest run that is still merged with others: bounds how long an append may wait
KEYS_PER_WORD = 6  # about one lookup in forty passes the filter without need
_HEADER = 16

Words = NDArray[np.uint64]


def key_of(source: str, name: str) -> bytes:
    """The digest of an event's source and id; the length keeps one from running into the other."""
    text = f"{len(source)}:{source}{name}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=WIDTH).digest()


class Run:
    """Immutable keys: halves as two columns ordered by the first, and a filter of 64-bit words.

    The columns may be mapped from a file; only the filter must be in memory (about 1.3 bytes a key).
    """

    __slots__ = ("_high", "_low", "_words")

    def __init__(self, high: Words, low: Words) -> None:
        self._high = high
        self._low = low
        self._words = np.zeros(max(1, len(high) // KEYS_PER_WORD), np.uint64)
        if len(high):
            block = self._block(high)
            starts = np.flatnonzero(np.diff(block, prepend=block[0] + np.uint64(1)))
            self._words[block[starts]] = np.bitwise_or.reduceat(_mask(low), starts)

    @classmethod
    def of(cls, keys: bytes) -> Run:
        """A run of keys that follow each other in any order."""
        high, low = _halves(keys)
        order = np.argsort(high, kind="stable")
        return cls(high[order], low[order])

    def __len__(self) -> int:
        return len(self._high)

    def holds(self, high: Words, low: Words) -> NDArray[np.bool_]:
        """Which of these keys are in the run, exactly; the run is not empty."""
        mask = _mask(low)
        found: NDArray[np.bool_] = (self._words[self._block(high)] & mask) == mask
        asked = np.flatnonzero(found)
        high, low = high[asked], low[asked]
        at = np.minimum(np.searchsorted(self._high, high), len(self) - 1)
        same = self._high[at] == high
        found[asked] = same & (self._low[at] == low)
        for place in np.flatnonzero(same & (self._low[at] != low)):  # two keys may share their first half
            found[asked[place]] = self._has(high[place], low[place])
        return found

    def known(self, keys: list[bytes]) -> set[bytes]:
        """Which of these keys are in the run."""
        if not keys or not len(self):
            return set()
        return {keys[place] for place in np.flatnonzero(self.holds(*_halves(b"".join(keys))))}

    @property
    def mapped(self) -> bool:
        """Whether the keys stay in their file."""
        return isinstance(self._high, np.memmap)

    def joined(self, others: Iterable[Run]) -> Run:
        """One run of this and others."""
        high = np.concatenate([self._high, *(other._high for other in others)])
        low = np.concatenate([self._low, *(other._low for other in others)])
        order = np.argsort(high, kind="stable")
        return Run(high[order], low[order])

    def save(self, path: Path, through: int) -> None:
        """Write the run to a file that `load` maps; `through` is the offset of the last key in it."""
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(max(through, 0).to_bytes(8, "little") + len(self).to_bytes(8, "little"))
            file.write(np.ascontiguousarray(self._high).data)
            file.write(np.ascontiguousarray(self._low).data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> tuple[Run, int] | None:
        """The run in a file and the offset that it goes through; None when there is none, or a broken one."""
        try:
            with path.open("rb") as file:
                header = file.read(_HEADER)
            through, count = int.from_bytes(header[:8], "little"), int.from_bytes(header[8:], "little")
            if path.stat().st_size != _HEADER + WIDTH * count or not count:
                return None
            columns: Any = np.memmap(path, np.uint64, "r", _HEADER, (2, count))
        except OSError:
            return None
        return cls(columns[0], columns[1]), through

    def _block(self, high: Words) -> Words:
        """The filter's word of each key: ordered as the keys are."""
        return ((high >> np.uint64(32)) * np.uint64(len(self._words))) >> np.uint64(32)

    def _has(self, high: np.uint64, low: np.uint64) -> bool:
        first = int(np.searchsorted(self._high, high, "left"))
        while first < len(self._high) and self._high[first] == high:
            if self._low[first] == low:
                return True
            first += 1
        return False


class Keys:
    """A growing set of keys: new ones in a plain set, older ones in runs."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._runs = [run for run in runs if len(run)]
        self._tail: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._tail) + sum(map(len, self._runs))

    @property
    def unsealed(self) -> int:
        """How many keys are kept in memory."""
        return len(self) - sum(len(run) for run in self._runs if run.mapped)

    def add(self, keys: Iterable[bytes]) -> None:
        """Remember keys that are not there yet."""
        self._tail.update(keys)
        if len(self._tail) >= TAIL:
            run = Run.of(b"".join(self._tail))
            self._tail.clear()
            smaller: list[Run] = []
            while self._runs and len(self._runs[-1]) <= len(run) + sum(len(one) for one in smaller) < LARGEST:
                smaller.append(self._runs.pop())
            self._runs.append(run.joined(smaller) if smaller else run)

    def add_block(self, keys: bytes) -> None:
        """Remember the keys of a stored block."""
        self.add(keys[place : place + WIDTH] for place in range(0, len(keys), WIDTH))

    def known(self, keys: list[bytes]) -> set[bytes]:
        """Which of these keys are there."""
        found = self._tail.intersection(keys)
        if not self._runs or not keys:
            return found
        high, low = _halves(b"".join(keys))
        seen = np.zeros(len(keys), np.bool_)
        for run in self._runs:
            seen |= run.holds(high, low)
        found.update(keys[place] for place in np.flatnonzero(seen))
        return found

    def whole(self) -> Run:
        """All keys as one run."""
        return Run.of(b"".join(self._tail)).joined(self._runs)


def _halves(keys: bytes) -> tuple[Words, Words]:
    columns = np.frombuffer(keys, np.uint64).reshape(len(keys) // WIDTH, 2)
    return columns[:, 0].copy(), columns[:, 1].copy()


def _mask(low: Words) -> Words:
    """Four bits of a word for each key."""
    one, six = np.uint64(1), np.uint64(63)
    mask = one << (low & six)
    for shift in (6, 12, 18):
        mask |= one << ((low >> np.uint64(shift)) & six)
    return mask
