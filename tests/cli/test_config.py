"""The workspace's files: every wrong key is named with the nearest right one, every part has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shop import TOML, Shell, shop
from wayfare.config.document import MAX_NODES, merge, parse
from wayfare.config.settings import read_settings
from wayfare.config.workspace import find, load, secret
from wayfare.ground.errors import Malformed, Missing, Refused
from wayfare.ground.time import HOUR


def test_every_key_has_a_default() -> None:
    settings, problems = read_settings("", "Noodle Shop!")
    assert (settings.id, settings.tz, settings.clock, settings.trigger_bound) == (
        "noodle-shop",
        "UTC",
        "wall",
        HOUR,
    )
    assert [(error.code, line) for error, line in problems] == [("WF6929", 1)]  # only a warning: no salt


@pytest.mark.parametrize(
    ("text", "where", "nearest"),
    [
        ("[workspace]\nid = 'a'\nsalty = 'x'", "wayfare.toml:3", "salt"),
        ("[engin]\nclock = 'wall'", "wayfare.toml:1", "engine"),
        ("[engine]\ntrigger-bound = '1h'", "wayfare.toml:2", "trigger_bound"),
        ("[holdout]\nglobl = '5%'", "wayfare.toml:2", "global"),
    ],
)
def test_an_unknown_key_is_an_error_with_the_nearest_one(text: str, where: str, nearest: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_settings(text, "x")
    assert (caught.value.code, caught.value.where, caught.value.values["nearest"]) == (
        "WF6902",
        where,
        nearest,
    )


@pytest.mark.parametrize(
    "text",
    [
        "[workspace]\nid = 'Upper'",
        "[workspace]\ntz = 'Mars/Base'",
        "[engine]\nclock = 'x0'",
        "[engine]\nclock = 'slow'",
        "[engine]\ntrigger_bound = 'soon'",
        "[engine]\ntrigger_bound = 3",
        "[holdout]\nglobal = '101%'",
        "[holdout]\nglobal = 0.1",
        "[consent.default]\nemail = 'maybe'",
        "workspace = 3",
    ],
)
def test_a_value_that_cannot_be_is_told_at_its_line(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_settings(text, "x")
    assert caught.value.code == "WF6903"


def test_values_are_read() -> None:
    text = "[engine]\nclock = 'x60'\ntrigger_bound = 'off'\n[holdout]\nglobal = '2.5%'\n"
    text += "[consent.default]\nemail = 'denied'"
    settings, _ = read_settings(text, "x")
    assert (settings.clock, settings.trigger_bound, settings.holdout) == ("x60", None, 0.025)
    assert settings.consent_default == {"email": "denied"}


def test_a_workspace_is_found_from_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shop(tmp_path / "shop")
    monkeypatch.chdir(root / "journeys")
    assert find() == root
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Missing) as caught:
        find()
    assert caught.value.code == "WF6906"


def test_yaml_keeps_places_and_texts() -> None:
    found = parse(
        "j.yaml",
        "j",
        "a: 1\nentry:\n  on: event\n  at: 2026-03-01T00:00:00+08:00\nlist:\n  - {x: yes, y: 0x10}\n",
    )
    assert found.data == {
        "a": 1,
        "entry": {"on": "event", "at": "2026-03-01T00:00:00+08:00"},
        "list": [{"x": "yes", "y": 16}],
    }
    assert (found.place("/entry/on"), found.place("/list/0/y")) == ((3, 3), (6, 14))
    assert found.place("/entry/on/deeper") == (3, 3)


@pytest.mark.parametrize(
    ("name", "text", "code", "place"),
    [
        ("j.yaml", "a: [1\nb: 2", "WF6904", (2, 2)),
        ("j.yaml", "a: 1\nb: 2\na: 3", "WF6905", (3, 1)),
        ("j.json", '{"a": 1,\n "b": }', "WF6904", (2, 7)),
        ("j.json", '{"a": 1, "a": 2}', "WF6905", (1, 1)),
    ],
)
def test_what_cannot_be_read_is_told_at_its_place(
    name: str, text: str, code: str, place: tuple[int, int]
) -> None:
    found = parse(name, "j", text)
    assert found.error is not None
    assert (found.error.code, found.error_place, found.data) == (code, place, None)


def test_aliases_cannot_grow_without_bound() -> None:
    rows = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    found = parse("j.yaml", "j", "\n".join(rows))
    assert found.error is not None and str(MAX_NODES) in found.error.text()


def test_json_and_yaml_say_the_same() -> None:
    yaml = parse("j.yaml", "j", "a: {b: [1, x, null, true]}")
    json = parse("j.json", "j", '{"a": {"b": [1, "x", null, true]}}')
    assert yaml.data == json.data


def test_a_changed_document_keeps_its_comments() -> None:
    text = "journey: a   # the id\nnodes:\n  # first\n  pause: {wait: {for: 1h}, next: mail}\n  mail: {finish: done}\n"
    changed = merge(
        text,
        {
            "journey": "a",
            "nodes": {"pause": {"wait": {"for": "2h"}, "next": "mail"}, "mail": {"finish": "ok"}},
        },
    )
    assert "# the id" in changed and "# first" in changed
    assert parse("a.yaml", "a", changed).data["nodes"] == {
        "pause": {"wait": {"for": "2h"}, "next": "mail"},
        "mail": {"finish": "ok"},
    }


def test_a_number_that_becomes_a_truth_is_written() -> None:
    assert parse("a.yaml", "a", merge("a: 1\n", {"a": True})).data == {"a": True}


def test_parts_that_are_not_built_say_so(shell: Shell) -> None:
    for folder in ("segments", "offers", "metrics"):
        (shell.root / folder).mkdir()
        (shell.root / folder / "one.yaml").write_text("a: 1\n")
    (shell.root / "wayfare.toml").write_text(TOML + "[retention]\nevents = '1y'\n")
    found = shell("validate", "--json")
    assert found.code == 1
    told = {one["path"] for one in found.json["problems"] if one["code"] == "WF0001"}
    assert told == {"segments/one.yaml", "offers/one.yaml", "metrics/one.yaml", "wayfare.toml"}


def test_two_files_of_one_name_are_told(shell: Shell) -> None:
    (shell.root / "journeys/rescue.json").write_text("{}")
    found = shell("validate", "--json")
    assert ("WF6908", "journeys/rescue.yaml") in {
        (one["code"], one["path"]) for one in found.json["problems"]
    }


def test_secrets_come_by_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_KEY", "k")
    (tmp_path / "token").write_text("t\n")
    assert secret(tmp_path, {"a": ["env:SMS_KEY"], "b": "file:token", "c": 1}) == {
        "a": ["k"],
        "b": "t",
        "c": 1,
    }
    with pytest.raises(Refused) as caught:
        secret(tmp_path, "env:NOT_THERE")
    assert caught.value.code == "WF6907"


def test_a_broken_definition_does_not_hide_the_others(shell: Shell) -> None:
    (shell.root / "journeys/bad.yaml").write_text("journey: [")
    config = load(shell.root)
    assert config.journeys["bad"].error is not None
    assert config.journeys["rescue"].error is None
