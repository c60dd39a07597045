"""The doors of Track over a real log: who may come in, what is answered, and what is durable then."""

from __future__ import annotations

import asyncio
import gzip
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.api import collecting
from tests.api.collecting import applied, quarantined
from tests.facts import malformed, recorded
from tests.facts.malformed import KEY
from wayfare.api import collect
from wayfare.facts.event import Event
from wayfare.stores.log import Log

BASIC = {"Authorization": "Basic " + b64encode(f"{KEY}:".encode()).decode()}
EVENT = {"type": "track", "event": "E", "userId": "u", "messageId": "m1"}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = collecting.opened(tmp_path)
    yield log
    log.close()


@pytest.fixture
def client(log: Log) -> Iterator[TestClient]:
    with TestClient(collecting.app(log)) as client:
        yield client


def test_a_batch_is_durable_when_it_is_answered(client: TestClient, log: Log) -> None:
    answer = client.post("/v1/batch", json={"batch": [EVENT, {**EVENT, "messageId": "m2"}]}, headers=BASIC)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [(one.id, one.source, one.name) for one in applied(log)] == [
        ("m1", "shop", "E"),
        ("m2", "shop", "E"),
    ]


def test_a_resend_is_taken_once(client: TestClient, log: Log) -> None:
    for _ in range(3):
        assert client.post("/v1/batch", json={"batch": [EVENT, EVENT]}, headers=BASIC).status_code == 200
    other = {"Authorization": "Basic " + b64encode(b"WK_app:").decode()}
    client.post("/v1/track", json=EVENT, headers=other)
    assert [(one.id, one.source, one.channel) for one in applied(log)] == [
        ("m1", "shop", None),
        ("m1", "app", "app"),
    ]


def test_events_without_ids_get_ids_of_their_own(client: TestClient, log: Log) -> None:
    bare = {"type": "track", "event": "E", "userId": "u"}
    client.post("/v1/batch", json={"batch": [bare, bare]}, headers=BASIC)
    ids = [one.id for one in applied(log)]
    assert len(set(ids)) == 2 and all(one.startswith("evt_") and one[18] == "7" for one in ids)


@pytest.mark.parametrize(
    ("headers", "body", "source"),
    [
        (BASIC, {"batch": [EVENT], "writeKey": "other"}, "shop"),
        ({}, {"batch": [EVENT], "writeKey": KEY}, "shop"),
        ({}, {"batch": [{**EVENT, "writeKey": KEY}]}, "shop"),
        ({"X-Write-Key": KEY}, {"batch": [EVENT]}, "shop"),
        ({"X-Write-Key": KEY}, {"batch": [EVENT], "writeKey": "WK_***"}, "shop"),
        ({"X-Write-Key": KEY}, {"batch": [{**EVENT, "writeKey": "***"}]}, "shop"),
        ({"X-Write-Key": "nobody"}, {"batch": [EVENT], "writeKey": KEY}, "shop"),
        ({"Authorization": "Bearer x"}, {"batch": [EVENT], "writeKey": KEY}, "shop"),
        ({"Authorization": "Basic !!"}, {"batch": [EVENT], "writeKey": KEY}, "shop"),
    ],
)
def test_the_key_may_be_in_any_of_its_places(
    client: TestClient, log: Log, headers: dict[str, str], body: dict[str, object], source: str
) -> None:
    assert client.post("/v1/batch", json=body, headers=headers).status_code == 200
    assert [one.source for one in applied(log)] == [source]


@pytest.mark.parametrize("headers", [{}, {"X-Write-Key": "nobody"}, {"Authorization": "Basic bm9ib2R5Og=="}])
def test_an_unknown_key_stores_nothing(client: TestClient, log: Log, headers: dict[str, str]) -> None:
    for body in (b'{"batch": [{"a": 1}]}', b'{"batch": [', b"x"):
        answer = client.post("/v1/batch", content=body, headers=headers)
        assert answer.status_code == (401 if headers or body.endswith(b"}") else 400)
        assert set(answer.json()) == {"code", "message"}
    assert collecting.read(log) == []


