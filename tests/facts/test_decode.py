"""What one item becomes: its people, its name, its time, its context."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayfare.facts.decode import Head, decode, head_of, links_nobody, message_key
from wayfare.facts.event import Event, Quarantined
from wayfare.ground.time import parse_instant

RECEIPT = parse_instant("2026-11-21T19:30:09Z")
MINUTE = 60_000
ZONE = "Asia/Shanghai"


def made(head: Head | None = None, /, **item: Any) -> Event:
    found = decode(json.dumps(item).encode(), head or Head("shop"), RECEIPT, ZONE)
    assert isinstance(found, Event), found
    return found


def track(head: Head | None = None, /, **item: Any) -> Event:
    return made(head, **{"type": "track", "event": "E", "userId": "u", "messageId": "m", **item})


def test_ids_are_texts_and_blank_ones_are_none() -> None:
    assert track(userId=42).user_id == "42"
    assert track(userId=42.0).user_id == "42"
    assert track(userId=" ", anonymousId="a").user_id is None
    assert track(userId=0, anonymousId=None).user_id == "0"


@pytest.mark.parametrize(
    "value",
    [
        "null",
        "NULL",
        "undefined",
        "[object Object]",
        "00000000-0000-0000-0000-000000000000",
        "0",
        "-1",
        "NaN",
    ],
)
def test_placeholders_are_kept_and_link_nobody(value: str) -> None:
    event = track(userId=value, anonymousId="a")
    assert event.user_id == value
    assert links_nobody(value)
    assert event.warnings == ("id_placeholder",)


@pytest.mark.parametrize("value", ["u1", "NA", "10", "张三", "null-island", "a@b.cn"])
def test_real_ids_link(value: str) -> None:
    assert not links_nobody(value)
    assert track(userId=value).warnings == ()


def test_identify_reads_traits_where_clients_put_them() -> None:
    event = made(type="identify", userId="u", context={"traits": {"a": 1, "b": 1}}, traits={"b": 2})
    assert event.traits == {"a": 1, "b": 2}
    assert event.name == "Identified"
    assert track(context={"traits": {"a": 1}}).traits == {}


def test_page_name_may_be_in_either_place() -> None:
    assert made(type="page", userId="u", name="Home").properties == {"name": "Home"}
    assert made(type="page", userId="u", properties={"name": "Home"}).properties == {"name": "Home"}
    screen = made(type="screen", userId="u", name="Main", category="Docs")
    assert (screen.kind, screen.name, screen.properties) == (
        "screen",
        "Screen Viewed",
        {"name": "Main", "category": "Docs"},
    )


def test_group_keeps_the_groups_traits_apart_from_the_persons() -> None:
    event = made(type="group", userId="u", groupId=7, traits={"plan": "pro"})
    assert (event.group_id, event.properties, event.traits) == ("7", {"groupId": "7", "plan": "pro"}, {})


def test_the_path_tells_the_kind() -> None:
    assert made(Head("s", kind="identify"), type="track", userId="u").kind == "identify"


def test_the_batch_context_lies_under_the_items_own() -> None:
    head = Head("s", context={"ip": "1.2.3.4", "library": {"name": "x", "version": "1"}})
    assert track(head, context={"library": {"version": "2"}, "locale": "zh-CN"}).context == {
        "ip": "1.2.3.4",
        "library": {"name": "x", "version": "2"},
        "locale": "zh-CN",
    }
    assert head.context == {"ip": "1.2.3.4", "library": {"name": "x", "version": "1"}}


def test_channel_is_the_items_else_the_contexts_else_the_sources() -> None:
    assert track(channel="web").channel == "web"
    assert track(Head("s", channel="app"), context={"channel": "server"}).channel == "server"
    assert track(Head("s", channel="app")).channel == "app"
    assert track(channel=5).channel is None


def test_time_is_the_clients_when_its_clock_is_about_right() -> None:
    for jitter in (-60, -1, 0, 1, 60):
        sent = RECEIPT + jitter * 1000
        assert track(timestamp=RECEIPT - 5000, sentAt=sent).time == RECEIPT - 5000


@pytest.mark.parametrize("off", [-90, 61, 3600, 86_400])
def test_a_wrong_clock_is_corrected(off: int) -> None:
    event = track(timestamp=RECEIPT + off * 1000 - 5000, sentAt=RECEIPT + off * 1000)
    assert event.time == RECEIPT - 5000


def test_time_is_never_over_five_minutes_ahead() -> None:
    assert track(timestamp="2031-01-01T00:00:00Z").time == RECEIPT + 5 * MINUTE
    assert track(timestamp=RECEIPT + 4 * MINUTE).time == RECEIPT + 4 * MINUTE


def test_a_sent_at_that_is_years_off_says_nothing() -> None:
    event = track(timestamp="2026-11-20T00:00:00Z", sentAt="2001-01-01T00:00:00Z")
    assert event.time == parse_instant("2026-11-20T00:00:00Z")
    assert event.warnings == ("sent_at_bad",)


def test_original_timestamp_then_receipt() -> None:
    assert track(originalTimestamp="2026-11-20T00:00:00Z").time == parse_instant("2026-11-20T00:00:00Z")
    assert track(timestamp=None).time == RECEIPT
    assert track(timestamp="", sentAt="2001-01-01T00:00:00Z").time == RECEIPT


def test_times_are_truncated_and_local_ones_are_the_workspaces() -> None:
    assert track(timestamp="2026-11-21T19:30:08.610999+00:00").time == parse_instant(
        "2026-11-21T19:30:08.610Z"
    )
    assert track(timestamp="2026-11-22T03:30:08").time == parse_instant("2026-11-21T19:30:08Z")
    assert track(timestamp="2026-11-21").time == parse_instant("2026-11-20T16:00:00Z")


@pytest.mark.parametrize("scale", [1, 1_000, 1_000_000, 1_000_000_000])
@pytest.mark.parametrize("form", [int, str])
def test_numbers_are_told_apart_by_size(scale: int, form: type) -> None:
    seconds = RECEIPT // 1000 - 1
    assert track(timestamp=form(seconds * scale)).time == seconds * 1000


def test_message_ids() -> None:
    assert message_key("m" * 100) == "m" * 100
    long = message_key("m" * 101)
    assert long is not None and long.startswith("hash:") and long != message_key("m" * 102)
    assert [message_key(value) for value in (None, "", "  ", 5, {}, True)] == [None] * 6
    assert track(messageId="m" * 101).id == long
    assert track(Head("s", id="evt_1"), messageId=None).id == "evt_1"
    assert track(messageId=5).warnings == ("message_id_bad",)


def test_consent_is_read_strictly() -> None:
    good = {"purpose": "marketing", "channel": "email", "state": "granted", "basis": "form"}
    assert track(event="Consent Changed", properties=good).properties == good
    for wrong in (
        {"purpose": ""},
        {"purpose": None},
        {"channel": 5},
        {"state": "yes"},
        {"state": None},
        {"basis": 1},
    ):
        item = {"type": "track", "event": "Consent Changed", "userId": "u", "properties": {**good, **wrong}}
        found = decode(json.dumps(item).encode(), Head("s"), RECEIPT, ZONE)
        assert found == Quarantined("consent_bad", *_place(next(iter(wrong))))


def _place(name: str) -> tuple[str, str]:
    return name, f"/properties/{name}"


def test_pointers_lead_to_the_fault() -> None:
    item = {"type": "track", "event": "E", "userId": "u", "properties": {"a/b": [{"c": "x\0"}]}}
    found = decode(json.dumps(item).encode(), Head("s"), RECEIPT, ZONE)
    assert found == Quarantined("nul_in_text", "", "/properties/a~1b/0/c")


def test_a_refused_request_gives_its_reason_back() -> None:
    head = head_of(b'{"source":"s","reason":"cut_json","detail":"byte 9"}')
    assert decode(b'{"batch": [{"a', head, RECEIPT, ZONE) == Quarantined("cut_json", "byte 9")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
MEMBERS = (
    "type event userId anonymousId previousId groupId messageId timestamp originalTimestamp sentAt "
    "properties traits context name channel".split()
)


@given(
    st.dictionaries(
        st.sampled_from(MEMBERS), JSON | st.sampled_from(["track", "alias", "group", "page", "u1"])
    )
)
def test_decode_is_total_over_json(item: dict[str, Any]) -> None:
    raw = json.dumps(item).encode()
    found = decode(raw, Head("s", "2026-01-01T00:00:00Z"), RECEIPT, ZONE)
    assert isinstance(found, Event | Quarantined)
    assert repr(found) == repr(decode(raw, Head("s", "2026-01-01T00:00:00Z"), RECEIPT, ZONE))
    if isinstance(found, Event):
        assert 0 <= found.time <= RECEIPT + 5 * MINUTE
        assert found.user_id or found.anonymous_id


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:\\u0 1eN', max_size=60).map(str.encode))
def test_decode_is_total_over_bytes(raw: bytes) -> None:
    assert isinstance(decode(raw, Head("s"), RECEIPT, ZONE), Event | Quarantined)


def killers() -> list[bytes]:
    """Items of half a megabyte that are as costly as they can be."""
    wide = b"[" + b"1," * 3_500
    key = b'{"' + b"k" * 58 + b'":'
    return [
        wide * 60 + b"1" + b"]" * 60,
        key * 62 + b"[" + b"1," * 250_000 + b"1]" + b"}" * 62,
        key * 62 + b"[" + b"1," * 250_000 + b"NaN]" + b"}" * 62,
        key * 62 + b"[" + b"1," * 250_000 + b'"\\ud800"]' + b"}" * 62,
        b"[" * 250_000 + b"]" * 250_000,
        b'"' + b"\\u0000" * 80_000 + b'"',
        b'"' + b"\\" * 500_000 + b'"',
        b"9" * 500_000,
        b"0." + b"9" * 500_000,
        b'{"' + b"a" * 500_000 + b'":1}',
        b"{" + b",".join(b'"%d":{}' % number for number in range(40_000)) + b"}",
    ]


@pytest.mark.parametrize("number", range(11))
def test_the_costliest_items_cost_little(number: int) -> None:
    item = b'{"type":"track","event":"E","userId":"u","properties":{"p":' + killers()[number] + b"}}"
    tracemalloc.start()
    begun = time.process_time()
    found = decode(item, Head("s"), RECEIPT, ZONE)
    took = time.process_time() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, Event | Quarantined)
    assert took < 5
    assert peak < 100 * 1024 * 1024
