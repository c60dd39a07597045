"""The feed: what the engine decided of each event, joined with the log, goes into history once and in order."""

from __future__ import annotations

from typing import Any

from wayfare.engine.ingest import read_row
from wayfare.facts.event import Event, Quarantined
from wayfare.ground.errors import Broken
from wayfare.stores.history import History, HistoryRow
from wayfare.stores.live_read import LiveReader
from wayfare.stores.log import Row
from wayfare.stores.log_read import LogReader
from wayfare.stores.records import Applied

ROWS = 5_000
VERDICTS = ("applied", "late", "backfill")  # the others are no events


class Feed:
    """Carries history up to the live store; one thread at a time."""

    def __init__(self, live: LiveReader, log: LogReader, history: History, zone: str) -> None:
        self.live = live
        self.log = log
        self.history = history
        self.zone = zone

    def step(self, limit: int = ROWS) -> bool:
        """Take the next decided events, `limit` at most; whether there were any.

        Everything goes into one transaction of the history with the arrival that it covers, so a step that is cut
        off anywhere is taken again. Broken WF5505 when the log no longer has an event that was decided.
        """
        standing: dict[str, Any] = self.live.standing()  # first: what is read later covers at least this
        applied = self.live.applied_after(self.history.covered, limit)
        seq = applied[-1].seq if applied else self.history.covered
        merges = [merge for merge in self.live.merges_after(self.history.covered) if merge.arrival <= seq]
        offset = int(standing.get("offset", 0)) if seq >= int(standing.get("seq", 0)) else 0
        self.history.append(self._rows(applied), merges, seq, offset)
        return bool(applied)

    def catch_up(self) -> None:
        """Take everything that there is now."""
        while self.step():
            pass

    def _rows(self, applied: list[Applied]) -> list[HistoryRow]:
        taken = [one for one in applied if one.verdict in VERDICTS]
        logged = self._logged([one.offset for one in taken if one.event is None])
        return [
            HistoryRow(one.seq, one.offset, one.profile, one.event or self._event(logged[one.offset]))
            for one in taken
        ]

    def _logged(self, offsets: list[int]) -> dict[int, Row]:
        """The log rows at these offsets."""
        wanted = set(offsets)
        found: dict[int, Row] = {}
        after = min(wanted, default=0) - 1
        while len(found) < len(wanted):
            rows = self.log.read(after, ROWS)
            if not rows:
                raise Broken("WF5505", "log", offset=min(wanted - found.keys()))
            found.update({row.offset: row for row in rows if row.offset in wanted})
            after = rows[-1].offset
        return found

    def _event(self, row: Row) -> Event:
        event = read_row(row, self.zone)
        if isinstance(event, Quarantined):
            raise Broken("WF5506", "log", offset=row.offset, reason=event.reason)
        return event
