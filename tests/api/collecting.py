"""A collecting app over a real log, and what the log holds."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette

from tests.facts.malformed import KEY, RECEIPT
from wayfare.api.collect import Collect, Source, routes
from wayfare.facts.decode import decode, head_of
from wayfare.facts.event import Event, Quarantined
from wayfare.stores.log import Log

ZONE = "Asia/Shanghai"
SOURCES = {
    KEY: Source("shop"),
    "WK_app": Source("app", "app"),
    "key:secret": Source("node"),
    "k": Source("web"),
}


def now() -> int:
    return RECEIPT


def doors(log: Log) -> Collect:
    return Collect(
        log, lambda key: SOURCES.get(key) or (Source(key) if key.startswith("WK") else None), now, ZONE
    )


def app(log: Log) -> Starlette:
    return Starlette(routes=routes(doors(log)))


def opened(folder: Path) -> Log:
    return Log.open(folder, now)


def read(log: Log) -> list[Event | Quarantined]:
    """What the engine would make of every row of the log."""
    rows = log.read(0, 1_000_000)
    return [decode(row.body, head_of(row.head), row.receipt, ZONE) for row in rows]


def applied(log: Log) -> list[Event]:
    return [one for one in read(log) if isinstance(one, Event)]


def quarantined(log: Log) -> list[Quarantined]:
    return [one for one in read(log) if isinstance(one, Quarantined)]
