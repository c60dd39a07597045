"""The refold: a log and its commands folded anew give the same state, under both clocks."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from tests.sim.crash import POLICY, TEMPLATE, wayfare
from wayfare.app.book import make_book
from wayfare.app.workspace import open_workspace
from wayfare.config.workspace import load
from wayfare.engine.refold import refold
from wayfare.ground.time import format_instant
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Log

DAY = 86_400_000
JOURNEY = """\
journey: rush
entry: {on: event, event: Ping, key: event.properties.n}
exit: [{event: Stop, reason: stopped}]
class: marketing
start: pause
nodes:
  pause: {wait: {for: 1h}, next: mail}
  mail: {send: {channel: email, template: hello, ttl: 1d}, next: hear}
  hear: {listen: [{event: Message Sent, next: text}, {event: Pong, next: text}], timeout: 2h, else: text}
  text: {send: {channel: sms, template: hello}, next: call}
  call: {task: {queue: team, title: Call, sla: {within: 3h}}, overdue: done, next: done}
  done: {finish: completed}
"""
RULES = """
quiet: [{class: marketing, from: "21:00", to: "09:00", tz: profile, then: hold}]
caps: [{class: marketing, max: 2, per: 1d, window: rolling, then: suppress}]
"""


def _events(seed: int) -> list[dict[str, object]]:
    random = Random(seed)
    start = 1_772_330_400_000
    made: list[dict[str, object]] = []
    for number in range(1_500):
        person = f"u{random.randint(1, 60)}"
        at = format_instant(start + int(number * 5 * DAY / 1_500) - random.choice((0, 0, 0, 3_600_000)))
        item: dict[str, object] = {
            "messageId": f"m{number}",
            "userId": person,
            "timestamp": at,
            "type": "track",
        }
        luck = random.random()
        if luck < 0.3:
            item |= {"event": "Ping", "properties": {"n": number}}
        elif luck < 0.5:
            item |= {"type": "identify", "traits": {"email": f"{person}@x.org", "phone": "+861390000"}}
        elif luck < 0.7:
            state = random.choice(("granted", "granted", "denied"))
            change = {"purpose": "marketing", "channel": random.choice(("email", "sms")), "state": state}
            item |= {"event": "Consent Changed", "properties": change}
        elif luck < 0.75:
            item |= {"type": "alias", "previousId": f"u{random.randint(1, 60)}"}
        else:
            item |= {"event": random.choice(("Pong", "Stop", "Noise")), "properties": {}}
        made.append(item)
    return made


@pytest.mark.parametrize("clock", ["log", "x60"])
def test_the_refolded_state_is_the_live_state(tmp_path: Path, clock: str) -> None:
    root = tmp_path / "shop"
    wayfare(tmp_path, "init", str(root), "--json", workspace=False)
    for path in (*(root / "journeys").iterdir(), *(root / "tests").iterdir()):
        path.unlink()
    (root / "journeys" / "rush.yaml").write_text(JOURNEY)
    (root / "templates" / "hello.liquid").write_text(TEMPLATE)
    (root / "policy.yaml").write_text(POLICY + RULES)
    settings = (root / "wayfare.toml").read_text()
    settings = settings.replace('clock = "wall"', f'clock = "{clock}"').replace(
        'trigger_bound = "1h"', 'trigger_bound = "off"'
    )
    (root / "wayfare.toml").write_text(settings)
    with open_workspace(root) as workspace:
        workspace.publish("rush")
        events = _events(3)
        for start in range(0, len(events), 97):
            workspace.ingest(events[start : start + 97])
            if start == 97 * 5:
                workspace.kill_switch(True)
            if start == 97 * 8:
                workspace.kill_switch(False)
    config = load(root)
    store, fresh = LiveStore.open(config.data / "live.db"), LiveStore.open(tmp_path / "fresh.db")
    log = Log.open(config.data / "log", lambda: 0)
    try:
        refold(log, store, fresh, make_book(config), by_log=clock == "log")
        counts = store.message_counts()
        assert sum(counts.values()) > 100, counts
        assert clock != "log" or counts.get("sent", 0) > 10, counts
        assert fresh.message_counts() == counts
        assert fresh.state_hash() == store.state_hash()
        assert json.dumps(fresh.totals(), sort_keys=True) == json.dumps(store.totals(), sort_keys=True)
    finally:
        log.close()
        store.close()
        fresh.close()
