"""How a request is cut: whole where it can be, item by item where it must be."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayfare.facts import envelope
from wayfare.facts.envelope import Batch, split
from wayfare.ground.errors import Malformed, TooLarge

GOOD = '{"messageId": "m1", "type": "track", "event": "逗号,括号]}\\"", "userId": "u"}'


def test_a_batch_is_cut_into_its_raw_items() -> None:
    body = f'{{"batch": [{GOOD},  {{"b":2}} ], "sentAt": "2026-11-21", "writeKey": "k", "context": {{"ip": "1"}}}}'
    assert split(body.encode()) == Batch(
        [GOOD.encode(), b'{"b":2}'], ["m1", None], "2026-11-21", {"ip": "1"}, "k"
    )


@pytest.mark.parametrize(
    "bad",
    ["NaN", "tru", '{"a": Infinity}', '{"a": "\\ud800"}', "{1: 2}", '{"a" 1}', '{"a": 1,}', '{"a": "x\ty"}'],
)
def test_one_unreadable_item_leaves_its_neighbours_as_they_are(bad: str) -> None:
    body = f'{{"sentAt": "t", "batch": [{GOOD}, {bad}, {GOOD}], "writeKey": "k"}}'
    batch = split(body.encode())
    assert batch.items == [GOOD.encode(), bad.encode(), GOOD.encode()]
    assert (batch.keys[0], batch.keys[2], batch.sent_at, batch.write_key) == ("m1", "m1", "t", "k")


def test_an_unreadable_item_still_tells_its_message_id() -> None:
    assert split(b'{"batch": [{"messageId": "m7", "properties": {"messageId": "no", "a": NaN}}]}').keys == [
        "m7"
    ]
    assert split(b'{"batch": [{"properties": {"messageId": "no", "a": NaN}}]}').keys == [None]


def test_deep_items_are_cut_without_recursion() -> None:
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    batch = split(b'{"batch": [' + GOOD.encode() + b"," + deep + b"]}")
    assert batch.items == [GOOD.encode(), deep]


def test_the_last_of_doubled_members_wins_on_both_ways() -> None:
    assert split(b'{"batch": [1], "batch": [{"messageId": "m"}]}').keys == ["m"]
    assert split(b'{"batch": [1], "batch": [{"messageId": "m", "a": NaN}]}').keys == ["m"]


def test_a_single_event_is_its_own_item() -> None:
    assert split(GOOD.encode(), single=True) == Batch([GOOD.encode()], ["m1"])
    assert split(b'{"messageId": "m", "writeKey": "k", "a": NaN}', single=True).write_key == "k"
    with pytest.raises(Malformed):
        split(GOOD.encode()[:-5], single=True)


def test_gzip_members_and_padding_are_read() -> None:
    body = b'{"batch": [' + GOOD.encode() + b"]}"
    assert split(gzip.compress(body[:9]) + gzip.compress(body[9:])).keys == ["m1"]
    assert split(gzip.compress(body) + b"\0\0").keys == ["m1"]


def test_the_limit_counts_unpacked_bytes_exactly() -> None:
    body = b'{"batch": [' + GOOD.encode() + b"]}"
    full = body + b" " * (envelope.BODY_BYTES - len(body))
    assert split(full).keys == split(gzip.compress(full)).keys == ["m1"]
    for over in (full + b" ", gzip.compress(full + b" ")):
        with pytest.raises(TooLarge):
            split(over)


def test_a_bomb_is_refused_in_bounded_memory() -> None:
    bomb = gzip.compress(bytes(512 * 1024 * 1024), 9)
    tracemalloc.start()
    with pytest.raises(TooLarge):
        split(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * envelope.BODY_BYTES


def test_a_context_that_would_swell_the_log_is_refused() -> None:
    body = {"batch": [{}] * 50_000, "context": {"x": "y" * 10_000}}
    with pytest.raises(TooLarge):
        split(json.dumps(body).encode())


def test_a_bad_batch_context_costs_nothing() -> None:
    for context in ("5", "[]", '{"a": "x\\u0000"}', '{"a": NaN}'):
        batch = split(f'{{"batch": [{GOOD}], "context": {context}}}'.encode())
        assert (batch.keys, batch.context) == (["m1"], {})


def test_keys_of_the_sender_are_found() -> None:
    assert envelope.write_keys(
        [b'{"writeKey": "a"}', b"{}", b'{"writeKey": 5}', b'{"writeKey": "b", "x": NaN}']
    ) == [
        "a",
        None,
        None,
        "b",
    ]
    assert envelope.written_key(b'{"batch": [{"writeKey": "k", "cut') == "k"


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:\\ batchNaN1', max_size=80).map(str.encode))
def test_split_is_total(body: bytes) -> None:
    for single in (False, True):
        try:
            batch = split(body, single)
        except (Malformed, TooLarge) as error:
            assert error.values["reason"]
        else:
            assert len(batch.items) == len(batch.keys)


@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.floats(allow_nan=False)))
)
def test_both_ways_cut_alike(items: list[dict[str, object]]) -> None:
    raw = [json.dumps(item, ensure_ascii=False, default=str).encode("utf-8", "replace") for item in items]
    plain = split(b'{"batch":[' + b",".join(raw) + b"]}")
    salvaged = split(b'{"x":NaN,"batch":[' + b",".join(raw) + b"]}")
    assert plain.items == salvaged.items == raw
    assert plain.keys == salvaged.keys
