"""The notebook: a workspace in Python, with frozen answers that show themselves."""

from __future__ import annotations

import copy
import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from wayfare.app.attach import attach
from wayfare.config.workspace import find
from wayfare.ground.errors import NotBuilt

SHOWN_ROWS = 50
_LISTS = ("series", "steps", "edges", "links", "cohorts", "bins", "touches", "checks", "journeys", "blockers")


class Answer(Mapping[str, Any]):
    """A frozen answer: reads like the JSON document that it is."""

    __slots__ = ("_document",)
    _document: dict[str, Any]

    def __init__(self, document: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_document", copy.deepcopy(dict(document)))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(name)

    def __getitem__(self, key: str) -> Any:
        return copy.deepcopy(self._document[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._document)

    def __len__(self) -> int:
        return len(self._document)

    def __repr__(self) -> str:
        return f"Answer({json.dumps(self._document, ensure_ascii=False)})"

    def to_dict(self) -> dict[str, Any]:
        """The document, the caller's own copy."""
        return copy.deepcopy(self._document)

    def to_native(self) -> Any:
        """As a data frame: not built yet (WF0001)."""
        raise NotBuilt("WF0001", "to_native", part="`to_native`")

    def _repr_html_(self) -> str:
        """Plain figures as one table, the rows of its list as another."""
        plain = {key: value for key, value in self._document.items() if not isinstance(value, list | dict)}
        parts = [_table([plain])]
        for key in _LISTS:
            rows = self._document.get(key)
            if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
                parts.append(_table(rows[:SHOWN_ROWS]))
        return "".join(parts)


class Rows(Sequence[dict[str, Any]]):
    """The frozen rows of a table."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = tuple(dict(row) for row in rows)

    def __getitem__(self, at: Any) -> Any:
        found = self._rows[at]
        return Rows(found) if isinstance(at, slice) else copy.deepcopy(found)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"Rows({len(self)})"

    def to_dict(self) -> list[dict[str, Any]]:
        """The rows, the caller's own copies."""
        return [copy.deepcopy(row) for row in self._rows]

    def _repr_html_(self) -> str:
        return _table(self._rows[:SHOWN_ROWS])


class Notebook:
    """The verbs of a workspace. Between two calls nothing is held open, so that other commands may work on it too."""

    def __init__(self, folder: Path | None) -> None:
        self.root = find(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def ingest(self, events: Iterable[Mapping[str, Any]]) -> Answer:
        """Send events as dicts in the form of the Segment family; `type` is `track` where it is absent."""
        if hasattr(events, "columns"):
            raise NotBuilt("WF0001", "ingest", part="`ingest` of a data frame")
        return self._ask("ingest", [dict(event) for event in events])

    def ask(self, question: Mapping[str, Any]) -> Answer:
        """Ask a question (contract §5)."""
        return self._ask("ask", dict(question))

    def simulate(self, *journeys: str, **options: Any) -> Answer:
        """Walk stored history through drafts (contract §6): `days`, `seed`, `to`, `transitions`, `start` (from)."""
        if "start" in options:
            options["from"] = options.pop("start")
        return self._ask("simulate", list(journeys), options)

    def explain(self, person: str, journey: str | None = None, as_of: str | None = None) -> Answer:
        """Why, or why not, one person (contract §7)."""
        return self._ask("explain", person, journey, as_of)

    def profile(self, person: str) -> Answer:
        """One person."""
        return self._ask("profile", person)

    def publish(self, journey: str) -> Answer:
        """Publish a draft as a new version."""
        return self._ask("publish", journey)

    def verify(self) -> Answer:
        """Prove the ledger."""
        return self._ask("verify")

    def table(self, name: str, where: str | None = None) -> Rows:
        """The rows of events, profiles, messages, enrollments, transitions or tasks."""
        with attach(self.root) as verbs:
            return Rows(verbs.table(name, where))

    def _ask(self, verb: str, *arguments: Any) -> Answer:
        with attach(self.root) as verbs:
            return Answer(getattr(verbs, verb)(*arguments))


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(row.get(column)))}</td>" for column in columns) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
