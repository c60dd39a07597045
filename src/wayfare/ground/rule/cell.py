"""The cell: one value of a rule in SQL, as one expression per kind that it may be; NULL where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from sqlglot import exp

Sql = exp.Expression
_EXACT: Final = 1 << 53  # below this a double tells whole numbers apart
_BEYOND: Final = (
    "1.7e38"  # within a 128-bit whole number; only reals beyond every stored whole number exceed it
)
_NUMBERS: Final = ("BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT", "DOUBLE")
_OPERATORS: Final[dict[str, type[exp.Binary]]] = {
    "==": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_TURNED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a value is when it is a truth, a text, a whole number, a real, a count of ms; None: it is never that.

    `near` is the number as a double; `exact` says that it is a literal whose double tells it apart from every other
    number. `document` and `pointer` lead to JSON that may be a list or a map; `open`: it may be one that SQL cannot
    look into. `known` is true when there is a value at all.
    """

    truth: Sql | None = None
    text: Sql | None = None
    whole: Sql | None = None
    real: Sql | None = None
    near: Sql | None = None
    exact: bool = False
    ticks: Sql | None = None  # an instant or a duration in ms; which of them tells the rule's kind
    document: Sql | None = None
    pointer: str = ""
    open: bool = False
    known: Sql | None = None


def call(name: str, *args: Sql | str) -> Sql:
    """A function of DuckDB by its own name."""
    return exp.Anonymous(this=name, expressions=[_expression(a) for a in args])


def cast(value: Sql | str, kind: str, *, strict: bool = False) -> Sql:
    """A value as another type, NULL when it does not fit (an error when `strict`)."""
    how = exp.Cast if strict else exp.TryCast
    return how(this=_expression(value), to=exp.DataType.build(kind, dialect="duckdb"))


def when(*branches: tuple[Sql, Sql], otherwise: Sql | None = None) -> Sql:
    """CASE WHEN … THEN … END."""
    ifs = [exp.If(this=test, true=value) for test, value in branches]
    return exp.Case(ifs=ifs, default=otherwise)


def unknown() -> Sql:
    """The truth value NULL."""
    return exp.Cast(this=exp.Null(), to=exp.DataType.build("BOOLEAN"))


def binary(kind: type[exp.Binary], left: Sql, right: Sql) -> Sql:
    """`(left op right)`, in brackets, so that it can stand anywhere; the operands are copies."""
    return exp.Paren(this=kind(this=left.copy(), expression=right.copy()))


def first_known(*terms: Sql | None) -> Sql:
    """The first of the terms that is not NULL."""
    present = [term for term in terms if term is not None]
    if not present:
        return unknown()
    return present[0] if len(present) == 1 else exp.Coalesce(this=present[0], expressions=present[1:])


def is_null(value: Sql) -> Sql:
    """Whether a value is NULL."""
    return exp.Paren(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null()))


def negation(test: Sql) -> Sql:
    """NOT."""
    return exp.Paren(this=exp.Not(this=exp.Paren(this=test.copy())))


def any_of(tests: Sequence[Sql]) -> Sql:
    """OR of one test or more, flat, so that long chains do not nest."""
    return exp.Paren(this=reduce(lambda a, b: exp.Or(this=a, expression=b), map(_bracketed, tests)))


def all_of(tests: Sequence[Sql]) -> Sql:
    """AND of one test or more, flat, so that long chains do not nest."""
    return exp.Paren(this=reduce(lambda a, b: exp.And(this=a, expression=b), map(_bracketed, tests)))


def function(name: str, body: Sql) -> Sql:
    """A function of one value, for DuckDB's list functions."""
    return exp.Lambda(this=body.copy(), expressions=[exp.to_identifier(name)])


def literal(value: str | int | float | bool) -> Cell:
    """A literal of a rule."""
    match value:
        case bool():
            return Cell(truth=exp.Boolean(this=value), known=exp.true())
        case str():
            return Cell(text=exp.Literal.string(value), known=exp.true())
        case int():
            near = cast(str(value), "DOUBLE", strict=True)
            whole = cast(str(value), "HUGEINT", strict=True)
            return Cell(whole=whole, near=near, exact=abs(value) < _EXACT, known=exp.true())
        case _:
            real = cast(repr(value), "DOUBLE", strict=True)
            return Cell(real=real, near=real, exact=abs(value) < _EXACT, known=exp.true())


def column(kind: str, value: Sql) -> Cell:
    """A plain column: `text`, or `instant` in ms."""
    known = negation(is_null(value))
    return Cell(ticks=value, known=known) if kind == "instant" else Cell(text=value, known=known)


