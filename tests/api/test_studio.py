"""The studio's doors over the real app: shapes that the pages rely on, ETags, paging, switches, streams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.studio import Doors
from tests.cli.shop import JOURNEY, event
from wayfare.api.later import ROUTES
from wayfare.api.stream import MOVING, Pulse


def test_health_needs_no_key(studio: Doors) -> None:
    assert studio.client.get("/healthz").json() == {"ok": True}
    ready = studio.client.get("/readyz").json()
    assert ready["ready"] is True and ready["accepted"] == ready["applied"] > 10
    text = studio.client.get("/metrics").text
    assert 'wayfare_messages{state="sent"} 1.0' in text
    assert "wayfare_people 5.0" in text


def test_the_overview(studio: Doors) -> None:
    found = studio.json("/api/overview")
    assert found["people"] == 5
    assert found["workspace"]["id"] == "shop"
    assert found["messages"] == {
        "planned": 3, "sent": 1, "suppressed": 1, "expired": 0, "failed": 0, "held": 1, "in_flight": 0,
    }  # fmt: skip
    assert found["clock"]["mode"] == "log" and found["kill_switch"] == {"on": False}
    assert len(found["events"]["minute"]) == 60
    assert sum(minute["count"] for minute in found["events"]["minute"]) == 14
    (card,) = found["journeys"]
    assert (card["id"], card["title"]["zh"], card["status"], card["version"]) == (
        "rescue",
        "购物车挽回",
        "live",
        1,
    )
    assert card["entered"] == card["waiting"] + card["held"] + card["left"] == 4
    assert set(MOVING) <= found.keys()


def test_counts_balance_and_name_their_clock(studio: Doors) -> None:
    found = studio.json("/api/journeys/rescue/counts")
    assert (found["clock"], found["unit"], found["entered"], found["treated"]) == ("event", "visits", 4, 4)
    assert list(found["nodes"]) == ["pause", "mail", "done"]
    for node in found["nodes"].values():
        assert node["entered"] == node["waiting"] + node["held"] + node["left"]
    mail = found["nodes"]["mail"]
    assert (mail["entered"], mail["held"], mail["held_by"]) == (3, 1, {"quiet_hours": 1})
    assert mail["messages"]["planned"] == 3
    assert found["exits"] == {"bought": 1, "completed": 2}
    assert found["goals"] == {"order": {"treated": 1, "control": 0}}
    cohort = studio.json("/api/journeys/rescue/counts?clock=entry&window=24h")
    assert cohort["entered"] == 4 and cohort["clock"] == "entry"
    assert studio.ask("GET", "/api/journeys/rescue/counts?clock=sun").status_code == 422
    assert studio.ask("GET", "/api/journeys/nothing/counts").status_code == 404


@pytest.mark.parametrize(
    ("query", "people"),
    [
        ("", {"Ann", "Ben", "Cat", "Dan"}),
        ("node=mail", {"Dan"}),
        ("state=held", {"Dan"}),
        ("state=waiting", set()),
        ("state=exited", {"Ann"}),
        ("state=completed", {"Ben", "Cat"}),
        ("state=left", {"Ann", "Ben", "Cat"}),
    ],
)
def test_who_is_here(studio: Doors, query: str, people: set[str]) -> None:
    found = studio.json(f"/api/journeys/rescue/enrollments?{query}")
    assert {one["name"] for one in found["items"]} == people
    for one in found["items"]:
        assert {
            "id",
            "profile",
            "entered_at",
            "arrived_at",
            "node",
            "state",
            "reason",
            "arm",
            "due_at",
        } <= one.keys()


def test_who_waits_goes_on_when(studio: Doors) -> None:
    studio.workspace.ingest([event("new", "Cart Filled", "22:30:00", price=200)])
    (found,) = studio.json("/api/journeys/rescue/enrollments?state=waiting")["items"]
    assert (found["node"], found["due_at"]) == ("pause", "2026-03-01T15:30:00.000Z")


def test_one_run_has_its_whole_ledger(studio: Doors) -> None:
    (dan,) = studio.json("/api/journeys/rescue/enrollments?state=held")["items"]
    run = studio.json(f"/api/enrollments/{dan['id']}")
    assert [line["outcome"] for line in run["transitions"]] == ["waiting", "left", "waiting", "held"]
    assert studio.ask("GET", "/api/enrollments/enr_none").json()["code"] == "WF6917"
    assert studio.ask("POST", f"/api/enrollments/{dan['id']}/exit", json={}).status_code == 422
    gone = studio.ask("POST", f"/api/enrollments/{dan['id']}/exit", json={"reason": "asked by phone"}).json()
    assert (gone["status"], gone["reason"]) == ("exited", "asked by phone")
    assert studio.json("/api/messages?state=held")["items"] == []


def test_people_and_one_person(studio: Doors) -> None:
    names = {one["name"] for one in studio.json("/api/profiles")["items"]}
    assert names == {"Ann", "Ben", "Cat", "Dan", "zoe"}
    (found,) = studio.json("/api/profiles?q=ben")["items"]
    sheet = studio.json("/api/profiles/ben")
    assert sheet["id"] == found["id"]
    assert sheet["identifiers"] == [{"namespace": "user_id", "value": "ben"}]
    assert sheet["consent"]["marketing"]["email"]["state"] == "granted"
    assert sheet["enrollments"][0]["title"]["en"] == "Cart rescue"
    assert studio.ask("GET", "/api/profiles/nobody").json()["code"] == "WF6916"
    assert studio.ask("GET", "/api/profiles?where=true").status_code == 501


def test_a_timeline_is_told_page_by_page(studio: Doors) -> None:
    whole = studio.json("/api/profiles/ben/timeline?limit=500")["items"]
    assert [one["at"] for one in whole] == sorted((one["at"] for one in whole), reverse=True)
    assert {one["kind"] for one in whole} == {"event", "transition", "message"}
    titles = [one["title"] for one in whole if one["kind"] == "event"]
    assert titles == ["Cart Filled", "Consent Changed", "Identified"]
    for size in (1, 2, 3, 5):
        told: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = studio.json(f"/api/profiles/ben/timeline?limit={size}{cursor}")
            assert len(page["items"]) <= size
            told += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert told == whole, size


def test_pages_go_on_where_they_ended(studio: Doors) -> None:
    first = studio.json("/api/profiles?limit=2")
    second = studio.json(f"/api/profiles?limit=2&cursor={first['next_cursor']}")
    third = studio.json(f"/api/profiles?limit=2&cursor={second['next_cursor']}")
    ids = [one["id"] for page in (first, second, third) for one in page["items"]]
    assert len(ids) == len(set(ids)) == 5 and third["next_cursor"] is None
    forged = first["next_cursor"][:-3] + ("AAA" if first["next_cursor"][-3:] != "AAA" else "BBB")
    for cursor in (forged, "3", "Mw.x"):
        assert studio.ask("GET", f"/api/profiles?cursor={cursor}").json()["code"] == "WF8106"
    assert studio.ask("GET", f"/api/messages?cursor={first['next_cursor']}").json()["code"] == "WF8106"
    for limit in ("0", "501", "x"):
        assert studio.ask("GET", f"/api/profiles?limit={limit}").status_code == 422


def test_messages_carry_their_verdicts(studio: Doors) -> None:
    found = {one["name"]: one for one in studio.json("/api/messages")["items"]}
    assert {name: one["state"] for name, one in found.items()} == {
        "Ben": "sent",
        "Cat": "suppressed",
        "Dan": "held",
    }
    assert found["Ben"]["content"]["subject"] == "Your cart, Ben"
    assert next(one for one in found["Cat"]["verdicts"] if one["outcome"] != "pass")["gate"] == "consent"
    assert found["Dan"]["due"] == "2026-03-02T01:00:00.000Z"
    assert [one["name"] for one in studio.json("/api/messages?profile=ben")["items"]] == ["Ben"]
    assert studio.json("/api/messages?journey=other")["items"] == []


def test_consent_is_live_when_it_is_answered(studio: Doors) -> None:
    change = {"purpose": "marketing", "channel": "email", "state": "withdrawn"}
    found = studio.ask("PUT", "/api/profiles/dan/consent", json=change)
    assert found.status_code == 200, found.text
    assert found.json()["consent"]["marketing"]["email"]["state"] == "withdrawn"
    assert studio.json("/api/profiles/dan")["consent"]["marketing"]["email"]["state"] == "withdrawn"
    assert (
        studio.ask("PUT", "/api/profiles/dan/consent", json={**change, "state": "perhaps"}).status_code == 422
    )
    assert studio.ask("PUT", "/api/profiles/nobody/consent", json=change).status_code == 404


def test_the_kill_switch(studio: Doors) -> None:
    assert studio.ask("POST", "/api/kill-switch", json={"on": True}).json() == {"on": True}
    assert studio.json("/api/overview")["kill_switch"] == {"on": True}
    studio.workspace.ingest([event("ben", "Cart Filled", "23:00:00", price=1)])
    assert studio.ask("POST", "/api/kill-switch", json={"on": "yes"}).status_code == 422
    assert studio.ask("POST", "/api/kill-switch", json={"on": False}).json() == {"on": False}


def test_a_draft_is_its_file(studio: Doors) -> None:
    path = studio.workspace.config.root / "journeys/rescue.yaml"
    found = studio.ask("GET", "/api/journeys/rescue/draft", headers={"accept": "application/yaml"})
    assert found.text == path.read_text() == JOURNEY
    tag = found.headers["etag"]
    assert studio.ask("GET", "/api/journeys/rescue/draft", headers={"if-none-match": tag}).status_code == 304
    broken = JOURNEY.replace("start: pause", "start: nowhere")
    put = {"content": broken.encode(), "headers": {"content-type": "application/yaml"}}
    assert studio.ask("PUT", "/api/journeys/rescue/draft", **put).status_code == 428
    put["headers"] = {"content-type": "application/yaml", "if-match": '"old"'}
    stale = studio.ask("PUT", "/api/journeys/rescue/draft", **put)
    assert (stale.status_code, stale.json()["code"]) == (412, "WF8110")
    assert path.read_text() == JOURNEY
    put["headers"] = {"content-type": "application/yaml", "if-match": tag}
    kept = studio.ask("PUT", "/api/journeys/rescue/draft", **put)
    assert kept.status_code == 200 and kept.headers["etag"] != tag
    assert [one["code"] for one in kept.json()["problems"] if one["severity"] == "error"] == ["WF1021"]
    assert path.read_text() == broken, "a draft may be invalid"
    assert studio.ask("POST", "/api/journeys/rescue/publish").status_code == 409
    assert studio.json("/api/journeys/rescue")["published"]["start"] == "pause"


def test_a_json_draft_keeps_the_comments_of_the_file(studio: Doors) -> None:
    path = studio.workspace.config.root / "journeys/rescue.yaml"
    headers = {"accept": "application/json"}
    found = studio.ask("GET", "/api/journeys/rescue/draft", headers=headers)
    document = found.json()["document"]
    document["nodes"]["pause"]["wait"]["for"] = "2h"
    headers = {"if-match": found.headers["etag"]}
    assert studio.ask("PUT", "/api/journeys/rescue/draft", json=document, headers=headers).status_code == 200
    assert "# the cart" in path.read_text() and "2h" in path.read_text()
    published = studio.ask("POST", "/api/journeys/rescue/publish").json()
    assert published["version"] == 2
    assert [row["node"] for row in published["affected"]] == ["pause"]
    assert [one["version"] for one in studio.json("/api/journeys/rescue/versions")["items"]] == [2, 1]


def test_a_new_draft_and_a_bad_name(studio: Doors) -> None:
    headers = {"if-none-match": "*", "content-type": "application/yaml"}
    made = studio.ask("PUT", "/api/journeys/second/draft", content=b"journey: [", headers=headers)
    assert made.status_code == 200 and made.json()["problems"][0]["code"] == "WF6904"
    again = studio.ask("PUT", "/api/journeys/second/draft", content=b"journey: x", headers=headers)
    assert again.status_code == 412
    for name in ("Up", "..", "a%2Fb", "a.b"):
        found = studio.ask("PUT", f"/api/journeys/{name}/draft", content=b"x", headers=headers)
        assert found.status_code in (404, 405, 422), name
    large = studio.ask("PUT", "/api/journeys/third/draft", content=b"x" * 2_000_001, headers=headers)
    assert (large.status_code, large.json()["code"]) == (413, "WF8112")
    assert {path.name for path in (studio.workspace.config.root / "journeys").iterdir()} == {
        "rescue.yaml",
        "second.yaml",
    }


def test_questions(studio: Doors) -> None:
    question = {"kind": "trend", "series": [{"event": "Cart Filled"}], "measure": "events", "interval": "day"}
    found = studio.ask("POST", "/api/ask", json=question)
    assert found.json()["series"][0]["points"][0]["value"] == 4
    wrong = studio.ask("POST", "/api/ask", json={**question, "measur": "events"})
    assert wrong.status_code == 400 and wrong.json()["code"].startswith("WF5")
    assert (
        studio.ask("POST", "/api/ask", content=b"{", headers={"content-type": "application/json"}).json()[
            "code"
        ]
        == "WF8114"
    )


def test_what_is_not_built_says_so(studio: Doors) -> None:
    for method, path in ROUTES:
        address = path.replace("{", "").replace("}", "")
        found = studio.ask(method, address)
        assert (found.status_code, found.json()["code"]) == (501, "WF0001"), (method, path)
        if not path.startswith("/u/"):
            assert studio.client.request(method, address).status_code == 401, (method, path)


def test_the_pulse_tells_only_what_changed(studio: Doors) -> None:
    pulse = Pulse(studio.workspace)
    first = pulse.beat()
    assert [name for name, _ in first] == ["pulse", "counts"]
    assert pulse.beat() == []
    studio.workspace.ingest([event("ben", "Page Seen", "22:30:00")])
    assert [name for name, _ in pulse.beat()] == ["pulse"]
    tomorrow = {
        **event("zoe", "Page Seen", "22:00:00"),
        "messageId": "z2",
        "timestamp": "2026-03-02T10:00:00+08:00",
    }
    studio.workspace.ingest([tomorrow])
    told = pulse.beat()
    assert [name for name, _ in told] == ["pulse", "counts"], "Dan's held mail went, in place"
    assert told[1][1]["nodes"]["mail"]["held"] == 0


def test_the_stream_speaks_sse(studio: Doors) -> None:
    with studio.client.stream(
        "GET", "/api/stream", headers={"authorization": f"Bearer {studio.viewer}"}
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = iter(answer.iter_lines())
        found = [next(lines), next(lines)]
        studio.client.app.state.stopping.set()  # type: ignore[attr-defined]
        for _ in lines:
            pass
    assert found[0] == "event: pulse"
    assert json.loads(found[1].removeprefix("data: "))["people"] == 5


def test_files_that_go_bad_meanwhile_stop_nothing_else(studio: Doors) -> None:
    root = studio.workspace.config.root
    with (root / "wayfare.toml").open("a") as file:
        file.write("x = \n")
    (root / "journeys/bad.yaml").write_text("- [")
    assert [one["id"] for one in studio.json("/api/journeys")["items"]] == ["bad", "rescue"]
    assert studio.json("/api/overview")["workspace"]["tz"] == "Asia/Shanghai"
    assert studio.json("/api/journeys/bad")["problems"][0]["code"] == "WF6904"
    assert studio.ask("POST", "/api/journeys/rescue/publish").status_code == 200


def test_a_file_in_the_way_is_told_not_logged_as_a_defect(studio: Doors) -> None:
    root = studio.workspace.config.root
    (root / "journeys/rescue.yaml").rename(root / "kept.yaml")
    (root / "journeys").rmdir()
    (root / "journeys").write_text("")
    body = {"content": JOURNEY, "headers": {"if-none-match": "*", "content-type": "application/yaml"}}
    answer = studio.ask("PUT", "/api/journeys/other/draft", **body)
    assert (answer.status_code, answer.json()["code"]) == (409, "WF6933"), answer.text
