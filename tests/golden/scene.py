"""A scene: journeys, a policy and what happens, read from a text file and made ready to be driven."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML

from wayfare.channels import template as templates
from wayfare.contact import policy as policies
from wayfare.engine.book import Book
from wayfare.facts.decode import Head, decode, head_of
from wayfare.ground.time import Instant, parse_duration, parse_instant
from wayfare.journey.check import check, errors
from wayfare.stores.log import Entry

KEYS = {
    "what", "zone", "holdout", "global_holdout", "trigger_bound", "consent_default", "policy", "templates",
    "journeys", "when", "answers", "until", "live_only",
}  # fmt: skip
STEP_KEYS = {
    "at", "who", "anonymous", "event", "properties", "traits", "alias", "context", "time", "import", "raw", "do",
}  # fmt: skip
MINUTE = 60_000


@dataclass(frozen=True)
class Step:
    """One thing that happens: a row of the log received `at`, or a command (`do`: kind, data) at that instant."""

    at: Instant
    entry: Entry | None
    do: tuple[str, dict[str, Any]] | None = None


@dataclass(frozen=True)
class Scene:
    """What is given and what happens; `answers` is node → what its provider says, one after the other."""

    name: str
    what: str
    zone: str
    book: Book
    steps: tuple[Step, ...]
    until: Instant
    answers: dict[str, list[str]] = field(default_factory=dict)
    live_only: bool = False


def load(path: Path) -> Scene:
    """The scene of a file; its journeys are published before anything happens, in the order of the file."""
    return read(YAML(typ="safe").load(StringIO(path.read_text())), path.stem)


def read(raw: dict[str, Any], name: str) -> Scene:
    """The scene of a mapping."""
    assert not raw.keys() - KEYS, raw.keys() - KEYS
    zone = raw.get("zone", "UTC")
    bound = raw.get("trigger_bound", "1h")
    book = Book(
        tenant="golden",
        salt="golden",
        zone=zone,
        clock="log",
        policy=policies.parse(raw.get("policy")),
        holdout=float(raw.get("global_holdout", 0)),
        trigger_bound=None if bound == "off" else parse_duration(bound),
        consent_default=raw.get("consent_default", {"marketing": "granted"}),
        templates=_templates(raw),
    )
    given = [_publish(one, 1) for one in raw["journeys"]]
    steps = [Step(0, None, one) for one in given]
    steps += [_step(place, one, zone) for place, one in enumerate(raw["when"], 1)]
    until = parse_instant(str(raw["until"]), zone)
    answers = {node: list(said) for node, said in (raw.get("answers") or {}).items()}
    return Scene(
        name, " ".join(str(raw["what"]).split()), zone, book, tuple(steps), until, answers,
        bool(raw.get("live_only")),
    )  # fmt: skip


def by_wall(scene: Scene) -> Scene:
    """The same scene under the wall clock."""
    return replace(scene, book=replace(scene.book, clock="wall"))


def _publish(document: dict[str, Any], version: int) -> tuple[str, dict[str, Any]]:
    _, problems = check(document)
    assert not errors(problems), [one.text("en") for one in errors(problems)]
    return "publish", {"journey": document["journey"], "version": version, "document": document}


def _templates(raw: dict[str, Any]) -> dict[str, templates.Template]:
    """`hello` is always there; others as the scene writes them."""
    texts = {"hello": "Hello {{ customer.name | default: 'you' }}", **(raw.get("templates") or {})}
    return {
        name: templates.parse(name, {"": f"---\nchannel: email\n---\n{text}\n"})
        for name, text in texts.items()
    }


def _step(place: int, raw: dict[str, Any], zone: str) -> Step:
    assert not raw.keys() - STEP_KEYS, raw
    at = parse_instant(str(raw["at"]), zone)
    if "do" in raw:
        ((kind, data),) = raw["do"].items()
        if kind == "publish":
            return Step(at, None, _publish(data["document"], data["version"]))
        return Step(at, None, (kind, data if isinstance(data, dict) else {"on": data}))
    if "raw" in raw:
        return Step(at, Entry("web", f"m{place}", "segment", _head(), str(raw["raw"]).encode()))
    item: dict[str, Any] = {"messageId": f"m{place}", "type": _kind(raw)}
    time = parse_instant(str(raw["time"]), zone) if "time" in raw else at
    item["timestamp"] = time
    names = {"who": "userId", "anonymous": "anonymousId", "alias": "previousId"}
    item |= {names[key]: raw[key] for key in names if key in raw}
    item |= {key: raw[key] for key in ("event", "properties", "traits", "context") if key in raw}
    body = json.dumps(item, ensure_ascii=False).encode()
    if not raw.get("import"):
        return Step(at, Entry("web", f"m{place}", "segment", _head(), body))
    return Step(at, Entry("import", f"m{place}", "import", b"", _imported(body, at, zone)))


def _imported(body: bytes, at: Instant, zone: str) -> bytes:
    return msgspec.msgpack.encode(decode(body, head_of(_head()), at, zone))


def _head() -> bytes:
    return msgspec.json.encode(Head("web"))


def _kind(raw: dict[str, Any]) -> str:
    if "alias" in raw:
        return "alias"
    return "track" if "event" in raw else "identify"
