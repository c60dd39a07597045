"""The demo: a seeded restaurant chain, served, with guests who live on a fast clock."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from pathlib import Path

import msgspec

from wayfare.app.serve import bound, run
from wayfare.app.workspace import Workspace, open_workspace
from wayfare.config.settings import FILE
from wayfare.config.starter import create
from wayfare.demo.visits import ZONE, Call, arrival, history
from wayfare.engine.door import Door
from wayfare.facts.decode import Head, decode
from wayfare.facts.event import Event
from wayfare.ground.errors import Broken, Lang
from wayfare.ground.time import MINUTE, Instant
from wayfare.ground.words import say
from wayfare.stores.log import Entry

DAYS = 60
LIVE = "long-wait"
SALT = "noodle-lane"  # the same seed, the same people: a demo has nothing to hide
TICK_SECONDS = 0.25
_TOML = """\
[workspace]
id = "noodle-lane"
name = "{name}"
salt = "{salt}"         # fixed, so that every demo has the same people; a real workspace has a secret one
tz = "{zone}"
locale = "{locale}"

[engine]
clock = "x60"           # a minute passes every second
trigger_bound = "1h"

[terms]
profile = "{profile}"
"""


def demo(folder: Path, port: int, browser: bool, lang: Lang) -> None:
    """Make the demo workspace unless it is there already, serve it, and let guests arrive until it is stopped."""
    fresh = not (folder / FILE).exists()
    if fresh:
        create(folder, "restaurant", "zh-CN" if lang == "zh" else "en", ZONE)
        words = {"name": say("demo.name", lang), "profile": say("demo.profile", lang)}
        locale = "zh-CN" if lang == "zh" else "en"
        (folder / FILE).write_text(_TOML.format(salt=SALT, zone=ZONE, locale=locale, **words), "utf-8")
    with bound("127.0.0.1", port) as listening, open_workspace(folder.resolve()) as workspace:
        _tell("demo.workspace", lang, folder=folder)
        if fresh:
            _fill(workspace, lang)
        _tell("demo.channels", lang)
        door = Door(workspace.data, workspace)
        stopping = threading.Event()
        guests = threading.Thread(
            target=_live, args=(workspace, stopping), name="wayfare-guests", daemon=True
        )
        guests.start()

        def opened(url: str) -> None:
            _tell("demo.open", lang, url=url)
            if browser:
                webbrowser.open(url)

        try:
            run(workspace, listening, "127.0.0.1", opened)
        finally:
            stopping.set()
            guests.join()
            door.close()


def _fill(workspace: Workspace, lang: Lang) -> None:
    """Sixty days of history as a backfill, and the first journey published."""
    key = workspace.keys.create("write", workspace.clock.now())
    calls = sorted(history(workspace.clock.now(), DAYS), key=lambda call: call.at)
    entries = [_entry(call, workspace.clock.now()) for call in calls]
    for start in range(0, len(entries), 5_000):
        workspace.log.append(entries[start : start + 5_000])
        workspace.writer.wake()
    people = len({call.item["userId"] for call in calls})
    _tell("demo.people", lang, people=people)
    _tell("demo.events", lang, days=DAYS, events=f"{len(entries):,}")
    workspace.writer.wait_applied(workspace.log.head, timeout=600)
    workspace.publish(LIVE)
    _tell("demo.journeys", lang)
    _tell("demo.key", lang, key=key.key)


def _entry(call: Call, receipt: Instant) -> Entry:
    event = decode(msgspec.json.encode(call.item), Head("import"), receipt, ZONE)
    if not isinstance(event, Event):
        raise Broken("WF6405", call.item["messageId"], kind=event.reason)
    body = msgspec.msgpack.encode(msgspec.structs.replace(event, source="import", backfill=True))
    return Entry("import", event.id, "import", b"", body, permanent=True)


def _live(workspace: Workspace, stopping: threading.Event) -> None:
    """Every minute of the fast clock somebody new arrives; their calls are sent when their time has come."""
    waiting: list[tuple[Instant, int, Call]] = []
    order: Iterator[int] = count()
    next_arrival = workspace.clock.now()
    while not stopping.wait(TICK_SECONDS):
        now = workspace.clock.now()
        while next_arrival <= now:
            for call in arrival(next_arrival // MINUTE, next_arrival):
                heappush(waiting, (call.at, next(order), call))
            next_arrival += MINUTE
        due = []
        while waiting and waiting[0][0] <= now:
            due.append(heappop(waiting)[2].item)
        if due:
            workspace.ingest(due)


def _tell(word: str, lang: Lang, **values: object) -> None:
    print(say(word, lang, **values), flush=True)
