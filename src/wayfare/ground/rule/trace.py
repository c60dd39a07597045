"""The trace: a rule evaluated leaf by leaf, with what each leaf read and what was missing, for explanations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from wayfare.ground.rule.meaning import compile_rule
from wayfare.ground.rule.reads import reads
from wayfare.ground.rule.scope import UNKNOWN, Scope
from wayfare.ground.rule.text import text
from wayfare.ground.rule.tree import Either, Every, Not, Path, Rule, walk

Outcome: TypeAlias = Literal["true", "false", "unknown"]


class Part(NamedTuple):
    """One leaf: as text, the value of the first path it reads, its outcome, the paths that had no value, and all reads.

    An unknown outcome with nothing missing means that the kinds did not fit, such as a text beside a number.
    """

    text: str
    value: object
    outcome: Outcome
    missing: tuple[str, ...]
    values: Mapping[str, object]


def trace(rule: Rule, scope: Scope, offers: Collection[str] = ()) -> tuple[Part, ...]:
    """Every leaf of a rule in this scope, in the order they are written; `offers` as for `compile_rule`."""
    return compile_trace(rule, offers)(scope)


def compile_trace(rule: Rule, offers: Collection[str] = ()) -> Callable[[Scope], tuple[Part, ...]]:
    """The trace of one rule, ready for many scopes."""
    parts = tuple(_part(leaf, offers) for leaf in _leaves(rule))
    return lambda scope: tuple(part(scope) for part in parts)


def _leaves(rule: Rule) -> Iterator[Rule]:
    match rule:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)
        case _:
            yield rule


def _part(leaf: Rule, offers: Collection[str]) -> Callable[[Scope], Part]:
    written, test = text(leaf), compile_rule(leaf, offers)
    known = reads(leaf).paths
    ordered = [node for node in walk(leaf) if isinstance(node, Path) and node in known]
    read = {text(path): compile_rule(path) for path in ordered}

    def part(scope: Scope) -> Part:
        values = {name: value for name, get in read.items() if (value := get(scope)) is not UNKNOWN}
        value = test(scope)
        outcome: Outcome = "true" if value is True else "false" if value is False else "unknown"
        missing = tuple(name for name in read if name not in values)
        return Part(written, values.get(next(iter(read), "")), outcome, missing, values)

    return part
