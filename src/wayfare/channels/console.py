"""The console: prints one line for each message; for trying things out on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from wayfare.channels.provider import Accepted, Outcome
from wayfare.contact.message import Message


class Console:
    """A provider that prints. It remembers nothing, so a retry after a crash prints the line again."""

    batch = 64

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """Print the messages and flush."""
        out = self._out or sys.stdout
        for message in messages:
            text = message.content.get("subject") or message.content.get("body", "")
            print(f"{message.channel} → {message.address}: {' '.join(text.split())}", file=out)
        out.flush()
        return [Accepted(message.id) for message in messages]
