"""A collecting app served on loopback, with faults of its own choosing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEADLINE_SECONDS = 20.0


class Faults:
    """Answers POSTs with the given statuses, one each, then lets them through; counts all of them.

    A 5xx comes after the app has done its work: the worst moment to lose an answer.
    """

    def __init__(self, app: ASGIApp, *statuses: int) -> None:
        self.app = app
        self.left = list(statuses)
        self.seen: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not self.left:
            await self.app(scope, receive, self._noting(scope, send))
            return
        status = self.left.pop(0)
        if status >= 500:
            await self.app(scope, receive, _swallow)
        self.seen.append(status)
        headers = [(b"content-length", b"0")] + ([(b"retry-after", b"1")] if status == 429 else [])
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _noting(self, scope: Scope, send: Send) -> Send:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["method"] == "POST":
                self.seen.append(message["status"])
            await send(message)

        return noted


async def _swallow(message: Message) -> None:
    """Send nothing."""


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The address of an app while it is served by uvicorn in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()
