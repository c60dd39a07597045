"""Comparing: three-valued, numbers exact, and never across kinds: a text is not a number, nor is true or an instant."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from wayfare.ground.rule.names import Kind
from wayfare.ground.rule.reach import Getter
from wayfare.ground.rule.scope import Scope
from wayfare.ground.rule.tree import Real, Rule, Text, Truth, Whole

Test = Callable[[Any, Any], bool]
OPERATORS: Final[dict[str, Test]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TURNED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
APART: Final[frozenset[Kind]] = frozenset(
    {"instant", "duration"}
)  # whole numbers below, but compared among themselves


def unknown(scope: Scope) -> None:
    """What is unknown whatever the scope holds."""
    return None


def comparison(op: str, left: tuple[Rule, Kind, Getter], right: tuple[Rule, Kind, Getter]) -> Getter:
    """The function that compares two values: True, False, or None for unknown."""
    (left_rule, left_kind, a), (right_rule, right_kind, b) = left, right
    if left_kind in APART or right_kind in APART:
        return _apart(OPERATORS[op], a, b) if left_kind == right_kind else unknown
    if isinstance(right_rule, Text | Whole | Real | Truth):
        return _with_literal(OPERATORS[op], a, right_rule.value)
    if isinstance(left_rule, Text | Whole | Real | Truth):
        return _with_literal(OPERATORS[TURNED[op]], b, left_rule.value)
    return _two(OPERATORS[op], a, b)


def compared(test: Test, a: Any, b: Any) -> bool | None:
    """Two values compared; None when their kinds do not fit. Lists and maps are not comparable."""
    kind = type(a)
    if kind is type(b):
        return test(a, b) if kind is str or kind is int or kind is float or kind is bool else None
    if (kind is int or kind is float) and (type(b) is int or type(b) is float):
        return test(a, b)
    return None


def among(value: Any, many: Any, apart: bool) -> bool | None:
    """Whether a value is in a list, or a name in a map; None when nothing fits but something could not be compared.

    `apart`: the value is an instant or a duration, which no element of stored data is.
    """
    if isinstance(many, list | tuple):
        doubt = False
        for item in many:
            same = None if apart else compared(operator.eq, value, item)
            if same:
                return True
            doubt = doubt or same is None
        return None if doubt else False
    if isinstance(many, dict) and isinstance(value, str):
        return value in many
    return None


def in_literals(get: Getter, values: tuple[str | int | float | bool, ...]) -> Getter | None:
    """Membership in a list of texts only, or numbers only, as one look-up; None when the list is mixed."""
    if not values:
        return lambda scope: None if get(scope) is None else False
    if all(isinstance(value, str) for value in values):
        texts = frozenset(values)

        def text_in(scope: Scope) -> bool | None:
            value = get(scope)
            return value in texts if type(value) is str else None

        return text_in
    if all(type(value) in (int, float) for value in values):
        numbers = frozenset(values)  # 1 and 1.0 are equal and hash alike

        def number_in(scope: Scope) -> bool | None:
            value = get(scope)
            return value in numbers if type(value) is int or type(value) is float else None

        return number_in
    return None


def _with_literal(test: Test, get: Getter, literal: str | int | float | bool) -> Getter:
    if isinstance(literal, str | bool):
        kind = type(literal)

        def same_kind(scope: Scope) -> bool | None:
            value = get(scope)
            return test(value, literal) if type(value) is kind else None

        return same_kind

    def number(scope: Scope) -> bool | None:
        value = get(scope)
        return test(value, literal) if type(value) is int or type(value) is float else None

    return number


def _two(test: Test, a: Getter, b: Getter) -> Getter:
    return lambda scope: compared(test, a(scope), b(scope))


def _apart(test: Test, a: Getter, b: Getter) -> Getter:
    def compare(scope: Scope) -> bool | None:
        left, right = a(scope), b(scope)
        return None if left is None or right is None else test(left, right)

    return compare
