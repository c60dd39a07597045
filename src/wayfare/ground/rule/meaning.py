"""Meaning: a rule tree becomes a Python function of the scope, three-valued as SQL: true, false or unknown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from wayfare.ground.errors import NotBuilt
from wayfare.ground.rule import moment
from wayfare.ground.rule.arithmetic import calculation, negated
from wayfare.ground.rule.compare import APART, among, comparison, in_literals, unknown
from wayfare.ground.rule.names import HOOKED, kind
from wayfare.ground.rule.reach import Getter, reach
from wayfare.ground.rule.regex import searcher
from wayfare.ground.rule.scope import UNKNOWN, Scope
from wayfare.ground.rule.tree import (
    ARITHMETIC,
    Binary,
    Call,
    Choice,
    Either,
    Every,
    Fields,
    Items,
    Minus,
    Not,
    Null,
    Path,
    Real,
    Rule,
    Text,
    Truth,
    Whole,
)
from wayfare.ground.time import DAY, known_zone


def compile_rule(rule: Rule, offers: Collection[str] = ()) -> Callable[[Scope], object]:
    """The function that gives a rule's value in a scope, or UNKNOWN; a condition gives True, False or UNKNOWN.

    Missing values, nulls and kinds that do not fit are unknown; `&&`, `||` and `!` follow Kleene. `offers` names the
    functions of memory (`count`, `in_segment`, …) that the scope's hooks answer; a rule that calls another one raises
    NotBuilt WF0001 with its name.
    """
    get = _Compiler(frozenset(offers)).value(rule)

    def run(scope: Scope) -> object:
        value = get(scope)
        return UNKNOWN if value is None else value

    return run


class _Compiler:
    def __init__(self, offers: frozenset[str]) -> None:
        self.offers = offers

    def value(self, rule: Rule) -> Getter:
        """The function of a rule: its value, or None for unknown."""
        match rule:
            case Text(literal) | Whole(literal) | Real(literal) | Truth(literal):
                return lambda scope: literal
            case Null() | Fields():
                return unknown
            case Items(items):
                parts = tuple(map(self.value, items))
                return lambda scope: [part(scope) for part in parts]
            case Path():
                return reach(rule)
            case Every(parts_):
                return _every(tuple(map(self.value, parts_)))
            case Either(parts_):
                return _either(tuple(map(self.value, parts_)))
            case Not(part):
                return _not(self.value(part))
            case Minus(part):
                return self.minus(part)
            case Choice(test, yes, no):
                return _choice(self.value(test), self.value(yes), self.value(no))
            case Binary():
                return self.binary(rule)
            case Call():
                return self.call(rule)

    def minus(self, part: Rule) -> Getter:
        get = self.value(part)
        if kind(part) == "duration":
            return lambda scope: None if (length := get(scope)) is None else -length
        return unknown if kind(part) == "instant" else lambda scope: negated(get(scope))

    def binary(self, rule: Binary) -> Getter:
        op, left, right = rule.op, rule.left, rule.right
        if op == "in":
            return self.membership(left, right)
        if op in ARITHMETIC:
            gives = kind(rule)
            return (
                unknown if gives == "nothing" else calculation(op, gives, self.value(left), self.value(right))
            )
        return comparison(op, (left, kind(left), self.value(left)), (right, kind(right), self.value(right)))

    def membership(self, left: Rule, right: Rule) -> Getter:
        get, apart = self.value(left), kind(left) in APART
        if isinstance(right, Items):
            literals = [i.value for i in right.items if isinstance(i, Text | Whole | Real | Truth)]
            if len(literals) == len(right.items) and not (apart and literals):
                quick = in_literals(get, tuple(literals))
                if quick is not None:
                    return quick
            tests = [
                comparison("==", (left, kind(left), get), (i, kind(i), self.value(i))) for i in right.items
            ]
            return _either(tuple(tests))
        many = self.value(right)

        def test(scope: Scope) -> bool | None:
            value = get(scope)
            return None if value is None else among(value, many(scope), apart)

        return test

    def call(self, rule: Call) -> Getter:
        name, args = rule.name, rule.args
        if name in HOOKED:
            return self.hook(name, args)
        match name, args:
            case "has", (path,):
                get = self.value(path)
                return lambda scope: get(scope) is not None
            case "size", (whole,):
                return _size(self.value(whole))
            case "matches", (subject, Text(pattern)):
                return _matches(self.value(subject), pattern)
            case (("startsWith" | "endsWith" | "contains"), (subject, piece)):
                return _text_test(name, self.value(subject), self.value(piece))
            case "duration", (Text(length),):
                span = moment.milliseconds(length)
                return lambda scope: span
            case (("timestamp" | "local"), (at,)):
                return self.instant(at)
            case "days_since", (at,):
                since = self.instant(at)
                return lambda scope: None if (t := since(scope)) is None else (scope.now - t) // DAY
            case _, (subject, *zone):
                return self.clock(name, subject, zone[0] if zone else None)
            case _:
                raise AssertionError(rule)  # the parser checks every call

    def instant(self, at: Rule) -> Getter:
        """An instant as it is; a text read as one, local to the workspace's zone when it has no offset."""
        get = self.value(at)
        if kind(at) == "instant":
            return get
        if isinstance(at, Text) and moment.has_offset(at.value):
            fixed = moment.instant(at.value, "UTC")
            return lambda scope: fixed

        def read(scope: Scope) -> int | None:
            value = get(scope)
            return moment.instant(value, scope.zone) if type(value) is str else None

        return read

    def clock(self, name: str, subject: Rule, zone: Rule | None) -> Getter:
        get = self.value(subject)
        match kind(subject), zone:
            case "local", None:
                return lambda scope: (
                    None if (at := get(scope)) is None else moment.clock_part(name, at, zone_of(scope))
                )
            case "instant", (None | Text()):
                place = zone.value if isinstance(zone, Text) else "UTC"
                return lambda scope: (
                    None if (at := get(scope)) is None else moment.clock_part(name, at, place)
                )
            case "duration", None:
                return lambda scope: (
                    None if (length := get(scope)) is None else moment.length_part(name, length)
                )
            case _:
                return unknown

    def hook(self, name: str, args: tuple[Rule, ...]) -> Getter:
        """A question to the scope's memory."""
        if name not in self.offers:
            raise NotBuilt("WF0001", part=f"{name}()")
        plain = tuple(self.plain(name, place, argument) for place, argument in enumerate(args))
        if name in ("count", "sum"):
            plain += (None,) * (3 - len(plain))
        elif name == "in_journey":
            plain += ({},) * (2 - len(plain))

        def ask(scope: Scope) -> Any:
            answer = scope.hooks.get(name) if scope.hooks else None
            value = answer(scope, *plain) if answer else None
            return None if value is UNKNOWN else value

        return ask

    def plain(self, name: str, place: int, argument: Rule) -> object:
        """An argument as the hook takes it: text, milliseconds, map, or the compiled condition."""
        match argument:
            case Text(value) if place == 0 or (name, place) == ("sum", 1):
                return value
            case Text(value):
                return moment.milliseconds(value)
            case Fields(pairs):
                return dict(pairs)
            case _:
                return compile_rule(argument, self.offers)


