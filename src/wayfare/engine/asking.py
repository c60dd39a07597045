"""Asking: the history by the same few verbs, in this process or in the child of a running server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from wayfare.engine import frame
from wayfare.engine.feed import Feed
from wayfare.ground.errors import NotBuilt, Unavailable
from wayfare.ground.time import Instant
from wayfare.insight.answer import answer
from wayfare.insight.question import JourneyCounts, Question, parse
from wayfare.stores.columns import CustomerOrder
from wayfare.stores.history import History, HistoryRow
from wayfare.stores.live_read import LiveReader
from wayfare.stores.log_read import LogReader

SOCKET = "history.sock"
LIVE, LOG = "live.db", "log"  # names below `data/`
PATIENCE_SECONDS = 20.0
_rows = msgspec.msgpack.Decoder(list[HistoryRow]).decode
Json = dict[str, Any]
Counted = Callable[[JourneyCounts], Json]


class Position(NamedTuple):
    """How far history has come: by arrival, by log offset, and the latest receipt among its events."""

    covered: int
    offset: int
    fresh_to: Instant | None


class Asked(Protocol):
    """The verbs of a history, wherever it lives."""

    def ask(self, document: object, now: Instant) -> Json:
        """The answer of a question (contract §5); `now` is the engine's clock."""
        ...

    def scan(
        self, names: Collection[str] | None = None, kinds: Collection[str] = (), until: Instant | None = None
    ) -> Iterator[HistoryRow]:
        """Events ordered by (time, arrival), see `History.scan`."""
        ...

    def of(
        self, profiles: Collection[str], limit: int, before: tuple[Instant, int] | None = None
    ) -> list[HistoryRow]:
        """The latest events of a person, see `History.of`."""
        ...

    def position(self) -> Position:
        """How far it has come."""
        ...

    def counts(self) -> dict[str, int]:
        """How many events of each name."""
        ...

    def highest_time(self, live_only: bool = True) -> Instant | None:
        """The highest stored time, see `History.highest_time`."""
        ...

    def lowest_time(self) -> Instant | None:
        """The lowest stored time."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class LocalHistory:
    """History opened by this process, which must be the only one; every verb first takes what there is to take."""

    def __init__(
        self, history: History, live: LiveReader, log: LogReader, zone: str, journey: Counted | None = None
    ) -> None:
        self.feed = Feed(live, log, history, zone)
        self._history = history
        self._source = CustomerOrder(history)
        self._zone = zone
        self._journey = journey
        self._feeding = threading.Lock()

    @classmethod
    def open(cls, data: Path, zone: str, memory: str = "2GB", journey: Counted | None = None) -> LocalHistory:
        """The history of a workspace's `data/`; Unavailable WF5501 when another process has it."""
        return cls(History(data, memory), LiveReader(data / LIVE), LogReader(data / LOG), zone, journey)

    def catch_up(self) -> None:
        """Take everything that the engine has decided so far."""
        with self._feeding:
            self.feed.catch_up()

    def ask(self, document: object, now: Instant) -> Json:
        """The answer of a question; a journey's counts come from the hook."""
        question = parse(document, self._zone)
        if isinstance(question, JourneyCounts):
            return _counted(question, self._journey)
        self.catch_up()
        return answer(question, self._source, now).to_dict()

    def answer(self, document: object, now: Instant) -> Json:
        """The answer at the state that history has now."""
        return answer(parse(document, self._zone), self._source, now).to_dict()

    def scan(
        self, names: Collection[str] | None = None, kinds: Collection[str] = (), until: Instant | None = None
    ) -> Iterator[HistoryRow]:
        """Events ordered by (time, arrival)."""
        return self._history.scan(names, kinds, until)

    def of(
        self, profiles: Collection[str], limit: int, before: tuple[Instant, int] | None = None
    ) -> list[HistoryRow]:
        """The latest events of a person."""
        return self._history.of(profiles, limit, before)

    def position(self) -> Position:
        """How far it has come."""
        return Position(self._history.covered, self._history.offset, self._history.fresh_to())

    def counts(self) -> dict[str, int]:
        """How many events of each name."""
        return self._history.counts()

    def highest_time(self, live_only: bool = True) -> Instant | None:
        """The highest stored time."""
        return self._history.highest_time(live_only)

    def lowest_time(self) -> Instant | None:
        """The lowest stored time."""
        return self._history.lowest_time()

    def close(self) -> None:
        """Close the stores."""
        self._source.close()
        self.feed.live.close()
        self.feed.log.close()
        self._history.close()


