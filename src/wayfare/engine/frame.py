"""The frame: how processes of one workspace speak over a socket in `data/`: a length, then one MessagePack value."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from wayfare.ground import errors
from wayfare.ground.errors import Broken, WayfareError

_HEAD = struct.Struct("!I")
_LARGEST = 1 << 30
_KINDS: dict[str, type[WayfareError]] = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, WayfareError)
}


@contextmanager
def reachable(folder: Path, name: str) -> Iterator[str]:
    """A short path of a socket: the kernel takes none over 107 bytes, but every open folder has a number."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        short = Path(f"/proc/self/fd/{number}")
        yield str((short if short.exists() else folder) / name)
    finally:
        os.close(number)


def send(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Send one value."""
    body = msgspec.msgpack.encode(message)
    connection.sendall(_HEAD.pack(len(body)) + body)


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next value; None when the other side has left. OSError for what is no frame."""
    head = _exactly(connection, _HEAD.size)
    if head is None:
        return None
    (size,) = _HEAD.unpack(head)
    if size > _LARGEST:
        raise OSError("frame too large")
    body = _exactly(connection, size)
    if body is None:
        return None
    try:
        found = msgspec.msgpack.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as cause:
        raise OSError(str(cause)) from cause
    return found


def packed(error: WayfareError) -> dict[str, Any]:
    """An error as a value."""
    values = {name: _plain(value) for name, value in error.values.items()}
    return {"kind": type(error).__name__, "code": error.code, "where": error.where, "values": values}


def _plain(value: object) -> object:
    """A value that can be sent: a number, a text, or a text in both languages."""
    both = isinstance(value, dict) and value.keys() == {"en", "zh"}
    return value if both or isinstance(value, int | float) else str(value)


def unpacked(value: Mapping[str, Any]) -> WayfareError:
    """The error of a value."""
    kind = _KINDS.get(value["kind"], Broken)
    return kind(value["code"], value["where"], **value["values"])


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)
