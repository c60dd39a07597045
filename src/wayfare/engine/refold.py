"""The refold: a log and its commands folded once more, unbroken, into a fresh store with nothing sent."""

from __future__ import annotations

from wayfare.engine.book import Book
from wayfare.engine.transact import Transactor
from wayfare.ground.time import Instant
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Log
from wayfare.stores.records import Command

LOT = 1_000


def refold(log: Log, source: LiveStore, target: LiveStore, book: Book, by_log: bool) -> None:
    """Fill `target` (empty) with what `source` must hold: its log, each command at its recorded offset and instant,
    timers up to the same last instant. `book` is the workspace's without journeys: those are commands."""
    work = Transactor(target, book, by_log)
    for command in _commands(source):
        _rows(log, work, command.after)
        work.repeat(command)
    meta = source.meta()
    _rows(log, work, int(meta.get("offset", 0)))
    end: Instant = int(meta.get("clock" if by_log else "instant", 0))
    work.fire(end)


def _rows(log: Log, work: Transactor, upto: int) -> None:
    while work.applied < upto:
        work.rows(
            [row for row in log.read(work.applied, min(LOT, upto - work.applied)) if row.offset <= upto]
        )


def _commands(source: LiveStore) -> list[Command]:
    found: list[Command] = []
    while more := source.commands(found[-1].seq if found else 0):
        found += more
    return found
