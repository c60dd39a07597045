"""The laws of the words: every text is in the one catalogue, in both languages, and every code is told and used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

from tests.house.tree import PACKAGE, Module, Violation, modules, written

CATALOGUE = f"{PACKAGE}.ground.words"
CODE = re.compile(r"WF\d{4}")
WIDE = re.compile(r"[\u3400-\u9fff]")
NARROW_MARK = re.compile(r"[\u3400-\u9fff][,;!?](?=[\u3400-\u9fff\s]|$)")
# what the pages fill by themselves: the workspace's own word for a person, which one language may not need
FILLED = frozenset({"profile"})
# rooms whose data is Chinese by nature: the demo's people, shops and texts
SPEAKS_CHINESE = frozenset({"demo"})


class Entry(NamedTuple):
    """One line of the catalogue, as written."""

    key: str
    en: str
    zh: str
    path: str
    line: int


def entries(root: Path) -> list[Entry]:
    """Every line of every words module, duplicates and all."""
    found = []
    for module in modules(root):
        if not module.name.startswith(f"{CATALOGUE}."):
            continue
        shared = {
            target.id: node.value
            for node in module.tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Dict):
                found += list(_lines(module, node, shared))
    return found


def _lines(module: Module, node: ast.Dict, shared: dict[str, ast.expr]) -> Iterator[Entry]:
    """The lines of one mapping; a pair that several keys share may stand under a name of the module."""
    for key, value in zip(node.keys, node.values, strict=True):
        match key, shared.get(value.id) if isinstance(value, ast.Name) else value:
            case ast.Constant(value=str(name)), ast.Tuple(elts=[en, zh]):
                yield Entry(name, ast.literal_eval(en), ast.literal_eval(zh), module.path, key.lineno)


def catalogue(root: Path) -> list[Violation]:
    """No key twice; no text empty; both languages fill the same names; each speaks its own language."""
    found = []
    seen: dict[str, Entry] = {}
    for entry in entries(root):
        if entry.key in seen:
            found.append(_of(entry, f"{entry.key} is also in {seen[entry.key].path}:{seen[entry.key].line}"))
        seen.setdefault(entry.key, entry)
        if not entry.en.strip() or not entry.zh.strip():
            found.append(_of(entry, f"{entry.key} is empty in a language"))
        if (set(_names(entry.en)) ^ set(_names(entry.zh))) - FILLED:
            found.append(_of(entry, f"{entry.key}: en fills {_names(entry.en)}, zh fills {_names(entry.zh)}"))
        if NARROW_MARK.search(entry.zh):
            found.append(
                _of(entry, f"{entry.key}: Chinese takes ，；！？ and not their narrow forms: {entry.zh}")
            )
    return found


def _names(text: str) -> list[str]:
    try:
        return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})
    except ValueError as problem:
        return [f"<{problem}>"]


def codes(root: Path) -> list[Violation]:
    """Every WF code in the code is told by a `.what` and a `.mend`; every `.what` belongs to a code that is used."""
    told = {entry.key: entry for entry in entries(root)}
    used: dict[str, tuple[Module, int]] = {}
    for module in _speakers(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                used.setdefault(node.value, (module, node.lineno))
    found = []
    for code, (module, line) in sorted(used.items()):
        for part in ("what", "mend"):
            if f"{code}.{part}" not in told:
                found.append(Violation("words", module.path, line, f"{code}.{part} is not in the catalogue"))
    for key, entry in told.items():
        code, _, part = key.partition(".")
        if CODE.fullmatch(code) and part in ("what", "mend") and code not in used:
            found.append(_of(entry, f"{code} is raised nowhere"))
    return found


def values(root: Path) -> list[Violation]:
    """Where an error or a finding is made with a literal code, every name that its words fill is given."""
    told = {entry.key: entry for entry in entries(root)}
    kinds = _error_kinds(root)
    found = []
    for module in _speakers(root):
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            code = node.args[0]
            if not (isinstance(code, ast.Constant) and isinstance(code.value, str)):
                continue
            given = _given(node, kinds)
            needed: set[str] = set()
            for part in ("what", "mend"):
                entry = told.get(f"{code.value}.{part}")
                needed |= set(_names(entry.en)) if entry else set()
            if given is not None and needed - given:
                text = f"{code.value} is made without {', '.join(sorted(needed - given))}"
                found.append(Violation("words", module.path, node.lineno, text))
    return found


# findings are told by the same words as errors; their last field, by place, is the mapping of values
FINDINGS = {"Problem": 4, "Fault": 3}


def _given(node: ast.Call, kinds: frozenset[str]) -> set[str] | None:
    """The names of the values that a call gives to the words of its code; None when only the run can tell."""
    name = _callee(node)
    if name in kinds:
        given = {keyword.arg for keyword in node.keywords}
        return None if None in given else {word for word in given if word}
    if name not in FINDINGS:
        return None
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    last = node.args[FINDINGS[name] - 1] if len(node.args) >= FINDINGS[name] else named.get("values")
    if last is None:
        return set()
    if not isinstance(last, ast.Dict) or not all(isinstance(key, ast.Constant) for key in last.keys):
        return None
    return {str(key.value) for key in last.keys if isinstance(key, ast.Constant)}


def _error_kinds(root: Path) -> frozenset[str]:
    """The classes of the one tree of errors, wherever they are written."""
    bases: dict[str, set[str]] = {}
    for module in modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {base.id for base in node.bases if isinstance(base, ast.Name)}
    kinds = {"WayfareError"}
    while True:
        more = {name for name, above in bases.items() if above & kinds} - kinds
        if not more:
            return frozenset(kinds)
        kinds |= more


def _callee(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def said(root: Path) -> list[Violation]:
    """Every key that the code says by a literal is in the catalogue; of an f-string, its beginning is."""
    keys = {entry.key for entry in entries(root)}
    found = []
    for module in _speakers(root):
        family = _family(module)
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or _callee(node) != "say" or not node.args:
                continue
            before = family if isinstance(node.func, ast.Attribute) else ""
            match node.args[0]:
                case ast.Constant(value=str(key)) if before + key not in keys:
                    text = f"`{before}{key}` is not in the catalogue"
                    found.append(Violation("words", module.path, node.lineno, text))
                case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
                    if not any(key.startswith(before + start) for key in keys):
                        text = f"no key of the catalogue begins with `{before}{start}`"
                        found.append(Violation("words", module.path, node.lineno, text))
    return found


def _family(module: Module) -> str:
    """What a method `say` of the module puts before every key that it is given: `rule.` in `say(f"rule.{key}")`."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.FunctionDef) or node.name != "say":
            continue
        for inner in ast.walk(node):
            match inner:
                case ast.Call(
                    func=ast.Name(id="say"),
                    args=[ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]), *_],
                ):
                    return start
    return ""


