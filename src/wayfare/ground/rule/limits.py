"""The limits of one condition: 4 kB of text, 200 entries, depth 8, so that none can cost more than a moment."""

from __future__ import annotations

from typing import Final

from wayfare.ground.errors import Malformed
from wayfare.ground.rule.tree import (
    ARITHMETIC,
    Binary,
    Choice,
    Either,
    Every,
    Fields,
    Items,
    Null,
    Path,
    Real,
    Rule,
    Text,
    Truth,
    Whole,
    children,
    walk,
)

TEXT_BYTES: Final = 4096
ENTRIES: Final = 200
DEPTH: Final = 8
NESTING: Final = (
    64  # brackets, signs and branches inside each other while reading; a bracket alone is no depth
)

Atom = (Text, Whole, Real, Truth, Null, Path, Fields)
_TERMS: Final = ("+", "-")


def within_limits(rule: Rule, where: str = "") -> Rule:
    """The rule itself; Malformed WF1303 for too many entries, WF1304 for too deep a tree."""
    count = entries(rule)
    if count > ENTRIES:
        raise Malformed("WF1303", where, count=count, limit=ENTRIES)
    if depth(rule) > DEPTH:
        raise Malformed("WF1304", where, limit=DEPTH)
    return rule


def entries(rule: Rule) -> int:
    """How many entries the tree has: groups inside the outermost, conditions, and every operation in a condition."""
    count = 0
    for node in walk(rule):
        if isinstance(node, Every | Either):
            count += 1 + sum(isinstance(part, Atom) for part in node.parts)
        elif not isinstance(node, (*Atom, Items)):
            count += 1
    return count - isinstance(rule, Every | Either)


def depth(rule: Rule) -> int:
    """How many levels stand above the lowest conditions; chains (`a + b + c`, `a ? 1 : b ? 2 : 3`) are one level."""
    if isinstance(rule, Items):
        return max(map(depth, rule.items), default=0)
    inside = children(rule)
    if all(isinstance(child, Atom) for child in inside):
        return 0
    chained = _chained(rule)
    return max(depth(child) + (child is not chained) for child in inside)


def _chained(rule: Rule) -> Rule | None:
    match rule:
        case Binary(op, Binary(inner) as left, _) if op in ARITHMETIC and inner in ARITHMETIC:
            return left if (op in _TERMS) == (inner in _TERMS) else None
        case Choice(_, _, Choice() as no):
            return no
        case _:
            return None
