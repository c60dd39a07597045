"""Google's CEL judges: where both languages give a condition a meaning, it is the same.

Its errors are our unknown: a missing key, an overflow, a division by zero, and `&&` and `||` absorb them alike. We
differ on purpose, and this file keeps out of it, in: kinds that do not fit (`1 == "1"` is false in CEL, unknown here);
null (a value in CEL, unknown here); whole numbers beside reals (CEL has no `1 + 1.0` and compares them as doubles, we
add them and compare exactly); a list that holds something unknown (all of it is an error in CEL, here its other
elements count, as in SQL); reals that are not finite; lists and maps compared as wholes; has() of an index;
durations in days and weeks; times without an offset.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ground.rules import CLOCKS, PATTERNS, TEXTS, ZONES
from wayfare.facts.event import Event
from wayfare.ground.rule import UNKNOWN, Path, Rule, Scope, compile_rule, parse, text
from wayfare.ground.rule.tree import (
    Binary,
    Call,
    Choice,
    Items,
    Minus,
    Not,
    Real,
    Text,
    Truth,
    Whole,
    either,
    every,
)
from wayfare.ground.time import EPOCH

cel = pytest.importorskip("cel_expr_python.cel", reason="the CEL oracle has no wheel for this platform")
Draw = Callable[[st.SearchStrategy[Any]], Any]
Rules = st.SearchStrategy[Rule]
SMALLEST, GREATEST = -(2**63), 2**63 - 1
SIZES = (0, 1, -1, 2, 3, 7, -7, 100, 2**31, 2**53 + 1, GREATEST, SMALLEST, GREATEST - 1)
SHARES = (0.0, 0.5, 1.0, -1.0, 2.5, 100.0, 1e-9)
AT = (0, 1_772_330_400_000, 1_772_323_200_500, 951_782_400_000)


def there(kind: str) -> Rules:
    """A path to a value of that kind; one in ten is not there."""
    names = st.sampled_from([f"{kind}1", f"{kind}2", f"{kind}3 金额", f'{kind}"4'])
    absent = st.just(f"{kind} that is not there")
    return (
        st.integers(0, 9)
        .flatmap(lambda n: absent if n == 0 else names)
        .map(lambda k: Path("event", ("properties", k)))
    )


@st.composite
def wholes(draw: Draw, depth: int) -> Rule:
    match draw(st.integers(0, 7 if depth else 2)):
        case 0:
            return Whole(draw(st.one_of(st.sampled_from(SIZES), st.integers(SMALLEST, GREATEST))))
        case 1 | 2:
            return draw(there("whole"))
        case 3:
            return Call("size", (draw(st.one_of(texts(depth - 1), there("list"))),))
        case 4:
            return Choice(draw(conditions(depth - 1)), draw(wholes(depth - 1)), draw(wholes(depth - 1)))
        case 5:
            zone = (Text(draw(st.sampled_from(ZONES))),) if draw(st.booleans()) else ()
            return Call(draw(st.sampled_from(CLOCKS)), (draw(instants()), *zone))
        case 6:
            return Minus(draw(wholes(depth - 1).filter(lambda rule: not isinstance(rule, Whole))))
    return Binary(draw(st.sampled_from("+-*/%")), draw(wholes(depth - 1)), draw(wholes(depth - 1)))


@st.composite
def reals(draw: Draw, depth: int) -> Rule:
    if depth and draw(st.booleans()):
        return Binary(draw(st.sampled_from("+-*")), draw(reals(depth - 1)), draw(reals(depth - 1)))
    return draw(st.one_of(st.sampled_from(SHARES).map(Real), there("real")))


@st.composite
def texts(draw: Draw, depth: int) -> Rule:
    if depth > 0 and draw(st.integers(0, 3)) == 0:
        return Binary("+", draw(texts(depth - 1)), draw(texts(depth - 1)))
    any_text = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=4)
    return draw(st.one_of(st.sampled_from(TEXTS).map(Text), there("text"), there("text"), any_text.map(Text)))


def instants() -> Rules:
    written = st.sampled_from(
        ["2026-03-01T10:00:00+08:00", "2026-03-01T00:00:00.5Z", "2000-02-29T00:00:00-05:30"]
    )
    return st.one_of(
        st.just(Path("now")),
        written.map(lambda t: Call("timestamp", (Text(t),))),
    )


def spans() -> Rules:
    return st.sampled_from(["1h30m", "-90s", "0s", "1500ms", "720h"]).map(
        lambda t: Call("duration", (Text(t),))
    )


@st.composite
def conditions(draw: Draw, depth: int) -> Rule:
    if depth <= 0:
        return draw(st.one_of(there("truth"), st.booleans().map(Truth)))
    deeper = conditions(depth - 1)
    match draw(st.integers(0, 12)):
        case 0 | 1:
            return every(tuple(draw(st.lists(deeper, min_size=2, max_size=3))))
        case 2:
            return either(tuple(draw(st.lists(deeper, min_size=2, max_size=3))))
        case 3:
            return Not(draw(deeper))
        case 4:
            return Choice(draw(deeper), draw(deeper), draw(deeper))
        case 5 | 6 | 7 | 8:
            kinds = [wholes(depth - 1), reals(depth - 1), texts(depth - 1), instants(), deeper, lengths()]
            kind = draw(st.sampled_from(kinds))
            return Binary(draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="])), draw(kind), draw(kind))
        case 9:
            many = st.one_of(
                there("list"),
                st.lists(st.sampled_from(TEXTS).map(Text), max_size=3).map(lambda items: Items(tuple(items))),
            )
            return Binary("in", draw(texts(depth - 1)), draw(many))
        case 10:
            return Call("matches", (draw(texts(depth - 1)), Text(draw(st.sampled_from(PATTERNS)))))
        case 11:
            return Call("has", (draw(there("text").filter(lambda p: p.keys[1] in ("text1", "text2"))),))
    return Call(
        draw(st.sampled_from(["startsWith", "endsWith", "contains"])),
        (draw(texts(depth - 1)), draw(texts(depth - 1))),
    )


@st.composite
def lengths(draw: Draw) -> Rule:
    if draw(st.booleans()):
        return Binary("-", draw(instants()), draw(instants()))
    return draw(spans())


def event(chance: random.Random) -> Event:
    values: dict[str, Any] = {}
    for name in ("1", "2", "3 金额", '"4'):
        values["whole" + name] = chance.choice(SIZES)
        values["real" + name] = chance.choice(SHARES)
        values["text" + name] = chance.choice(TEXTS)
        values["truth" + name] = chance.random() < 0.5
        values["list" + name] = chance.sample(TEXTS, chance.randrange(4))
    del values[chance.choice(["text1", "text2"])]
    at = chance.choice(AT)
    return Event(id="e", source="s", kind="track", name="Order", time=at, received=at, properties=values)


CHANCE = random.Random(7)
EVENTS = [event(CHANCE) for _ in range(12)]
ENV = cel.NewEnv(variables={"event": cel.Type.DYN, "now": cel.Type.TIMESTAMP})


def moment(at: int) -> Any:
    return EPOCH + timedelta(milliseconds=at)


def judged(written: str, seen: Event) -> object:
    """What CEL gives for a text; UNKNOWN where it gives an error."""
    data = {"event": {"properties": seen.properties}, "now": moment(seen.time)}
    found = ENV.compile(written, disable_check=True).eval(data=data)
    return UNKNOWN if found.type().name() == cel.Type.ERROR.name() else found.value()


@settings(max_examples=250)
@given(rule=conditions(3))
def test_cel_agrees(rule: Rule) -> None:
    written, meant = text(rule), compile_rule(rule)
    for seen in EVENTS:
        ours, theirs = meant(Scope(event=seen, now=seen.time)), judged(written, seen)
        assert ours is theirs, f"{written}: {ours} here, {theirs} in CEL, with {seen.properties}"


@settings(max_examples=100)
@given(rule=wholes(3))
def test_cel_counts_the_same(rule: Rule) -> None:
    written, meant = text(rule), compile_rule(rule)
    for seen in EVENTS:
        ours, theirs = meant(Scope(event=seen, now=seen.time)), judged(written, seen)
        assert (type(ours), ours) == (type(theirs), theirs), f"{written} with {seen.properties}"


@settings(max_examples=100)
@given(value=st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=30))
def test_cel_reads_our_texts(value: str) -> None:
    assert judged(text(Text(value)), EVENTS[0]) == value


@pytest.mark.parametrize(
    ("written", "ours", "theirs"),
    [
        ("1 == '1'", UNKNOWN, False),
        ("null == null", UNKNOWN, True),
        ("1 + 1.5", 2.5, UNKNOWN),
        ("9007199254740993 > 9007199254740992.0", True, False),
        ("1 in ['1']", UNKNOWN, False),
        ("1 in [1, event.properties.x]", True, UNKNOWN),
        ("[1] == [1]", UNKNOWN, True),
        ("duration('1d') == duration('24h')", True, UNKNOWN),
    ],
)
def test_where_we_differ_on_purpose(written: str, ours: object, theirs: object) -> None:
    assert compile_rule(parse(written))(Scope()) == ours
    assert judged(written, EVENTS[0]) == theirs
