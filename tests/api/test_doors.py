"""Who may come in, and how every error is told."""

from __future__ import annotations

import itertools
import time

import pytest

from tests.api.studio import Doors
from wayfare.api.later import ROUTES
from wayfare.engine.keys import LINK_SECONDS, Keys


def _manage(studio: Doors) -> list[tuple[str, str]]:
    """Every managing route, those that are not built yet among them."""
    paths = studio.client.get("/openapi.json").json()["paths"]
    told = [
        (method.upper(), path)
        for path, methods in paths.items()
        if path.startswith("/api/")
        for method in methods
    ]
    return told + [(method, path) for method, path in ROUTES if not path.startswith("/u/")]


def test_no_managing_route_answers_a_stranger(studio: Doors) -> None:
    routes = _manage(studio)
    assert len(routes) > 50
    token = studio.owner
    strangers = [
        None,
        "",
        studio.write,
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token.upper(),
        "wfk_" + "0" * 48,
    ]
    for (method, path), key in itertools.product(routes, strangers):
        address = path.replace("{", "").replace("}", "")
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        found = studio.client.request(method, address, headers=headers, json={})
        assert (found.status_code, found.json()["code"]) == (401, "WF8100"), (method, path, key)
        assert found.headers["www-authenticate"] == "Bearer"


def test_a_viewer_reads_and_asks_and_changes_nothing(studio: Doors) -> None:
    assert studio.ask("GET", "/api/overview", key=studio.viewer).status_code == 200
    trend = {"kind": "trend", "series": [{"event": "X"}], "measure": "events", "interval": "day"}
    assert studio.ask("POST", "/api/ask", key=studio.viewer, json=trend).status_code == 200
    changes = [
        ("POST", "/api/kill-switch"), ("POST", "/api/journeys/rescue/publish"), ("POST", "/api/journeys/rescue/stop"),
        ("PUT", "/api/journeys/rescue/draft"), ("PUT", "/api/profiles/ben/consent"), ("POST", "/api/tasks/t/done"),
        ("POST", "/api/enrollments/e/exit"),
    ]  # fmt: skip
    for method, path in changes:
        found = studio.ask(method, path, key=studio.viewer, json={"on": True})
        assert (found.status_code, found.json()["code"]) == (403, "WF8101"), path
    assert studio.workspace.kill_switch() == {"on": False}


def test_a_revoked_key_is_refused_at_once(studio: Doors) -> None:
    other = Keys(studio.workspace.data)  # as another process would
    made = other.create("api", 0, "owner")
    assert studio.ask("GET", "/api/overview", key=made.key).status_code == 200
    other.revoke(made.id, 1)
    assert studio.ask("GET", "/api/overview", key=made.key).status_code == 401
    other.close()


def test_a_signed_link_opens_a_session(studio: Doors) -> None:
    client = studio.client
    answer = client.get(f"/?t={studio.workspace.keys.link()}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert client.get("/api/overview").status_code == 200
    assert client.post("/api/kill-switch", json={"on": False}).status_code == 200
    foreign = client.post("/api/kill-switch", json={"on": True}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 401
    assert studio.workspace.kill_switch() == {"on": False}
    client.cookies.clear()
    for bad in ("x", studio.owner, studio.workspace.keys.link()[:-1] + "!"):
        refused = client.get(f"/?t={bad}", follow_redirects=False)
        assert (refused.status_code, refused.json()["code"]) == (401, "WF8116")


def test_a_link_is_good_for_fifteen_minutes(studio: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = studio.workspace.keys
    link, made = keys.link(), time.time()
    monkeypatch.setattr(time, "time", lambda: made + LINK_SECONDS - 5)
    assert keys.session(link) is not None
    monkeypatch.setattr(time, "time", lambda: made + LINK_SECONDS + 5)
    assert keys.session(link) is None
    session = "a" * 20
    assert keys.in_session(session) is None
    assert keys.in_session(link) is None, "a link is no session"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "WF8107"),
        ("GET", "/v1/nothing", 404, "WF8107"),
        ("GET", "/assets/nothing.js", 404, "WF8107"),
        ("DELETE", "/api/overview", 405, "WF8108"),
        ("PATCH", "/healthz", 405, "WF8108"),
        ("GET", "/api/journeys/nothing", 404, "WF6913"),
        ("GET", "/api/journeys/UPPER", 422, "WF8109"),
        ("POST", "/api/kill-switch", 422, "WF8109"),
    ],
)
def test_every_error_is_a_problem_in_both_languages(
    studio: Doors, method: str, path: str, status: int, code: str
) -> None:
    told = {}
    for asked, lang in (("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr, en;q=0.5, zh;q=0.1", "en"), ("", "en")):
        found = studio.ask(method, path, headers={"accept-language": asked})
        body = found.json()
        assert (found.status_code, body["status"], body["code"]) == (status, status, code)
        assert found.headers["content-type"] == "application/problem+json"
        assert found.headers["content-language"] == lang
        assert {"type", "title", "detail", "instance", "mend", "request_id"} <= body.keys()
        assert found.headers["x-request-id"] == body["request_id"]
        told[lang] = (body["title"], body["detail"])
    assert told["zh"] != told["en"]
    if status == 405:
        assert found.headers["allow"]
    if code == "WF8109" and method == "POST":
        assert body["errors"][0]["code"] == "WF8109"


def test_a_defect_is_told_without_its_inside(studio: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(studio.workspace, "overview", broken)
    found = studio.ask("GET", "/api/overview")
    assert (found.status_code, found.json()["code"]) == (500, "WF8113")
    assert "secret" not in found.text


def test_the_openapi_document(studio: Doors) -> None:
    document = studio.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names)) > 30
    assert all(name.isidentifier() and "_" not in name for name in names)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"] and operation["responses"]["default"]["content"], path
            if path.startswith("/api/"):
                assert operation["security"], path
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_pages_are_served_with_a_policy(studio: Doors) -> None:
    for path in ("/", "/journeys/rescue", "/people"):
        found = studio.client.get(path)
        assert found.status_code == 200 and "text/html" in found.headers["content-type"]
        assert "default-src 'self'" in found.headers["content-security-policy"]
        assert found.headers["cache-control"] == "no-cache"
    for path in ("/../wayfare.toml", "/assets/../index.html", "/%2e%2e/wayfare.toml", "/wayfare.toml"):
        assert "salt" not in studio.client.get(path).text