def zone_of(scope: Scope) -> str:
    """The person's own zone when it is known, else the workspace's."""
    zone = scope.profile.timezone if scope.profile is not None else None
    return zone if isinstance(zone, str) and known_zone(zone) else scope.zone


def _every(parts: tuple[Getter, ...]) -> Getter:
    def test(scope: Scope) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(scope)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return test


def _either(parts: tuple[Getter, ...]) -> Getter:
    def test(scope: Scope) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(scope)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return test


def _not(part: Getter) -> Getter:
    def test(scope: Scope) -> bool | None:
        value = part(scope)
        return False if value is True else True if value is False else None

    return test


def _choice(test: Getter, yes: Getter, no: Getter) -> Getter:
    def choose(scope: Scope) -> Any:
        value = test(scope)
        return yes(scope) if value is True else no(scope) if value is False else None

    return choose


def _size(get: Getter) -> Getter:
    def size(scope: Scope) -> int | None:
        value = get(scope)
        return len(value) if isinstance(value, str | list | tuple | dict) else None

    return size


def _matches(get: Getter, pattern: str) -> Getter:
    found = searcher(pattern)

    def test(scope: Scope) -> bool | None:
        value = get(scope)
        return found(value) if found is not None and type(value) is str else None

    return test


def _text_test(name: str, get: Getter, piece: Getter) -> Getter:
    methods: dict[str, Callable[[str, str], bool]] = {
        "startsWith": str.startswith,
        "endsWith": str.endswith,
        "contains": str.__contains__,
    }
    method = methods[name]

    def test(scope: Scope) -> bool | None:
        whole, part = get(scope), piece(scope)
        return method(whole, part) if type(whole) is str and type(part) is str else None

    return test