class HistoryClient:
    """The history of a running server; any thread may ask. A child that was just killed is waited for."""

    def __init__(
        self, data: Path, zone: str, journey: Counted | None = None, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._data = data
        self._zone = zone
        self._journey = journey
        self._patience = patience

    def ask(self, document: object, now: Instant) -> Json:
        """The answer of a question; a journey's counts come from the hook."""
        question: Question = parse(document, self._zone)
        if isinstance(question, JourneyCounts):
            return _counted(question, self._journey)
        found: Json = self._call("ask", question=document, now=now)
        return found

    def scan(
        self, names: Collection[str] | None = None, kinds: Collection[str] = (), until: Instant | None = None
    ) -> Iterator[HistoryRow]:
        """Events ordered by (time, arrival); Unavailable WF5507 when the child ends meanwhile."""
        asked = {"names": None if names is None else sorted(names), "kinds": sorted(kinds), "until": until}
        with self._connected() as connection:
            try:
                frame.send(connection, {"verb": "scan", "arguments": asked})
                while "rows" in (told := _told(connection)):
                    yield from _rows(told["rows"])
            except OSError as cause:
                raise Unavailable("WF5507", "history", cause=cause) from cause

    def of(
        self, profiles: Collection[str], limit: int, before: tuple[Instant, int] | None = None
    ) -> list[HistoryRow]:
        """The latest events of a person."""
        found: list[HistoryRow] = _rows(
            self._call("of", profiles=sorted(profiles), limit=limit, before=before)
        )
        return found

    def position(self) -> Position:
        """How far it has come."""
        return Position(*self._call("position"))

    def counts(self) -> dict[str, int]:
        """How many events of each name."""
        found: dict[str, int] = self._call("counts")
        return found

    def highest_time(self, live_only: bool = True) -> Instant | None:
        """The highest stored time."""
        found: Instant | None = self._call("highest_time", live_only=live_only)
        return found

    def lowest_time(self) -> Instant | None:
        """The lowest stored time."""
        found: Instant | None = self._call("lowest_time")
        return found

    def close(self) -> None:
        """Nothing is held between two calls."""

    def _call(self, verb: str, **arguments: Any) -> Any:
        """One question and its answer, asked again when the child ended in between: asking changes nothing."""
        end = time.monotonic() + self._patience
        while True:
            with self._connected(end) as connection:
                try:
                    frame.send(connection, {"verb": verb, "arguments": arguments})
                    return _told(connection)["ok"]
                except OSError as cause:
                    if time.monotonic() > end:
                        raise Unavailable("WF5507", "history", cause=cause) from cause

    def _connected(self, end: float | None = None) -> socket.socket:
        end = time.monotonic() + self._patience if end is None else end
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                with frame.reachable(self._data, SOCKET) as path:
                    connection.connect(path)
                return connection
            except OSError as cause:
                with suppress(OSError):
                    connection.close()
                if time.monotonic() > end:
                    raise Unavailable("WF5507", "history", cause=cause) from cause
            time.sleep(0.02)


def _told(connection: socket.socket) -> Json:
    told = frame.receive(connection)
    if told is None:
        raise OSError("EOF")
    if "error" in told:
        raise frame.unpacked(told["error"])
    return told


def _counted(question: JourneyCounts, journey: Counted | None) -> Json:
    if journey is None:
        raise NotBuilt("WF0001", "question.kind", part="ask: journey")
    return journey(question)
