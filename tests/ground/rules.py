"""Random rules and random people: what the laws about conditions are tried on."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from wayfare.facts.event import Event
from wayfare.ground.rule import Path, Rule, Scope
from wayfare.ground.rule.limits import within_limits
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
)
from wayfare.people.profile import Consent, Profile

KEYS = (
    "a",
    "b",
    "金额",
    "odd key",
    'q"uote',
    "back\\slash",
    "0",
    "12",
    "a/b",
    "~1",
    "",
    "x.y",
    "for",
    "😀",
    "it's",
    "*",
    "$",
)
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
    "\\d",
    "a.b",
    "1",
    "true",
    "\t\x01",
)
WHOLES = (
    0,
    1,
    -1,
    2,
    3,
    7,
    -7,
    100,
    2**31,
    2**53 - 1,
    2**53,
    2**53 + 1,
    -(2**53) - 1,
    2**62,
    2**63 - 1,
    -(2**63),
    2**63,
    2**64 - 1,
    10**25,
    10**25 + 1,
    -(10**30),
)
REALS = (
    0.0,
    -0.0,
    0.1,
    0.5,
    1.0,
    -1.0,
    2.0,
    2.5,
    7.0,
    100.0,
    1e-300,
    2.0**53,
    2.0**53 + 2,
    2.0**63,
    1e22,
    1e25,
    1e300,
    -1e300,
    1.7976931348623157e308,
)
PATTERNS = ("a", "^g.*d$", "(?i)GOLD", "中", "^$", ".", "[0-9]+", "\\w+", "(a|b)*", "\\bold", "x{2,3}")
SPANS = ("0s", "30d", "1h30m", "-2h", "1500ms", "1.5s", "2w")
MOMENTS = (
    "2026-03-01T10:00:00+08:00",
    "2026-03-01T00:00:00.5Z",
    "2026-03-01",
    "2026-03-01T12:30:00",
    "1970-01-01T00:00:00Z",
)
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata")
CLOCKS = tuple(name for name in FUNCTIONS if name.startswith("get"))
MEMORY: tuple[Rule, ...] = (
    Call("count", (Text("Order Completed"), Text("30d"))),
    Call(
        "count", (Text("订单"), Text("1h30m"), Binary(">", Path("event", ("properties", "金额")), Whole(5)))
    ),
    Call("sum", (Text("Order Completed"), Text("total"), Text("7d"))),
    Call("first", (Text("Order Completed"),)),
    Call("last", (Text("Order Completed"),)),
    Call("in_segment", (Text("vip-buyers"),)),
    Call("in_journey", (Text("cart-rescue"),)),
    Call("in_journey", (Text("cart-rescue"), Fields((("node", "mail"), ("arm", "treated"))))),
)

PLAIN_PATHS: tuple[Rule, ...] = (
    Path("event", ("name",)),
    Path("event", ("channel",)),
    Path("event", ("time",)),
    Path("entry", ("time",)),
    Path("now"),
    Path("profile", ("id",)),
    Path("profile", ("timezone",)),
    Path("profile", ("locale",)),
    Path("profile", ("tags",)),
    Path("profile", ("consent", "marketing", "email")),
    Path("event", ("properties",)),
    Path("context"),
)


@st.composite
def paths(draw: Callable[[Any], Any]) -> Rule:
    """A path: mostly one key below a map, now and then deeper or into a list."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(PLAIN_PATHS))
    top = draw(
        st.sampled_from(
            [("event", "properties"), ("profile", "traits"), ("entry", "properties"), ("context",)]
        )
    )
    rest = [draw(st.sampled_from(KEYS))]
    if draw(st.integers(0, 3)) == 0:
        rest.append(draw(st.one_of(st.sampled_from(KEYS), st.integers(0, 3))))
    return Path(top[0], (*top[1:], *rest))


def literals() -> st.SearchStrategy[Rule]:
    """Literals: some that the data holds too, some edges, some anything."""
    return st.one_of(
        st.sampled_from(TEXTS).map(Text),
        st.sampled_from(WHOLES).map(Whole),
        st.sampled_from(REALS).map(Real),
        st.booleans().map(Truth),
        st.sampled_from(TEXTS).map(Text),
        st.just(Null()),
    )


@st.composite
def rules(draw: Callable[[Any], Any], depth: int = 3, sql: bool = False) -> Rule:
    """Any rule that can be written; with `sql` only what an expression over columns can say."""
    if depth <= 0:
        return draw(st.one_of(paths(), literals()))
    deeper = rules(depth=depth - 1, sql=sql)
    match draw(st.integers(0, 13)):
        case 0 | 1:
            return every(tuple(draw(st.lists(deeper, min_size=2, max_size=3))))
        case 2 | 3:
            return either(tuple(draw(st.lists(deeper, min_size=2, max_size=3))))
        case 4:
            return Not(draw(deeper))
        case 5 | 6 | 7:
            op = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
            return Binary(op, draw(paths() if draw(st.booleans()) else deeper), draw(deeper))
        case 8:
            return draw(memberships(deeper))
        case 9 | 10:
            return Binary(draw(st.sampled_from("+-*/%")), draw(deeper), draw(deeper))
        case 11:
            part = draw(deeper)
            return Minus(part)
        case 12:
            return draw(choices(deeper))
        case _:
            return draw(calls(deeper, sql))


