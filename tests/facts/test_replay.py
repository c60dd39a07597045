"""Recorded requests of real clients become exactly the events that their authors meant."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.facts import recorded
from wayfare.facts.decode import Head, decode
from wayfare.facts.envelope import split
from wayfare.facts.event import Event

EVERY = ["identify", "track", "page", "screen", "group", "alias"]
# what each recorded session consists of, known from the script that drove the client
SESSIONS = {
    "segment-py": EVERY,
    "analytics-python-1.4": EVERY,
    "rudder-py": EVERY,
    "segment-node": EVERY,
    "cio-cdp-node": EVERY,
    "rudder-node": EVERY,
    "analytics-node-old": EVERY,
    "jitsu-js-node": ["identify", "track", "page", "group"],
    "segment-browser": ["page", "track", "identify", "group", "alias", "screen"],
    "cio-browser": ["track", "identify"],
    "jitsu-browser": ["page", "identify", "track"],
    "rudder-browser": ["alias", "track", "page", "identify", "group"],  # as they arrived
}


def events(row: dict[str, Any], receipt: int | None = None) -> list[Event]:
    kind = recorded.kind_of(row["path"])
    batch = split(recorded.wire(row), kind is not None)
    sent_at = batch.sent_at or row["headers"].get("SentAt")
    first = recorded.items(row)[0]
    at = receipt or (recorded.sent(row, first) or recorded.instant(first["timestamp"])) + 250
    head = Head("shop", sent_at, batch.context, kind)  # type: ignore[arg-type]
    found = [decode(item, head, at, "Asia/Shanghai") for item in batch.items]
    assert all(isinstance(one, Event) for one in found), (row["client"], found)
    assert batch.keys == [one.id for one in found]
    return found  # type: ignore[return-value]


def test_every_request_becomes_the_events_it_says(shared: Path) -> None:
    rows = recorded.requests(shared)
    assert len(rows) == 57
    for row in rows:
        found = [
            {field: getattr(one, field) for field in want}
            for one, want in zip(events(row), recorded.expected(row), strict=True)
        ]
        assert found == recorded.expected(row), row["client"]


def test_sessions_are_whole(shared: Path) -> None:
    sessions: dict[str, list[str]] = defaultdict(list)
    for row in recorded.requests(shared):
        sessions[row["client"]] += [one.kind for one in events(row)]
    assert {client: sessions[client] for client in SESSIONS} == SESSIONS


def test_a_resend_has_the_keys_of_the_first(shared: Path) -> None:
    keys: dict[str, list[list[str | None]]] = defaultdict(list)
    for row in recorded.requests(shared):
        if row["client"].endswith(("429", "retry")):
            batch = split(recorded.wire(row), recorded.kind_of(row["path"]) is not None)
            keys[row["client"]].append(batch.keys)
    assert len(keys) >= 6
    for client, tries in keys.items():
        assert len(tries) >= 3 and all(one == tries[0] for one in tries), client


@pytest.mark.parametrize("shift", [-3_600_000, -61_000, 90_000, 86_400_000])
def test_a_wrong_client_clock_is_corrected(shared: Path, shift: int) -> None:
    for row in recorded.requests(shared):
        own = {item["messageId"]: recorded.sent(row, item) for item in recorded.items(row)}
        receipt = next(iter(own.values()))
        if receipt is None:
            continue  # this client does not say when it sent
        for one, want in zip(events(row, receipt + shift), recorded.expected(row), strict=True):
            clock = own[one.id]
            assert clock is not None
            assert one.time == min(want["time"] + receipt + shift - clock, receipt + shift + 300_000)
