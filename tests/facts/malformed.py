"""Makes malformed requests of a named class from a seed, with what must become of them."""

from __future__ import annotations

import gzip
import json
import random
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

KEY = "WK_test"
RECEIPT = 1_795_289_409_000  # 2026-11-21T19:30:09Z
SENT = "2026-11-21T19:30:08.500Z"
GOOD_TIME = "2026-11-21T19:30:08.100Z"


@dataclass
class Case:
    """One request. `route` is A, Q or R; `good` are the ids that must be applied, `bad` how many items must not."""

    name: str
    path: str
    body: bytes
    headers: dict[str, str]
    route: str
    status: int = 200
    reason: str = ""
    good: list[str] = field(default_factory=list)
    bad: int = 0


def text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def event(rng: random.Random, **over: object) -> dict[str, object]:
    """A good event as one of the real clients writes it, without the members that are `...`."""
    number = f"{rng.getrandbits(64):016x}"
    shapes: list[dict[str, object]] = [
        {"type": "track", "event": "Order Completed", "properties": {"revenue": 12.5, "名": "张三"}},
        {"type": "identify", "traits": {"email": "a@b.cn", "name": "张三"}},
        {"type": "page", "name": "Home", "properties": {"url": "https://x/"}},
        {"type": "group", "groupId": "g1", "traits": {"plan": "pro"}},
    ]
    shape = shapes[0] if "event" in over or "properties" in over else rng.choice(shapes)
    made = {
        **shape,
        "userId": "u1",
        "anonymousId": rng.choice([None, "anon1"]),
        "timestamp": GOOD_TIME,
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "messageId": f"m-{number}",
        **over,
    }
    return {key: value for key, value in made.items() if value is not ...}


Item = Callable[[random.Random], object]  # gives a member map for `event`, or the item's raw text or bytes


def _raw(rng: random.Random, bad: str | bytes, where: str = "properties") -> bytes:
    """A good event with one value replaced by raw JSON text or bytes."""
    made = (
        event(rng, **{where: "@@"}) if where != "properties" else event(rng, properties={"p": "@@", "q": 1})
    )
    raw = bad if isinstance(bad, bytes) else bad.encode()
    return text(made).encode().replace(b'"@@"', raw)


def _nested(rng: random.Random) -> bytes:
    levels = rng.choice([100, 300, 1_000, 10_000, 100_000])
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}")]) if levels < 100_000 else ("[", "]")
    core = "1" if opening != "[" else ""
    return _raw(rng, opening * levels + core + closing * levels)


def _many(rng: random.Random) -> bytes:
    count = rng.choice([10_000, 20_000, 40_000])
    return _raw(rng, "{" + ",".join(f'"k{i}":1' for i in range(count)) + "}")


