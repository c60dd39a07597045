"""The document: one definition file as text, as plain data, and where each part of it stands in the file."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from wayfare.ground.errors import Malformed, WayfareError
from wayfare.ground.refusal import told

Place = tuple[int, int]  # (line, column), both from 1
MAX_NODES = 20_000
MAX_BYTES = 2_000_000
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Document:
    """A frozen definition file. `path` is relative to the workspace; `data` is None where `error` says why.

    `positions` maps a JSON Pointer to the place of its key or item.
    """

    path: str
    name: str
    text: str
    data: Any = None
    positions: Mapping[str, Place] = field(default_factory=dict)
    error: WayfareError | None = None
    error_place: Place = (1, 1)

    @property
    def etag(self) -> str:
        """The hash of the bytes, as an HTTP entity tag."""
        return etag(self.text.encode())

    def place(self, pointer: str) -> Place:
        """Where a pointer stands, or the nearest part around it that has a place."""
        while pointer and pointer not in self.positions:
            pointer = pointer.rpartition("/")[0]
        return self.positions.get(pointer, (1, 1))


def etag(body: bytes) -> str:
    """The entity tag of a file's bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def read(root: Path, path: Path, plain: bool = False) -> Document:
    """Read one file of the workspace; `plain` files (templates) keep their text only. Never raises for bad content."""
    relative = path.relative_to(root).as_posix()
    try:
        raw = path.read_bytes()
    except OSError as cause:
        return Document(relative, path.stem, "", error=Malformed("WF6904", relative, detail=told(cause)))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        error = Malformed("WF6904", relative, detail="UTF-8")
        return Document(relative, path.stem, raw.decode("utf-8", "replace"), error=error)
    if plain:
        return Document(relative, path.stem, text)
    return parse(relative, path.stem, text)


def parse(path: str, name: str, text: str) -> Document:
    """The document of a text: JSON where the path ends in .json, else YAML; a bad one carries its error."""
    if len(text) > MAX_BYTES:
        return Document(path, name, text, error=Malformed("WF6904", path, detail=f"> {MAX_BYTES} bytes"))
    try:
        data, positions = _read_json(text) if path.endswith(".json") else _read_yaml(text)
    except json.JSONDecodeError as cause:
        error = Malformed("WF6904", path, detail=cause.msg)
        return Document(path, name, text, error=error, error_place=(cause.lineno, cause.colno))
    except MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        detail = " ".join(str(cause.problem or cause.context or "YAML").split())
        return Document(path, name, text, error=Malformed("WF6904", path, detail=detail), error_place=place)
    except (YAMLError, RecursionError, ValueError) as cause:
        detail = " ".join(str(cause).split())[:200] or type(cause).__name__
        return Document(path, name, text, error=Malformed("WF6904", path, detail=detail))
    except _Repeated as cause:
        error = Malformed("WF6905", path, key=cause.key)
        return Document(path, name, text, error=error, error_place=cause.place)
    return Document(path, name, text, data, positions)


def merge(text: str, data: Any) -> str:
    """The YAML text with its content replaced by `data`, comments and order kept where the keys remain."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 110
    present = yaml.load(text) if text.strip() else None
    if isinstance(present, dict) and isinstance(data, dict):
        _update(present, data)
    else:
        present = data
    out = io.StringIO()
    yaml.dump(present, out)
    return out.getvalue()


def write(path: Path, body: bytes) -> None:
    """Replace a file's content in one step, durable when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class _Repeated(Exception):
    def __init__(self, key: str, place: Place) -> None:
        super().__init__(key)
        self.key = key
        self.place = place


def _read_json(text: str) -> tuple[Any, dict[str, Place]]:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                raise _Repeated(key, (1, 1))
            found[key] = value
        return found

    data = json.loads(text, object_pairs_hook=pairs)
    try:
        return data, _read_yaml(text)[
            1
        ]  # JSON is YAML but for a few corners, and only YAML's reader tells places
    except (YAMLError, _Repeated, ValueError):
        return data, {}


def _read_yaml(text: str) -> tuple[Any, dict[str, Place]]:
    yaml = YAML(typ="safe", pure=True)
    root = yaml.compose(text)
    walk = _Walk(yaml)
    return (None if root is None else walk.value(root, "")), walk.positions


class _Walk:
    """From YAML's nodes to plain data, with the place of every pointer; instants stay texts, aliases are bounded."""

    def __init__(self, yaml: YAML) -> None:
        self.make = yaml.constructor
        self.positions: dict[str, Place] = {}
        self.left = MAX_NODES

    def value(self, node: Node, pointer: str) -> Any:
        self.left -= 1
        if self.left < 0:
            raise ValueError(f"> {MAX_NODES} nodes")
        self.positions.setdefault(pointer, (node.start_mark.line + 1, node.start_mark.column + 1))
        match node:
            case MappingNode():
                return self.mapping(node, pointer)
            case SequenceNode():
                return [self.value(item, f"{pointer}/{at}") for at, item in enumerate(node.value)]
            case ScalarNode():
                return self.scalar(node)
        raise ValueError(str(node.tag))

    def mapping(self, node: MappingNode, pointer: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        inherited: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if str(key_node.tag) == f"{_TAG}merge":
                inherited |= self.value(value_node, pointer)
                continue
            key = str(key_node.value)
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in found:
                raise _Repeated(key, place)
            below = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            self.positions[below] = place
            found[key] = self.value(value_node, below)
        return inherited | found

    def scalar(self, node: ScalarNode) -> Any:
        match str(node.tag).removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return self.make.construct_yaml_bool(node)
            case "int":
                return self.make.construct_yaml_int(node)
            case "float":
                return self.make.construct_yaml_float(node)
            case _:
                return str(node.value)


def _update(present: Any, data: dict[str, Any]) -> None:
    for key in [key for key in present if key not in data]:
        del present[key]
    for key, value in data.items():
        old = present.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _update(old, value)
        elif old != value or type(old) is bool or type(value) is bool:
            present[key] = value
