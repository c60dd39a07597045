"""What a rule reads: the paths and the functions of memory, so that nobody evaluates it when nothing it reads moved."""

from __future__ import annotations

from typing import NamedTuple

from wayfare.ground.rule.names import HOOKED
from wayfare.ground.rule.tree import Call, Fields, Path, Rule, Text, children


class Reads(NamedTuple):
    """`paths` that are read, and `functions` of memory with their arguments (texts, pairs, or the inner rule).

    In `count("E", "30d", event.…)` the inner `event` is the counted one, so it is no path of the rule.
    """

    paths: frozenset[Path]
    functions: frozenset[tuple[str, tuple[object, ...]]]


def reads(rule: Rule) -> Reads:
    """Everything that a rule reads; `days_since` and `local` read `now`, and `local` the person's zone."""
    paths: set[Path] = set()
    functions: set[tuple[str, tuple[object, ...]]] = set()
    _collect(rule, paths, functions)
    return Reads(frozenset(paths), frozenset(functions))


def _collect(rule: Rule, paths: set[Path], functions: set[tuple[str, tuple[object, ...]]]) -> None:
    match rule:
        case Path():
            paths.add(rule)
        case Call(name, args) if name in HOOKED:
            functions.add((name, tuple(map(_plain, args))))
            inner: set[Path] = set()
            for argument in args:
                _collect(argument, inner, functions)
            paths |= {path for path in inner if path.root != "event"}
            return
        case Call("days_since"):
            paths.add(Path("now"))
        case Call("local"):
            paths.add(Path("profile", ("timezone",)))
    for child in children(rule):
        _collect(child, paths, functions)


def _plain(argument: Rule) -> object:
    match argument:
        case Text(value):
            return value
        case Fields(pairs):
            return pairs
        case _:
            return argument
