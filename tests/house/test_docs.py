"""The documents hold: commands, options, verbs, files and examples that they name are there."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from wayfare.cli.tree import LATER, build
from wayfare.journey.document import parse

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = [ROOT / name for name in (*READMES, "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")]
PAGES += [*sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "benchmarks").rglob("*.md"))]


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """Every command of the console blocks as words, `&&` split, comments and continued lines taken care of."""
    found = []
    for block in blocks(text, "console"):
        for line in block.replace("\\\n", " ").splitlines():
            if not line.startswith("$ "):
                continue
            words = shlex.split(line[2:], comments=True)
            inner = re.findall(r"\$\((.*?)\)", line)
            for part in (words, *(shlex.split(one) for one in inner)):
                command: list[str] = []
                for word in [*part, "&&"]:
                    if word != "&&":
                        command.append(word)
                        continue
                    found.append(command)
                    command = []
    return found


def wrong_words(command: list[str]) -> list[str]:
    """What is not there of a `wayfare` or a `make` command."""
    if command[0] == "make":
        verbs = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return [word for word in command[1:] if "=" not in word and word not in verbs]
    if command[0] != "wayfare":
        return []
    tree: Any = build("en")
    known = tree.commands.get(command[1])
    if known is None or command[1] in LATER:
        return [command[1]]
    options = {option for parameter in (*known.params, *tree.params) for option in parameter.opts}
    return [word for word in command[2:] if word.startswith("--") and word not in options]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_is_there(page: Path) -> None:
    wrong = {" ".join(words): wrong_words(words) for words in commands(page.read_text(encoding="utf-8"))}
    assert not {command: words for command, words in wrong.items() if words}


def test_a_wrong_command_is_caught() -> None:
    text = '```console\n$ wayfare serve --prot 1 && make tset\n$ x "$(wayfare kee)"\n$ wayfare erase you  # no\n```\n'
    assert [wrong_words(words) for words in commands(text)] == [["--prot"], ["tset"], [], ["kee"], ["erase"]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    targets = {(page.parent / link).resolve() for link in links if "://" not in link}
    missing = {target.relative_to(ROOT).as_posix() for target in targets if not target.exists()}
    assert not missing


@pytest.mark.parametrize("name", READMES)
def test_the_journey_of_the_readme_is_valid(name: str) -> None:
    (journey,) = blocks((ROOT / name).read_text(encoding="utf-8"), "yaml")
    document, problems = parse(YAML(typ="safe").load(journey))
    assert document is not None and not problems


def test_both_readmes_say_the_same_commands_and_journey() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    assert commands(english) == commands(chinese)
    assert blocks(english, "yaml") == blocks(chinese, "yaml")
    assert len(re.findall(r"^## ", english, re.MULTILINE)) == len(re.findall(r"^## ", chinese, re.MULTILINE))


def test_the_readme_names_the_two_commands_first() -> None:
    assert commands((ROOT / "README.md").read_text(encoding="utf-8"))[:2] == [
        ["make", "demo"],
        ["make", "test"],
    ]


def test_make_lists_every_verb_and_ci_runs_the_test_command() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    listed = subprocess.run(
        ["make", "--silent", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[1] for line in listed.splitlines()] == phony.split()
    assert "\nmake test 2>&1" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
