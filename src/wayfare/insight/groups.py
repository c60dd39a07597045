"""The groups: what a breakdown splits by, each dimension cut to its largest values, missing being a value too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wayfare.insight.columns import Groups, Ints, Label, Marks


@dataclass(frozen=True, slots=True)
class Dimension:
    """One breakdown: the values of all events, at which row each item has its own, and how many values are shown."""

    values: Groups
    rows: Ints
    limit: int


@dataclass(frozen=True, slots=True)
class Split:
    """One code per item into `labels`, largest group first; -1 for the `beyond` items whose value is past the limit."""

    codes: Ints
    labels: tuple[tuple[Label, ...], ...]
    beyond: int


def split(dimensions: Sequence[Dimension]) -> Split:
    """The combinations of all dimensions' values over the items; every dimension has one row per item."""
    items = len(dimensions[0].rows)
    combined: Ints = np.zeros(items, np.int64)
    inside = np.ones(items, np.bool_)
    for dimension in dimensions:
        codes = dimension.values.codes[dimension.rows].astype(np.int64) + 1  # 0 is missing
        names = (None, *dimension.values.labels)
        sizes = np.bincount(codes, minlength=len(names))
        shown = np.zeros(len(names), np.bool_)
        largest = sorted(range(1, len(names)), key=lambda code: (-int(sizes[code]), _order(names[code])))
        shown[[0, *largest[: dimension.limit]]] = True
        inside &= shown[codes]
        combined = combined * len(names) + codes
    found, codes, counts = np.unique(combined[inside], return_inverse=True, return_counts=True)
    return _ranked(dimensions, items, inside, found, codes, counts)


def _ranked(
    dimensions: Sequence[Dimension], items: int, inside: Marks, found: Ints, codes: Ints, counts: Ints
) -> Split:
    labels = [_label(dimensions, int(code)) for code in found]
    ranking = sorted(
        range(len(labels)), key=lambda i: (-int(counts[i]), [_order(part) for part in labels[i]])
    )
    place = np.empty(len(labels), np.int64)
    place[ranking] = np.arange(len(labels))
    out: Ints = np.full(items, -1, np.int64)
    out[inside] = place[codes]
    return Split(out, tuple(labels[i] for i in ranking), int(items - inside.sum()))


def _label(dimensions: Sequence[Dimension], code: int) -> tuple[Label, ...]:
    parts: list[Label] = []
    for dimension in reversed(dimensions):
        code, place = divmod(code, len(dimension.values.labels) + 1)
        parts.append(dimension.values.labels[place - 1] if place else None)
    return tuple(reversed(parts))


def _order(label: Label) -> tuple[int, float, str]:
    """Missing, then truths, numbers and texts."""
    if label is None:
        return (0, 0, "")
    if isinstance(label, bool):
        return (1, label, "")
    return (3, 0, label) if isinstance(label, str) else (2, label, "")
