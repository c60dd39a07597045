"""The laws of the house over the syntax tree: each is a plain function from a root to its violations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import (
    PACKAGE,
    Module,
    Violation,
    bindings,
    dotted,
    imports,
    modules,
    own_names,
    parse,
    written,
)

# top to bottom; rooms on one stair are blind to each other, except those of the front door
STAIRS: tuple[tuple[str, ...], ...] = (
    ("", "__main__", "cli", "app", "config"),
    ("demo",),
    ("api",),
    ("engine",),
    ("stores", "channels"),
    ("journey",),
    ("experiment",),
    ("decision",),
    ("atlas",),
    ("insight",),
    ("contact",),
    ("people",),
    ("facts",),
    ("ground",),
)
FRONT_DOOR = STAIRS[0]
PURE = frozenset(room for stair in STAIRS[5:] for room in stair)
RANK = {room: rank for rank, stair in enumerate(STAIRS) for room in stair}

FILE_LINES = 500
LISTED_LINES = 300
FUNCTION_LINES = 60
SOURCE = (".py", ".ts", ".tsx", ".css", ".sql")
DRAWERS = frozenset(
    "util utils helper helpers common misc base manager managers service services types v2".split()
)

# what a pure room may import; anything else is asked for here, with the reason in the commit
PURE_IMPORTS = frozenset(
    """__future__ abc array ast base64 binascii bisect calendar codecs collections contextlib copy dataclasses
    datetime decimal difflib enum fractions functools hashlib heapq hmac html ipaddress itertools json keyword
    math numbers operator re statistics string struct sys textwrap types typing typing_extensions unicodedata
    urllib.parse uuid zlib zoneinfo
    email_validator holidays msgspec numba numpy phonenumbers pydantic pydantic_core re2 sqlglot wayfare""".split()
)
# what is impure inside a module that is allowed
IMPURE = frozenset(
    """datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today
    uuid.uuid1 uuid.uuid4 uuid.uuid6 uuid.uuid7 uuid.getnode hmac.secrets
    sys.argv sys.stdin sys.stdout sys.stderr sys.exit sys.path sys.modules sys.settrace sys.getrefcount
    numpy.random numpy.load numpy.save numpy.savez numpy.loadtxt numpy.savetxt numpy.fromfile numpy.memmap
    numpy.genfromtxt numpy.DataSource codecs.open contextlib.redirect_stdout contextlib.redirect_stderr
    zoneinfo.available_timezones zoneinfo.reset_tzpath""".split()
)
IMPURE_BUILTINS = frozenset("open print input exec eval __import__ breakpoint exit quit".split())
IMPURE_METHODS = frozenset("read_text write_text read_bytes write_bytes now utcnow today".split())


def staircase(root: Path) -> list[Violation]:
    """Law 1: an import only goes down; lazy and typing-only imports count."""
    found = []
    known = {module.name for module in modules(root)}
    for module in modules(root):
        if module.room not in RANK:
            found.append(_at(module, 1, "staircase", f"room `{module.room}` has no stair"))
            continue
        for name, line in imports(module):
            target = _target(name, known)
            if target is None:
                if name.split(".")[0] == PACKAGE and module.room not in FRONT_DOOR:
                    found.append(_at(module, line, "staircase", f"`{name}` reaches for the front door"))
                continue
            other = target.split(".")[1] if "." in target else ""
            if other in RANK and not _may(module.room, other):
                found.append(_at(module, line, "staircase", f"{module.room} may not import {target}"))
    return found


def _may(room: str, other: str) -> bool:
    if room == other or (room in FRONT_DOOR and other in FRONT_DOOR):
        return True
    return RANK[room] < RANK[other]


def _target(name: str, known: set[str]) -> str | None:
    """The longest module of the package that a dotted name stands for; the bare package only by its own name."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    for size in range(len(parts), 1, -1):
        if ".".join(parts[:size]) in known:
            return ".".join(parts[:size])
    return PACKAGE if len(parts) == 1 else None


def circles(root: Path) -> list[Violation]:
    """Law 1: no circle between modules, inside a room or across."""
    found_modules = modules(root)
    known = {module.name for module in found_modules}
    graph: dict[str, dict[str, int]] = {}
    for module in found_modules:
        edges = graph.setdefault(module.name, {})
        for name, line in imports(module):
            target = _target(name, known)
            if target is not None and target != module.name:
                edges.setdefault(target, line)
    paths = {module.name: module.path for module in found_modules}
    return [
        Violation("circle", paths[ring[0]], graph[ring[0]][ring[1]], " → ".join(ring))
        for ring in _rings(graph)
    ]


def _rings(graph: dict[str, dict[str, int]]) -> Iterator[list[str]]:
    """One circle for every module from which an import leads back to itself, each set of modules told once."""
    told: set[frozenset[str]] = set()
    for start in sorted(graph):
        came: dict[str, str] = {}
        queue = [start]
        while queue and start not in came:
            here = queue.pop(0)
            for there in graph.get(here, {}):
                if there not in came:
                    came[there] = here
                    queue.append(there)
        if start not in came:
            continue
        ring, here = [start], came[start]
        while here != start:
            ring.append(here)
            here = came[here]
        ring = [start, *reversed(ring)]
        if frozenset(ring) not in told:
            told.add(frozenset(ring))
            yield ring


