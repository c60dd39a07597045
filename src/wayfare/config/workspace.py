"""The workspace directory: found from where one stands, read once into one frozen Config."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wayfare.config.document import Document, Place, read
from wayfare.config.settings import FILE, Settings, read_settings
from wayfare.ground.errors import Lang, Malformed, Missing, NotBuilt, Refused, WayfareError
from wayfare.ground.refusal import refusal, told

UNBUILT = ("segments", "traits", "slots", "offers", "maps", "metrics")
_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Flaw:
    """A problem of the workspace itself, with the file and the place in it."""

    error: WayfareError
    path: str
    place: Place = (1, 1)
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a workspace says. Definition maps go by name (the file's stem), in the order of their names."""

    root: Path
    settings: Settings
    policy: Document | None = None
    tracking_plan: Document | None = None
    journeys: Mapping[str, Document] = field(default_factory=dict)
    channels: Mapping[str, Document] = field(default_factory=dict)
    templates: Mapping[str, Document] = field(default_factory=dict)
    tests: Mapping[str, Document] = field(default_factory=dict)
    flaws: tuple[Flaw, ...] = ()

    @property
    def data(self) -> Path:
        """Where the stores live."""
        return self.root / "data"


def find(start: Path | None = None) -> Path:
    """The given workspace, else the nearest parent of here with a wayfare.toml; Missing WF6906 when there is none."""
    if start is not None:
        if not (start / FILE).is_file():
            raise Missing("WF6906", str(start))
        return start.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    raise Missing("WF6906", str(here))


def load(root: Path, settings: Settings | None = None) -> Config:
    """Read a workspace. A definition that cannot be read is kept with its error; only wayfare.toml must be right,
    and even that is not read again when its settings are given."""
    root = root.resolve()
    flaws: list[Flaw] = []
    if settings is None:
        settings, flaws = _settings(root)
    found = {kind: _folder(root, kind, flaws) for kind in ("journeys", "channels", "templates", "tests")}
    for kind in UNBUILT:
        for path in _files(root, kind, flaws):
            relative = path.relative_to(root).as_posix()
            flaws.append(Flaw(NotBuilt("WF0001", relative, part=f"{kind}/"), relative))
    return Config(
        root, settings, _single(root, "policy"), _single(root, "tracking-plan"), **found, flaws=tuple(flaws)
    )


def _settings(root: Path) -> tuple[Settings, list[Flaw]]:
    try:
        text = (root / FILE).read_text("utf-8-sig")
    except FileNotFoundError as cause:
        raise Missing("WF6906", str(root)) from cause
    except UnicodeDecodeError as cause:
        raise Malformed("WF6901", FILE, detail="UTF-8") from cause
    except OSError as cause:
        raise refusal(cause, FILE) from cause
    settings, problems = read_settings(text, root.name)
    flaws = [
        Flaw(error, FILE, (line, 1), "warning" if error.code == "WF6929" else "error")
        for error, line in problems
    ]
    return replace(settings, salt=secret(root, settings.salt)), flaws


def draft_path(root: Path, kind: str, name: str) -> Path:
    """The file of a definition: the one that is there, else where a new one would be."""
    for suffix in _SUFFIXES:
        path = root / kind / f"{name}{suffix}"
        if path.is_file():
            return path
    return root / kind / f"{name}.yaml"


def secret(root: Path, value: Any) -> Any:
    """A value with every `env:NAME` and `file:PATH` text in it replaced by what it refers to; WF6907 when absent."""
    if isinstance(value, dict):
        return {key: secret(root, item) for key, item in value.items()}
    if isinstance(value, list):
        return [secret(root, item) for item in value]
    if isinstance(value, str) and value.startswith("env:"):
        found = os.environ.get(value[4:])
        if found is None:
            raise Refused("WF6907", value)
        return found
    if isinstance(value, str) and value.startswith("file:"):
        try:
            return (root / value[5:]).read_text().strip()
        except (OSError, UnicodeDecodeError) as cause:
            raise Refused("WF6907", value) from cause
    return value


def language() -> Lang:
    """The reader's language by the environment: zh where the locale says so, else en."""
    for name in ("WAYFARE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def _folder(root: Path, kind: str, flaws: list[Flaw]) -> dict[str, Document]:
    plain = kind == "templates"
    found: dict[str, Document] = {}
    for path in _files(root, kind, flaws):
        if plain and path.suffix != ".liquid":
            name = path.relative_to(root).as_posix()
            flaws.append(Flaw(Malformed("WF6925", name), name))
            continue
        if not plain and path.suffix not in _SUFFIXES:
            continue
        document = read(root, path, plain)
        if document.name in found:
            error = Malformed("WF6908", document.path, name=document.name, other=found[document.name].path)
            flaws.append(Flaw(error, document.path))
            continue
        found[document.name] = document
        if document.error is not None:
            flaws.append(Flaw(document.error, document.path, document.error_place))
    return found


def _single(root: Path, name: str) -> Document | None:
    for suffix in _SUFFIXES:
        path = root / f"{name}{suffix}"
        if path.is_file() or path.is_symlink():
            return read(root, path)
    return None


def _files(root: Path, kind: str, flaws: list[Flaw]) -> list[Path]:
    """The files of a kind; what cannot be read, or stands where nobody looks, is told and never passed over."""
    folder = root / kind
    try:
        if not folder.is_dir():
            return []
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        for path in found:
            if path.is_dir() and any(path.iterdir()):
                name = path.relative_to(root).as_posix()
                flaws.append(Flaw(Malformed("WF6928", name, kind=kind), name))
    except OSError as cause:
        flaws.append(Flaw(Malformed("WF6904", kind, detail=told(cause)), kind))
        return []
    return [path for path in found if not path.is_dir() and (path.is_file() or path.is_symlink())]
