"""Answers as people read them on a terminal: tables of a question's rows, a simulation's figures, a person's story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

from wayfare.ground.errors import Lang
from wayfare.ground.words import WORDS, say

Json = dict[str, Any]
_LISTS = ("series", "steps", "nodes", "edges", "starts", "ends")
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def answer(found: Json, lang: Lang) -> str:
    """A question's answer: its plain figures on a line, each of its lists as a table, groups one after the other."""
    plain = {key: value for key, value in found.items() if isinstance(value, str | int | float)}
    parts = ["  ".join(f"{key}: {value}" for key, value in plain.items() if key != "id")]
    parts += _tables(found)
    for group in found.get("groups", ()):
        name = ", ".join("—" if value is None else str(value) for value in group["group"])
        parts += [f"[{name}]", *_tables(group)]
    for left_out in found["excluded"]:
        parts.append(say("say.excluded", lang, **left_out))
    return "\n\n".join(part for part in parts if part)


def simulation(found: Json, lang: Lang, zone: str) -> str:
    """What a simulation came to, journey by journey."""
    since, until = (local(str(found[key]), zone) if found[key] else "—" for key in ("from", "to"))
    values = {"from": since, "to": until, "profiles": found["profiles"], "events": found["events"]}
    parts = [say("say.simulated", lang, **values)]
    for name, journey in found["journeys"].items():
        figures = ("entered", "waiting", "held", "left", "withheld")
        rows = [
            {"node": node, **{key: counts[key] for key in figures}}
            for node, counts in journey["nodes"].items()
        ]
        lines = [say("say.simulated.journey", lang, journey=name, entered=journey["entered"]), table(rows)]
        lines.append(say("say.simulated.messages", lang, states=_figures(journey["messages"])))
        for key in ("by_exit", "sends"):
            if journey[key]:
                lines.append(say(f"say.simulated.{key}", lang, figures=_figures(journey[key])))
        for goal, arms in journey["goals"].items():
            lines.append(say("say.simulated.goal", lang, goal=goal, **arms))
        parts.append("\n".join(lines))
    if found["reasons"]:
        parts.append(say("say.simulated.reasons", lang, figures=_figures(found["reasons"])))
    return "\n\n".join(parts)


def story(found: Json, who: Json, lang: Lang, zone: str) -> str:
    """Why, or why not, one person in one journey; instants by the workspace's clock."""
    version = f" v{found['version']}" if found.get("version") else ""
    lines = [f"{person(who)} · {found['journey']}{version} · {_word('verdict', found['verdict'], lang)}"]
    for step in found["steps"]:
        outcome = _word("outcome", step["outcome"], lang)
        lines.append(f"  {local(step['at'], zone)}  {pad(step['node'] or '—', 14)} {pad(outcome, 10)} "
                     f"{_locally(step['because'][lang], zone)}")  # fmt: skip
    passed = [_named("gate", one["gate"], lang) for one in found["blockers"] if one.get("outcome") == "pass"]
    for blocker in found["blockers"]:
        if blocker.get("outcome") == "pass":
            continue
        mark = "→" if blocker["first"] else "?" if blocker.get("outcome") == "unknown" else "✗"
        gate = pad(_named("gate", blocker["gate"], lang), 18)
        lines.append(f"  {mark} {gate} {_locally(blocker['smallest_change'][lang], zone)}")
    if passed:
        lines.append(f"  ✓ {say('say.passed', lang, gates=say('say.and', lang).join(passed))}")
    return "\n".join(lines)


def person(who: Json) -> str:
    """How a person is called, by everything that is known: name, userId, profile id."""
    known = [who.get("name"), who.get("user_id"), who["profile"]]
    return " · ".join(dict.fromkeys(str(one) for one in known if one))


def local(instant: str, zone: str) -> str:
    """An RFC 3339 instant by the clock of a zone, to the second."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).isoformat(" ", "seconds")


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows under their columns, numbers to the right."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(map(width, column)) for column in zip(columns, *cells, strict=True)]
    right = [all(isinstance(row.get(column), int | float | None) for row in rows) for column in columns]
    lines = [columns, *cells]
    return "\n".join(
        "  ".join(pad(cell, size, end) for cell, size, end in zip(line, widths, right, strict=True)).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, size: int, right: bool = False) -> str:
    """A text filled up with spaces to so many columns."""
    gap = " " * (size - width(text))
    return gap + text if right else text + gap


def _tables(found: Json) -> list[str]:
    shown = []
    for key in _LISTS:
        rows = found.get(key)
        if isinstance(rows, dict):
            rows = [{"node": name, **row} for name, row in rows.items()]
        if key == "series":
            rows = [{"label": one["label"], **point} for one in rows or () for point in one["points"]]
        if rows:
            shown.append(f"{key}\n{table(rows)}")
    return shown


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return _figures(value)
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".").replace(",", "")
    return "—" if value is None else str(value)


def _figures(found: Mapping[str, Any]) -> str:
    return "  ".join(f"{key} {value}" for key, value in found.items() if value) or "—"


def _named(kind: str, code: str, lang: Lang) -> str:
    key = f"word.{kind}.{code}"
    return say(key, lang) if key in WORDS else code


def _word(kind: str, code: str, lang: Lang) -> str:
    """A word with its code beside it where they differ: the code is what JSON says."""
    named = _named(kind, code, lang)
    return named if named == code or kind == "outcome" else f"{named} ({code})"


def _locally(text: str, zone: str) -> str:
    return _INSTANT.sub(lambda found: local(found.group(), zone), text)


def reasons(counts: Mapping[str, int], lang: Lang) -> Iterable[str]:
    """Why items were quarantined, the most frequent first."""
    for code, count in sorted(counts.items(), key=lambda one: -one[1]):
        what = say(f"{code}.what", lang, detail="…") if f"{code}.what" in WORDS else ""
        yield f"  {code} × {count}  {what}".rstrip()
