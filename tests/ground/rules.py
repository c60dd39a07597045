"""Random rules: mostly of kinds that fit, with odd keys and edges of numbers, and now and then what cannot fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from wayfare.ground.rule import Path, Rule
from wayfare.ground.rule.names import FUNCTIONS, kind
from wayfare.ground.rule.tree import (
    Binary,
    Call,
    Choice,
    Fields,
    Items,
    Minus,
    Not,
    Null,
    Real,
    Text,
    Truth,
    Whole,
    either,
    every,
    walk,
)

Draw = Callable[[st.SearchStrategy[Any]], Any]
Rules = st.SearchStrategy[Rule]

# what the data mostly holds under a key; every key sometimes holds something else
NUMBER_KEYS = ("a", "金额", "0", 'q"uote', "a/b", "")
TEXT_KEYS = ("b", "odd key", "12", "~1", "for", "😀")
TRUTH_KEYS = ("x.y", "back\\slash")
LIST_KEYS = ("it's", "*")
MAP_KEYS = ("$",)
KEYS = (*NUMBER_KEYS, *TEXT_KEYS, *TRUTH_KEYS, *LIST_KEYS, *MAP_KEYS)

TEXTS = (
    "",
    "a",
    "b",
    "gold",
    "Gold",
    "go",
    "ld",
    "中文",
    "中",
    "é",
    "e\u0301",
    "😀",
    "line\nbreak",
    '"',
    "'",
)
ODD_TEXTS = ("\\d", "a.b", "1", "true", "\t\x01", "a", "\u2028", "*", "~0/")
SMALL = (0, 1, -1, 2, 3, 7, -7, 100)
WHOLES = (*SMALL, 2**31, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1, -(2**63), 2**63)
HUGE = (2**64 - 1, 10**25, 10**25 + 1, -(10**30))
REALS = (0.0, -0.0, 0.1, 0.5, 1.0, -1.0, 2.0, 2.5, 7.0, 100.0, 1e-300, 2.0**53, 2.0**53 + 2, 2.0**63)
WIDE = (1e22, 1e25, 1e300, -1e300, 1.7976931348623157e308)
PATTERNS = ("a", "^g.*d$", "(?i)GOLD", "中", "^$", ".", "[0-9]+", "\\w+", "(a|b)*", "\\bold", "x{2,3}")
SPANS = ("0s", "30d", "1h30m", "-2h", "1500ms", "1.5s", "2w")
INSTANTS = (
    "2026-03-01T10:00:00+08:00",
    "2026-03-01T00:00:00.5Z",
    "2026-03-01",
    "2026-03-01T12:30:00",
    "1970-01-01T00:00:00Z",
)
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata")
CLOCKS = tuple(name for name in FUNCTIONS if name.startswith("get"))
ORDERS = "Order Completed"
MEMORY: tuple[Rule, ...] = (
    Call("count", (Text(ORDERS), Text("30d"))),
    Call(
        "count", (Text("订单"), Text("1h30m"), Binary(">", Path("event", ("properties", "金额")), Whole(5)))
    ),
    Call("sum", (Text(ORDERS), Text("total"), Text("7d"))),
    Call("days_since", (Call("last", (Text(ORDERS),)),)),
)
MEMBER: tuple[Rule, ...] = (
    Call("in_segment", (Text("vip-buyers"),)),
    Call("in_journey", (Text("cart-rescue"),)),
    Call("in_journey", (Text("cart-rescue"), Fields((("node", "mail"), ("arm", "treated"))))),
    Binary(">", Call("first", (Text(ORDERS),)), Path("now")),
)
TEXT_PATHS = (
    Path("event", ("name",)),
    Path("event", ("channel",)),
    Path("profile", ("id",)),
    Path("profile", ("timezone",)),
    Path("profile", ("locale",)),
    Path("profile", ("consent", "marketing", "email")),
    Path("profile", ("tags", 0)),
)
LIST_PATHS = (Path("profile", ("tags",)), Path("event", ("properties",)), Path("context"))
INSTANT_PATHS = (Path("event", ("time",)), Path("entry", ("time",)), Path("now"))
ROOTS = (("event", "properties"), ("profile", "traits"), ("entry", "properties"), ("context",))


@st.composite
def keyed(draw: Draw, keys: tuple[str, ...]) -> Rule:
    """A path to one of the keys, now and then below a map or into a list."""
    root, *rest = draw(st.sampled_from(ROOTS))
    key = draw(st.sampled_from(keys))
    match draw(st.integers(0, 9)):
        case 0:
            return Path(root, (*rest, draw(st.sampled_from(MAP_KEYS)), key))
        case 1:
            return Path(root, (*rest, draw(st.sampled_from(LIST_KEYS)), draw(st.integers(0, 3))))
        case _:
            return Path(root, (*rest, key))


def anything() -> Rules:
    """Any atom, whatever is wanted of it."""
    plain = st.sampled_from(
        [*TEXT_PATHS, *LIST_PATHS, *INSTANT_PATHS, Null(), Truth(True), Call("duration", (Text("1h"),))]
    )
    return st.one_of(keyed(KEYS), plain, numbers(0), texts(0))


def mostly(usual: Rules) -> Rules:
    """What fits; one time in fifteen something that may not."""
    return st.integers(0, 14).flatmap(lambda n: anything() if n == 0 else usual)


@st.composite
def numbers(draw: Draw, depth: int, sql: bool = True) -> Rule:
    """What mostly gives a number."""
    pick = draw(st.integers(0, 9 if depth > 0 else 5))
    if pick <= 2:
        return draw(keyed(NUMBER_KEYS))
    if pick <= 5:
        few, many = st.sampled_from((*SMALL, 0.5, 2.5, 1.0)), st.sampled_from((*WHOLES, *HUGE, *REALS, *WIDE))
        value = draw(
            st.one_of(
                few, few, many, st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False)
            )
        )
        return Real(value) if isinstance(value, float) else Whole(value)
    deeper = mostly(numbers(depth - 1, sql))
    if pick <= 7:
        return Binary(draw(st.sampled_from("+-*/%")), draw(deeper), draw(deeper))
    if pick == 8:
        return Minus(draw(deeper))
    return draw(counts(depth - 1, sql))


@st.composite
def counts(draw: Draw, depth: int, sql: bool) -> Rule:
    """Numbers that functions give, and choices between numbers."""
    match draw(st.integers(0, 3 if sql else 5)):
        case 0:
            return Call("size", (draw(st.one_of(texts(0), keyed(LIST_KEYS), st.sampled_from(LIST_PATHS))),))
        case 1:
            return Choice(draw(conditions(depth, sql)), draw(numbers(depth, sql)), draw(numbers(depth, sql)))
        case 2 | 3:
            return Call("days_since", (draw(st.sampled_from([Path("event", ("time",)), Text(INSTANTS[0])])),))
        case 4:
            return draw(st.sampled_from(MEMORY))
        case _:
            at = draw(instants(sql))
            zone = (Text(draw(st.sampled_from(ZONES))),) if draw(st.booleans()) else ()
            subject = draw(st.sampled_from([at, Call("local", (at,)), Call("duration", (Text("-90m"),))]))
            return Call(draw(st.sampled_from(CLOCKS)), (subject, *zone))


@st.composite
def texts(draw: Draw, depth: int) -> Rule:
    """What mostly gives a text."""
    match draw(st.integers(0, 7 if depth > 0 else 6)):
        case 0 | 1 | 2:
            return draw(keyed(TEXT_KEYS))
        case 3:
            return draw(st.sampled_from(TEXT_PATHS))
        case 4 | 5:
            return Text(draw(st.sampled_from(TEXTS)))
        case 6:
            return Text(draw(st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=4))))
        case _:
            return Binary("+", draw(mostly(texts(depth - 1))), draw(mostly(texts(depth - 1))))


@st.composite
def instants(draw: Draw, sql: bool) -> Rule:
    """What gives an instant."""
    match draw(st.integers(0, 3 if sql else 5)):
        case 0 | 1:
            return draw(st.sampled_from(INSTANT_PATHS))
        case 2:
            return Call("timestamp", (Text(draw(st.sampled_from(INSTANTS))),))
        case 3:
            return Binary(draw(st.sampled_from("+-")), draw(st.sampled_from(INSTANT_PATHS)), draw(spans()))
        case 4:
            return Call("last", (Text(ORDERS),))
        case _:
            return Call("timestamp", (draw(keyed(TEXT_KEYS)),))


@st.composite
def spans(draw: Draw) -> Rule:
    """What gives a duration."""
    length = Call("duration", (Text(draw(st.sampled_from(SPANS))),))
    match draw(st.integers(0, 4)):
        case 0:
            return Binary("-", Path("now"), draw(st.sampled_from(INSTANT_PATHS)))
        case 1:
            return Minus(length)
        case _:
            return length


@st.composite
def conditions(draw: Draw, depth: int, sql: bool = True) -> Rule:
    """What mostly gives true or false; with `sql` only what an expression over columns can say."""
    deeper = mostly(conditions(depth - 1, sql)) if depth > 0 else st.nothing()
    match draw(st.integers(0, 12 if depth > 0 else 7)):
        case 0 | 1 | 2:
            return draw(comparisons(depth - 1, sql))
        case 3:
            return draw(memberships(depth - 1))
        case 4 | 5:
            return draw(text_tests(depth - 1))
        case 6:
            return Call("has", (draw(st.one_of(keyed(KEYS), st.sampled_from(TEXT_PATHS))),))
        case 7:
            return draw(keyed(TRUTH_KEYS) if sql else st.sampled_from(MEMBER))
        case 8 | 9:
            return every(tuple(draw(st.lists(deeper, min_size=2, max_size=3))))
        case 10:
            return either(tuple(draw(st.lists(deeper, min_size=2, max_size=3))))
        case 11:
            return Not(draw(deeper))
        case _:
            return (
                Choice(draw(deeper), draw(deeper), draw(deeper)) if draw(st.booleans()) else Not(draw(deeper))
            )


@st.composite
def comparisons(draw: Draw, depth: int, sql: bool) -> Rule:
    """Two values of one kind, mostly, and an operator."""
    op = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
    values = draw(
        st.sampled_from(
            [
                numbers(depth, sql),
                numbers(depth, sql),
                texts(depth),
                instants(sql),
                spans(),
                keyed(TRUTH_KEYS),
            ]
        )
    )
    return Binary(op, draw(mostly(values)), draw(mostly(values)))


@st.composite
def memberships(draw: Draw, depth: int) -> Rule:
    """`x in …`: a list of literals, a list of anything, or a path to a list or a map."""
    values = draw(st.sampled_from([texts(depth), numbers(depth)]))
    left = draw(mostly(values))
    match draw(st.integers(0, 4)):
        case 0:
            return Binary(
                "in", left, Items(tuple(Text(t) for t in draw(st.lists(st.sampled_from(TEXTS), max_size=4))))
            )
        case 1:
            return Binary(
                "in", left, Items(tuple(Whole(n) for n in draw(st.lists(st.sampled_from(SMALL), max_size=4))))
            )
        case 2:
            return Binary("in", left, Items(tuple(draw(st.lists(mostly(values), max_size=2)))))
        case _:
            return Binary("in", left, draw(st.one_of(keyed(LIST_KEYS), st.sampled_from(LIST_PATHS))))


@st.composite
def text_tests(draw: Draw, depth: int) -> Rule:
    """A method of texts."""
    subject = draw(mostly(texts(depth)))
    if draw(st.integers(0, 3)) == 0:
        return Call("matches", (subject, Text(draw(st.sampled_from(PATTERNS)))))
    name = draw(st.sampled_from(["startsWith", "endsWith", "contains"]))
    return Call(name, (subject, draw(mostly(texts(depth)))))


def fits(rule: Rule) -> bool:
    """Whether the branches of every choice may stand together, as reading demands."""
    for node in walk(rule):
        if isinstance(node, Choice):
            kinds = {kind(node.yes), kind(node.no)} - {"nothing"}
            if len(kinds) > 1 and kinds & {"instant", "duration"}:
                return False
    return True


def rules(depth: int = 3, sql: bool = False) -> Rules:
    """Any rule that can be written."""
    return st.one_of(conditions(depth, sql), conditions(depth, sql), numbers(depth, sql), texts(1)).filter(
        fits
    )