@st.composite
def memberships(draw: Callable[[Any], Any], deeper: st.SearchStrategy[Rule]) -> Rule:
    """`x in …`: a list of literals, a list of anything, or a path to a list or a map."""
    match draw(st.integers(0, 4)):
        case 0:
            right: Rule = Items(tuple(draw(st.lists(st.sampled_from(TEXTS).map(Text), max_size=4))))
        case 1:
            right = Items(tuple(draw(st.lists(literals(), max_size=4))))
        case 2:
            right = Items(tuple(draw(st.lists(deeper, max_size=2))))
        case _:
            right = draw(paths())
    return Binary("in", draw(deeper), right)


@st.composite
def choices(draw: Callable[[Any], Any], deeper: st.SearchStrategy[Rule]) -> Rule:
    """`test ? yes : no` with branches that may stand together."""
    test, yes, no = draw(deeper), draw(deeper), draw(deeper)
    kinds = {kind(yes), kind(no)} - {"nothing"}
    if len(kinds) > 1 and kinds & {"instant", "duration"}:
        no = yes
    return Choice(test, yes, no)


@st.composite
def calls(draw: Callable[[Any], Any], deeper: st.SearchStrategy[Rule], sql: bool) -> Rule:
    """A call of each function there is."""
    name = draw(
        st.sampled_from(["has", "size", "startsWith", "endsWith", "contains", "matches", "time", "clock"])
    )
    match name:
        case "has":
            path = draw(paths())
            return Call("has", (path,)) if path.keys else Call("has", (Path("event", ("name",)),))
        case "size":
            return Call("size", (draw(paths() if sql else deeper),))
        case "matches":
            return Call("matches", (draw(deeper), Text(draw(st.sampled_from(PATTERNS)))))
        case "time":
            return draw(moments(deeper, sql))
        case "clock" if not sql:
            subject = (
                Call("local", (draw(moments(deeper, sql)),))
                if draw(st.booleans())
                else draw(moments(deeper, sql))
            )
            zone = (Text(draw(st.sampled_from(ZONES))),) if draw(st.booleans()) else ()
            return Call(draw(st.sampled_from(CLOCKS)), (subject, *zone))
        case "clock":
            return Call("days_since", (draw(st.sampled_from([Path("event", ("time",)), Text(MOMENTS[0])])),))
    return Call(name, (draw(deeper), draw(deeper)))


@st.composite
def moments(draw: Callable[[Any], Any], deeper: st.SearchStrategy[Rule], sql: bool) -> Rule:
    """Instants, durations, and what is asked of memory."""
    match draw(st.integers(0, 4)):
        case 0:
            return Call("duration", (Text(draw(st.sampled_from(SPANS))),))
        case 1:
            return Call("timestamp", (Text(draw(st.sampled_from(MOMENTS))),))
        case 2:
            ends = [Path("event", ("time",)), Path("now"), Call("timestamp", (Text(MOMENTS[2]),))]
            return Binary(
                "-",
                draw(st.sampled_from(ends)),
                draw(st.sampled_from([*ends, Call("duration", (Text("1h30m"),))])),
            )
        case 3 if not sql:
            return draw(st.sampled_from(MEMORY))
        case _ if not sql:
            inside = draw(deeper)
            fits = not isinstance(inside, Text)
            return Call(
                draw(st.sampled_from(["timestamp", "days_since"])), (inside if fits else Path("now"),)
            )
        case _:
            return draw(st.sampled_from([Path("event", ("time",)), Path("now")]))


def is_within(rule: Rule) -> bool:
    """Whether the rule keeps to the limits of a condition."""
    try:
        within_limits(rule)
    except Exception:
        return False
    return True


# --- people


def value(chance: random.Random, depth: int = 1) -> Any:
    """A JSON value: one that literals hold too, an edge, or a small list or map."""
    match chance.randrange(12 if depth else 8):
        case 0:
            return None
        case 1:
            return chance.random() < 0.5
        case 2 | 3:
            return chance.choice(WHOLES)
        case 4 | 5:
            return chance.choice(REALS)
        case 6 | 7:
            return chance.choice(TEXTS)
        case 8 | 9:
            return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
        case _:
            return {key: value(chance, depth - 1) for key in chance.sample(KEYS, 5)}


def some(chance: random.Random) -> dict[str, Any]:
    return {key: value(chance) for key in chance.sample(KEYS, 11)}


def scope(chance: random.Random) -> Scope:
    """A person, an event, an entry and a context, each sometimes with holes."""

    def event() -> Event:
        name, channel = chance.choice(TEXTS), chance.choice([None, "web", "gold"])
        at = chance.choice([0, 1_772_330_400_000, 1_772_323_200_500, 1_700_000_000_123])
        return Event(
            id="e",
            source="s",
            kind="track",
            name=name,
            time=at,
            received=at,
            channel=channel,
            properties=some(chance),
        )

    states = {"email": Consent(chance.choice(["granted", "denied"]), 0, 0)} if chance.random() < 0.7 else {}
    profile = Profile(
        id=chance.choice(TEXTS),
        first_seen=0,
        traits=some(chance),
        tags=tuple(chance.sample(TEXTS, chance.randrange(4))),
        consents={"marketing": states} if chance.random() < 0.8 else {},
        timezone=chance.choice([None, "Asia/Shanghai", "America/New_York"]),
        locale=chance.choice([None, "zh"]),
    )
    return Scope(
        profile if chance.random() < 0.95 else None,
        event() if chance.random() < 0.95 else None,
        entry=event() if chance.random() < 0.9 else None,
        context=some(chance),
        now=1_772_400_000_000,
        zone="Asia/Shanghai",
    )
