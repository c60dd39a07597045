"""What the browser tests share: the real demo, served by its own command, and Chromium to look at it with."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.demo import Demo, Mode

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "wayfare" / "ui" / "static"
START_SECONDS = 120.0
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, driven by playwright."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    driver: Playwright
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served_demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`wayfare demo` in a process of its own, and the signed link that it prints."""
    assert (STATIC / "index.html").exists(), "the pages are not built: run `make ui`"
    folder = tmp_path_factory.mktemp("demo")
    told = folder / "told.txt"
    command = [sys.executable, "-m", "wayfare", "demo", str(folder / "shop"), "--no-browser", "--port", "0"]
    with told.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
    try:
        yield _opened(process, told)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _opened(process: subprocess.Popen[bytes], told: Path) -> Demo:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        text = told.read_text(encoding="utf-8")
        link = re.search(r"http://\S+/\?t=\S+", text)
        if link:
            key = re.search(r"wfw_\S+", text)
            return Demo(link.group(), key.group() if key else "")
        assert process.poll() is None, f"the demo ended:\n{text}"
        time.sleep(0.05)
    raise AssertionError(
        f"the demo printed no link within {START_SECONDS} s:\n{told.read_text(encoding='utf-8')}"
    )


@pytest.fixture
def look(chromium: Browser, served_demo: Demo) -> Iterator[Callable[..., Page]]:
    """Open the studio in a mode; a page that logs an error or calls another host fails its test."""
    opened: list[tuple[Page, list[str]]] = []

    def open_page(mode: Mode, path: str | None = "/", width: int = 1440, height: int = 900) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=mode.scheme,
            locale="zh-CN" if mode.lang == "zh" else "en-GB",
            reduced_motion="reduce",
        )
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda call: wrong.append(call.url) if served_demo.foreign(call.url) else None)
        opened.append((page, wrong))
        if path is not None:
            page.goto(served_demo.link)
            page.goto(served_demo.address + path)
        return page

    yield open_page
    for page, wrong in opened:
        page.context.close()
        assert not wrong, wrong
