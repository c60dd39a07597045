"""The proof of the ledger: every count balances, nothing was lost, nothing happened twice."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import apsw
import msgspec

from wayfare.engine.verbs import Json
from wayfare.stores.sqlite import connect, statements

ROWS = 100  # rows that a failed check lists


class _Check(NamedTuple):
    name: str
    counted: str  # the statement that tells how many things were looked at
    failing: str  # the statement that lists those that fail


CHECKS = (
    _Check("visits_balance", "visits", "unbalanced_visits"),
    _Check("visits_left_once", "visits", "twice_left"),
    _Check("visits_counted", "visits", "untold_visits"),
    _Check("runs_in_ledger", "runs", "lost_runs"),
    _Check("runs_one_per_key", "runs", "twice_live"),
    _Check("messages_in_one_state", "messages", "stray_messages"),
    _Check("messages_counted", "messages", "untold_messages"),
    _Check("timers_have_owners", "timers", "orphan_timers"),
    _Check("events_none_lost", "applied", "lost_offsets"),
    _Check("events_none_doubled", "applied", "doubled_offsets"),
    _Check("people_kept", "people", "lost_people"),
)


def verify(live: Path, history: tuple[int, int] | None) -> Json:
    """Contract §2 `verify`: `count` is how many things a check looked at, `rows` those that fail it.

    `live` is the live store's file; `history` the arrival that the history has come to and how many events it has up to
    there, None when it cannot be asked. Everything is counted from the rows themselves, in one state of the store.
    """
    connection = connect(live, writes=False, create=False)
    try:
        asked = statements("live_verify")
        connection.execute("begin")  # one state for all checks, whatever is written meanwhile
        checks = []
        for check in CHECKS:
            listed = _rows(connection, asked[check.failing])
            count = int(connection.execute(asked[check.counted]).get or 0)
            checks.append({"name": check.name, "ok": not listed, "count": count, "rows": listed})
        offset = msgspec.msgpack.decode(connection.execute(asked["offset"]).get or b"\0", type=int)
        checks.append(_equal("offset_applied", offset, connection.execute(asked["highest_applied"]).get or 0))
        if history is not None:
            covered, events = history
            told = connection.execute(asked["history"], {"covered": covered}).get
            checks.append(_equal("history_complete", told or 0, events))
    finally:
        connection.close()
    return {"ok": all(check["ok"] for check in checks), "checks": checks}


def _rows(connection: apsw.Connection, statement: str) -> list[Json]:
    found: list[Json] = []
    cursor = connection.execute(statement, {"limit": ROWS})
    for row in cursor:
        found.append(dict(zip((column[0] for column in cursor.description), row, strict=True)))
    return found


def _equal(name: str, expected: int, found: int) -> Json:
    rows = [] if expected == found else [{"expected": expected, "found": found}]
    return {"name": name, "ok": not rows, "count": expected, "rows": rows}
