"""Figures: the arithmetic of cells in SQL, whole numbers exact in 64 bits, reals finite, all else NULL."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from wayfare.ground.rule.cell import (
    Cell,
    Sql,
    any_of,
    binary,
    call,
    cast,
    first_known,
    function,
    is_null,
    when,
)

SIGNS: Final[dict[str, type[exp.Binary]]] = {
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "/": exp.Div,
    "%": exp.Mod,
}


def figure(whole: Sql | None, real: Sql | None, text: Sql | None = None) -> Cell:
    """A computed number (or, of a sum, a text)."""
    doubles = [term for term in (real, None if whole is None else cast(whole, "DOUBLE")) if term is not None]
    near = first_known(*doubles) if doubles else None
    return Cell(text=text, whole=whole, real=real, near=near)


def calculated(op: str, a: Cell, b: Cell) -> Cell:
    """`a op b` of two numbers; `+` also joins two texts."""
    both_texts = op == "+" and a.text is not None and b.text is not None
    text = binary(exp.DPipe, a.text, b.text) if both_texts and a.text and b.text else None
    return figure(_whole(op, a, b), _real(op, a, b), text)


def negated(cell: Cell) -> Cell:
    """`-a` of a number."""
    whole = None if cell.whole is None else cast(negative(_wide(cell.whole)), "BIGINT")
    return figure(whole, None if cell.real is None else negative(cell.real))


def negative(value: Sql) -> Sql:
    """The value with the other sign."""
    return exp.Paren(this=exp.Neg(this=exp.Paren(this=value.copy())))


def _whole(op: str, a: Cell, b: Cell) -> Sql | None:
    """Two whole numbers of 64 bits, counted in 128; NULL for a division by zero and for what does not fit."""
    if a.whole is None or b.whole is None:
        return None
    how = exp.IntDiv if op == "/" else SIGNS[op]
    return cast(_safe(op, binary(how, _wide(a.whole), _wide(b.whole))), "BIGINT")


def _real(op: str, a: Cell, b: Cell) -> Sql | None:
    """Two numbers of which one is real; NULL when the result is not finite."""
    left, right = _double(a), _double(b)
    if op == "%" or left is None or right is None or (a.real is None and b.real is None):
        return None
    result = exp.Array(expressions=[_safe(op, binary(SIGNS[op], left, right))])
    finite = function("figure", call("ISFINITE", exp.column("figure")))
    value = call("LIST_EXTRACT", call("LIST_FILTER", result, finite), exp.Literal.number(1))
    if a.whole is None or b.whole is None:
        return value
    return when((any_of([is_null(a.whole), is_null(b.whole)]), value))


def _safe(op: str, result: Sql) -> Sql:
    """A quotient, NULL where the divisor is zero: DuckDB may take that for an error."""
    return call("TRY", result) if op in ("/", "%") else result


def _double(cell: Cell) -> Sql | None:
    """A number as an operand of real arithmetic: a whole number only when it has 64 bits."""
    whole = None if cell.whole is None else cast(cast(cell.whole, "BIGINT"), "DOUBLE")
    terms = [term for term in (cell.real, whole) if term is not None]
    return first_known(*terms) if terms else None


def _wide(whole: Sql) -> Sql:
    """A whole number of 64 bits with room to count in; NULL for a longer one."""
    return cast(cast(whole, "BIGINT"), "HUGEINT")
