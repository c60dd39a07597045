"""The provider: what may happen when a message is handed over, and what a way of handing over must be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

from wayfare.contact.message import Message
from wayfare.ground.time import Duration


class Accepted(NamedTuple):
    """The provider took the message; `reference` is its own name for it. Taken is not yet delivered."""

    reference: str = ""


class Rejected(NamedTuple):
    """The provider will never take this message."""

    reason: str


class Retryable(NamedTuple):
    """The provider surely did not take it and may later; `after` is how long it asked to wait, in ms."""

    reason: str
    after: Duration | None = None


class Unknown(NamedTuple):
    """Nobody can tell whether the provider took it: a timeout, a cut connection, an answer without meaning."""

    reason: str


Outcome: TypeAlias = Accepted | Rejected | Retryable | Unknown


class Provider(Protocol):
    """Hands messages over. The message id is the idempotency key: equal id, equal bytes, whatever the attempt.

    `batch` is how many messages at most are started before one call. An exception counts as Unknown for all of them.
    """

    @property
    def batch(self) -> int: ...

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """One outcome for each message, in order."""
        ...
