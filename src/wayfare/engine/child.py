"""The history child: a process that feeds history, answers questions over a socket and dies with its parent."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from wayfare.engine import frame
from wayfare.engine.asking import SOCKET, LocalHistory
from wayfare.ground.errors import Broken, Unavailable, WayfareError
from wayfare.insight import kernels

MEMORY_MB = 4096
IDLE_SECONDS = 0.1
PATIENCE_SECONDS = 30.0
SCAN_ROWS = 5_000
_RESTART_SECONDS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class HistoryProcess:
    """Starts the child and starts it again whenever it ends, until it is stopped."""

    def __init__(self, data: Path, zone: str, memory_mb: int = MEMORY_MB) -> None:
        self._command = [sys.executable, "-m", "wayfare.engine.child", str(data), zone, str(memory_mb)]
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process = self._begin()
        self._watcher = threading.Thread(target=self._watch, name="history-child", daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        """The process that runs now, or ran last."""
        return self._process.pid

    def stop(self, timeout: float = 15.0) -> None:
        """Let the child finish what it writes and end; it is killed when it takes too long."""
        self._stopping.set()
        with self._lock:
            process = self._process
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
        self._watcher.join()

    def _begin(self) -> subprocess.Popen[bytes]:
        # the pipe is never written: its end tells the child that its parent is gone, however that went
        return subprocess.Popen(self._command, stdin=subprocess.PIPE)

    def _watch(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            self._process.wait()
            failures = 0 if time.monotonic() - began > 60 else failures + 1
            if self._stopping.wait(_RESTART_SECONDS[min(failures, len(_RESTART_SECONDS) - 1)]):
                return
            with self._lock:
                if self._stopping.is_set():
                    return
                if self._process.stdin is not None:
                    self._process.stdin.close()
                self._process = self._begin()


class _Server:
    """Inside the child: one thread feeds, one accepts, one per caller answers."""

    def __init__(self, data: Path, zone: str, memory_mb: int, stopping: threading.Event) -> None:
        self.stopping = stopping
        self.history = _opened(data, zone, memory_mb)
        self.failure: BaseException | None = None
        self.feeder = threading.Thread(target=self._feed, name="feed", daemon=True)
        self.feeder.start()
        self.warm = threading.Event()
        threading.Thread(target=self._warm, name="warm", daemon=True).start()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with frame.reachable(data, SOCKET) as path:
            with suppress(FileNotFoundError):
                os.unlink(path)
            os.umask(0o177)
            self.socket.bind(path)
        self.socket.listen(64)
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def run(self) -> None:
        """Until the parent is gone or the feed fails; then everything is written and closed."""
        self.stopping.wait()
        self.feeder.join(10)
        self.history.close()
        if self.failure is not None:
            raise self.failure

    def _warm(self) -> None:
        try:
            kernels.warm()  # seconds when nothing is cached: only questions wait for it
        except BaseException as failure:
            self.failure = failure
            self.stopping.set()
        self.warm.set()

    def _feed(self) -> None:
        try:
            while not self.stopping.is_set():
                if not self.history.feed.step():
                    self.stopping.wait(IDLE_SECONDS)
        except BaseException as failure:
            self.failure = failure
            self.stopping.set()

    def _accept(self) -> None:
        while True:
            caller, _ = self.socket.accept()
            threading.Thread(target=self._serve, args=(caller,), name="caller", daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with suppress(OSError), caller:  # a caller who left wants no answer
            while (call := frame.receive(caller)) is not None:
                try:
                    frame.send(caller, {"ok": self._answer(call, caller)})
                except WayfareError as error:
                    frame.send(caller, {"error": frame.packed(error)})
                except OSError:
                    raise
                except Exception as error:
                    broken = Broken("WF5508", "history", cause=f"{type(error).__name__}: {error}")
                    frame.send(caller, {"error": frame.packed(broken)})

    def _answer(self, call: dict[str, Any], caller: socket.socket) -> Any:
        history, arguments = self.history, call.get("arguments", {})
        match call.get("verb"):
            case "ask":
                self.warm.wait()
                return history.answer(arguments["question"], arguments["now"])
            case "of":
                before = arguments["before"]
                place = None if before is None else (before[0], before[1])
                return msgspec.msgpack.encode(history.of(arguments["profiles"], arguments["limit"], place))
            case "position":
                return list(history.position())
            case "counts":
                return history.counts()
            case "highest_time":
                return history.highest_time(arguments["live_only"])
            case "lowest_time":
                return history.lowest_time()
            case "scan":
                batch: list[Any] = []
                for row in history.scan(arguments["names"], arguments["kinds"], arguments["until"]):
                    batch.append(row)
                    if len(batch) == SCAN_ROWS:
                        frame.send(caller, {"rows": msgspec.msgpack.encode(batch)})
                        batch = []
                frame.send(caller, {"rows": msgspec.msgpack.encode(batch)})
                return None
        raise Broken("WF5508", "history", cause=str(call.get("verb")))


def _opened(data: Path, zone: str, memory_mb: int) -> LocalHistory:
    """The stores; a child that was killed, or whose parent was, may hold the file a moment longer."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return LocalHistory.open(data, zone, memory=f"{memory_mb // 2}MB")
        except Unavailable:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)


def _until_orphaned(stopping: threading.Event) -> None:
    while os.read(0, 1):
        pass
    stopping.set()
    time.sleep(PATIENCE_SECONDS)
    os._exit(1)


def main(arguments: list[str]) -> int:
    """Run as `python -m wayfare.engine.child DATA ZONE MEMORY_MB`, with a pipe to the parent as standard input."""
    data, zone, memory_mb = Path(arguments[0]), arguments[1], int(arguments[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the parent, which then ends us in order
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))
    stopping = threading.Event()
    threading.Thread(target=_until_orphaned, args=(stopping,), name="orphan", daemon=True).start()
    try:
        _Server(data, zone, memory_mb, stopping).run()
    except WayfareError as error:
        print(error.text(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # everything is closed; what libraries say while the interpreter goes down is for nobody
