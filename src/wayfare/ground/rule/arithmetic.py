"""Arithmetic as in CEL: 64-bit whole numbers, exact or unknown; division by zero and what overflows are unknown."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from wayfare.ground.rule.names import Kind
from wayfare.ground.rule.reach import Getter
from wayfare.ground.rule.scope import Scope

SMALLEST: Final = -(1 << 63)
GREATEST: Final = (1 << 63) - 1


def quotient(a: int, b: int) -> int:
    """Whole division towards zero: 7 / 2 is 3, -7 / 2 is -3."""
    whole = abs(a) // abs(b)
    return whole if (a < 0) == (b < 0) else -whole


def remainder(a: int, b: int) -> int:
    """What whole division leaves; it has the sign of the dividend."""
    return a - b * quotient(a, b)


_WHOLE: Final[dict[str, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "%": remainder,
}
_REAL: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def calculation(op: str, gives: Kind, a: Getter, b: Getter) -> Getter:
    """The function that calculates `a op b`; `gives` is its kind: an instant or a duration is counted in ms."""
    if gives in ("instant", "duration"):
        return _whole_only(_WHOLE[op], a, b)
    if op == "+":
        return lambda scope: _sum(a(scope), b(scope))
    return lambda scope: calculated(op, a(scope), b(scope))


def calculated(op: str, a: Any, b: Any) -> int | float | None:
    """Two numbers combined; None when one is no number, the divisor is zero, or the result does not fit."""
    kinds = (type(a), type(b))
    if kinds == (int, int):
        if (op in "/%" and b == 0) or not (SMALLEST <= a <= GREATEST and SMALLEST <= b <= GREATEST):
            return None
        whole = _WHOLE[op](a, b)
        return whole if SMALLEST <= whole <= GREATEST else None
    if op == "%" or not set(kinds) <= {int, float}:
        return None
    if any(type(x) is int and not SMALLEST <= x <= GREATEST for x in (a, b)) or (op == "/" and b == 0):
        return None
    real = _REAL[op](float(a), float(b))
    return real if math.isfinite(real) else None


def negated(value: Any) -> int | float | None:
    """The number with the other sign; None when it is no number or has none."""
    if type(value) is float:
        return -value
    return -value if type(value) is int and SMALLEST < value <= GREATEST else None


def _sum(a: Any, b: Any) -> Any:
    if type(a) is str and type(b) is str:
        return a + b
    return calculated("+", a, b)


def _whole_only(combine: Callable[[int, int], int], a: Getter, b: Getter) -> Getter:
    def calculate(scope: Scope) -> int | None:
        left, right = a(scope), b(scope)
        return None if left is None or right is None else combine(left, right)

    return calculate
