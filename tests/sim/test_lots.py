"""However rows come in lots, and whatever failed in between, the state is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.sim import crash
from wayfare.channels.template import parse as parse_template
from wayfare.contact.policy import parse as parse_policy
from wayfare.engine import world
from wayfare.engine.book import Book
from wayfare.engine.transact import Transactor
from wayfare.ground.errors import Unavailable
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Row
from wayfare.stores.records import Changes

BEGAN = 1_767_225_600_000
read = YAML(typ="safe", pure=True).load


class Failing(LiveStore):
    """Its disk is full whenever it has just come so far."""

    full_at: frozenset[int] = frozenset()

    def commit(self, changes: Changes) -> None:
        offset = changes.meta.get("offset")
        if offset in self.full_at:
            self.full_at -= {offset}
            raise Unavailable("WF6004", cause="full")
        super().commit(changes)


def rows(count: int) -> list[Row]:
    """What the crash trial's client sends, a tenth of a second apart: runs, merges, consent, noise and nonsense."""
    client = crash.Load(1, "key", 5, Path("/dev/null"))
    entries = [
        Entry("s", None, "segment", b'{"source":"s"}', json.dumps(client._item()).encode())
        for _ in range(count)
    ]
    return [Row(n, BEGAN + n * 100, e.source, e.form, e.head, e.body) for n, e in enumerate(entries, 1)]


def state(folder: Path, lot: int, full_at: frozenset[int] = frozenset()) -> str:
    """The hash of the state after all rows in lots of that size, every message answered after its lot."""
    store = Failing(folder / f"{lot}-{len(full_at)}.db")
    templates = {"hello": parse_template("hello", {"": crash.TEMPLATE})}
    book = Book("t", "salt", "UTC", parse_policy(read(crash.POLICY)), templates=templates)
    work = Transactor(store, book, by_log=False)
    work.carry_out([("publish", {"journey": "rush", "version": 1, "document": read(crash.JOURNEY)})])
    store.full_at = full_at
    given = rows(1_500)
    while work.applied < len(given):
        try:
            work.rows(given[work.applied : work.applied + lot])
        except Unavailable:
            continue
    work.fire(BEGAN + 3_600_000)
    found = store.state_hash()
    store.close()
    return found


@pytest.mark.parametrize("kept", [50_000, 20])
def test_lots_failures_and_forgetting_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(world, "KEPT", kept)
    whole = state(tmp_path, 1_500)
    assert state(tmp_path, 1) == whole
    assert state(tmp_path, 37) == whole
    assert state(tmp_path, 50, frozenset({100, 150, 700, 1_450})) == whole
