"""The columns: what a question needs to read, and the events of a history laid out person by person for the kernels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wayfare.ground.rule import Path, Rule
from wayfare.ground.time import Instant
from wayfare.insight.question import Selector, Span

Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.int32]
Marks: TypeAlias = NDArray[np.bool_]
Label: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Needs:
    """What to read: whose events (`unit`: profiles or an entity), which of them, and what of each.

    `keep` empty keeps every event; `zone` is that of times without one; `who` is asked of the person behind each
    event, at the newest state.
    """

    unit: str
    span: Span
    who: Rule | None
    now: Instant
    zone: str
    keep: tuple[Selector, ...] = ()
    picks: tuple[Selector, ...] = ()
    values: tuple[Path, ...] = ()
    groups: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """One number per event, NaN where there is none; `whole` when all of them are integers that a float holds."""

    values: NDArray[np.float64]
    whole: bool


@dataclass(frozen=True, slots=True)
class Groups:
    """One code per event into `labels`; -1 where the value is missing."""

    codes: Codes
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Events in customer order: those of actor i are `starts[i]:starts[i+1]`, ordered by (time, arrival).

    `name` indexes `names`; `picks`, `values` and `groups` are as asked for in the needs. `excluded` counts the
    events that were left out, by reason.
    """

    starts: Ints
    name: Codes
    names: tuple[str, ...]
    time: Ints
    picks: tuple[Marks, ...] = ()
    values: tuple[Numbers, ...] = ()
    groups: tuple[Groups, ...] = ()
    excluded: dict[str, int] = field(default_factory=dict)

    @property
    def actors(self) -> int:
        """How many actors (people, or entities) there are."""
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True)
class State:
    """What a source has: the covered arrival, and the latest receipt among its events (None when it has none)."""

    covered: int
    fresh_to: Instant | None


class Source(Protocol):
    """A history that can be read in customer order."""

    def state(self) -> State:
        """How far the source has come."""
        ...

    def read(self, needs: Needs, state: State) -> Columns:
        """The columns of all events up to that state."""
        ...
