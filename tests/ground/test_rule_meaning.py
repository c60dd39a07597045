"""What conditions mean: three-valued, exact, never across kinds; what they read; how they are told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from tests.ground.people import people
from tests.ground.rules import MEMORY, fits, rules
from wayfare.facts.event import Event
from wayfare.ground.errors import NotBuilt
from wayfare.ground.rule import (
    UNKNOWN,
    Path,
    Rule,
    Scope,
    compile_rule,
    compile_trace,
    holds,
    parse,
    reads,
    sentence,
    text,
    trace,
)
from wayfare.ground.rule.names import HOOKED
from wayfare.ground.rule.tree import Binary, Call, Not, Text, Truth, either, every
from wayfare.ground.time import DAY, parse_instant
from wayfare.people.profile import Consent, Profile

NOW = parse_instant("2026-03-01T20:30:00Z")
PROPERTIES: dict[str, Any] = {
    "price": 3000,
    "ratio": 0.5,
    "same": 3000.0,
    "name": "Kettle 中",
    "gift": True,
    "none": None,
    "big": 9007199254740993,
    "items": ["a", 1, None],
    "tags": ["a", "b"],
    "map": {"k": None},
    "金额": 88,
    "due": "2026-03-02T00:00:00+08:00",
    "nan": float("nan"),
}
SCOPE = Scope(
    profile=Profile(
        id="p1",
        first_seen=0,
        traits={"tier": "gold", "signup": "2026-02-01"},
        tags=("vip", "老客"),
        consents={"marketing": {"email": Consent("granted", 1, 0), "": Consent("denied", 0, 0)}},
        timezone="Asia/Shanghai",
    ),
    event=Event(
        id="e",
        source="s",
        kind="track",
        name="Order",
        time=NOW - DAY,
        received=NOW,
        channel="web",
        properties=PROPERTIES,
    ),
    entry=Event(id="e0", source="s", kind="track", name="Viewed", time=NOW - 2 * DAY, received=NOW),
    context={"answer": {"score": 9, "list": [10, 20]}},
    now=NOW,
    row={"金额 (元)": "12", "empty": float("nan")},
    zone="America/New_York",
)
U = UNKNOWN


@pytest.mark.parametrize(
    ("written", "value"),
    [
        # kinds that fit
        ("event.properties.price >= 3000 && event.properties.price < 3001", True),
        ("event.properties.price == event.properties.same", True),
        ("1 == 1.0", True),
        ("event.properties.big == 9007199254740993", True),
        ("event.properties.big == 9007199254740992.0", False),
        ("9007199254740993 > 9007199254740992.0", True),
        ('event.properties["金额"] == 88', True),
        ('row["金额 (元)"] == "12"', True),
        ('"a" < "b" && "Z" < "a" && "中" > "z"', True),
        ("false < true", True),
        ("event.name == 'Order' && event.channel != 'app'", True),
        ('profile.consent.marketing.email == "granted"', True),
        ('profile.consent.marketing.sms == "denied"', True),
        ('profile.consent.service.sms == "denied"', U),
        ('"vip" in profile.tags && !("new" in profile.tags)', True),
        ("context.answer.list[1] == 20 && context.answer.score == 9", True),
        # missing, null, kinds that do not fit: unknown
        ("event.properties.nothing == 1", U),
        ("event.properties.none == 1", U),
        ("event.properties.none == null", U),
        ("null == null", U),
        ("event.properties.price == '3000'", U),
        ("event.properties.price != '3000'", U),
        ("event.properties.gift == 1", U),
        ("event.properties.gift > 0", U),
        ("event.properties.items == event.properties.items", U),
        ("event.properties.due > now", U),
        ("event.time > 5", U),
        ("now == 1772397000000", U),
        ("context.answer.list[2] == 1", U),
        ("context.answer.list.x == 1", U),
        ("context.answer[0] == 1", U),
        ("row.empty > 1", U),
        ("profile.locale == 'zh'", U),
        # Kleene
        ("event.properties.nothing == 1 || true", True),
        ("true || event.properties.nothing == 1", True),
        ("event.properties.nothing == 1 && false", False),
        ("event.properties.nothing == 1 && true", U),
        ("event.properties.nothing == 1 || false", U),
        ("!(event.properties.nothing == 1)", U),
        ("event.properties.price && true", U),
        ("event.properties.nothing == 1 ? 1 : 2", U),
        ("event.properties.gift ? 1 : 2", 1),
        # has, size, in
        ("has(event.properties.price)", True),
        ("has(event.properties.none)", False),
        ("has(event.properties.nothing.deeper)", False),
        ("size('中文') == 2 && size(profile.tags) == 2 && size(event.properties.map) == 1", True),
        ("size(3)", U),
        ("'a' in event.properties.tags", True),
        ("'z' in event.properties.tags", False),
        ("'a' in event.properties.items", True),
        ("'z' in event.properties.items", U),
        ("'k' in event.properties.map", True),
        ("'z' in event.properties.map", False),
        ("event.properties.price in [1, 3000.0]", True),
        ("event.properties.price in ['3000']", U),
        ("event.properties.name in []", False),
        ("event.properties.nothing in []", U),
        ("event.properties.price in [1, 'x']", U),
        ("1 in event.properties.price", U),
        # texts
        ("event.properties.name.startsWith('Ket') && event.properties.name.endsWith('中')", True),
        ("event.properties.name.contains('tle') && event.properties.name.matches('^K.*e .$')", True),
        ("event.properties.price.contains('3')", U),
        ("event.properties.name + '!' == 'Kettle 中!'", True),
        # arithmetic
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 / 2.0", 3.5),
        ("-7 % 3", -1),
        ("7 % -3", 1),
        ("7 % 2.0", U),
        ("1 / 0", U),
        ("1 % 0", U),
        ("1.0 / 0", U),
        ("1e308 * 10", U),
        ("9223372036854775807 + 1", U),
        ("9223372036854775807 - 1", 2**63 - 2),
        ("-event.properties.price", -3000),
        ("-event.properties.name", U),
        ("event.properties.big * 2 + 1", 18014398509481987),
        ("event.properties.price + event.properties.gift", U),
        # time
        ("now - event.time == duration('1d')", True),
        ("now - event.time > duration('23h59m59.999s')", True),
        ("event.time + duration('24h') == now", True),
        ("event.time < timestamp('2026-03-01T00:00:00Z')", True),
        ("timestamp('2026-03-01T00:00:00') == timestamp('2026-03-01T05:00:00Z')", True),
        ("timestamp(event.properties.due) > now", False),
        ("timestamp(event.properties.name) > now", U),
        ("duration('1h') > 5", U),
        ("now + now", U),
        ("-duration('1h') < duration('0s')", True),
        ("days_since(event.time)", 1),
        ("days_since(profile.traits.signup)", 28),
        ("days_since(event.properties.price)", U),
        ("now.getHours()", 20),
        ("now.getHours('Asia/Shanghai')", 4),
        ("local(now).getHours()", 4),
        ("local(now).getDate()", 2),
        ("local(now).getDayOfWeek()", 1),
        ("local(now).getMonth()", 2),
        ("(now - event.time).getHours()", 24),
        ("event.name.getHours()", U),
        # values
        ("event.properties.name", "Kettle 中"),
        ("event.properties.none", U),
    ],
)
def test_meaning(written: str, value: object) -> None:
    found = compile_rule(parse(written))(SCOPE)
    assert found == value if value is not UNKNOWN else found is UNKNOWN
    assert type(found) is type(value)


def test_unknown_never_acts_and_never_passes_for_a_truth() -> None:
    assert not holds(UNKNOWN)
    assert not holds(1)
    assert holds(True)
    with pytest.raises(TypeError):
        bool(UNKNOWN)


def test_an_empty_scope_knows_nothing_but_now() -> None:
    for written in (
        "event.name == 'a'",
        "profile.traits.a > 1",
        "context.a",
        "row.a",
        "entry.time > now",
        "'a' in profile.tags",
    ):
        assert compile_rule(parse(written))(Scope()) is UNKNOWN
    assert compile_rule(parse("now == timestamp('1970-01-01T00:00:00Z')"))(Scope()) is True


def test_a_zone_that_is_none_falls_back_to_the_workspace() -> None:
    hour = compile_rule(parse("local(now).getHours()"))
    assert (
        hour(Scope(Profile(id="p", first_seen=0, timezone="Mars/Base"), now=NOW, zone="America/New_York"))
        == 15
    )
    assert hour(Scope(now=NOW, zone="Asia/Kolkata")) == 2


def test_no_pattern_runs_away() -> None:
    slow = compile_rule(parse("event.properties.x.matches('^(a+)+$')"))
    event = Event(
        id="e", source="s", kind="track", name="", time=0, received=0, properties={"x": "a" * 100_000 + "!"}
    )
    assert slow(Scope(event=event)) is False  # a backtracking engine would not come back


SAMPLE = people(40)


@settings(max_examples=150)
@given(a=rules(2, sql=True), b=rules(2, sql=True))
def test_laws_of_three_valued_logic(a: Rule, b: Rule) -> None:
    laws = [
        (Not(every((a, b))), either((Not(a), Not(b)))),
        (every((a, b)), every((b, a))),
        (either((a, b)), either((b, a))),
        (Not(Not(every((a, b)))), every((a, b))),
    ]
    for left, right in laws:
        one, other = compile_rule(left), compile_rule(right)
        for person in SAMPLE:
            assert one(person) is other(person), (text(left), text(right))


@settings(max_examples=150)
@given(rule=rules(3).filter(fits))
def test_no_rule_fails_on_anyone_and_every_rule_can_be_told(rule: Rule) -> None:
    run, told = compile_rule(rule, offers=HOOKED), compile_trace(rule, offers=HOOKED)
    for person in SAMPLE:
        run(person)
        assert all(part.outcome in ("true", "false", "unknown") for part in told(person))
    for lang in ("en", "zh"):
        said = sentence(rule, lang)
        assert said and "rule." not in said


# --- memory


@pytest.mark.parametrize("rule", MEMORY)
def test_functions_of_memory_are_asked_by_name(rule: Rule) -> None:
    call = next(
        node for node in (rule, *getattr(rule, "args", ())) if isinstance(node, Call) and node.name in HOOKED
    )
    with pytest.raises(NotBuilt) as caught:
        compile_rule(rule)
    assert caught.value.values == {"part": f"{call.name}()"}
    assert compile_rule(rule, offers=HOOKED)(Scope()) is UNKNOWN


def test_what_memory_is_asked() -> None:
    asked: list[tuple[object, ...]] = []

    def hook(name: str, answer: object) -> Any:
        def ask(scope: Scope, *args: object) -> object:
            asked.append((name, *args))
            return answer

        return ask

    hooks = {
        "count": hook("count", 3),
        "last": hook("last", NOW - 3 * DAY),
        "in_journey": hook("in_journey", True),
    }
    written = (
        'count("Order", "30d", event.properties.total > 5) == 3 && days_since(last("Order")) == 3 '
        '&& in_journey("cart", {"node": "mail"}) && count("Order") == 3'
    )
    assert compile_rule(parse(written), offers=hooks.keys())(Scope(now=NOW, hooks=hooks)) is True
    (count, last, journey, ever) = asked
    assert count[:3] == ("count", "Order", 30 * DAY)
    where = count[3]
    assert callable(where)
    assert where(
        Scope(
            event=Event(id="", source="", kind="track", name="", time=0, received=0, properties={"total": 6})
        )
    )
    assert (last, journey) == (("last", "Order"), ("in_journey", "cart", {"node": "mail"}))
    assert ever == ("count", "Order", None, None)


def test_reads() -> None:
    rule = parse(
        'event.properties["金额"] > 5 && count("Order", "30d", event.properties.a > profile.traits.b) > 1 '
        "&& days_since(entry.time) > 1 && local(now).getHours() > 8 && in_segment('vip')"
    )
    inner = Binary(">", Path("event", ("properties", "a")), Path("profile", ("traits", "b")))
    found = reads(rule)
    assert found.paths == {
        Path("event", ("properties", "金额")),
        Path("profile", ("traits", "b")),
        Path("entry", ("time",)),
        Path("now"),
        Path("profile", ("timezone",)),
    }
    assert found.functions == {("count", ("Order", "30d", inner)), ("in_segment", ("vip",))}


# --- telling


def test_trace_tells_leaf_by_leaf() -> None:
    rule = parse(
        "event.properties.price >= 5000 && (profile.traits.age > 18 || !(event.properties.name == 3)) "
        '&& "vip" in profile.tags'
    )
    parts = trace(rule, SCOPE)
    assert [(p.text, p.value, p.outcome, p.missing) for p in parts] == [
        ("event.properties.price >= 5000", 3000, "false", ()),
        ("profile.traits.age > 18", None, "unknown", ("profile.traits.age",)),
        ("event.properties.name == 3", "Kettle 中", "unknown", ()),
        ('"vip" in profile.tags', ("vip", "老客"), "true", ()),
    ]
    assert parts[0].values == {"event.properties.price": 3000}


@pytest.mark.parametrize(
    ("written", "en", "zh"),
    [
        ("event.properties.price >= 2000", "price of the event is at least 2000", "事件的 price 不小于 2000"),
        (
            'profile.traits.tier in ["gold", "v ip"] && (has(context.a) || !in_segment("沉睡"))',
            'the person\'s tier is one of ("gold", "v ip"), and (a of the journey\'s context is known, '
            'or the person is not in the segment "沉睡")',
            "用户的 tier 属于（“gold”、“v ip”），且（旅程上下文的 a 有值，或用户不属于分群“沉睡”）",
        ),
        (
            'count("Order Completed", "30d") >= 2',
            'the number of "Order Completed" in the last 30 days is at least 2',
            "近 30 天内“Order Completed”的次数不小于 2",
        ),
        (
            "now - event.time > duration('1h30m')",
            "now − the event's time is more than 1 hour 30 minutes",
            "当前时间 − 事件时间大于 1 小时 30 分钟",
        ),
    ],
)
def test_sentences(written: str, en: str, zh: str) -> None:
    assert sentence(parse(written), "en") == en
    assert sentence(parse(written), "zh") == zh


def test_the_workspace_renames_the_person() -> None:
    assert sentence(parse('"vip" in profile.tags'), "zh", person="会员") == "会员标签包含“vip”"
    assert sentence(
        Not(Binary("in", Text("vip"), Path("profile", ("tags",)))), "en", person="the member"
    ) == ('"vip" is not among the member\'s tags')
    assert sentence(Truth(True), "en") == "true"