def purity(root: Path) -> list[Violation]:
    """Law 2: below the line no clock, chance, network, file, thread, environment or output."""
    found: list[Violation] = []
    for module in modules(root):
        if module.room in PURE:
            found += _impure_imports(module)
            found += _impure_words(module)
    return found


def _impure_imports(module: Module) -> Iterator[Violation]:
    for name, line in imports(module):
        top = name.split(".")[0]
        two = ".".join(name.split(".")[:2])
        if top not in PURE_IMPORTS and two not in PURE_IMPORTS:
            yield _at(module, line, "purity", f"imports {name}, which is not on the list of pure modules")
        elif _is_impure(name):
            yield _at(module, line, "purity", f"imports {name}")
        elif name.endswith(".*"):
            yield _at(module, line, "purity", f"imports {name}: say which names")


def _impure_words(module: Module) -> Iterator[Violation]:
    names, own = bindings(module), own_names(module)
    inside_hash = {
        id(inner)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__hash__"
        for inner in ast.walk(node)
    }
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute():
                chain = dotted(node, names)
                if chain is not None and _is_impure(chain):
                    yield _at(module, node.lineno, "purity", f"uses {chain}")
            case ast.Name(id=word, ctx=ast.Load()) if (
                word in IMPURE_BUILTINS and word not in own | names.keys()
            ):
                yield _at(module, node.lineno, "purity", f"uses {word}()")
            case ast.Call(func=ast.Name(id="hash")) if id(node) not in inside_hash:
                yield _at(module, node.lineno, "purity", "hash() of a text differs from process to process")
            case ast.Call(func=ast.Attribute(attr=word)) if word in IMPURE_METHODS:
                chain = dotted(node.func, names)
                if chain is None or not _is_impure(chain):
                    yield _at(module, node.lineno, "purity", f"calls .{word}()")
            case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
                yield _at(
                    module, node.lineno, "purity", "astimezone() without a zone asks the machine for its own"
                )
            case ast.Call(func=ast.Attribute(attr="fromtimestamp"), args=[_], keywords=[]):
                yield _at(
                    module,
                    node.lineno,
                    "purity",
                    "fromtimestamp() without a zone asks the machine for its own",
                )


def _is_impure(chain: str) -> bool:
    parts = chain.split(".")
    return any(".".join(parts[:size]) in IMPURE for size in range(1, len(parts) + 1))


def sizes(root: Path) -> list[Violation]:
    """Law 6: a file fits in a sitting, a function on a screen."""
    found: list[Violation] = []
    for path in written(root, SOURCE):
        lines = path.read_text(encoding="utf-8").count("\n")
        where = path.relative_to(root).as_posix()
        if lines > FILE_LINES:
            found.append(Violation("size", where, lines, f"{lines} lines; at most {FILE_LINES} a file"))
        if path.suffix != ".py":
            continue
        for node in ast.walk(parse(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    text = f"{node.name} has {length} lines; at most {FUNCTION_LINES} a function"
                    found.append(Violation("size", where, node.lineno, text))
    return found


def long_files(root: Path) -> list[Violation]:
    """A listing, not a law: files past 300 lines, the longest first."""
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in written(root, SOURCE)}
    return [
        Violation(
            "long",
            path.relative_to(root).as_posix(),
            count,
            f"{count} lines; about {LISTED_LINES} is a sitting",
        )
        for path, count in sorted(lines.items(), key=lambda item: -item[1])
        if count > LISTED_LINES
    ]


def drawers(root: Path) -> list[Violation]:
    """Law 9: no file, folder or class is a drawer."""
    found = []
    for path in written(root, (".py", ".ts", ".tsx")):
        where = path.relative_to(root)
        for part in where.with_suffix("").parts:
            bad = DRAWERS.intersection(re.split(r"[_\-.]", part.lower()))
            if bad:
                found.append(
                    Violation("drawer", where.as_posix(), 1, f"`{part}` is a drawer: name what is in it")
                )
    for module in modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                words = {word.lower() for word in re.findall(r"[A-Z][a-z0-9]*", node.name)}
                if words & (
                    DRAWERS - {"base", "types", "common"}
                ):  # these may be words of the field in a class
                    found.append(_at(module, node.lineno, "drawer", f"class {node.name} is a drawer"))
    return found


def captions(root: Path) -> list[Violation]:
    """Law 7: every module opens with its caption, one sentence."""
    found = []
    for module in modules(root):
        caption = caption_of(module)
        if not caption:
            found.append(_at(module, 1, "caption", "opens with no caption"))
        elif caption[-1] not in ".?!":
            found.append(_at(module, 1, "caption", f"the caption is no sentence: {caption}"))
        elif re.search(r"[.!] [A-Z]", caption):
            found.append(_at(module, 1, "caption", f"the caption is more than one sentence: {caption}"))
    return found


def caption_of(module: Module) -> str:
    """The first paragraph of the module's docstring, on one line; empty when there is none."""
    text = ast.get_docstring(module.tree) or ""
    return " ".join(text.split("\n\n")[0].split())


def _at(module: Module, line: int, law: str, text: str) -> Violation:
    return Violation(law, module.path, line, text)
