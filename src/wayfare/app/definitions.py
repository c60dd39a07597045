"""Definitions without a running engine: which files are meant, whether they are right, whether their tests pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wayfare.app.book import problems
from wayfare.config.settings import FILE
from wayfare.config.workspace import Config
from wayfare.ground.errors import Lang, Missing, WayfareError

Json = dict[str, Any]


def chosen(config: Config, paths: Sequence[Path], kind: str = "") -> list[str]:
    """The definition files that these paths mean, relative to the workspace; all of them (of a kind) without paths.

    A path is taken from where one stands, else from the workspace. Missing WF6920 when it names no definition,
    WF6937 when it names none of the kind.
    """
    known = [*_known(config)] if not kind else [one for one in _known(config) if one.startswith(f"{kind}/")]
    if not paths:
        return known

    def absent(path: Path) -> Missing:
        return Missing("WF6937", str(path), kind=kind) if kind else Missing("WF6920", str(path))

    found: dict[str, None] = {}
    for path in paths:
        place = path.resolve() if path.exists() else (config.root / path).resolve()
        if not place.is_relative_to(config.root):
            raise absent(path)
        name = place.relative_to(config.root).as_posix()
        mine = [one for one in known if name in (".", one) or one.startswith(f"{name}/")]
        if not mine:
            raise absent(path)
        found |= dict.fromkeys(mine)
    return list(found)


def check(config: Config, lang: Lang, paths: Sequence[str]) -> list[Json]:
    """Every problem of these files."""
    return problems(config, lang, paths)


def unreadable(error: WayfareError, lang: Lang) -> Json:
    """The problem that an unreadable wayfare.toml is; its error names the line."""
    path, line, column, *_ = [*error.where.split(":"), "1", "1"]
    text = f"{error.what(lang)} · {error.mend(lang)}"
    return {
        "code": error.code, "severity": "error", "path": path, "line": int(line), "column": int(column), "text": text,
    }  # fmt: skip


def _known(config: Config) -> dict[str, None]:
    documents = [config.policy, config.tracking_plan, *config.journeys.values(), *config.channels.values()]
    documents += [*config.templates.values(), *config.tests.values()]
    found = dict.fromkeys([FILE, *(document.path for document in documents if document is not None)])
    return found | dict.fromkeys(flaw.path for flaw in config.flaws)
