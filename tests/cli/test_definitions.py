"""init, validate, test, plan, publish: exit codes, the one JSON document, places and codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shop import JOURNEY, Shell, lines
from wayfare.cli import hoist, run


def test_init_makes_a_workspace_that_validates_and_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "shop"), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["workspace"] == str(tmp_path / "shop")
    shell = Shell(tmp_path / "shop", capsys)
    assert shell("validate", "--json").json == {"problems": []}
    assert shell("test", "--json").json["ok"] is True
    assert shell("key").out.strip() == made["write_key"]
    data = (tmp_path / "shop/data/keys.db").read_bytes()
    assert made["write_key"].encode() in data
    assert made["api_key"].encode() not in data


def test_init_leaves_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.yaml").write_text("caps: []\n")
    assert run(["init", str(tmp_path)]) == 0
    assert (tmp_path / "policy.yaml").read_text() == "caps: []\n"
    toml = (tmp_path / "wayfare.toml").read_text()
    assert run(["init", str(tmp_path)]) == 1
    assert "WF6909" in capsys.readouterr().err
    assert (tmp_path / "wayfare.toml").read_text() == toml


def test_two_workspaces_have_two_salts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        assert run(["init", str(tmp_path / name)]) == 0
    salts = {
        line
        for name in "ab"
        for line in (tmp_path / name / "wayfare.toml").read_text().splitlines()
        if "salt" in line
    }
    assert len(salts) == 2


@pytest.mark.parametrize(
    ("words", "code", "sign"),
    [
        (["publsh"], 2, "publish"),
        (["validate", "--fromat", "json"], 2, "--format"),
        (["explain"], 2, "explain"),
        (["serve", "--port", "high"], 2, "--port"),
        (["kill-switch", "maybe"], 2, "kill-switch"),
        (["--lang", "fr", "validate"], 2, "--lang"),
        (["backup", "x"], 1, "WF0001"),
        (["erase", "someone", "--hard"], 1, "WF0001"),
        (["init", "x", "--template", "welcom"], 2, "welcome"),
        (["validate", "nowhere.yaml"], 1, "WF6920"),
        (["publish", "rescu"], 1, "rescue"),
        (["profile", "nobody"], 1, "WF6916"),
        (["simulate", "rescue", "--days", "3", "--to", "2026-03-01T00:00:00Z"], 2, "--days"),
        (["import", "x.csv", "--profiles", "--consent"], 2, "--consent"),
    ],
)
def test_every_no_has_a_code_in_both_languages(
    shell: Shell, words: list[str], code: int, sign: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    told = {}
    for lang in ("en", "zh"):
        said = shell(*words) if "--lang" in words else shell(*words, "--lang", lang)
        assert said.code == code, said
        assert said.out == ""
        assert len(lines(said.err)) == 1
        assert said.err.startswith("WF") and sign in said.err and " · " in said.err
        told[lang] = said.err
    if "--lang" not in words:
        assert told["en"] != told["zh"]
    found = shell(*words, "--json")
    assert (found.code, found.err) == (code, "")
    error = found.json["error"]
    assert error.keys() == {"code", "what", "where", "mend"}
    assert told["en"].startswith(error["code"])


def test_global_options_stand_anywhere() -> None:
    words = ["explain", "you", "--json", "--lang", "zh", "--workspace=x", "--", "--json"]
    assert hoist(words) == ["--json", "--lang", "zh", "--workspace=x", "explain", "you", "--", "--json"]


def test_validate_tells_code_line_and_column(shell: Shell) -> None:
    broken = JOURNEY.replace("next: mail}", "next: mial}").replace("price >= 100", "price >= ")
    (shell.root / "journeys/rescue.yaml").write_text(broken)
    found = shell("validate", "--json")
    assert found.code == 1
    places = {(one["code"], one["line"]) for one in found.json["problems"] if one["severity"] == "error"}
    assert ("WF1021", 11) in places
    assert any(line == 4 for _, line in places)
    assert all(
        one.keys() == {"code", "severity", "path", "line", "column", "text"} for one in found.json["problems"]
    )
    github = lines(shell("validate", "--format", "github").out)
    assert any(line.startswith("::error file=journeys/rescue.yaml,line=11,") for line in github)
    other = shell("validate", "--json", "policy.yaml")
    assert (other.code, other.json) == (0, {"problems": []})


def test_validate_speaks_chinese(shell: Shell) -> None:
    (shell.root / "journeys/rescue.yaml").write_text(JOURNEY.replace("next: mail}", "next: mial}"))
    english, chinese = shell("validate", "--json").json, shell("validate", "--json", "--lang", "zh").json
    assert [one["code"] for one in english["problems"]] == [one["code"] for one in chinese["problems"]]
    assert english["problems"][0]["text"] != chinese["problems"][0]["text"]


def test_a_failing_test_says_what_happened_instead(shell: Shell) -> None:
    case = """\
journey: rescue
given: {profile: {consent: {marketing: {email: granted}}}}
when: [{at: "2026-03-01T10:00:00+08:00", event: Cart Filled, properties: {price: 200}}]
then:
  - {at: "2026-03-01T11:00:00+08:00", node: mail, sent: email}
"""
    (shell.root / "tests/rescue.yaml").write_text(case)
    passed = shell("test", "--json").json
    assert passed["ok"] is True, passed
    (shell.root / "tests/rescue.yaml").write_text(case.replace("T11:", "T12:"))
    found = shell("test", "--json")
    assert found.code == 1
    (problem,) = found.json["problems"]
    assert (problem["code"], problem["path"], problem["line"]) == ("WF6924", "tests/rescue.yaml", 4)
    assert "2026-03-01T03:00:00.000Z" in problem["text"]


def test_a_test_of_no_journey_is_told(shell: Shell) -> None:
    (shell.root / "tests/lost.yaml").write_text("journey: lost\nwhen: []\nthen: []\n")
    found = shell("test", "--json")
    assert (found.code, found.json["problems"][0]["code"]) == (1, "WF6913")


def test_plan_publish_apply(shell: Shell) -> None:
    assert shell("plan", "--json").json["journeys"][0]["change"] == "new"
    first = shell("publish", "rescue", "--json")
    assert (first.code, first.json["version"], first.json["affected"]) == (0, 1, [])
    again = shell("publish", "rescue", "--json").json
    assert (again["version"], again["change"]) == (1, "same")
    (shell.root / "journeys/rescue.yaml").write_text(JOURNEY.replace("for: 1h", "for: 2h"))
    planned = shell("plan", "--json").json
    assert (planned["journey"], planned["version"]) == ("rescue", 2)
    assert planned["affected"] == [{"journey": "rescue", "node": "pause", "change": "changed", "people": 0}]
    assert shell("apply", "--json").json["version"] == 2
    assert shell("plan", "--json").json["journeys"][0]["change"] == "same"


def test_a_draft_with_errors_is_refused(shell: Shell) -> None:
    (shell.root / "journeys/rescue.yaml").write_text(JOURNEY.replace("start: pause", "start: nowhere"))
    found = shell("publish", "rescue", "--json")
    assert (found.code, found.json["error"]["code"]) == (1, "WF6914")
    assert "journeys/rescue.yaml:9:" in found.json["error"]["where"]
    assert shell("apply").code == 1


def test_the_kill_switch_stays_where_it_is_put(shell: Shell) -> None:
    assert shell("kill-switch", "status", "--json").json == {"on": False}
    assert shell("kill-switch", "on", "--json").json == {"on": True}
    assert shell("kill-switch", "status", "--json").json == {"on": True}
    assert shell("kill-switch", "off", "--json").json == {"on": False}