def pages(root: Path) -> list[Violation]:
    """Every text of the pages is shown by one: its source holds the key, or the beginning that a key is made from."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in written(root, (".ts", ".tsx")))
    made = tuple(found for found in re.findall(r"`((?:page|word|reason)\.[\w.]*)\$\{", source))
    return [
        _of(entry, f"no page shows {entry.key}")
        for entry in entries(root)
        if entry.key.startswith("page.") and f'"{entry.key}"' not in source and not entry.key.startswith(made)
    ]


def one_catalogue(root: Path) -> list[Violation]:
    """Texts live in the catalogue: no Chinese anywhere else in the code, docstrings apart."""
    found = []
    for module in _speakers(root):
        if module.room in SPEAKS_CHINESE:
            continue
        prose = {
            id(node.body[0].value)
            for node in ast.walk(module.tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in prose:
                continue
            if WIDE.search(node.value):
                text = f"a text outside the catalogue: {node.value[:40]!r}"
                found.append(Violation("words", module.path, node.lineno, text))
    return found


# built so that these lines do not speak of what they forbid
FOREIGN = re.compile(
    r"(?<![\w.])/(?:work|root|home/[\w.-]+|Users/[\w.-]+|mnt/[\w.-]+)/"
    r"|\b(?:[C-Z]):\\Users\\|\bissue #[0-9]|\bfixes #[0-9]",
    re.IGNORECASE,
)
PROSE = (
    ".py",
    ".md",
    ".toml",
    ".sql",
    ".ts",
    ".tsx",
    ".css",
    ".html",
    ".yaml",
    ".yml",
    ".json",
    ".liquid",
    "",
)


def foreign(root: Path) -> list[Violation]:
    """No file speaks of a machine's own paths or of a tracker's numbers: the project speaks only of the product."""
    found = []
    for path in written(root, PROSE):
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        ):
            hit = FOREIGN.search(line)
            if hit:
                found.append(Violation("foreign", path.relative_to(root).as_posix(), number, hit.group()))
    return found


def _speakers(root: Path) -> list[Module]:
    return [module for module in modules(root) if not module.name.startswith(CATALOGUE)]


def _of(entry: Entry, text: str) -> Violation:
    return Violation("words", entry.path, entry.line, text)
