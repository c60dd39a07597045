"""The session: which workspace, which language, and how answers and errors are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from wayfare.config.workspace import Config, find, load
from wayfare.ground.errors import Lang, WayfareError
from wayfare.ground.words import say

if TYPE_CHECKING:
    from wayfare.engine.verbs import Progress, Verbs


@dataclass(frozen=True, slots=True)
class Session:
    """What the global options say; `folder` is None when the workspace is to be found from here."""

    folder: Path | None
    as_json: bool
    lang: Lang

    @classmethod
    def of(cls, words: list[str], lang: Lang) -> Session:
        """The session of hoisted words, read before they are checked so that even a wrong usage answers in form."""
        folder: Path | None = None
        as_json = False
        for at, word in enumerate(words):
            if word == "--":
                break
            name, _, value = word.partition("=")
            value = value or (words[at + 1] if at + 1 < len(words) else "")
            if name == "--workspace" and value and not value.startswith("--"):
                folder = Path(value)
            elif name == "--lang" and value in ("zh", "en"):
                lang = cast(Lang, value)
            elif word == "--json":
                as_json = True
        return cls(folder, as_json, lang)

    def root(self) -> Path:
        """The workspace's folder; Missing WF6906 when there is none."""
        return find(self.folder)

    def config(self) -> Config:
        """The workspace's definitions as they are now."""
        return load(self.root())

    @contextmanager
    def verbs(self) -> Iterator[Verbs]:
        """The workspace's verbs: those of the running server, else of the stores opened here and closed after."""
        from wayfare.app.attach import attach

        with attach(self.root()) as verbs:
            yield verbs

    def say(self, key: str, /, **values: object) -> str:
        """A text of the catalogue in the session's language."""
        return say(key, self.lang, **values)

    def answer(self, value: Any, text: str | Callable[[], str] = "") -> None:
        """Print an answer: the value as one JSON document with --json, else the text."""
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False, allow_nan=False))
            return
        shown = text() if callable(text) else text
        if shown:
            print(shown)

    def fail(self, error: WayfareError) -> int:
        """Tell an error; returns its exit code."""
        if self.as_json:
            print(json.dumps({"error": problem(error, self.lang)}, ensure_ascii=False))
        else:
            print(error.text(self.lang), file=sys.stderr)
        return error.exit_code

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress | None]:
        """A bar on a terminal, nothing else."""
        if not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=None)

            def moved(done: int, total: int | None) -> None:
                bar.update(task, completed=done, total=total)

            yield moved


def problem(error: WayfareError, lang: Lang) -> dict[str, str]:
    """An error as the JSON that --json prints."""
    return {"code": error.code, "what": error.what(lang), "where": error.where, "mend": error.mend(lang)}
