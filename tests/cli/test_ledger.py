"""explain, verify, dump, ask and simulate over what really happened in a shop."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import apsw
import duckdb
import pytest

import wayfare as wf
from tests.cli.shop import JOURNEY, Shell, event, lines, person
from wayfare.app.workspace import open_workspace
from wayfare.ground.errors import NotBuilt
from wayfare.ground.words import WORDS

BAD = '=HYPERLINK("http://x")'


@pytest.fixture
def busy(shell: Shell) -> Shell:
    """Five people: bought, mailed, without consent, caught by quiet hours, and one whose cart is too small."""
    shell("publish", "rescue")
    calls = []
    for user, consent in (
        ("ann", "granted"),
        ("ben", "granted"),
        ("cat", "denied"),
        ("dan", "granted"),
        ("eve", None),
    ):
        calls += person(user, consent=consent, email=f"{user}@example.com", first_name=BAD)
    calls += [
        event("ann", "Cart Filled", "10:00:00", price=200),
        event("ben", "Cart Filled", "10:00:00", price=200),
        event("cat", "Cart Filled", "10:00:00", price=200),
        event("eve", "Cart Filled", "10:00:00", price=5),
        event("ann", "Order Completed", "10:30:00"),
        event("dan", "Cart Filled", "20:30:00", price=200),
        event("zoe", "Page Seen", "22:00:00"),
    ]
    with open_workspace(shell.root) as workspace:
        workspace.ingest(calls)
    return shell


@pytest.mark.parametrize(
    ("user", "verdict", "blocker", "outcomes"),
    [
        ("ann", "exited", None, ["entered", "waiting", "exited"]),
        ("ben", "completed", None, ["entered", "waiting", "left", "waiting", "left", "finished"]),
        ("cat", "suppressed", "consent", ["entered", "waiting", "left", "waiting", "left", "finished"]),
        ("dan", "held", "quiet", ["entered", "waiting", "left", "waiting", "held"]),
        ("eve", "not_entered", "where", ["not_entered"]),
        ("zoe", "not_entered", "event", []),
    ],
)
def test_explain_tells_why_and_why_not(
    busy: Shell, user: str, verdict: str, blocker: str | None, outcomes: list[str]
) -> None:
    found = busy("explain", user, "--journey", "rescue", "--json").json
    assert found["verdict"] == verdict, found
    seen = [step["outcome"] for step in found["steps"] if step["outcome"] != "goal"]
    assert seen == outcomes
    firsts = [one["gate"] for one in found["blockers"] if one["first"]]
    assert firsts == ([blocker] if blocker else [])
    for step in found["steps"]:
        assert step.keys() == {"at", "node", "kind", "outcome", "inputs", "rule", "because", "cause"}
        assert (
            step["because"]["en"] and step["because"]["zh"] and step["because"]["en"] != step["because"]["zh"]
        )
        assert "{" not in step["because"]["en"] and step["cause"]
    for one in found["blockers"]:
        assert "{" not in one["smallest_change"]["en"] + one["smallest_change"]["zh"], one
    text = busy("explain", user, "--lang", "zh").out
    assert verdict in lines(text)[0]


def test_every_gate_of_a_no_is_listed(busy: Shell) -> None:
    held = busy("explain", "dan", "--journey", "rescue", "--json").json
    assert {one["gate"] for one in held["blockers"]} >= {
        "kill_switch",
        "consent",
        "quiet",
        "address",
        "template",
    }
    (quiet,) = [one for one in held["blockers"] if one["gate"] == "quiet"]
    assert quiet["until"] == "2026-03-02T01:00:00.000Z"
    away = busy("explain", "eve", "--journey", "rescue", "--json").json
    assert {one["gate"] for one in away["blockers"]} >= {
        "where",
        "who",
        "key",
        "live",
        "reentry",
        "limit",
        "active",
    }
    (first,) = [one for one in away["blockers"] if one["first"]]
    assert "event.properties.price >= 100" in first["smallest_change"]["en"]
    assert "does not fulfil event.properties.price >= 100" in away["steps"][0]["because"]["en"]
    never = busy("explain", "zoe", "--journey", "rescue", "--json").json
    told = {one["gate"]: one["outcome"] for one in never["blockers"]}
    assert (told["status"], told["event"], told["where"], told["live"]) == ("pass", "no", "unknown", "pass")


def test_explain_as_of_an_earlier_instant(busy: Shell) -> None:
    before = busy(
        "explain", "ann", "--journey", "rescue", "--as-of", "2026-03-01T10:15:00+08:00", "--json"
    ).json
    assert (before["verdict"], [step["outcome"] for step in before["steps"]]) == (
        "enrolled",
        ["entered", "waiting"],
    )
    never = busy(
        "explain", "ann", "--journey", "rescue", "--as-of", "2026-03-01T09:00:00+08:00", "--json"
    ).json
    assert never["verdict"] == "not_entered"


def test_the_control_group_is_told(shell: Shell) -> None:
    (shell.root / "journeys/rescue.yaml").write_text(JOURNEY.replace("holdout: 0%", "holdout: 100%"))
    shell("publish", "rescue")
    with open_workspace(shell.root) as workspace:
        workspace.ingest([*person("ann"), event("ann", "Cart Filled", "10:00:00", price=200)])
    found = shell("explain", "ann", "--journey", "rescue", "--json").json
    assert (found["verdict"], found["blockers"][0]["gate"]) == ("control", "holdout")
    (drawn,) = found["steps"][0]["inputs"]["holdout"]
    assert (drawn["of"], drawn["control_below"], drawn["by"]) == (10_000, 10_000, "journey")
    assert f"bucket {drawn['bucket']} of 10000" in found["steps"][0]["because"]["en"]


def test_a_story_is_told_by_the_clock_of_the_house(busy: Shell) -> None:
    held = busy("explain", "dan", "--journey", "rescue").out
    assert "user dan" not in held and " · dan · prf_" in held and "2026-03-01 20:30:00+08:00" in held
    assert "quiet hours are over, at 2026-03-02 09:00:00+08:00" in held and "Z" not in held
    assert "passed: kill switch, " in held and held.count("→") == 1
    chinese = busy("explain", "cat", "--journey", "rescue", "--lang", "zh").out
    assert "已拦截 (suppressed)" in chinese and "→ 同意" in chinese and "已通过：一键停发、" in chinese
    found = busy("explain", "cat", "--journey", "rescue", "--json").json
    assert (found["user_id"], found["steps"][0]["at"]) == ("cat", "2026-03-01T02:00:00.000Z")


def test_a_person_is_found_by_every_name(busy: Shell) -> None:
    by_user = busy("profile", "ben", "--json").json
    assert busy("profile", by_user["id"], "--json").json == by_user
    assert busy("profile", "user_id:ben", "--json").json == by_user
    assert by_user["consent"]["marketing"]["email"]["state"] == "granted"
    assert by_user["enrollments"][0]["title"] == {"en": "Cart rescue", "zh": "购物车挽回"}


def test_the_ledger_holds(busy: Shell) -> None:
    found = busy("verify", "--json")
    assert (found.code, found.json["ok"]) == (0, True)
    assert all(check["ok"] and check["rows"] == [] for check in found.json["checks"])
    counts = {check["name"]: check["count"] for check in found.json["checks"]}
    assert (
        counts["visits_balance"] > 0 and counts["events_none_lost"] > 10 and counts["history_complete"] > 10
    )


@pytest.mark.parametrize(
    ("harm", "check"),
    [
        ("delete from transition where outcome = 'left' and node = 'pause'", "visits_balance"),
        ("insert into transition select null, enrollment, profile, journey, version, key, visit, node, at, stimulus,"
         " outcome, reason, cause, arm, inputs from transition where outcome = 'left' limit 1", "visits_left_once"),
        ("update tally set count = count + 1 where outcome = 'left'", "visits_counted"),
        ("update enrollment set status = 'live', node = 'pause', posture = 'waiting' where status = 'exited'",
         "visits_balance"),
        ("delete from transition where enrollment in (select id from enrollment limit 1)", "runs_in_ledger"),
        ("update message set state = 'gone'", "messages_in_one_state"),
        ("update message set state = 'failed'", "messages_counted"),
        ("delete from applied where off = 5 and event is null", "events_none_lost"),
        ("insert into applied select 1000000, off, verdict, profile, reason, event from applied where off = 5 limit 1",
         "events_none_doubled"),
        ("delete from profile where id in (select profile from enrollment)", "people_kept"),
        ("update timer set enrollment = 'enr_gone', kind = 'node'", "timers_have_owners"),
        ("delete from applied where event is null and off = (select max(off) from applied)", "history_complete"),
        ("delete from applied where event is null and off = (select max(off) from applied)", "offset_applied"),
    ],
)  # fmt: skip
def test_harm_is_found(busy: Shell, harm: str, check: str) -> None:
    """Each change of the file behind the engine's back makes its own check fail, and lists rows."""
    from wayfare.engine.verify import verify

    with open_workspace(busy.root) as workspace:
        assert workspace.verify()["ok"] is True
        still = workspace._still()
    db = apsw.Connection(str(busy.root / "data/live.db"))
    db.execute(harm)
    assert db.changes() > 0, "the harm must do something"
    db.close()
    found = verify(busy.root / "data/live.db", still)
    failed = {one["name"]: one["rows"] for one in found["checks"] if not one["ok"]}
    assert found["ok"] is False
    assert failed.get(check), failed.keys()


