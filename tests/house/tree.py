"""The source tree as the laws see it: parsed modules, what they import and by which names."""

from __future__ import annotations

import ast
import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

PACKAGE = "wayfare"
FOLDERS = ("src", "tests", "scripts", "benchmarks", "examples", "ui", "docs", ".ci")
NOT_WRITTEN = frozenset({"node_modules", "static", "dist", "__pycache__"})


class Violation(NamedTuple):
    """One breach of one law: which law, where, and what is wrong."""

    law: str
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: [{self.law}] {self.text}"


class Import(NamedTuple):
    """One imported dotted name (`from a import b` imports `a.b`), wherever in the module it stands."""

    name: str
    line: int


class Module(NamedTuple):
    """One parsed file of the package: its dotted name, its path below the root, its tree."""

    name: str
    path: str
    tree: ast.Module
    is_package: bool

    @property
    def room(self) -> str:
        """The first name below the package; the package's own `__init__` lives in no room."""
        return self.name.split(".")[1] if "." in self.name else ""


@lru_cache(maxsize=4096)
def _parse(path: Path, _changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def parse(path: Path) -> ast.Module:
    """The syntax tree of a file, parsed once for each of its states."""
    return _parse(path, path.stat().st_mtime_ns)


def modules(root: Path) -> list[Module]:
    """Every module of the package below `root/src`, in the order of their names."""
    found = []
    for path in sorted((root / "src" / PACKAGE).rglob("*.py")):
        parts = list(path.relative_to(root / "src").with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        if is_package:
            parts.pop()
        found.append(Module(".".join(parts), path.relative_to(root).as_posix(), parse(path), is_package))
    return found


def written(root: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Every file that people write, by suffix: those at the root and in the folders of the project."""
    found = [path for path in root.iterdir() if path.is_file()]
    for folder in FOLDERS:
        for place, folders, names in os.walk(root / folder):
            folders[:] = [name for name in folders if name not in NOT_WRITTEN]
            found += [Path(place, name) for name in names]
    return sorted(path for path in found if path.suffix in suffixes)


def imports(module: Module) -> list[Import]:
    """Everything that a module imports, also inside functions and under TYPE_CHECKING, relative names resolved."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node)
            found += [Import(f"{origin}.{alias.name}", node.lineno) for alias in node.names]
        elif isinstance(node, ast.Call) and _is_import_call(node):
            found += [
                Import(argument.value, node.lineno)
                for argument in node.args[:1]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            ]
    return found


def _origin(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    keep = len(parts) - node.level + (1 if module.is_package else 0)
    return ".".join(parts[:keep] + ([node.module] if node.module else []))


def _is_import_call(node: ast.Call) -> bool:
    """`__import__("x")` and `importlib.import_module("x")` are imports too."""
    match node.func:
        case ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"):
            return True
    return False


def bindings(module: Module) -> dict[str, str]:
    """local name → dotted name that an import gave it."""
    found: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{_origin(module, node)}.{alias.name}"
    return found


def own_names(module: Module) -> frozenset[str]:
    """Every name that the module binds by itself: assignments, arguments, functions, classes."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.arg():
                found.add(node.arg)
            case ast.Name(ctx=ast.Store()):
                found.add(node.id)
    return frozenset(found)


def dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """`np.random.rand` → `numpy.random.rand` where `np` was imported; None when it is no chain of an imported name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])