def test_events_of_several_keys_go_to_their_sources(client: TestClient, log: Log) -> None:
    batch = [{**EVENT, "writeKey": key, "messageId": key} for key in (KEY, "WK_app", "nobody")]
    assert client.post("/v1/batch", json={"batch": batch}).status_code == 200
    assert [(one.source, one.id) for one in applied(log)] == [("shop", KEY), ("app", "WK_app")]
    assert [one.reason for one in quarantined(log)] == ["write_key_unknown"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"/v1/{name}", kind)
        for name, kind in [*collect._LETTERS.items(), *((k, k) for k in collect._LETTERS.values())]
    ],
)
def test_single_routes_tell_the_kind(client: TestClient, log: Log, path: str, kind: str) -> None:
    body = {"event": "E", "userId": "u", "groupId": "g", "previousId": "p", "writeKey": KEY, "messageId": "m"}
    answer = client.post(path, content=json.dumps(body), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [one.kind for one in applied(log)] == [kind]


def test_strict_says_what_is_wrong_and_takes_nothing(client: TestClient, log: Log) -> None:
    batch = {"batch": [EVENT, {**EVENT, "userId": {}}, {"type": "x"}]}
    answer = client.post("/v1/batch?strict=1", json=batch, headers=BASIC)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    told = answer.json()
    assert told["code"] == "WF2006"
    assert [(one["code"], one["pointer"]) for one in told["errors"]] == [
        ("WF2133", "/batch/1/userId"),
        ("WF2128", "/batch/2/type"),
    ]
    assert collecting.read(log) == []
    assert client.post("/v1/batch?strict=1", json={"batch": [EVENT]}, headers=BASIC).json() == {
        "success": True
    }


def test_refused_bytes_are_kept(client: TestClient, log: Log) -> None:
    answer = client.post(
        "/v1/batch", content=b'{"batch": [{"a', headers={**BASIC, "Accept-Language": "zh-CN"}
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "WF2101"
    assert "JSON 不完整" in answer.json()["message"]
    row = log.read(0, 10)[0]
    assert (row.form, row.body, row.source) == ("refused", b'{"batch": [{"a', "shop")
    assert [one.reason for one in quarantined(log)] == ["cut_json"]


def test_other_methods_are_told_so(client: TestClient) -> None:
    answer = client.get("/v1/batch", headers={"Origin": "http://page"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert answer.headers["access-control-allow-origin"] == "http://page"


def test_pages_of_other_origins_may_send(client: TestClient) -> None:
    asked = "anonymousid,authorization,content-type,sentat,x-retry-count,x-write-key"
    headers = {
        "Origin": "http://page:1",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": asked,
    }
    for path in (
        "/v1/t",
        "/v1/b",
        "/v1/batch",
        "/api/s/page",
        "/sourceConfig/",
        f"/v1/projects/{KEY}/settings",
    ):
        answer = client.options(path, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "http://page:1"
        assert set(asked.split(",")) <= set(answer.headers["access-control-allow-headers"].split(", "))
        assert int(answer.headers["access-control-max-age"]) > 600
    for body, status in ((json.dumps(EVENT), 200), ("{", 400)):
        answer = client.post("/v1/t", content=body, headers={**BASIC, "Origin": "http://page:1"})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "http://page:1"
        assert answer.headers["access-control-expose-headers"] == "Retry-After"


def test_browser_clients_are_told_where_to_send(client: TestClient) -> None:
    told = client.get(f"/v1/projects/{KEY}/settings").json()["integrations"]
    assert told["Segment.io"] == {"apiKey": KEY, "apiHost": "testserver/v1", "protocol": "http"}
    assert client.get("/v1/projects/nobody/settings").status_code == 401
    source = client.get(f"/sourceConfig/?p=npm&writeKey={KEY}").json()["source"]
    assert (source["enabled"], source["destinations"], source["id"]) == (True, [], "shop")
    assert client.post("/v1/m", json={"series": []}).status_code == 200


def test_recorded_requests_come_in_as_they_were_sent(client: TestClient, log: Log, shared: Path) -> None:
    want: dict[tuple[str, str], dict[str, object]] = {}
    for row in recorded.requests(shared):
        answer = client.post(row["path"], content=recorded.wire(row), headers=row["headers"] | _gzip(row))
        assert (answer.status_code, answer.json()) == (200, {"success": True}), row["client"]
        for event in recorded.expected(row):
            want.setdefault((row["client"], str(event["id"])), event)
    found = applied(log)
    assert quarantined(log) == []
    assert sorted(one.id for one in found) == sorted({id for _, id in want})
    by_id = {id: event for (_, id), event in want.items()}
    for one in found:
        members = {field: value for field, value in by_id[one.id].items() if field != "time"}
        assert {field: getattr(one, field) for field in members} == members


def _gzip(row: dict[str, object]) -> dict[str, str]:
    return {"Content-Encoding": "gzip"} if row["body_was_gzip"] else {}


@pytest.mark.parametrize("name", malformed.CLASSES)
def test_malformed_requests_are_answered_as_their_class_says(client: TestClient, log: Log, name: str) -> None:
    good, bad, refused = set(), 0, 0
    for seed in range(6):
        case = malformed.make(name, seed)
        answer = client.post(case.path, content=case.body, headers=case.headers)
        assert answer.status_code == case.status, (seed, answer.text)
        if case.route == "R":
            refused += 1
            assert answer.json()["code"].startswith("WF21")
        else:
            assert answer.json() == {"success": True}
        good |= set(case.good)
        bad += case.bad
    found = collecting.read(log)
    events = {one.id for one in found if isinstance(one, Event)}
    assert good <= events
    assert [one.reason for one in quarantined(log)] == [name] * (bad + refused)


def test_too_large_is_said_while_the_body_streams(client: TestClient, log: Log) -> None:
    assert client.post("/v1/batch", content=b" " * 100 * 1024 * 1024, headers={**BASIC}).status_code == 413

    async def run() -> tuple[int, int]:
        sent = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal sent
            while True:
                sent += 1
                yield b" " * 1024 * 1024

        answer = await _posted(httpx2.ASGITransport(collecting.app(log)), body())
        return answer.status_code, sent

    assert asyncio.run(run()) == (413, 6)
    declared = {**BASIC, "Content-Length": str(2 * 1024**3)}
    assert client.post("/v1/batch", content=b"{}", headers=declared).status_code == 413
    assert [one.reason for one in quarantined(log)] == ["over_5mb"] * 3
    assert sum(len(row.body) for row in log.read(0, 10)) == 64 * 1024


async def _posted(transport: httpx2.ASGITransport, parts: AsyncIterator[bytes]) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.post("/v1/batch", content=parts, headers=BASIC)


def test_too_many_bodies_at_once_are_told_to_come_back(log: Log) -> None:
    async def run() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(collecting.app(log))
        gate = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b'{"batch": []}' + b" " * (5 * 1024 * 1024 - 100)
            await gate.wait()

        held = [asyncio.create_task(_posted(transport, slow())) for _ in range(8)]
        done, _ = await asyncio.wait(held, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        gate.set()
        answers = await asyncio.gather(*held)
        assert done
        return answers

    answers = asyncio.run(run())
    statuses = sorted(answer.status_code for answer in answers)
    room = collect.FLIGHT_BYTES // (5 * 1024 * 1024)
    assert statuses == [200] * room + [503] * (8 - room)
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 503)


def test_a_slow_body_is_given_up(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "PATIENCE_SECONDS", 0.05)

    async def run() -> int:
        async def never() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.Event().wait()

        return (await _posted(httpx2.ASGITransport(collecting.app(log)), never())).status_code

    assert asyncio.run(run()) == 408


def test_nothing_is_acknowledged_when_the_log_cannot_take_it(client: TestClient, log: Log) -> None:
    log.close()
    answer = client.post("/v1/batch", json={"batch": [EVENT]}, headers=BASIC)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["code"].startswith("WF")


def test_a_packed_batch_of_a_form_is_read_by_its_bytes(client: TestClient, log: Log) -> None:
    body = gzip.compress(json.dumps({"batch": [EVENT]}).encode())
    for said in ({"Content-Encoding": "gzip"}, {}):
        headers = {**BASIC, **said, "Content-Type": "application/x-www-form-urlencoded"}
        assert client.post("/v1/batch", content=body, headers=headers).status_code == 200
    assert [one.id for one in applied(log)] == ["m1"]
