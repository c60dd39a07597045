"""Drafts and what publishing them would change: against the version that is live, node by node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wayfare.config.document import Document, etag, merge, parse, write
from wayfare.config.workspace import Config, draft_path
from wayfare.engine.verbs import Json
from wayfare.ground.errors import Malformed, Stale
from wayfare.journey.compiled import Journey
from wayfare.stores.tally import JourneyCounts


def put(config: Config, journey: str, body: bytes, as_json: bool, expected: str | None) -> Document:
    """Keep a draft's text, valid or not; a JSON body into a YAML file keeps its comments. Stale WF8110."""
    path = draft_path(config.root, "journeys", journey)
    present = path.read_bytes() if path.is_file() else None
    found = None if present is None else etag(present)
    if expected != found and not (expected == "*" and found is not None):
        raise Stale("WF8110", path.name)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise Malformed("WF6904", path.name, detail="UTF-8") from cause
    if as_json and path.suffix != ".json":
        try:
            document = json.loads(text)
        except ValueError as cause:
            raise Malformed("WF8114", path.name, detail=str(cause)) from cause
        document = document.get("document", document) if isinstance(document, dict) else document
        old = parse(path.name, journey, (present or b"").decode("utf-8", "replace"))
        text = merge(old.text if old.error is None else "", document)
    write(path, text.encode())
    return parse(path.relative_to(config.root).as_posix(), journey, text)


def difference(journey: str, draft: Mapping[str, Any], live: Journey | None, counts: JourneyCounts) -> Json:
    """What a new version would change: {"journey", "version", "change", "diff", "affected"}.

    `affected` tells for each node that changed or went how many people stand there now; they stay on their version.
    """
    if live is None:
        nodes = draft.get("nodes") or {}
        lines = [f"+ {name}" for name in nodes]
        return {"journey": journey, "version": 1, "change": "new", "diff": lines, "affected": []}
    before, after = live.document, normal(draft)
    if before == after:
        return {"journey": journey, "version": live.version, "change": "same", "diff": [], "affected": []}
    old, new = before.get("nodes", {}), after.get("nodes", {})
    lines = [f"~ {key}" for key in sorted({*before, *after} - {"nodes"}) if before.get(key) != after.get(key)]
    affected = []
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) == new.get(name):
            continue
        change = "added" if name not in old else "removed" if name not in new else "changed"
        lines.append(f"{'+-~'[('added', 'removed', 'changed').index(change)]} {name}")
        here = counts.nodes.get(name)
        if name in old:
            people = here.waiting + here.held if here else 0
            affected.append({"journey": journey, "node": name, "change": change, "people": people})
    return {
        "journey": journey, "version": live.version + 1, "change": "changed", "diff": lines, "affected": affected,
    }  # fmt: skip


def normal(draft: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as the compiled journey keeps it, defaults and order left out."""
    from wayfare.journey import document as documents

    parsed, _ = documents.parse(draft)
    if parsed is None:
        return dict(draft)
    return parsed.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True, mode="json")
