"""The opening: what the engine's parts must know of the last run before they go on."""

from __future__ import annotations

from pathlib import Path

from wayfare.channels.channel import Channel
from wayfare.channels.console import Console
from wayfare.channels.inbox import Inbox
from wayfare.engine.clock import Clock
from wayfare.engine.dispatch import Dispatcher, local_providers
from wayfare.engine.writer import Writer
from wayfare.ground.time import Instant
from wayfare.stores.live import LiveStore
from wayfare.stores.log_read import LogReader

ALL = 1 << 31


def dispatching(writer: Writer, store: LiveStore, clock: Clock, inbox: Inbox) -> Dispatcher:
    """The dispatcher of a writer that has not begun, with what the last run left it to do."""

    def channel(name: str) -> Channel:
        return writer.book.channel(name)

    dispatcher = Dispatcher(writer, channel, local_providers(inbox, Console()), clock.now)
    if clock.by_log:
        writer.courier = dispatcher
        return dispatcher

    def planned(names: list[str]) -> None:  # in the writer's own thread, whose store this is
        dispatcher.planned((one.id, one.channel) for one in store.messages_by_id(names).values())

    writer.on_planned = planned
    dispatcher.recover(store.outbox(ALL, "started"), [(one.id, one.channel) for one in store.outbox(ALL)])
    return dispatcher


def last_instant(log: Path, store: LiveStore) -> Instant:
    """The latest instant that the stores know of: a fast clock goes on from there and never back."""
    reader = LogReader(log)
    after, latest = max(int(store.meta().get("offset", 0)) - 1, 0), 0
    try:
        while rows := reader.read(after, 10_000):
            after, latest = rows[-1].offset, rows[-1].receipt
    finally:
        reader.close()
    return max([latest, *(line.at for line in store.transitions(limit=1).items)])
