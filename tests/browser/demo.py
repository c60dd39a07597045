"""The served demo and the four ways to look at it."""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Page


class Mode(NamedTuple):
    """A language and a colour scheme."""

    lang: Literal["en", "zh"]
    scheme: Literal["light", "dark"]

    def __str__(self) -> str:
        return f"{self.lang}-{self.scheme}"


EN_LIGHT, ZH_DARK = Mode("en", "light"), Mode("zh", "dark")
MODES = (EN_LIGHT, Mode("en", "dark"), Mode("zh", "light"), ZH_DARK)


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo is served: its signed link, and the write key that it printed."""

    link: str
    write_key: str

    @property
    def address(self) -> str:
        """The origin of the link."""
        return self.link.split("/?")[0]

    def foreign(self, url: str) -> bool:
        """Whether a request leaves the demo."""
        return url.startswith(("http:", "https:", "ws:")) and not url.startswith(self.address)

    def track(self, *events: dict[str, Any]) -> None:
        """Send events as a shop's own server would."""
        body = json.dumps({"batch": [{"type": "track", **event} for event in events]}).encode()
        login = base64.b64encode(f"{self.write_key}:".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
        call = urllib.request.Request(f"{self.address}/v1/batch", body, headers)
        with urllib.request.urlopen(call, timeout=10) as answer:
            assert answer.status == 200


def read(page: Page, path: str) -> Any:
    """What a route answers to the page's own session."""
    answer = page.context.request.get("/".join(page.url.split("/", 3)[:3]) + path)
    assert answer.ok, answer.text()
    return answer.json()


def a_message(page: Page, deadline_seconds: float = 60.0) -> dict[str, Any]:
    """The newest message that was sent; the demo's clock is fast, so that one comes within a minute."""
    deadline = time.monotonic() + deadline_seconds
    while time.monotonic() < deadline:
        items: list[dict[str, Any]] = read(page, "/api/messages?state=sent&limit=1")["items"]
        if items:
            return items[0]
        page.wait_for_timeout(200)
    raise AssertionError("nobody was sent a message")
