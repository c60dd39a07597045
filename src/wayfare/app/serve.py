"""The server's life: open the workspace, let people and programs in, drain and end."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from wayfare.api.collect import Collect, Source
from wayfare.api.server import build
from wayfare.app.workspace import Workspace, open_workspace
from wayfare.engine.door import Door
from wayfare.ground.errors import Unavailable

DRAIN_SECONDS = 10


def serve(
    root: Path, host: str, port: int, opened: Callable[[str], None], unpublished: Callable[[list[str]], None]
) -> None:
    """Run until SIGTERM or SIGINT, then drain. `opened` is told the signed URL once everything answers, `unpublished`
    after it which files say something else than what is in force.

    Unavailable WF6912 when somebody else owns the stores, WF8011 when the port is taken.
    """
    with bound(host, port) as listening, open_workspace(root) as workspace:
        drafts = workspace.drafts()
        door = Door(workspace.data, workspace)

        def ready(url: str) -> None:
            opened(url)
            if drafts:
                unpublished(drafts)

        try:
            run(workspace, listening, host, ready)
        finally:
            door.close()


def run(workspace: Workspace, listening: socket.socket, host: str, opened: Callable[[str], None]) -> None:
    """Serve an open workspace on a bound socket until a signal comes."""
    workspace.serve_history()
    app = application(workspace)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{listening.getsockname()[1]}/?t={workspace.keys.link()}"
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="on", timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False, h11_max_incomplete_event_size=64 * 1024,
    )  # fmt: skip
    server = _Server(config, app, lambda: opened(url))
    with _signals(server):
        server.run(sockets=[listening])


def application(workspace: Workspace) -> Any:
    """The ASGI app of an open workspace."""

    def source(token: str) -> Source | None:
        key = workspace.keys.check(token)
        return Source(key.source) if key is not None and key.kind == "write" else None

    collect = Collect(workspace.log, source, workspace.clock.now, workspace.config.settings.tz)
    return build(workspace, workspace.keys, collect, installed())


def installed() -> str:
    """The version of wayfare that runs."""
    try:
        return version("wayfare")
    except PackageNotFoundError:
        return "0"


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket, closed at the end; Unavailable WF8011 when it is taken, WF8012 when it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as cause:
        code = "WF8011" if cause.errno == errno.EADDRINUSE else "WF8012"
        raise Unavailable(code, f"{host}:{port}", host=host, port=port, detail=cause.strerror) from cause
    with listening:
        yield listening


class _Server(uvicorn.Server):
    """Tells when it is up, lets streams end when it goes down, and leaves signals to us."""

    def __init__(self, config: uvicorn.Config, app: Any, up: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.stopping.set()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _signals(server: uvicorn.Server) -> Iterator[None]:
    """A first signal drains, a second one does not wait for those inside."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
