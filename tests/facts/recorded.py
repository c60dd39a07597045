"""The recorded requests of real tracking clients, and what must come out of them, told by a naive reader."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

KINDS = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
NAMES = {
    "identify": "Identified",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Group Joined",
    "alias": "Aliased",
}


def requests(shared: Path) -> list[dict[str, Any]]:
    """The POSTs of the Segment family, in the order in which they were recorded."""
    with gzip.open(shared / "client_wire" / "requests.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["method"] == "POST" and ours(row["path"])]


def sent(row: dict[str, Any], item: dict[str, Any]) -> int | None:
    """The client's clock when it sent an item, as far as the request says."""
    said = item.get("sentAt") or row["body"].get("sentAt") or row["headers"].get("SentAt")
    return instant(said) if said else None


def ours(path: str) -> bool:
    return path.startswith(("/v1/", "/api/s/")) and path != "/v1/m"


def kind_of(path: str) -> str | None:
    last = path.rsplit("/", 1)[-1]
    return None if last in ("batch", "b", "import") else KINDS.get(last, last)


def wire(row: dict[str, Any]) -> bytes:
    """The body as it went over the wire."""
    raw = json.dumps(row["body"], ensure_ascii=False).encode()
    return gzip.compress(raw) if row["body_was_gzip"] else raw


def items(row: dict[str, Any]) -> list[dict[str, Any]]:
    body = row["body"]
    return body["batch"] if kind_of(row["path"]) is None else [body]


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000 + 0.001)


def expected(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The events that must come out, as plain maps."""
    found = []
    for item in items(row):
        kind = item["type"]
        context = item.get("context") or {}
        properties = dict(item.get("properties") or {})
        traits = dict(item.get("traits") or {})
        if kind == "identify":
            traits = {**context.get("traits", {}), **traits}
        if kind in ("page", "screen"):
            for member in ("name", "category"):
                if item.get(member) is not None and member not in properties:
                    properties[member] = item[member]
        if kind == "group":
            properties, traits = {**traits, **properties, "groupId": item["groupId"]}, {}
        found.append(
            {
                "id": item["messageId"],
                "kind": kind,
                "name": item["event"] if kind == "track" else NAMES[kind],
                "time": instant(item.get("timestamp") or item["originalTimestamp"]),
                "user_id": item.get("userId"),
                "anonymous_id": item.get("anonymousId"),
                "previous_id": item.get("previousId") if kind == "alias" else None,
                "group_id": item.get("groupId") if kind == "group" else None,
                "channel": item.get("channel"),
                "properties": properties,
                "traits": traits,
                "context": context,
            }
        )
    return found
