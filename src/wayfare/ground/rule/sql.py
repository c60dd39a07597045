"""SQL: a rule tree as one expression over columns of DuckDB that is true, false or NULL exactly where the rule is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from wayfare.ground.errors import NotBuilt
from wayfare.ground.rule import moment
from wayfare.ground.rule.cell import (
    Cell,
    Sql,
    all_of,
    any_of,
    binary,
    call,
    cast,
    column,
    compared,
    first_known,
    function,
    held,
    is_null,
    literal,
    negation,
    stored,
    ticks_compared,
    unknown,
    when,
)
from wayfare.ground.rule.compare import APART
from wayfare.ground.rule.figure import SIGNS, calculated, figure, negated, negative
from wayfare.ground.rule.names import ROOTS, Kind, kind
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
FIGURES: Final = 16  # calculations in one condition; the SQL of a longer chain grows with its square
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
        self.figures = 0

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
                return _truth(all_of([self.truth(part) for part in parts]))
            case Either(parts):
                return _truth(any_of([self.truth(part) for part in parts]))
            case Not(part):
                return _truth(negation(self.truth(part)))
            case Minus(part):
                return self.minus(part)
            case Choice(test, yes, no):
                return self.choice(self.truth(test), self.cell(yes), self.cell(no))
            case Binary("in", left, right):
                return _truth(self.membership(left, right))
            case Binary(op, left, right) if op in ARITHMETIC:
                return self.calculation(rule)
            case Binary(op, left, right):
                return _truth(_comparison(op, kind(left), self.cell(left), kind(right), self.cell(right)))
            case Call(name, args):
                return self.call(name, args)

    def path(self, path: Path) -> Cell:
        parts = ROOTS[path.root]
        if parts is None:
            return stored(self.columns(Path(path.root)), path.keys)
        head = Path(path.root, path.keys[:1])
        told = kind(head)
        if path.keys[:1] == ("consent",) and len(path.keys) == 3:
            return self.consent(self.columns(head), path.keys[1:])
        if told in ("map", "list"):
            return stored(self.columns(head), path.keys[1:])
        return column(told, self.columns(head))

    def consent(self, states: Sql, keys: tuple[str | int, ...]) -> Cell:
        """Consent to a purpose on a channel, else to the whole purpose."""
        places = (keys, (*keys[:1], ""))
        return stored(first_known(*[held(stored(states, place)) for place in places]), ())

    # --- comparison and membership

    def membership(self, left: Rule, right: Rule) -> Sql:
        if not isinstance(right, Items):
            return self.inside(left, right)
        cell, items = self.cell(left), [self.cell(item) for item in right.items]
        if not items:
            return when((self.known(cell), exp.false()))
        told = kind(left)
        tests: list[Sql] = []
        texts = [item.text for item, rule in zip(items, right.items, strict=True) if isinstance(rule, Text)]
        numbers = [item.near for item in items if item.exact]
        for value, among in ((cell.text, texts), (cell.near, numbers)):
            if value is not None and among:
                tests.append(exp.In(this=value.copy(), expressions=among))
        for rule, item in zip(right.items, items, strict=True):
            if not (cell.text is not None and isinstance(rule, Text)) and not (
                cell.near is not None and item.exact
            ):
                tests.append(_comparison("==", told, cell, kind(rule), item))
        return any_of(tests)

    def inside(self, left: Rule, right: Rule) -> Sql:
        """In a list of the data: true when an element is equal, else unknown when one cannot be compared."""
        many = self.cell(right)
        whole = held(many)
        if whole is None:
            if many.open or kind(right) == "any":
                raise _only_compiled("in")
            return unknown()
        cell, apart = self.cell(left), kind(left) in APART
        name = self.variable()
        same = unknown() if apart else compared("==", cell, stored(exp.column(name), ()))

        def some(test: Sql) -> Sql:
            elements = call("JSON_EXTRACT", whole, "$[*]")
            return call("LIST_CONTAINS", call("LIST_TRANSFORM", elements, function(name, test)), exp.true())

        listed = when(
            (some(first_known(same, exp.false())), exp.true()),
            (some(is_null(same)), unknown()),
            otherwise=exp.false(),
        )
        keyed = unknown()
        if cell.text is not None:
            keyed = call("LIST_CONTAINS", call("JSON_KEYS", whole), cell.text)
            keyed = when((negation(is_null(cell.text)), keyed))
        sort = call("JSON_TYPE", whole)
        return when(
            (negation(self.known(cell)), unknown()),
            (exp.EQ(this=sort, expression=exp.Literal.string("ARRAY")), listed),
            (exp.EQ(this=sort.copy(), expression=exp.Literal.string("OBJECT")), keyed),
        )

    def known(self, cell: Cell) -> Sql:
        if cell.known is not None:
            return cell.known.copy()
        if cell.open:
            raise _only_compiled("in")
        present = (cell.truth, cell.text, cell.whole, cell.real, cell.ticks)
        tests = [negation(is_null(value)) for value in present if value is not None]
        return any_of(tests) if tests else exp.false()

    # --- arithmetic

    def minus(self, part: Rule) -> Cell:
        cell, told = self.cell(part), kind(part)
        if told in APART:
            return Cell(ticks=negative(cell.ticks)) if told == "duration" and cell.ticks else Cell()
        return negated(cell)

    def calculation(self, rule: Binary) -> Cell:
        gives = kind(rule)
        if gives == "nothing":
            return Cell(known=exp.false())
        self.figures += 1
        if self.figures > FIGURES:
            raise _only_compiled(rule.op)
        a, b = self.cell(rule.left), self.cell(rule.right)
        if gives in APART:
            return Cell(ticks=binary(SIGNS[rule.op], a.ticks, b.ticks)) if a.ticks and b.ticks else Cell()
        return calculated(rule.op, a, b)

    def choice(self, test: Sql, yes: Cell, no: Cell) -> Cell:
        def either(a: Sql | None, b: Sql | None) -> Sql | None:
            if a is None and b is None:
                return None
            return when((test.copy(), a or exp.null()), (negation(test), b or exp.null()))

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
                return figure(cast(call("FLOOR", binary(exp.Div, passed, day)), "BIGINT"), None)
        raise _only_compiled(name)

    def size(self, cell: Cell) -> Cell:
        if cell.open:
            raise _only_compiled("size")
        terms = [] if cell.text is None else [call("LENGTH", cell.text)]
        inside = held(cell)
        if inside is not None:
            sort = call("JSON_TYPE", inside)
            names = (
                ("ARRAY", call("JSON_ARRAY_LENGTH", inside)),
                ("OBJECT", call("LEN", call("JSON_KEYS", inside))),
            )
            branches = [
                (exp.EQ(this=sort.copy(), expression=exp.Literal.string(n)), length) for n, length in names
            ]
            terms.append(when(*branches))
        return figure(cast(first_known(*terms), "BIGINT") if terms else None, None)

    def variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"


def _comparison(op: str, kind_a: Kind, a: Cell, kind_b: Kind, b: Cell) -> Sql:
    if {kind_a, kind_b} & APART:
        return ticks_compared(op, a, b) if kind_a == kind_b else unknown()
    return compared(op, a, b)


def _truth(truth: Sql) -> Cell:
    return Cell(truth=truth)


def _count(ticks: int | None) -> Sql:
    return exp.null() if ticks is None else cast(str(ticks), "BIGINT", strict=True)


def _only_compiled(name: str) -> NotBuilt:
    return NotBuilt("WF0001", part=f"SQL: {name}")
