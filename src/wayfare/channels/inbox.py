"""The local inbox: takes every message of a channel that is not live, each id once, durably, for people to look at."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import msgspec

from wayfare.channels.provider import Accepted, Outcome, Rejected
from wayfare.contact.message import Message
from wayfare.ground.errors import Unavailable

_SCHEMA = """
create table if not exists received (
    seq integer primary key, id text not null unique, channel text not null, address text not null,
    profile text not null, journey text not null, node text not null, content text not null, times integer not null
) strict;
"""
_TAKE = """
insert into received (id, channel, address, profile, journey, node, content, times) values (?, ?, ?, ?, ?, ?, ?, 1)
on conflict (id) do update set times = times + 1 returning channel, address, content, times
"""
_LEDGER = (
    "select seq, id, channel, address, profile, journey, node, content, times from received order by seq"
)


class Received(NamedTuple):
    """One message in the inbox; `times` is how often it was handed over under its id."""

    seq: int
    id: str
    channel: str
    address: str
    profile: str
    journey: str
    node: str
    content: dict[str, str]
    times: int


class Inbox:
    """A provider of class A: the same id with the same bytes is accepted again without a second message.

    Other bytes under a known id are rejected as `different_content`. An acceptance is on disk when `send` returns;
    WF4301 when the file cannot promise that.
    """

    batch = 256

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = apsw.Connection(str(path))
        self._lock = threading.Lock()
        self._connection.set_busy_timeout(10_000)
        self._connection.pragma("journal_mode", "wal")
        self._connection.pragma("synchronous", "FULL")
        if self._connection.pragma("synchronous") != 2:
            raise Unavailable("WF4301", str(path))
        self._connection.execute(_SCHEMA)

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """Take the messages in one transaction."""
        with self._lock:
            with self._connection:
                outcomes = [self._take(message) for message in messages]
            return outcomes

    def ledger(self) -> list[Received]:
        """Every message taken so far, in order."""
        with self._lock:
            rows: list[Any] = self._connection.execute(_LEDGER).fetchall()
        return [Received._make((*row[:7], msgspec.json.decode(row[7]), row[8])) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _take(self, message: Message) -> Outcome:
        content = msgspec.json.encode(message.content, order="sorted").decode()
        kept = self._connection.execute(
            _TAKE,
            (
                message.id,
                message.channel,
                message.address,
                message.profile,
                message.journey,
                message.node,
                content,
            ),
        ).fetchone()
        assert kept is not None
        if tuple(kept[:3]) != (message.channel, message.address, content):
            return Rejected("different_content")
        return Accepted(f"inbox:{message.id}")
