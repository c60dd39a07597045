"""The door: the verbs of a running server, spoken over a socket in `data/` by whoever may read the folder."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from wayfare.engine.frame import packed, reachable, receive, send, unpacked
from wayfare.engine.verbs import Progress
from wayfare.ground.errors import Broken, Misused, Unavailable, WayfareError
from wayfare.ground.refusal import refusal

FILE = "door.sock"
# what may be asked through the door, and whether the verb tells its progress
VERBS: dict[str, bool] = {
    "plan": False,
    "apply": False,
    "publish": False,
    "lifecycle": False,
    "kill_switch": False,
    "import_files": True,
    "ingest": False,
    "ask": False,
    "members": False,
    "simulate": True,
    "explain": False,
    "profile": False,
    "verify": False,
    "dump": False,
    "table": False,
}


class Door:
    """The listening side: one thread per visitor, one call at a time each."""

    def __init__(self, data: Path, verbs: Any) -> None:
        self._verbs = verbs
        self._data = data
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with reachable(data, FILE) as path:
            with suppress(FileNotFoundError):
                os.unlink(path)
            os.fchmod(self._socket.fileno(), 0o600)  # before it is bound: nobody else ever finds it open
            self._socket.bind(path)
            os.chmod(path, 0o600)
        self._socket.listen(64)
        threading.Thread(target=self._welcome, name="door", daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more, and let go of those inside."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with suppress(FileNotFoundError):
            (self._data / FILE).unlink()
        with self._lock:
            for visitor in self._open:
                with suppress(OSError):
                    visitor.shutdown(socket.SHUT_RDWR)

    def _welcome(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(visitor)
            threading.Thread(target=self._serve, args=(visitor,), name="visitor", daemon=True).start()

    def _serve(self, visitor: socket.socket) -> None:
        try:
            with visitor:
                while (call := receive(visitor)) is not None:
                    send(visitor, self._answer(call, visitor))
        except OSError:
            pass  # the visitor left; what she asked for was done or is done whole
        finally:
            with self._lock:
                self._open.discard(visitor)

    def _answer(self, call: Mapping[str, Any], visitor: socket.socket) -> dict[str, Any]:
        try:
            name = str(call.get("verb"))
            if name == "hello":
                return {"ok": True}
            if name not in VERBS:
                raise Misused("WF8010", "door", name=name)
            named: dict[str, Any] = {}
            if VERBS[name]:
                named["progress"] = lambda done, total: send(visitor, {"progress": [done, total]})
            return {"ok": getattr(self._verbs, name)(*call.get("arguments", ()), **named)}
        except WayfareError as error:
            return {"error": packed(error)}
        except OSError as error:
            return {"error": packed(refusal(error))}
        except Exception as error:
            return {"error": packed(Broken("WF8007", detail=f"{type(error).__name__}: {error}"))}


class Visitor:
    """The calling side: the same verbs, answered by the server. Not for several threads at once."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in VERBS:
            raise AttributeError(name)

        def ask(*arguments: Any, progress: Progress | None = None) -> Any:
            return self._ask(name, arguments, progress)

        return ask

    def _ask(self, name: str, arguments: tuple[Any, ...], progress: Progress | None) -> Any:
        try:
            send(self._socket, {"verb": name, "arguments": arguments})
            while (answer := receive(self._socket)) is not None:
                if "progress" in answer:
                    if progress is not None:
                        progress(*answer["progress"])
                elif "error" in answer:
                    raise unpacked(answer["error"])
                else:
                    return answer["ok"]
        except OSError as cause:
            raise Unavailable("WF8009", "door", detail=str(cause)) from cause
        raise Unavailable("WF8009", "door", detail="EOF")


def connect(data: Path) -> Visitor | None:
    """A visitor of the server that runs on this workspace; None when none does."""
    if not (data / FILE).exists():
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with reachable(data, FILE) as path:
            connection.connect(path)
        visitor = Visitor(connection)
        visitor._ask("hello", (), None)
    except (OSError, Unavailable):  # a socket that a killed server left behind, or one that closes just now
        connection.close()
        return None
    return visitor
