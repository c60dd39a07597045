"""What the code imports is declared, what is declared is used, and everything installed with it is free to use."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house.tree import PACKAGE, imports, modules

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# declared for what they bring, not for a name that the code imports
SILENT = {
    "tzdata": "the time zones of zoneinfo where the system has none",
    "python-multipart": "FastAPI reads uploaded forms with it",
}
DENIED = re.compile(
    r"\b(A?GPL|LGPL|EPL|SSPL|BUSL|CC-BY-NC)|GNU|Eclipse Public|Server Side Public", re.IGNORECASE
)
# their metadata lists several licences, of which one may be chosen
CHOSEN: dict[str, str] = {}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(extra: str | None = None) -> set[str]:
    lines: Iterable[str] = (
        PROJECT["dependencies"] if extra is None else PROJECT["optional-dependencies"][extra]
    )
    return {canonical(Requirement(line).name) for line in lines}


def imported(root: Path) -> dict[str, str]:
    """top-level name of a third party → the first module that imports it."""
    found: dict[str, str] = {}
    for module in modules(root):
        for name, _ in imports(module):
            top = name.split(".")[0]
            if top and top != PACKAGE and top not in sys.stdlib_module_names:
                found.setdefault(top, module.path)
    return found


def undeclared(root: Path, known: set[str]) -> list[str]:
    providers = metadata.packages_distributions()
    return [
        f"{where} imports {top}"
        for top, where in imported(root).items()
        if not known & {canonical(name) for name in providers.get(top, [top])}
    ]


def everything() -> set[str]:
    extras = [extra for extra in PROJECT["optional-dependencies"] if extra != "dev"]
    return declared().union(*(declared(extra) for extra in extras))


def test_every_import_is_declared() -> None:
    assert not undeclared(ROOT, everything())


def test_an_undeclared_import_is_caught(tmp_path: Path) -> None:
    (tmp_path / "src" / PACKAGE).mkdir(parents=True)
    (tmp_path / "src" / PACKAGE / "a.py").write_text("def f():\n    import hypothesis, msgspec, json\n")
    assert undeclared(tmp_path, everything()) == [f"src/{PACKAGE}/a.py imports hypothesis"]


def test_every_declared_dependency_is_used() -> None:
    providers = metadata.packages_distributions()
    used = {canonical(name) for top in imported(ROOT) for name in providers.get(top, [top])}
    assert not declared() - used - SILENT.keys()


def closure(names: Iterable[str]) -> set[str]:
    """The distributions and all that they need on this machine, extras apart."""
    found: set[str] = set()
    queue = list(names)
    while queue:
        name = canonical(queue.pop())
        if name in found:
            continue
        found.add(name)
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                queue.append(requirement.name)
    return found


def licence(name: str) -> str:
    """What a distribution says of its licence: an expression, else classifiers, else a first line."""
    about = metadata.metadata(name)
    told = about.get_all("License-Expression")
    told = told or [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    told = told or [text.split("\n")[0] for text in about.get_all("License") or []]
    return " ".join(told)


def denied(text: str) -> bool:
    """True unless one of the alternatives (`A OR B`) is free of every denied licence."""
    return all(DENIED.search(part) for part in re.split(r"\bOR\b", text))


def test_every_licence_is_permissive() -> None:
    found = {name: CHOSEN.get(name, licence(name)) for name in sorted(closure(declared()))}
    assert not {name: text for name, text in found.items() if not text or denied(text)}


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("GPL-3.0-only", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
        ("LGPL-2.1-or-later", True),
        ("EPL-2.0", True),
        ("GPL-2.0 OR MIT", False),
        ("Apache-2.0 AND MIT", False),
        ("MIT AND GPL-3.0", True),
        ("BSD-3-Clause", False),
    ],
)
def test_a_denied_licence_is_caught(text: str, bad: bool) -> None:
    assert denied(text) is bad
