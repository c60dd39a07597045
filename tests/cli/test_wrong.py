"""What people get wrong at the command line and on the disk: said with what, where and mend, never as a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.serving import ROOT, environment
from tests.cli.shop import TOML, Said, Shell
from wayfare.app.workspace import open_workspace
from wayfare.cli import run
from wayfare.cli.tree import UNBUILT, build
from wayfare.ground.errors import Refused
from wayfare.journey.document import ENTRIES_LATER, KINDS_LATER


@pytest.mark.parametrize(
    ("words", "code", "english", "chinese"),
    [
        (["simulate", "rescue", "--days", "0"], "WF8005", "from 1 to 36500", "1 到 36500"),
        (["simulate", "rescue", "--days", "x"], "WF8005", "a whole number", "整数"),
        (
            ["simulate", "rescue", "--days", "1", "--to", "2026-01-01"],
            "WF8001",
            "cannot go together",
            "不能同时使用",
        ),
        (["publish", "a", "b"], "WF8001", "no place for b", "多余的参数：b"),
        (["publish"], "WF8004", "`JOURNEY` is missing", "缺少 `JOURNEY`"),
        (["serve", "--port"], "WF8005", "it needs a value", "需要一个值"),
        (["validate", "--format", "xml"], "WF8005", "one of text, json, github", "text, json, github"),
        (["key", "create", "--role", "viewer"], "WF8001", "--role needs --api", "--api 一起使用"),
        (["import", "a.csv"], "WF8004", "`--map` is missing", "缺少 `--map`"),
        (["import", "a.csv", "--map", "a=b", "--epoch", "days"], "WF8005", "one of s, ms", "s, ms"),
        ([], "WF8004", "`COMMAND` is missing", "缺少 `COMMAND`"),
    ],
)
def test_wrong_usage_is_said_in_both_languages(
    shell: Shell, words: list[str], code: str, english: str, chinese: str
) -> None:
    for lang, text in (("en", english), ("zh", chinese)):
        found = shell(*words, "--json", "--lang", lang)
        error = found.json["error"]
        assert (found.code, error["code"]) == (2, code) and text in error["what"], error
        assert error["mend"] and found.err == ""


def test_an_option_without_its_value_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--workspace"]) == 2
    assert "`--workspace` cannot be that: it needs a value" in capsys.readouterr().err


def test_a_question_that_cannot_be_read_is_placed(shell: Shell, tmp_path: Path) -> None:
    for name, body, code, where in (
        ("none.json", None, "WF6931", ""),
        ("bad.json", '{"kind":\n nope}', "WF8006", ":2:2"),
        ("list.json", "[]", "WF8006", ""),
    ):
        path = tmp_path / name
        if body is not None:
            path.write_text(body)
        error = shell("ask", str(path), "--json").json["error"]
        assert (error["code"], error["where"]) == (code, f"{path}{where}")
        assert "Errno" not in error["what"]
    assert shell("ask", str(tmp_path), "--json", "--lang", "zh").json["error"]["what"] == "这是目录，不是文件"


def test_a_journey_is_no_test(shell: Shell) -> None:
    error = shell("test", str(shell.root / "journeys/rescue.yaml"), "--json").json["error"]
    assert error["code"] == "WF6937" and "`tests/`" in error["what"]


def test_definitions_that_nobody_would_read_are_told(shell: Shell) -> None:
    (shell.root / "journeys/spring").mkdir()
    (shell.root / "journeys/spring/sale.yaml").write_text("journey: sale\n")
    (shell.root / "journeys/gone.yaml").symlink_to("/nowhere/at/all")
    (shell.root / "tests/lost.yaml").write_text("journey: nope\nwhen: []\nthen: []\n")
    found = {one["path"]: one["code"] for one in shell("validate", "--json").json["problems"]}
    assert found == {"journeys/spring": "WF6928", "journeys/gone.yaml": "WF6904", "tests/lost.yaml": "WF6913"}


@pytest.mark.parametrize(
    ("toml", "code", "place"),
    [
        (TOML + "x = \n", "WF6901", (9, 5)),
        (TOML.replace('locale = "zh-CN"', 'locale = "Klingon!"'), "WF6903", (5, 1)),
        (TOML + "[terms]\nprofile = 7\n", "WF6903", (10, 1)),
        (TOML + '[consent.default]\nsms = "granted"\nemail = "maybe"\n', "WF6903", (11, 1)),
        (TOML.replace('salt = "pepper"\n', ""), "WF6929", (1, 1)),
    ],
)
def test_the_settings_say_where_they_are_wrong(
    shell: Shell, toml: str, code: str, place: tuple[int, int]
) -> None:
    (shell.root / "wayfare.toml").write_text(toml)
    (problem,) = shell("validate", "--json").json["problems"]
    assert (problem["code"], (problem["line"], problem["column"])) == (code, place)
    assert (problem["severity"] == "warning") is (code == "WF6929")


@pytest.mark.parametrize("change", [('salt = "pepper"', 'salt = "other"'), ('id = "shop"', 'id = "shop2"')])
def test_nobody_becomes_somebody_else(shell: Shell, change: tuple[str, str]) -> None:
    shell("publish", "rescue")
    (shell.root / "wayfare.toml").write_text(TOML.replace(*change))
    assert shell("publish", "rescue", "--json").json["error"]["code"] == "WF6927"
    (shell.root / "wayfare.toml").write_text(TOML)
    assert shell("publish", "rescue").code == 0


def test_the_salt_may_stand_elsewhere(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_SALT", "pepper")
    shell("publish", "rescue")
    (shell.root / "wayfare.toml").write_text(TOML.replace('"pepper"', '"env:SHOP_SALT"'))
    assert shell("publish", "rescue").code == 0
    monkeypatch.setenv("SHOP_SALT", "salt")
    with pytest.raises(Refused, match="WF6927"):
        open_workspace(shell.root)


@pytest.fixture
def forbidden(shell: Shell) -> Iterator[Shell]:
    """A shop whose every store is there."""
    shell("publish", "rescue")
    yield shell
    for path in (shell.root, *shell.root.rglob("*")):
        os.chown(path, os.getuid(), os.getgid())
        path.chmod(0o700)


def plainly(root: Path, *words: str) -> Said:
    """A command by a process that has no more rights to a file than the file says."""
    line = [
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
    ]
    rights = line if os.getuid() == 0 else []
    done = subprocess.run(
        [*rights, sys.executable, "-m", "wayfare", *words, "--workspace", str(root)], capture_output=True, text=True,
        env=environment(), timeout=60, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("path", "words", "code"),
    [
        ("wayfare.toml", ["validate"], "WF6930"),
        ("journeys/rescue.yaml", ["validate"], "WF6904"),
        ("templates", ["validate"], "WF6904"),
        ("policy.yaml", ["publish", "rescue"], "WF6904"),
        ("data", ["verify"], "WF6930"),
        ("data/lock", ["verify"], "WF6930"),
        ("data/keys.db", ["key"], "WF6930"),
        ("data/live.db", ["kill-switch", "on"], "WF6930"),
        ("data/log", ["verify"], "WF6930"),
    ],
)
def test_no_permission_is_said_plainly(forbidden: Shell, path: str, words: list[str], code: str) -> None:
    (forbidden.root / path).chmod(0)
    found = plainly(forbidden.root, *words, "--lang", "zh")
    told = found.out + found.err
    assert (found.code, code in told, "没有权限" in told, "Traceback" in told) == (1, True, True, False), told


def test_what_may_only_be_read_is_not_written(forbidden: Shell) -> None:
    for path in (forbidden.root / "data").glob("live.db*"):
        path.chmod(0o400)
    found = plainly(forbidden.root, "publish", "rescue")
    assert (found.code, "WF6930" in found.err, "Traceback" in found.err) == (1, True, False), found.err


def test_a_path_with_spaces_and_characters_of_every_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "我的 店铺" / ("长" * 60)
    assert run(["init", str(root)]) == 0
    assert f"cd '{root}' && wayfare validate && wayfare apply && wayfare serve" in capsys.readouterr().out
    shell = Shell(root, capsys)
    assert [shell(*words).code for words in (["validate"], ["test"], ["apply"], ["verify"])] == [0, 0, 0, 0]
    assert f'name = "{root.name}"' in (root / "wayfare.toml").read_text()
    assert run(["init", str(tmp_path / ("x" * 300)), "--json", "--lang", "zh"]) == 1
    assert "名称过长" in capsys.readouterr().out


@pytest.mark.parametrize("name", UNBUILT)
def test_a_command_that_is_not_built_says_so(shell: Shell, name: str) -> None:
    shell("publish", "rescue")
    error = shell(name, "rescue", "--json", "--lang", "zh").json["error"]
    assert (error["code"], "尚未实现" in error["what"]) == ("WF0001", True)
    assert "Not built yet." in build("en").commands[name].help


def test_the_changelog_names_everything_that_is_not_built() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition("### Not built yet")[2]
    flags = ["import --profiles", "import --consent", "import --suppressions", "simulate --personas"]
    flags += ["simulate --report", "publish --migrate", "dump decisions"]
    for name in (*UNBUILT, *ENTRIES_LATER, *KINDS_LATER, *flags):
        assert f"`{name}`" in text, name