QUARANTINED: dict[str, Item] = {
    "bad_utf8": lambda r: _raw(
        r, b'"caf\xff ' + r.choice([b"\xc3\x28", b"\xe5\xbc", b"\xc0\xaf", b"\xf0\x9f"]) + b'"'
    ),
    "deep_nesting": _nested,
    "many_keys": _many,
    "event_over_512kb": lambda r: event(
        r, properties={"blob": "x" * r.choice([525_312, 600_000, 1_000_000])}
    ),
    "item_not_object": lambda r: text(r.choice([1, "text", None, True, [], [1], 1.5])),
    "type_unknown": lambda r: event(r, type=r.choice(["trakc", "TRACK", 5, {}, [], "delete", True])),
    "type_missing": lambda r: event(r, type=r.choice([..., None, ""])),
    "no_id": lambda r: event(r, userId=..., anonymousId=...),
    "id_blank": lambda r: event(
        r, userId=r.choice([None, "", "  ", "\t\n"]), anonymousId=r.choice([None, "", " ", ...])
    ),
    "id_object": lambda r: event(
        r, **{r.choice(["userId", "anonymousId"]): r.choice([{}, [], {"id": 1}, ["u"], True])}
    ),
    "id_too_long": lambda r: event(
        r, **{r.choice(["userId", "anonymousId"]): "名" * r.choice([256, 300, 5000])}
    ),
    "alias_half": lambda r: event(
        r,
        **r.choice(
            [
                {"type": "alias", "previousId": ...},
                {"type": "alias", "previousId": " "},
                {"type": "alias", "previousId": "a", "userId": None, "anonymousId": "b"},
                {"type": "alias", "previousId": None},
            ]
        ),
    ),
    "group_without_id": lambda r: event(r, type="group", groupId=r.choice([..., None, "", " "])),
    "event_missing": lambda r: event(r, event=r.choice([..., None]), type="track"),
    "event_blank": lambda r: event(r, event=r.choice(["", " ", "\t", "\n \n", "　"])),
    "event_not_text": lambda r: event(r, event=r.choice([1, 1.5, True, {}, ["A"]])),
    "event_too_long": lambda r: event(r, event="长" * r.choice([8_192, 9_000, 20_000])),
    "event_control_chars": lambda r: event(
        r, event="Order" + r.choice("\n\r\x01\u202e\u2066\u2028\x7f") + "Done"
    ),
    "nan_infinity": lambda r: _raw(r, r.choice(["NaN", "Infinity", "-Infinity", "[1, NaN]", '{"a": NaN}'])),
    "huge_int": lambda r: _raw(
        r, r.choice([str(2**64), str(-(2**63) - 1), "9" * 40, "[" + "9" * 20 + "]", "9" * 5000])
    ),
    "float_extremes": lambda r: _raw(r, r.choice(["1e400", "-1e400", "1e99999", "[1e309]", '{"a": -1e999}'])),
    "lone_surrogate": lambda r: _raw(
        r, r.choice(['"\\ud800"', '"a\\udc00b"', '"\\ud83dx"', '{"\\ud800": 1}', '["\\udfff"]'])
    ),
    "nul_in_text": lambda r: _raw(
        r, r.choice(['"a\\u0000b"', '"\\u0000"', '{"\\u0000": 1}', '["x\\u0000"]', '"\\\\\\u0000"'])
    ),
    "properties_not_object": lambda r: event(
        r, type="track", event="E", properties=r.choice([1, "x", [], [1], True])
    ),
    "traits_not_object": lambda r: event(r, type="identify", traits=r.choice([1, "x", [], [1], True])),
    "context_not_object": lambda r: event(r, context=r.choice([1, "x", [], [1], True])),
    "time_unreadable": lambda r: event(
        r,
        timestamp=r.choice(
            ["yesterday", "21/11/2026", "Sat Nov 21 2026 10:00:00", {}, True, "2026-11", "T10:00Z"]
        ),
    ),
    "time_wrong_unit": lambda r: event(
        r, timestamp=r.choice([5, 20_261_121, "12", 1e21, 10**30 // 10**9, "99999999"])
    ),
    "time_far": lambda r: event(
        r,
        timestamp=r.choice(
            "1969-12-31T23:59:59Z 0000-01-01T00:00:00Z 0001-01-01T00:00:00Z 10000-01-01T00:00:00Z 1900-01-01 "
            "+010000-01-01T00:00:00.000Z -000001-01-01T00:00:00Z -5".split()
        ),
    ),
    "time_impossible": lambda r: event(
        r,
        timestamp=r.choice(
            [
                "2026-02-30T10:00:00Z",
                "2026-11-21T25:61:00Z",
                "2026-11-21T10:00:60Z",
                "2026-13-01",
                "2026-04-31 10:00:00",
            ]
        ),
    ),
}

APPLIED: dict[str, Item] = {
    "duplicate_keys": lambda r: text(event(r)).replace('"userId": "u1"', '"userId": "first", "userId": "u1"'),
    "id_number": lambda r: event(r, userId=r.choice([7, 0, 12345678901234567, 3.0, -4])),
    "id_placeholder": lambda r: event(
        r,
        userId=r.choice(
            ["null", "undefined", "[object Object]", "00000000-0000-0000-0000-000000000000", "NULL"]
        ),
    ),
    "alias_self": lambda r: event(r, type="alias", userId="u1", previousId="u1"),
    "name_long": lambda r: event(r, event="长" * r.choice([256, 300, 1_000, 8_191])),
    "float_finite": lambda r: _raw(r, r.choice(["5e-324", "-0.0", "-0", "1.7976931348623157e308", "1E+2"])),
    "int_64": lambda r: _raw(r, r.choice([str(2**64 - 1), str(-(2**63)), '"' + "9" * 40 + '"'])),
    "nul_escaped_only": lambda r: _raw(r, r.choice(['"a\\\\u0000b"', '"C:\\\\u0000"'])),
    "odd_keys": lambda r: event(
        r, properties=r.choice([{"": 1}, {"a.b": 1}, {"__proto__": {"x": 1}}, {"$set": 1}, {"a/~b": 1}])
    ),
    "text_is_code": lambda r: event(
        r,
        properties={
            "p": r.choice(
                [
                    "{{ profile.id }}",
                    "'; DROP TABLE event;--",
                    "=cmd|' /C calc'!A0",
                    "<script>alert(1)</script>",
                ]
            )
        },
    ),
    "time_without_zone": lambda r: event(
        r, timestamp=r.choice(["2026-11-22T03:30:08.100", "2026-11-22 03:30:08", "2026-11-21"])
    ),
    "time_number": lambda r: event(
        r,
        timestamp=r.choice(
            [1_795_289_408, 1_795_289_408_100, 1_795_289_408_100_000, "1795289408100", 1_795_289_408.1]
        ),
    ),
    "time_nano": lambda r: event(r, timestamp=r.choice([1_795_289_408_100_000_000, "1795289408100000000"])),
    "time_future": lambda r: event(
        r, timestamp=r.choice(["2030-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-11-22T19:30:09Z"])
    ),
    "sent_at_bad": lambda r: event(
        r, sentAt=r.choice(["soon", {}, "2019-01-01T00:00:00Z", "2040-01-01T00:00:00Z", True])
    ),
    "message_id_missing": lambda r: event(r, messageId=r.choice([..., None, "", " ", 5, {}, True])),
    "message_id_long": lambda r: event(
        r, messageId="k" * r.choice([101, 400, 5_000]) + f"{r.getrandbits(64)}"
    ),
}


def _batch(items: list[object]) -> bytes:
    """A batch body of items, each a map, raw text or raw bytes."""
    raw = [
        item if isinstance(item, bytes) else (item if isinstance(item, str) else text(item)).encode()
        for item in items
    ]
    return (
        b'{"batch": ['
        + b", ".join(raw)
        + b'], "sentAt": "'
        + SENT.encode()
        + b'", "writeKey": "'
        + KEY.encode()
        + b'"}'
    )


def _good_batch(rng: random.Random) -> bytes:
    return _batch([event(rng) for _ in range(rng.randint(1, 4))])


def _broken_crc(body: bytes) -> bytes:
    packed = bytearray(gzip.compress(body))
    packed[-6] ^= 0xFF
    return bytes(packed)


Whole = Callable[[random.Random], bytes]
REFUSED: dict[str, tuple[int, Whole]] = {
    "cut_json": (400, lambda r: (b := _good_batch(r))[: r.randint(2, len(b) - 1)]),
    "not_json": (
        400,
        lambda r: r.choice([b"<html></html>", b"data=abc&x=1", b"<?xml?>", b"hello", b"{'a': 1}", b"{a}"]),
    ),
    "empty_body": (400, lambda r: r.choice([b"", b" ", b"\n\n", gzip.compress(b""), b"\xef\xbb\xbf"])),
    "top_scalar": (400, lambda r: r.choice([b"1", b'"x"', b"null", b"true", b"1.5"])),
    "utf16_gbk": (
        400,
        lambda r: (
            _good_batch(r)
            .decode()
            .replace("u1", "用户张三")
            .encode(r.choice(["utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"]))
        ),
    ),
    "trailing_bytes": (400, lambda r: _good_batch(r) + r.choice([b"x", b"]", b"}", b" 1", b",", b"\x00"])),
    "two_documents": (400, lambda r: _good_batch(r) + r.choice([b"", b"\n", b" "]) + _good_batch(r)),
    "over_5mb": (413, lambda r: _good_batch(r) + b" " * (5 * 1024 * 1024 + r.randint(0, 9999))),
    "gzip_cut": (400, lambda r: (b := gzip.compress(_good_batch(r)))[: r.randint(12, len(b) - 1)]),
    "gzip_bad_crc": (400, lambda r: _broken_crc(_good_batch(r))),
    "gzip_bomb": (413, lambda r: gzip.compress(bytes(r.choice([6, 20, 50]) * 1024 * 1024))),
    "gzip_in_gzip": (400, lambda r: gzip.compress(gzip.compress(_good_batch(r)))),
    "batch_missing": (
        400,
        lambda r: r.choice(
            [b"{}", b'{"batch": null}', b'{"batch": {}}', b"[]", b'{"batch": "x"}', b'{"events": []}']
        ),
    ),
}
WHOLE_APPLIED = ("bom", "gzip_unsaid", "gzip_said", "batch_empty", "batch_tiny")
CLASSES = (*REFUSED, *QUARANTINED, *APPLIED, *WHOLE_APPLIED)
# a single event tells its kind by the path, so these cannot go wrong there; a lone text is a body, not an item
BATCH_ONLY = frozenset({"type_unknown", "type_missing", "item_not_object"})


def make(name: str, seed: int) -> Case:
    """The request of that class and seed."""
    rng = random.Random(f"{name}:{seed}")
    headers = {
        "Content-Type": rng.choice(["application/json", "text/plain", "application/x-www-form-urlencoded"])
    }
    headers["Authorization"] = "Basic " + b64encode(f"{KEY}:".encode()).decode()
    path = rng.choice(["/v1/batch", "/v1/b", "/v1/import"])
    if name in REFUSED:
        status, whole = REFUSED[name]
        body = whole(rng)
        return Case(name, path, body, headers, "R", status, reason=name)
    if name in WHOLE_APPLIED:
        return _whole(name, rng, path, headers)
    route, makers = ("Q", QUARANTINED) if name in QUARANTINED else ("A", APPLIED)
    item = makers[name](rng)
    kind = item.get("type") if isinstance(item, dict) else "track"
    if seed % 3 == 2 and name not in BATCH_ONLY and isinstance(kind, str):
        raw = item if isinstance(item, bytes) else (item if isinstance(item, str) else text(item)).encode()
        kind = json.loads(raw).get("type", "track") if isinstance(item, str) else kind
        if isinstance(item, bytes):
            kind = next(
                k for k in ("track", "identify", "page", "group", "alias") if f'"type": "{k}"'.encode() in raw
            )
        return Case(
            name, f"/v1/{kind}", raw, headers, route, 200, name if route == "Q" else "", [], int(route == "Q")
        )
    around = [event(rng) for _ in range(rng.randint(1, 4))]
    place = rng.randint(0, len(around))
    items: list[object] = [*around[:place], item, *around[place:]]
    body = _batch(items)
    if rng.random() < 0.3:
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    good = [str(one["messageId"]) for one in around]
    return Case(name, path, body, headers, route, 200, name if route == "Q" else "", good, int(route == "Q"))


def _whole(name: str, rng: random.Random, path: str, headers: dict[str, str]) -> Case:
    around = [event(rng) for _ in range(rng.randint(1, 4))]
    if name == "batch_tiny":
        around = [
            {"type": "track", "event": "E", "userId": "u", "messageId": f"t{i}"}
            for i in range(rng.choice([100, 500, 2_000, 60_000]))
        ]
    if name == "batch_empty":
        around = []
    body = _batch(list(around))
    if name == "bom":
        body = b"\xef\xbb\xbf" + body
    elif name == "gzip_unsaid":
        body = gzip.compress(body)
    elif name == "gzip_said":
        headers["Content-Encoding"] = "gzip"
    return Case(name, path, body, headers, "A", 200, "", [str(one["messageId"]) for one in around])
