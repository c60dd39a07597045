"""SQL: a rule tree as one expression over columns of DuckDB that is true, false or NULL exactly where the rule is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Final

from sqlglot import exp

from wayfare.ground.errors import NotBuilt
from wayfare.ground.rule import moment
from wayfare.ground.rule.cell import (
    Cell,
    Sql,
    binary,
    call,
    cast,
    column,
    compared,
    first_known,
    literal,
    stored,
    ticks_compared,
    unknown,
    when,
)
from wayfare.ground.rule.compare import APART
from wayfare.ground.rule.names import ROOTS, kind
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
from wayfare.ground.time import DAY

Columns = Callable[[Path], exp.Expression]
_ARITHMETIC: Final[dict[str, type[exp.Binary]]] = {
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "/": exp.Div,
    "%": exp.Mod,
}
_TESTS: Final = {"startsWith": "STARTS_WITH", "endsWith": "ENDS_WITH", "contains": "CONTAINS"}


def to_sql(rule: Rule, columns: Columns, zone: str = "UTC") -> exp.Expression:
    """A condition as an expression of DuckDB: TRUE, FALSE, or NULL for unknown, as the compiled function would say.

    `columns` gives the column of each path that is read, cut off after its first name: JSON text for
    `event.properties`, `event.context`, `profile.traits`, `profile.tags`, `profile.consent`, `context` and `row`; text
    for names, ids, zones; whole milliseconds for `event.time` and `now`. Texts of times without an offset are local to
    `zone`. Raises NotBuilt WF0001 for what only the compiled function can tell. Whole numbers of more than 127 bits
    are compared as doubles.
    """
    return _Writer(columns, zone).truth(rule)


class _Writer:
    def __init__(self, columns: Columns, zone: str) -> None:
        self.columns = columns
        self.zone = zone
        self.variables = 0

    def truth(self, rule: Rule) -> Sql:
        truth = self.cell(rule).truth
        return unknown() if truth is None else truth.copy()

    def cell(self, rule: Rule) -> Cell:
        match rule:
            case Text(value) | Whole(value) | Real(value) | Truth(value):
                return literal(value)
            case Null() | Fields():
                return Cell(known=exp.false())
            case Items():
                return Cell(open=True, known=exp.true())
            case Path():
                return self.path(rule)
            case Every(parts):
                return _truth(reduce(lambda a, b: binary(exp.And, a, b), map(self.truth, parts)))
            case Either(parts):
                return _truth(_any([self.truth(part) for part in parts]))
            case Not(part):
                return _truth(exp.Paren(this=exp.Not(this=exp.Paren(this=self.truth(part)))))
            case Minus(part):
                return self.minus(part)
            case Choice(test, yes, no):
                return self.choice(self.truth(test), self.cell(yes), self.cell(no))
            case Binary("in", left, right):
                return _truth(self.membership(left, right))
            case Binary(op, left, right) if op in ARITHMETIC:
                return self.calculation(rule)
            case Binary(op, left, right):
                return _truth(self.comparison(op, left, right))
            case Call(name, args):
                return self.call(name, args)

    def path(self, path: Path) -> Cell:
        parts = ROOTS[path.root]
        if parts is None:
            return stored(self.columns(Path(path.root)), path.keys)
        head = Path(path.root, path.keys[:1])
        told = kind(head)
        if told in ("map", "list"):
            return stored(self.columns(head), path.keys[1:])
        return column(head, told, self.columns(head))

    def comparison(self, op: str, left: Rule, right: Rule) -> Sql:
        kinds = {kind(left), kind(right)}
        if kinds & APART:
            if len(kinds) > 1:
                return unknown()
            return ticks_compared(op, self.cell(left), self.cell(right))
        return compared(op, self.cell(left), self.cell(right))

    # --- membership

    def membership(self, left: Rule, right: Rule) -> Sql:
        if not isinstance(right, Items):
            return self.inside(left, right)
        if not right.items:
            return when((self.known(self.cell(left)), exp.false()))
        cell, items = self.cell(left), right.items
        if cell.text is not None and all(isinstance(item, Text) for item in items):
            texts = [self.cell(item).text for item in items]
            return exp.Paren(this=exp.In(this=cell.text.copy(), expressions=texts))
        return _any([self.comparison("==", left, item) for item in items])

    def inside(self, left: Rule, right: Rule) -> Sql:
        """In a list of the data: true when an element is equal, else unknown when one cannot be compared."""
        many = self.cell(right)
        if many.document is None:
            if many.open or kind(right) == "any":
                raise _only_compiled("in")
            return unknown()
        cell, apart = self.cell(left), kind(left) in APART
        whole = call("JSON_EXTRACT", many.document, many.pointer) if many.pointer else many.document
        name = self.variable()
        same = unknown() if apart else compared("==", cell, stored(exp.column(name), ()))

        def some(test: Sql) -> Sql:
            elements = call("JSON_EXTRACT", whole, "$[*]")
            return call("LIST_CONTAINS", call("LIST_TRANSFORM", elements, _lambda(name, test)), exp.true())

        listed = when(
            (some(first_known(same, exp.false())), exp.true()),
            (some(_is_null(same)), unknown()),
            otherwise=exp.false(),
        )
        keyed = unknown()
        if cell.text is not None:
            keyed = call("LIST_CONTAINS", call("JSON_KEYS", whole), cell.text)
            keyed = when((exp.Not(this=_is_null(cell.text)), keyed))
        sort = call("JSON_TYPE", whole)
        return when(
            (exp.Not(this=exp.Paren(this=self.known(cell))), unknown()),
            (exp.EQ(this=sort, expression=exp.Literal.string("ARRAY")), listed),
            (exp.EQ(this=sort.copy(), expression=exp.Literal.string("OBJECT")), keyed),
        )

    def known(self, cell: Cell) -> Sql:
        if cell.known is not None:
            return cell.known.copy()
        if cell.open:
            raise _only_compiled("in")
        present = (cell.truth, cell.text, cell.whole, cell.real, cell.ticks)
        tests = [exp.Not(this=_is_null(value)) for value in present if value is not None]
        return _any(tests) if tests else exp.false()

    # --- arithmetic

    def minus(self, part: Rule) -> Cell:
        cell, told = self.cell(part), kind(part)
        if told in APART:
            return Cell(ticks=_negative(cell.ticks)) if told == "duration" else Cell()
        whole = None if cell.whole is None else cast(_negative(_wide(cell.whole)) or exp.null(), "BIGINT")
        return _number(whole, _negative(cell.real))

    def calculation(self, rule: Binary) -> Cell:
        gives, kinds = kind(rule), _ARITHMETIC[rule.op]
        if gives == "nothing":
            return Cell(known=exp.false())
        a, b = self.cell(rule.left), self.cell(rule.right)
        if gives in APART:
            return (
                Cell() if a.ticks is None or b.ticks is None else Cell(ticks=binary(kinds, a.ticks, b.ticks))
            )
        text = None
        if rule.op == "+" and a.text is not None and b.text is not None:
            text = binary(exp.DPipe, a.text, b.text)
        return _number(self.whole(rule.op, a, b), self.real(rule.op, a, b), text)

    def whole(self, op: str, a: Cell, b: Cell) -> Sql | None:
        """Two whole numbers of 64 bits, counted in 128; NULL for a division by zero and for what does not fit."""
        if a.whole is None or b.whole is None:
            return None
        how = exp.IntDiv if op == "/" else _ARITHMETIC[op]
        return cast(_safe(op, binary(how, _wide(a.whole), _wide(b.whole))), "BIGINT")

    def real(self, op: str, a: Cell, b: Cell) -> Sql | None:
        """Two numbers of which one is real; NULL when the result is not finite."""
        left, right = _double(a), _double(b)
        if op == "%" or left is None or right is None or (a.real is None and b.real is None):
            return None
        name = self.variable()
        result = exp.Array(expressions=[_safe(op, binary(_ARITHMETIC[op], left, right))])
        finite = _lambda(name, call("ISFINITE", exp.column(name)))
        value = call("LIST_EXTRACT", call("LIST_FILTER", result, finite), exp.Literal.number(1))
        if a.whole is None or b.whole is None:
            return value
        return when((_any([_is_null(a.whole), _is_null(b.whole)]), value))

    def choice(self, test: Sql, yes: Cell, no: Cell) -> Cell:
        def either(a: Sql | None, b: Sql | None) -> Sql | None:
            if a is None and b is None:
                return None
            opposite = exp.Not(this=exp.Paren(this=test.copy()))
            return when((test.copy(), a or exp.null()), (opposite, b or exp.null()))

        return Cell(
            truth=either(yes.truth, no.truth),
            text=either(yes.text, no.text),
            whole=either(yes.whole, no.whole),
            real=either(yes.real, no.real),
            near=either(yes.near, no.near),
            ticks=either(yes.ticks, no.ticks),
            open=any(cell.open or cell.document is not None for cell in (yes, no)),
        )

    # --- functions

    def call(self, name: str, args: tuple[Rule, ...]) -> Cell:
        match name, args:
            case "has", (subject,):
                return _truth(self.known(self.cell(subject)))
            case "size", (Items(items),):
                return literal(len(items))
            case "size", (subject,):
                return self.size(self.cell(subject))
            case "matches", (subject, Text(pattern)):
                text = self.cell(subject).text
                return _truth(unknown() if text is None else call("REGEXP_MATCHES", text, pattern))
            case _, (subject, piece) if name in _TESTS:
                text, part = self.cell(subject).text, self.cell(piece).text
                return _truth(unknown() if text is None or part is None else call(_TESTS[name], text, part))
            case "duration", (Text(length),):
                return Cell(ticks=_count(moment.milliseconds(length)), known=exp.true())
            case "timestamp", (Text(written),):
                return Cell(ticks=_count(moment.instant(written, self.zone)), known=exp.true())
            case "timestamp", (at,) if kind(at) == "instant":
                return self.cell(at)
            case "days_since", (at,) if kind(at) == "instant" or isinstance(at, Text):
                since = self.cell(at if kind(at) == "instant" else Call("timestamp", (at,))).ticks
                passed = binary(exp.Sub, self.columns(Path("now")), since or exp.null())
                day = cast(str(DAY), "DOUBLE", strict=True)
                return _number(cast(call("FLOOR", binary(exp.Div, passed, day)), "BIGINT"), None)
        raise _only_compiled(name)

    def size(self, cell: Cell) -> Cell:
        if cell.open:
            raise _only_compiled("size")
        terms = [] if cell.text is None else [call("LENGTH", cell.text)]
        if cell.document is not None:
            inside = call("JSON_EXTRACT", cell.document, cell.pointer) if cell.pointer else cell.document
            sort = call("JSON_TYPE", inside)
            names = (
                ("ARRAY", call("JSON_ARRAY_LENGTH", inside)),
                ("OBJECT", call("LEN", call("JSON_KEYS", inside))),
            )
            branches = [
                (exp.EQ(this=sort.copy(), expression=exp.Literal.string(n)), length) for n, length in names
            ]
            terms.append(when(*branches))
        return _number(cast(first_known(*terms), "BIGINT") if terms else None, None)

    def variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"


def _safe(op: str, result: Sql) -> Sql:
    """A quotient, NULL where the divisor is zero: DuckDB may take that for an error."""
    return call("TRY", result) if op in ("/", "%") else result


def _is_null(value: Sql) -> Sql:
    return exp.Paren(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null()))


def _any(tests: Sequence[Sql]) -> Sql:
    return reduce(lambda a, b: binary(exp.Or, a, b), tests)


def _truth(truth: Sql) -> Cell:
    return Cell(truth=truth)


def _number(whole: Sql | None, real: Sql | None, text: Sql | None = None) -> Cell:
    doubles = [real, None if whole is None else cast(whole, "DOUBLE")]
    near = first_known(*doubles) if any(d is not None for d in doubles) else None
    return Cell(text=text, whole=whole, real=real, near=near)


def _double(cell: Cell) -> Sql | None:
    """A number as an operand of real arithmetic: a whole number only when it has 64 bits."""
    whole = None if cell.whole is None else cast(cast(cell.whole, "BIGINT"), "DOUBLE")
    terms = [term for term in (cell.real, whole) if term is not None]
    return first_known(*terms) if terms else None


def _wide(whole: Sql) -> Sql:
    """A whole number of 64 bits with room to count in; NULL for a longer one."""
    return cast(cast(whole, "BIGINT"), "HUGEINT")


def _negative(value: Sql | None) -> Sql | None:
    return None if value is None else exp.Paren(this=exp.Neg(this=exp.Paren(this=value.copy())))


def _count(ticks: int | None) -> Sql:
    return exp.null() if ticks is None else cast(str(ticks), "BIGINT", strict=True)


def _lambda(name: str, body: Sql) -> Sql:
    return exp.Lambda(this=body.copy(), expressions=[exp.to_identifier(name)])


def _only_compiled(name: str) -> NotBuilt:
    return NotBuilt("WF0001", part=f"SQL: {name}")