def test_tables_are_the_same_in_every_form(busy: Shell, tmp_path: Path) -> None:
    for table, least in (
        ("events", 20),
        ("profiles", 6),
        ("messages", 3),
        ("enrollments", 4),
        ("transitions", 15),
        ("tasks", 0),
    ):
        rows = {}
        for ending in ("jsonl", "csv", "parquet"):
            out = tmp_path / f"{table}.{ending}"
            rows[ending] = busy("dump", table, "--out", str(out), "--json").json["rows"]
        assert rows["jsonl"] == rows["csv"] == rows["parquet"] >= least
        told = [json.loads(line) for line in (tmp_path / f"{table}.jsonl").read_text().splitlines()]
        with (tmp_path / f"{table}.csv").open(newline="") as file:
            written = list(csv.DictReader(file))
        read = duckdb.sql(f"select * from read_parquet('{tmp_path}/{table}.parquet')")
        assert len(told) == len(written) == len(read.fetchall())
        if told:
            assert list(told[0]) == list(written[0]) == read.columns
            key = "arrival" if table == "events" else next(iter(told[0]))
            assert [str(row[key]) for row in told] == [row[key] for row in written]


def test_no_cell_is_a_formula(busy: Shell, tmp_path: Path) -> None:
    busy("dump", "profiles", "--out", str(tmp_path / "p.csv"))
    with (tmp_path / "p.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert f"'{BAD}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_where_chooses_rows(busy: Shell, tmp_path: Path) -> None:
    out = tmp_path / "m.jsonl"
    assert busy(
        "dump", "messages", "--out", str(out), "--where", 'row["state"] == "sent"', "--json"
    ).json == {"rows": 1}
    assert json.loads(out.read_text())["journey"] == "rescue"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["dump", "people", "--out", "x.csv"], "WF6921"),
        (["dump", "events", "--out", "x.doc"], "WF6922"),
        (["dump", "decisions", "--out", "x.csv"], "WF0001"),
        (["dump", "events", "--out", "/proc/none/x.csv"], "WF6911"),
        (["dump", "events", "--out", "x.csv", "--where", "row["], "WF13"),
    ],
)
def test_a_dump_that_cannot_be(
    busy: Shell, words: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = busy(*words, "--json")
    assert found.code == 1 and found.json["error"]["code"].startswith(code)
    assert list(tmp_path.glob("*.csv")) == []


def test_questions_are_answered(busy: Shell, tmp_path: Path) -> None:
    question = tmp_path / "q.json"
    question.write_text(
        json.dumps(
            {"kind": "trend", "series": [{"event": "Cart Filled"}], "measure": "profiles", "interval": "day"}
        )
    )
    found = busy("ask", str(question), "--json").json
    assert found["series"][0]["points"] == [{"at": "2026-03-01T00:00:00+08:00", "value": 5}]
    question.write_text(json.dumps({"kind": "journey", "id": "rescue"}))
    counts = busy("ask", str(question), "--json").json
    assert counts["entered"] == 4
    for node in counts["nodes"].values():
        assert node["entered"] == node["waiting"] + node["held"] + node["left"]
    question.write_text("[1]")
    assert busy("ask", str(question), "--json").json["error"]["code"] == "WF8006"


def test_a_simulation_equals_what_happened_and_itself(busy: Shell, tmp_path: Path) -> None:
    first = busy("simulate", "rescue", "--json", "--transitions", str(tmp_path / "t.jsonl")).json
    second = busy("simulate", "rescue", "--json").json
    for one in (first, second):
        one.pop("seconds")
    assert first == second
    told = first["journeys"]["rescue"]
    assert (
        told["entered"],
        told["messages"]["sent"],
        told["messages"]["suppressed"],
        told["messages"]["held"],
    ) == (4, 1, 1, 1)
    lived = tmp_path / "live.jsonl"
    busy("dump", "transitions", "--out", str(lived))
    assert _shape(tmp_path / "t.jsonl") == _shape(lived)


def _shape(path: Path) -> list[tuple[object, ...]]:
    """What the lines of a ledger tell, whichever version of the journey wrote them."""
    told = ("enrollment", "visit", "node", "at", "outcome", "reason")
    return sorted(tuple(row[key] for key in told) for row in map(json.loads, path.read_text().splitlines()))


def test_python_reads_the_same(busy: Shell) -> None:
    book = wf.open(busy.root)
    answer = book.ask(
        {"kind": "trend", "series": [{"event": "Cart Filled"}], "measure": "events", "interval": "day"}
    )
    assert answer["series"][0]["points"][0]["value"] == 5
    assert answer.to_dict()["kind"] == "trend"
    with pytest.raises(AttributeError):
        answer.kind = "other"  # type: ignore[attr-defined]
    answer.to_dict()["series"].clear()
    assert answer["series"]
    assert "<table>" in answer._repr_html_() and "<script" not in answer._repr_html_()
    with pytest.raises(NotBuilt):
        answer.to_native()
    assert book.explain("cat", "rescue")["verdict"] == "suppressed"
    assert {row["state"] for row in book.table("messages")} == {"sent", "suppressed", "held"}
    assert book.ingest([{"userId": "new", "event": "Cart Filled", "messageId": "x1"}]).to_dict() == {
        "accepted": 1,
        "duplicates": 0,
    }
    assert book.ingest([{"userId": "new", "event": "Cart Filled", "messageId": "x1"}])["duplicates"] == 1
    assert book.verify()["ok"] is True


def test_every_gate_has_words_for_its_change() -> None:
    for gate in ("late", "active", "where", "who", "key", "live", "reentry", "limit", "kill_switch", "ttl", "consent",
                 "suppression", "address", "template", "repeat", "quiet", "cap", "pause"):  # fmt: skip
        assert f"change.{gate}" in WORDS
