"""A small shop to try the shells on: one folder, one journey that sends, time told by the events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from wayfare.cli import run
from wayfare.config.starter import create

TOML = """\
[workspace]
id = "shop"
salt = "pepper"
tz = "Asia/Shanghai"
locale = "zh-CN"
[engine]
clock = "log"
trigger_bound = "off"
"""
JOURNEY = """\
journey: rescue        # the cart
title: {en: Cart rescue, zh: 购物车挽回}
scene: purchase
entry: {on: event, event: Cart Filled, where: event.properties.price >= 100, reentry: {after: 1d}}
exit: [{event: Order Completed, reason: bought}]
goals: [{id: order, event: Order Completed, within: 3d}]
holdout: 0%
class: marketing
start: pause
nodes:
  pause: {wait: {for: 1h}, next: mail}
  mail: {send: {channel: email, template: cart}, next: done}
  done: {finish: completed}
"""
POLICY = """\
quiet: [{class: marketing, from: "21:00", to: "09:00", tz: profile, then: hold}]
consent: {marketing: required, transactional: unless-withdrawn, mandatory: not-needed}
"""
CART = """\
---
channel: email
subject: "Your cart, {{ customer.first_name | default: 'friend' }}"
---
Come back.
"""


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


class Shell:
    """Runs commands on one workspace, in this process."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def __call__(self, *words: str) -> Said:
        self._capture.readouterr()
        code = run([*words, "--workspace", str(self.root)])
        out, err = self._capture.readouterr()
        return Said(code, out, err)


def shop(root: Path, journey: str = JOURNEY) -> Path:
    """The workspace's files."""
    for folder in ("journeys", "templates", "tests"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "wayfare.toml").write_text(TOML)
    (root / "policy.yaml").write_text(POLICY)
    (root / "journeys/rescue.yaml").write_text(journey)
    (root / "templates/cart.liquid").write_text(CART)
    return root


def started(root: Path) -> Path:
    """The workspace that `init` makes."""
    return create(root, locale="en", tz="Asia/Shanghai")


def event(user: str, name: str, at: str, **properties: Any) -> dict[str, Any]:
    """A track call at a time of the shop's day."""
    return {
        "type": "track", "userId": user, "event": name, "properties": properties, "timestamp": f"2026-03-01T{at}+08:00",
        "messageId": f"{user}-{name}-{at}",
    }  # fmt: skip


def person(
    user: str, at: str = "08:00:00", consent: str | None = "granted", **traits: Any
) -> list[dict[str, Any]]:
    """The calls that make somebody known, with or without consent to marketing mail."""
    stamp = f"2026-03-01T{at}+08:00"
    calls: list[dict[str, Any]] = [
        {
            "type": "identify",
            "userId": user,
            "traits": traits,
            "timestamp": stamp,
            "messageId": f"{user}-known",
        }
    ]
    if consent is not None:
        given = {"purpose": "marketing", "channel": "email", "state": consent}
        calls.append({**event(user, "Consent Changed", at, **given), "messageId": f"{user}-consent"})
    return calls


def lines(text: str) -> Sequence[str]:
    """The lines that are not empty."""
    return [line for line in text.splitlines() if line.strip()]
