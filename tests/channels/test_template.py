"""Templates: what comes out, what must never come out, and what the author is told at save."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contact.cases import NOW, message, person
from wayfare.channels import liquid
from wayfare.channels.template import (
    Lacking,
    Template,
    absent,
    gather,
    parse,
    problems,
    render,
    variables,
)
from wayfare.facts.event import Event
from wayfare.ground.errors import Malformed
from wayfare.ground.rule import Scope
from wayfare.ground.time import parse_instant
from wayfare.ground.words import WORDS


def made(text: str, channel: str = "sms") -> Template:
    return parse("t", {"": f"---\nchannel: {channel}\n---\n{text}"})


def rendered(template: Template | str, locale: str = "", **traits: Any) -> dict[str, str] | Lacking:
    whole = made(template) if isinstance(template, str) else template
    entry = Event(
        id="e1", source="web", kind="track", name="Product Added", time=parse_instant("2026-03-01T20:30:00Z"),
        received=NOW, channel="web", properties={"price": 3000, "items": ["a", "b"], "none": None},
    )  # fmt: skip
    scope = Scope(
        person(traits=traits), event=entry, entry=entry, context={"code": "X1"}, now=NOW, zone="UTC"
    )
    return render(whole, scope, message(channel="sms"), {"id": "cart-rescue"}, locale)


def body(text: str, **traits: Any) -> str:
    found = rendered(text, **traits)
    assert not isinstance(found, Lacking), found
    return found["body"]


def test_every_name_is_there() -> None:
    text = (
        "{{ customer.name }}|{{ profile.traits.name }}|{{ profile.id }}|{{ event.properties.price }}|{{ entry.name }}|"
        "{{ context.code }}|{{ journey.id }}|{{ message.node }}|{{ now }}|{{ event.time | date: '%d %H:%M' }}|"
        "{{ 'now' | date: '%H:%M' }}|{{ today }}|{{ event.properties.items }}"
    )
    assert body(text, name="Ann") == (
        "Ann|Ann|prf_1|3000|Product Added|X1|cart-rescue|mail|2026-03-02T12:00:00+08:00|02 04:30|12:00|2026-03-02|ab"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-03-01", "2026-03-01 00:00"),
        ("2026-03-01T23:00:00Z", "2026-03-02 07:00"),
        ("2026-03-01T10:00:00", "2026-03-01 10:00"),
        (1_772_400_000, "2026-03-02 05:20"),
        (1_772_400_000_000, "2026-03-02 05:20"),
        ("soon", "soon"),
    ],
)
def test_dates_are_by_the_persons_clock(value: object, shown: str) -> None:
    assert body("{{ customer.at | date: '%Y-%m-%d %H:%M' }}", at=value) == shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi {{ customer.name }}", "customer.name"),
        ("Hi {{ customer.none }}", "customer.none"),
        ("Hi {{ customer.name | upcase }}", "customer.name"),
        ("Hi {{ customer.none | upcase }}", "customer.none"),
        ("{{ 'a' | append: customer.name }}", "customer.name"),
        ("{{ customer.points | plus: 1 }}", "customer.points"),
        ("{{ 1 | plus: customer.points }}", "customer.points"),
        ("{{ customer.name | size }}", "customer.name"),
        ("{{ customer.at | date: '%Y' }}", "customer.at"),
        ("{% assign n = customer.name %}{{ n }}", "customer.name"),
        ("{% capture n %}{{ customer.name }}{% endcapture %}", "customer.name"),
        ("{% for x in customer.list %}{{ x }}{% endfor %}", "customer.list"),
        ("{{ event.properties.items[5] }}", "event.properties.items[5]"),
        ("{{ event.properties['金额'] }}", "event.properties.金额"),
        ("{{ customer.few | first }}", "… | first"),
        ("{{ customer.holes }}", "customer.holes"),
        ("{% for x in customer.holes %}{{ x }}{% endfor %}", "x"),
        ("{{ customer.name | default: customer.nick }}", "customer.nick"),
        ("{% echo customer.name %}", "customer.name"),
    ],
)
def test_a_missing_value_or_null_is_never_a_blank(text: str, name: str) -> None:
    assert rendered(text, none=None, few=[], holes=[1, None]) == Lacking("WF4201", name)


def test_what_may_be_asked_of_a_missing_value() -> None:
    text = "{{ customer.name | default: 'friend' }}{% if customer.name %}yes{% else %}no{% endif %}"
    assert body(text) == "friendno"
    assert body(text, name=None) == "friendno"
    assert body(text, name="") == "friendyes"
    assert body(text, name="Ann") == "Annyes"
    assert body("{{ customer.name | default: customer.nick }}", name="Ann") == "Ann"
    assert body("{% if customer.tier == 'gold' %}1{% else %}2{% endif %}") == "2"
    assert body("{% unless customer.tier == nil %}1{% else %}2{% endunless %}") == "2"
    assert body("{% if customer.points > 3 %}1{% else %}2{% endif %}") == "2"


def test_a_template_may_stop_its_own_message() -> None:
    text = "{% if customer.points < 10 %}{% abort_message('too few points') %}{% endif %}ok"
    assert rendered(text, points=3) == Lacking("too few points")
    assert body(text, points=30) == "ok"
    assert rendered("{% abort_message %}") == Lacking("aborted")
    assert rendered('{% abort_message "why" %}') == Lacking("why")


def test_only_the_body_of_an_email_is_escaped() -> None:
    text = "---\nchannel: email\nsubject: 'Tom & {{ customer.name }}'\n---\n<p>{{ customer.name }}</p>"
    found = rendered(parse("t", {"": text}), name="<b>Ann\r\nBcc: x@y.z</b>")
    assert found == {
        "subject": "Tom & <b>Ann Bcc: x@y.z</b>",
        "body": "<p>&lt;b&gt;Ann\nBcc: x@y.z&lt;/b&gt;</p>",
    }
    assert body("<{{ customer.name }}>", name="<b>") == "<<b>>"


def test_data_is_never_rendered_again() -> None:
    for text in ("{{ customer.name }}", "{% assign a %}", "{{ 7 | times: 7 }}", "{% abort_message 'x' %}"):
        assert body("{{ customer.name }}!", name=text) == f"{text}!"
        assert body("{{ customer.name | append: '!' | strip }}", name=text) == f"{text}!"


def test_sms_parts_and_front_matter() -> None:
    text = (
        "---\nchannel: sms\nfrom: shop\nsms:\n  sign: 店\n  provider_template: SMS_1\n"
        "  map: {code: '{{ context.code }}'}\n---\nyour code"
    )
    assert rendered(parse("t", {"": text})) == {
        "from": "shop", "sms.sign": "店", "sms.provider_template": "SMS_1", "sms.map.code": "X1", "body": "your code",
    }  # fmt: skip


def test_the_locale_chooses_the_variant() -> None:
    files = gather({"hi": "en", "hi.zh": "中文", "hi.pt-BR": "br", "bye": "x"})
    assert set(files) == {"hi", "bye"}
    template = parse("hi", files["hi"])
    for locale, shown in [
        ("", "en"), ("zh", "中文"), ("zh-CN", "中文"), ("zh_Hans_CN", "中文"), ("fr", "en"), ("pt-br", "br"),
    ]:  # fmt: skip
        assert rendered(template, locale) == {"body": shown}
    assert rendered(parse("hi", {"zh": "只有中文"}), "en") == {"body": "只有中文"}


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..200) %}{% for j in (1..200) %}x{% endfor %}{% endfor %}",
        "{{ (1..100000000) | join: ',' }}",
        "{% assign s = 'xxxxxxxxxx' %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
        "{{ customer.big | replace: 'x', customer.big }}",
        "{{ customer.big }}{{ customer.big }}{{ customer.big }}",
        "{{ 3 | divided_by: 0 }}",
        "{% assign n = 9 %}{% for i in (1..9000) %}{% assign n = n | times: 9 %}{% endfor %}{{ n }}",
    ],
)
def test_limits_end_a_template_and_not_the_process(text: str) -> None:
    found = rendered(text, big="x" * 100_000)
    assert isinstance(found, Lacking) and found.reason == "WF4202" and found.name.startswith("t.liquid: ")


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a\n{{ customer.name", "WF4101", 6, 1),
        ("{{ custmer.name }}", "WF4102", 5, 4),
        ("a\n  {{ event.props.x }}", "WF4102", 6, 6),
        ("{{ customer.name | upcse }}", "WF4102", 5, 20),
        ("{% raw %}{{ x }}{% endraw %}", "WF4101", 5, 1),
        ("{% include 'other' %}", "WF4101", 5, 4),
        ("{{ customer.name | safe }}", "WF4102", 5, 20),
        ("{{{ customer.name }}}", "WF4101", 5, 3),
        ("{% if customer.name %}", "WF4101", 5, 1),
        ("{% abort_message why %}", "WF4101", 5, 18),
    ],
)
def test_mistakes_are_named_at_their_place(text: str, code: str, line: int, column: int) -> None:
    found = problems("t", {"zh": f"---\nchannel: sms\nfrom: x\n---\n{text}"})
    assert [(fault.code, fault.place[0]) for fault in found] == [(code, "t.zh.liquid")]
    assert (found[0].values["line"], found[0].values["column"]) == (line, column), found[0].values
    with pytest.raises(Malformed) as told:
        parse("t", {"zh": f"---\nchannel: sms\nfrom: x\n---\n{text}"})
    assert told.value.code == code and "t.zh.liquid" in told.value.text("zh")


def test_mistakes_of_the_front_matter() -> None:
    def found(front: str) -> list[tuple[str, tuple[object, ...], object]]:
        faults = problems("t", {"": f"---\n{front}\n---\nx"})
        return [(fault.code, fault.place, fault.values["line"]) for fault in faults]

    assert found("channel: sms\nsubjct: x") == [("WF4001", ("t.liquid", "subjct"), 3)]
    assert found("channel: [sms]") == [("WF4003", ("t.liquid", "channel"), 2)]
    assert found("from: a\nsubject: 'x {{ y'") == [("WF4101", ("t.liquid", "subject"), 3)]
    assert found("from: 'a") == [("WF4101", ("t.liquid",), 2)]
    assert found("- a") == [("WF4003", ("t.liquid",), 1)]
    assert {"WF4101.what", "WF4102.what", "WF4201.what", "WF4202.what", "WF4203.what"} <= set(WORDS)


def test_variables_tell_where_they_stand() -> None:
    template = parse(
        "t", {"": "---\nsubject: '{{ customer.name }}'\n---\n\nHi\n  {{ event.properties['金额'] }}"}
    )
    assert [(v.path, v.line, v.column) for v in variables(template)] == [
        ("customer.name", 2, 4),
        ("event.properties.金额", 6, 6),
    ]
    assert variables(parse("t", {"": "plain"})) == ()


def test_a_template_that_does_not_exist() -> None:
    assert absent("gone") == Lacking("WF4203", "gone")


WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}%"), max_size=12)
VALUES = st.one_of(WORD, st.none(), st.integers(), st.booleans(), st.lists(WORD | st.none(), max_size=2))
FILTERS = sorted(set(liquid._TEXT.filters) - {"default"})
PIECES = st.one_of(
    WORD,
    st.builds("{{{{ customer.{} }}}}".format, st.sampled_from("abc")),
    st.builds("{{{{ customer.{} | {} }}}}".format, st.sampled_from("abc"), st.sampled_from(FILTERS)),
    st.builds(
        "{{{{ customer.{} | {}: customer.a }}}}".format, st.sampled_from("abc"), st.sampled_from(FILTERS)
    ),
    st.builds("{{{{ customer.{} | default: 'd' }}}}".format, st.sampled_from("abc")),
    st.builds("{{% if customer.{} %}}y{{% else %}}n{{% endif %}}".format, st.sampled_from("abc")),
    st.builds("{{% for x in customer.{} %}}{{{{ x }}}}{{% endfor %}}".format, st.sampled_from("abc")),
)


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(PIECES, max_size=5), traits=st.dictionaries(st.sampled_from("abc"), VALUES))
def test_nothing_raw_and_no_none_ever_leaves(pieces: list[str], traits: dict[str, Any]) -> None:
    source = "".join(pieces)
    found = rendered(source, **traits)
    if isinstance(found, Lacking):
        assert found.reason in ("WF4201", "WF4202")
        return
    shown = found["body"]
    assert "{{" not in shown and "}}" not in shown and "{%" not in shown
    said = "".join([source, *(str(value) for value in traits.values() if isinstance(value, str))])
    assert "None" not in shown or "none" in said.lower() or "Tm9uZ" in shown
    assert "Undefined" not in shown and "markupsafe" not in shown.lower()


@settings(max_examples=400, deadline=None)
@given(
    chain=st.lists(st.sampled_from([*FILTERS, "append: customer.x", "replace: 'a', customer.x", "join: customer.x",
                                    "prepend: customer.x", "split: 'a' | first", "default: customer.x"]), max_size=4),
    markup=st.sampled_from(["<script>", "<img onerror=a>", "a<b>a", "&lt;script&gt;", "%3Cscript%3E", "PHNjcmlwdD4="]),
)  # fmt: skip
def test_no_chain_of_filters_lets_markup_of_the_data_into_an_email(chain: list[str], markup: str) -> None:
    text = " | ".join(["customer.x", *chain])
    found = rendered(made(f"{{{{ {text} }}}}", "email"), x=markup)
    if not isinstance(found, Lacking):
        assert "<" not in found["body"].replace("<br />", "").replace("<br/>", "").replace("<br>", "")
