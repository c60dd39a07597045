"""The rule tree: every condition as a frozen, typed value, whatever it was written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=", "in")
ARITHMETIC: Final = ("+", "-", "*", "/", "%")


@dataclass(frozen=True, slots=True)
class Text:
    """A text literal."""

    value: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole-number literal, exact."""

    value: int


@dataclass(frozen=True, slots=True)
class Real:
    """A finite number literal with a fraction or an exponent."""

    value: float


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null:
    """`null`: always unknown, as an explicit null in the data is."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list of rules: `[a, b]`."""

    items: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A map of texts to texts: `{"node": "mail"}`, only as an argument of `in_journey`."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A value that is read: a root name and the keys below it (text = by name, int = by place in a list)."""

    root: str
    keys: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison (`COMPARISONS`) or arithmetic (`ARITHMETIC`) of two rules."""

    op: str
    left: Rule
    right: Rule


@dataclass(frozen=True, slots=True)
class Every:
    """`a && b && …`: two parts or more, none of them an Every."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """`a || b || …`: two parts or more, none of them an Either."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`!a`."""

    part: Rule


@dataclass(frozen=True, slots=True)
class Minus:
    """`-a`, where a is not a number literal (those carry their own sign)."""

    part: Rule


@dataclass(frozen=True, slots=True)
class Choice:
    """`test ? yes : no`."""

    test: Rule
    yes: Rule
    no: Rule


@dataclass(frozen=True, slots=True)
class Call:
    """A function or method call; of a method the first argument is what it is called on."""

    name: str
    args: tuple[Rule, ...]


Rule: TypeAlias = (
    Text
    | Whole
    | Real
    | Truth
    | Null
    | Items
    | Fields
    | Path
    | Binary
    | Every
    | Either
    | Not
    | Minus
    | Choice
    | Call
)


def every(parts: tuple[Rule, ...]) -> Rule:
    """All of the parts in normal form: nested Everys dissolve, one part is itself, none is true."""
    flat = tuple(p for part in parts for p in (part.parts if isinstance(part, Every) else (part,)))
    return Every(flat) if len(flat) > 1 else flat[0] if flat else Truth(True)


def either(parts: tuple[Rule, ...]) -> Rule:
    """Any of the parts in normal form: nested Eithers dissolve, one part is itself, none is true."""
    flat = tuple(p for part in parts for p in (part.parts if isinstance(part, Either) else (part,)))
    return Either(flat) if len(flat) > 1 else flat[0] if flat else Truth(True)


def children(rule: Rule) -> tuple[Rule, ...]:
    """The rules directly inside a rule, in the order they are written."""
    match rule:
        case Text() | Whole() | Real() | Truth() | Null() | Fields() | Path():
            return ()
        case Items(parts) | Every(parts) | Either(parts):
            return parts
        case Binary(_, left, right):
            return (left, right)
        case Not(part) | Minus(part):
            return (part,)
        case Choice(test, yes, no):
            return (test, yes, no)
        case Call(_, args):
            return args


def walk(rule: Rule) -> Iterator[Rule]:
    """A rule and everything inside it, in the order it is written."""
    todo = [rule]
    while todo:
        current = todo.pop()
        yield current
        todo.extend(reversed(children(current)))
