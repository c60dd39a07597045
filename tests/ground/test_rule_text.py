"""Conditions as text and as form: both read back as the same tree, and every mistake is told by place and remedy."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ground.rules import rules
from wayfare.ground.errors import Malformed
from wayfare.ground.rule import Path, Rule, from_tree, parse, text, tree
from wayfare.ground.rule.limits import DEPTH, ENTRIES, TEXT_BYTES, depth, entries, within_limits
from wayfare.ground.rule.tree import (
    Binary,
    Call,
    Choice,
    Either,
    Every,
    Items,
    Minus,
    Not,
    Null,
    Real,
    Text,
    Truth,
    Whole,
)


def small(rule: Rule) -> bool:
    return entries(rule) <= ENTRIES and depth(rule) <= DEPTH and len(text(rule).encode()) <= TEXT_BYTES


@settings(max_examples=300)
@given(rule=rules().filter(small))
def test_what_is_written_reads_back_as_the_same_tree(rule: Rule) -> None:
    assert parse(text(rule)) == rule


@settings(max_examples=200)
@given(rule=rules().filter(small))
def test_the_stored_form_reads_back_as_the_same_tree(rule: Rule) -> None:
    stored = json.dumps(tree(rule))
    assert from_tree(json.loads(stored)) == rule


@settings(max_examples=200)
@given(written=st.text(alphabet="ab.&|!=<>()[]{}?:'\"\\+-*/%,0123456789 中event.properties", max_size=60))
def test_any_text_is_read_or_refused_with_a_code(written: str) -> None:
    try:
        rule = parse(written)
    except Malformed as error:
        assert error.code.startswith("WF13")
        for lang in ("en", "zh"):
            assert "{" in written or "{" not in error.what(lang), "a name that nobody filled"
    else:
        assert parse(text(rule)) == rule


def prop(*keys: str | int) -> Path:
    return Path("event", ("properties", *keys))


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ('event.properties["金额"] >= 2000', Binary(">=", prop("金额"), Whole(2000))),
        ("event['properties'].items[0].sku", prop("items", 0, "sku")),
        ("1 + 2 * 3 - 4", Binary("-", Binary("+", Whole(1), Binary("*", Whole(2), Whole(3))), Whole(4))),
        ("10 - (3 - 2)", Binary("-", Whole(10), Binary("-", Whole(3), Whole(2)))),
        ("true || false && !true", Either((Truth(True), Every((Truth(False), Not(Truth(True))))))),
        ("(true && false) && true", Every((Truth(True), Truth(False), Truth(True)))),
        ("1 < 2 == true", Binary("==", Binary("<", Whole(1), Whole(2)), Truth(True))),
        ("-5 - -event.properties.a", Binary("-", Whole(-5), Minus(prop("a")))),
        ("-(5)", Minus(Whole(5))),
        ("true ? 1 : false ? 2 : 3", Choice(Truth(True), Whole(1), Choice(Truth(False), Whole(2), Whole(3)))),
        (
            "context.a in ['x', 1.5, null,]",
            Binary("in", Path("context", ("a",)), Items((Text("x"), Real(1.5), Null()))),
        ),
        ("event.name.size() == 0x1F", Binary("==", Call("size", (Path("event", ("name",)),)), Whole(31))),
        (r"""'it\'s \u4e2d\x41\101\n' + r"\d" """, Binary("+", Text("it's 中AA\n"), Text("\\d"))),
        ("1e3 == .5", Binary("==", Real(1000.0), Real(0.5))),
        ("  now\n\t> event.time", Binary(">", Path("now"), Path("event", ("time",)))),
    ],
)
def test_reading(written: str, rule: Rule) -> None:
    assert parse(written) == rule


@pytest.mark.parametrize(
    ("written", "code", "column", "remedy"),
    [
        ("evnt.properties.a == 1", "WF1313", 1, "event"),
        ("profile.trait.tier", "WF1314", 8, "traits"),
        ("profile", "WF1317", 1, "traits"),
        ("now.year", "WF1315", 4, ""),
        ("event.properties.a = 1", "WF1305", 20, "=="),
        ("1 == 1 and 2 == 2", "WF1305", 8, "&&"),
        ("not event.properties.a", "WF1305", 1, "!"),
        ("event.properties.a ≥ 1", "WF1305", 20, ">="),
        ("event.name == “x”", "WF1305", 15, '"'),
        ("event.properties.金额 > 1", "WF1316", 18, '["金额"]'),
        ("(1 + 2", "WF1307", 7, ")"),
        ("1 +", "WF1307", 4, ""),
        ("1 2", "WF1308", 3, ""),
        ("", "WF1307", 1, ""),
        ("* 2", "WF1301", 1, ""),
        ('event.name == "x', "WF1309", 15, '"'),
        ('"\\d"', "WF1311", 2, "r"),
        ("1x", "WF1310", 1, ""),
        ("9" * 40, "WF1310", 1, "38"),
        ("1e999", "WF1310", 1, ""),
        ("event.name.startswith('a')", "WF1321", 12, "startsWith"),
        ("cuont('E', '30d')", "WF1321", 1, "count"),
        ("count('E', '30 days')", "WF1323", 1, "30d"),
        ("has(1)", "WF1323", 1, ""),
        ("event.name.matches('(')", "WF1323", 12, ""),
        ("event.name.matches('(a)\\\\1')", "WF1323", 12, ""),
        ("timestamp('soon')", "WF1323", 1, "2026"),
        ("days_since()", "WF1322", 1, ""),
        ("in_journey('j', {'nodes': 'a'})", "WF1323", 1, "node"),
        ("local(now) > 3", "WF1320", 12, "getHours"),
        ("size('a').b", "WF1319", 11, ""),
        ("true ? now : 1", "WF1312", 6, "timestamp"),
        ("event.properties.x.true", "WF1318", 20, ""),
    ],
)
def test_mistakes_are_told_by_place_and_remedy(written: str, code: str, column: int, remedy: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(written, "journeys/a.yaml")
    error = caught.value
    assert (error.code, error.values.get("column"), error.where) == (code, column, "journeys/a.yaml")
    for lang in ("en", "zh"):
        assert str(column) in error.what(lang)
        assert remedy in error.mend(lang)


def test_limits() -> None:
    leaf = "event.properties.a > 1"
    assert parse(leaf + " " * (TEXT_BYTES - len(leaf)))
    cases = {
        leaf + " " * TEXT_BYTES: "WF1302",
        " + ".join(["1"] * (ENTRIES + 2)): "WF1303",
        "(" * 2000 + "true": "WF1304",
        "!" * 2000 + "true": "WF1304",
    }
    for written, code in cases.items():
        with pytest.raises(Malformed) as caught:
            parse(written)
        assert caught.value.code == code
    assert entries(parse(" && ".join(["now > now"] * ENTRIES))) == ENTRIES
    assert parse("+".join(["1"] * ENTRIES)), "a long chain is no deep tree"


def test_depth_counts_groups_and_not_chains() -> None:
    def nested(levels: int) -> Rule:
        rule: Rule = Binary("==", prop("a"), Whole(1))
        for level in range(levels):
            rule = (Every if level % 2 else Either)((rule, Truth(True)))
        return rule

    assert within_limits(nested(DEPTH))
    with pytest.raises(Malformed, match="WF1304"):
        within_limits(nested(DEPTH + 1))


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ({"combinator": "and", "rules": []}, "true"),
        (
            {
                "combinator": "or",
                "not": True,
                "rules": [
                    {"id": "x", "field": "event.properties.price", "operator": "between", "value": [1, 2]},
                    {"field": 'profile.traits["等级"]', "operator": "in", "value": "gold, vip"},
                ],
            },
            "!(event.properties.price >= 1 && event.properties.price <= 2 "
            '|| profile.traits["等级"] in ["gold", "vip"])',
        ),
        (
            {"field": "event.name", "operator": "doesNotBeginWith", "value": "Or"},
            '!event.name.startsWith("Or")',
        ),
        ({"field": "context.a", "operator": "null"}, "!has(context.a)"),
        ({"field": "context.a", "operator": "notNull"}, "has(context.a)"),
        ({"field": "profile.tags", "operator": "contains", "value": "vip"}, '"vip" in profile.tags'),
        (
            {"field": "event.time", "operator": ">", "value": "2026-03-01T00:00:00Z"},
            'event.time > timestamp("2026-03-01T00:00:00Z")',
        ),
        (
            {"field": "context.a", "operator": "=", "value": "entry.properties.a", "valueSource": "field"},
            "context.a == entry.properties.a",
        ),
        ({"field": 'count("E", "30d")', "operator": ">=", "value": 2}, 'count("E", "30d") >= 2'),
        ({"cel": "event.properties.a + 1 > 2"}, "event.properties.a + 1 > 2"),
        ("event.properties.a > 2", "event.properties.a > 2"),
    ],
)
def test_forms(form: object, written: str) -> None:
    rule = from_tree(form)
    assert text(rule) == written
    assert from_tree(tree(rule)) == rule


def test_what_fits_a_leaf_is_a_leaf() -> None:
    rule = parse(
        'event.properties.price >= 2000 && !(profile.traits.tier in ["gold"]) && event.properties.a + 1 > 2'
    )
    assert tree(rule) == {
        "combinator": "and",
        "rules": [
            {"field": "event.properties.price", "operator": ">=", "value": 2000},
            {"field": "profile.traits.tier", "operator": "notIn", "value": ["gold"]},
            {"cel": "event.properties.a + 1 > 2"},
        ],
    }


@pytest.mark.parametrize(
    ("form", "code", "where"),
    [
        ({"combinator": "xor", "rules": []}, "WF1324", "#"),
        (
            {"combinator": "and", "rules": [{"field": "now", "operator": "~", "value": 1}]},
            "WF1325",
            "#/rules/0",
        ),
        ({"field": "context.a", "operator": "between", "value": [1]}, "WF1326", "#"),
        ({"field": "context.a", "operator": "=", "value": {}}, "WF1326", "#"),
        ({"field": "contxt.a", "operator": "=", "value": 1}, "WF1313", "#/field"),
        ({"field": "context.a", "operator": "=", "valu": 1}, "WF1327", "#"),
        ({"rules": [{"cel": "1 +"}]}, "WF1307", "#/rules/0/cel"),
        (7, "WF1324", "#"),
        (
            {"combinator": "and", "rules": [{"field": "context.a", "operator": "=", "value": 1}] * 201},
            "WF1303",
            "#",
        ),
    ],
)
def test_broken_forms_are_refused_by_pointer(form: object, code: str, where: str) -> None:
    with pytest.raises(Malformed) as caught:
        from_tree(form, "#")
    assert (caught.value.code, caught.value.where) == (code, where)


def test_a_form_nested_without_end_is_refused() -> None:
    form: dict[str, object] = {"cel": "true"}
    for _ in range(5000):
        form = {"combinator": "and", "not": True, "rules": [form]}
    with pytest.raises(Malformed, match="WF1304"):
        from_tree(form)