def stored(document: Sql, keys: tuple[str | int, ...]) -> Cell:
    """A value inside a JSON column, by JSON pointer, so that every key is only a key."""
    pointer = ""
    for key in keys:
        if isinstance(key, str) and not key.isdecimal():
            pointer += "/" + key.replace("~", "~0").replace("/", "~1")
            continue
        within = call("JSON_EXTRACT", document, pointer) if pointer else document
        pointer = ""
        if isinstance(key, int):
            document = call("JSON_EXTRACT", within, f"$[{key}]")
        else:  # to a pointer a number is also a place in a list, to a rule a text is only a name
            is_map = exp.EQ(this=call("JSON_TYPE", within), expression=exp.Literal.string("OBJECT"))
            document = when((is_map, call("JSON_EXTRACT", within, f"/{key}")))
    kind = call("JSON_TYPE", document, pointer) if pointer else call("JSON_TYPE", document)
    written = call("JSON_EXTRACT_STRING", document, pointer or "$")

    def typed(value: Sql, *names: str) -> Sql:
        among = exp.In(this=kind.copy(), expressions=[exp.Literal.string(name) for name in names])
        return when((among, value))

    fraction = call("REGEXP_MATCHES", written, "[.eE]")
    whole = when((exp.Not(this=fraction.copy()), cast(written.copy(), "HUGEINT")))
    real = when((fraction, cast(written.copy(), "DOUBLE")))
    is_true = exp.EQ(this=written.copy(), expression=exp.Literal.string("true"))
    return Cell(
        truth=typed(is_true, "BOOLEAN"),
        text=typed(written, "VARCHAR"),
        whole=typed(whole, *_NUMBERS),
        real=typed(real, *_NUMBERS),
        near=typed(cast(written.copy(), "DOUBLE"), *_NUMBERS),
        document=document,
        pointer=pointer,
        known=first_known(exp.NEQ(this=kind, expression=exp.Literal.string("NULL")), exp.false()),
    )


def held(cell: Cell) -> Sql | None:
    """The JSON of a stored value; None for a value that is computed."""
    if cell.document is None:
        return None
    return call("JSON_EXTRACT", cell.document, cell.pointer) if cell.pointer else cell.document.copy()


def compared(op: str, a: Cell, b: Cell) -> Sql:
    """Two values of stored kinds compared: NULL unless both are texts, truths or numbers; numbers exactly."""
    return first_known(_same(op, a.text, b.text), _same(op, a.truth, b.truth), *_numbers(op, a, b))


def ticks_compared(op: str, a: Cell, b: Cell) -> Sql:
    """Two instants or two durations compared."""
    return first_known(_same(op, a.ticks, b.ticks))


def _same(op: str, a: Sql | None, b: Sql | None) -> Sql | None:
    return None if a is None or b is None else binary(_OPERATORS[op], a, b)


def _numbers(op: str, a: Cell, b: Cell) -> list[Sql | None]:
    if a.exact or b.exact:
        return [_same(op, a.near, b.near)]
    return [
        _same(op, a.whole, b.whole),
        _same(op, a.real, b.real),
        _mixed(op, a.whole, b.real),
        _mixed(_TURNED[op], b.whole, a.real),
    ]


def _mixed(op: str, whole: Sql | None, real: Sql | None) -> Sql | None:
    """A whole number against a real without losing a digit: the real is rounded to the whole number that decides."""
    if whole is None or real is None:
        return None

    def rounded(how: str) -> Sql:
        low, high = cast(f"-{_BEYOND}", "DOUBLE", strict=True), cast(_BEYOND, "DOUBLE", strict=True)
        held = cast(call("GREATEST", call("LEAST", call(how, real), high), low), "HUGEINT", strict=True)
        # LEAST and GREATEST pass over NULL, so that it must be asked for
        return when((negation(is_null(real)), held))

    match op:
        case "<" | ">=":
            return binary(_OPERATORS[op], whole, rounded("CEIL"))
        case "<=" | ">":
            return binary(_OPERATORS[op], whole, rounded("FLOOR"))
        case "==":
            return all_of([binary(exp.EQ, whole, rounded(how)) for how in ("CEIL", "FLOOR")])
        case _:
            return any_of([binary(exp.NEQ, whole, rounded(how)) for how in ("CEIL", "FLOOR")])


def _bracketed(test: Sql) -> Sql:
    return test.copy() if isinstance(test, exp.Paren) else exp.Paren(this=test.copy())


def _expression(value: Sql | str) -> Sql:
    return exp.Literal.string(value) if isinstance(value, str) else value.copy()
