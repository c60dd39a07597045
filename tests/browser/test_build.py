"""The built pages and their sources: light, sealed, every text in the catalogue, and their own tests pass."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UI = ROOT / "ui"
STATIC = ROOT / "src" / "wayfare" / "ui" / "static"
FIRST_BYTES = 250_000


@pytest.fixture(scope="module")
def index() -> str:
    """The built index.html."""
    path = STATIC / "index.html"
    assert path.exists(), "the pages are not built: run `make ui`"
    return path.read_text(encoding="utf-8")


def test_the_first_javascript_is_light(index: str) -> None:
    first = re.findall(r'<(?:script|link)[^>]*(?:src|href)="(/assets/[^"]+\.js)"', index)
    assert first
    weight = sum(len(gzip.compress((STATIC / path.lstrip("/")).read_bytes(), 6)) for path in first)
    print(f"first JavaScript: {weight / 1000:.0f} kB gzipped")
    assert weight <= FIRST_BYTES


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(index: str) -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)", index), (
        "an inline script breaks the content security policy"
    )
    assert not re.search(r"\son\w+=", index)
    for path in re.findall(r'(?:src|href)="([^"]+)"', index):
        if path == "/api/overview":  # the first data, fetched beside the scripts
            continue
        assert path.startswith("/assets/"), path
        assert re.search(r"-[\w-]{8}\.\w+$", path), (
            f"{path} is served as immutable, so its name must be hashed"
        )
    for style in STATIC.glob("assets/*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import", style.read_text(encoding="utf-8")), (
            style.name
        )


def test_every_text_that_the_pages_say_is_in_the_catalogue() -> None:
    words = json.loads((UI / "src" / "words.gen.json").read_text(encoding="utf-8"))
    assert words["en"].keys() == words["zh"].keys()
    missing = []
    for path in (*UI.glob("src/**/*.ts"), *UI.glob("src/**/*.tsx")):
        source = path.read_text(encoding="utf-8")
        for key in re.findall(r'"((?:page|word|reason)\.[\w.-]+)"', source):
            if key not in words["en"]:
                missing.append(f"{path.name}: {key}")
        for start in re.findall(r"`((?:page|word)\.[\w.-]*)\$\{", source):
            if not any(key.startswith(start) for key in words["en"]):
                missing.append(f"{path.name}: {start}…")
    assert not missing, missing


def test_the_lock_names_no_download_address() -> None:
    lock = json.loads((UI / "package-lock.json").read_text(encoding="utf-8"))
    package = json.loads((UI / "package.json").read_text(encoding="utf-8"))
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    pinned = {**package["dependencies"], **package["devDependencies"]}
    assert not [name for name, version in pinned.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)]


@pytest.mark.parametrize("command", [("tsc", "--noEmit"), ("vitest", "run")], ids=["types", "tests"])
def test_the_pages_own_checks_pass(command: tuple[str, ...]) -> None:
    program = UI / "node_modules" / ".bin" / command[0]
    if shutil.which("node") is None or not program.exists():
        pytest.skip("ui/node_modules is not there: `cd ui && npm ci`")
    done = subprocess.run(
        [str(program), *command[1:]], cwd=UI, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
