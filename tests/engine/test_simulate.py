"""A simulation over the history of the live engine walks as that did, and its document keeps its form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.engine.streams import HOUSE, scene, stream
from tests.golden.conftest import folder
from tests.golden.drive import Live
from tests.golden.scene import Scene, read
from wayfare.engine.feed import Feed
from wayfare.engine.simulate import Simulation, Span, feed_names, simulate
from wayfare.facts.event import CONSENT_CHANGED
from wayfare.ground.time import format_instant, parse_instant
from wayfare.journey.compiled import Journey
from wayfare.stores.history import History
from wayfare.stores.log import LogReader
from wayfare.stores.records import Transition

__all__ = ["folder"]  # the fixture
ORDERLY = (
    "Cart",
    "Cart",
    "Order",
    "Click",
    "traits",
)  # nothing late, nothing imported: the log is in time order


@dataclass
class Lived:
    """A scene that was lived, with its history."""

    scene: Scene
    driver: Live
    history: History
    journeys: tuple[Journey, ...]

    def simulated(self, start: str | None = None, end: str | None = None, seed: int = 0) -> Simulation:
        """The journeys of the scene over its history, as `wayfare simulate` does it."""
        until = parse_instant(end) if end else (self.history.highest_time() or 0) + 1
        rows = self.history.scan(
            feed_names(self.journeys) | {CONSENT_CHANGED}, ("identify", "alias", "group"), until
        )
        span = Span(parse_instant(start) if start else None, until)
        return simulate(self.scene.book, self.journeys, (row.event for row in rows), span, seed)

    def close(self) -> None:
        """Let go of the files."""
        self.history.close()
        self.driver.close()


def live(made: Scene, place: Path) -> Lived:
    """Live a scene and take it into history."""
    driver = Live(made, place)
    for step in made.steps:
        driver.take(step)
    history = History(place / "history")
    Feed(driver.store, LogReader(place / "log"), history, made.zone).catch_up()
    return Lived(made, driver, history, driver.work.book.live)


def rows(found: list[Transition]) -> list[Any]:
    """What can be compared of two ledgers: everything but the ids of our own events."""
    kept = ("enrollment", "key", "visit", "node", "at", "stimulus", "outcome", "reason", "arm")
    return sorted(tuple(str(getattr(row, name)) for name in kept) for row in found)


@pytest.mark.parametrize("seed", range(4))
def test_a_log_in_time_order_is_simulated_as_it_was_lived(seed: int, folder: Path) -> None:
    made = scene([(minutes + 1, who, what, n, 0) for minutes, who, what, n, _ in stream(seed, 60, ORDERLY)])
    lived = live(made, folder)
    try:
        found = lived.simulated(end=made_end(made))
        assert rows(found.transitions) == rows(lived.driver.rows().transitions)
        assert found.document["profiles"] >= 2
        for name, one in found.document["journeys"].items():
            counted = lived.driver.store.journey_counts(name)
            assert one["entered"] == counted.entered
            assert one["by_exit"] == dict(counted.exits)
            assert {
                node: [n["entered"], n["waiting"], n["held"], n["left"], n["withheld"]]
                for node, n in one["nodes"].items()
            } == {
                node: [n.entered, n.waiting, n.held, n.left, n.withheld]
                if (n := counted.nodes.get(node))
                else [0] * 5
                for node in one["nodes"]
            }
    finally:
        lived.close()


def made_end(made: Scene) -> str:
    """The last instant of a scene, as a text; its end is not part of a span."""
    return format_instant(made.until + 1)


NEWS: dict[str, Any] = {
    "journey": "news",
    "entry": {"on": "event", "event": "Go", "reentry": "always", "limit": {"total": 99}},
    "start": "pause",
    "nodes": {
        "pause": {"wait": {"for": "1h"}, "next": "push"},
        "push": {"send": {"channel": "push", "template": "hello"}, "next": "done"},
        "done": {"finish": "completed"},
    },
}


def _news(when: list[dict[str, Any]], **more: Any) -> Scene:
    until = {"at": "2026-03-09T00:00:00Z", "who": "zoe", "event": "Tick"}
    return read(
        {
            "what": "news",
            "journeys": [{**NEWS, **more}],
            "when": [*when, until],
            "until": "2026-03-09T00:00:00Z",
        },
        "news",
    )


def _go(day: int, **who: str) -> dict[str, Any]:
    return {"at": f"2026-03-0{day}T10:00:00Z", "event": "Go", **who}


def test_a_consent_withdrawn_by_command_is_the_persons_own_in_a_simulation(folder: Path) -> None:
    withdrawn = {"consent": {"who": "ann", "purpose": "marketing", "channel": "push", "state": "withdrawn"}}
    lived = live(
        _news([
            _go(1, who="ann"), _go(1, who="bob"), {"at": "2026-03-02T00:00:00Z", "do": withdrawn},
            _go(3, who="ann"), _go(3, who="bob"),
        ]),
        folder,
    )  # fmt: skip
    try:
        document = lived.simulated().document
        assert document["journeys"]["news"]["messages"] == {
            "planned": 4, "sent": 3, "suppressed": 1, "expired": 0, "failed": 0, "held": 0, "in_flight": 0,
        }  # fmt: skip
        assert document["per_person"] == {"1": 1, "2": 1}
        assert document["profiles"] == 2
        assert document["reasons"] == {"no_consent": 1}
        assert document["sends_by_day"] == {"2026-03-01": 2, "2026-03-03": 1}
    finally:
        lived.close()


def test_a_merge_that_an_unread_event_proves_is_made_in_a_simulation_too(folder: Path) -> None:
    """The identity fold is the live one: a track call with both ids merges, though no journey reads it."""
    lived = live(
        _news(
            [
                _go(1, who="ann"),
                _go(2, anonymous="x1"),
                {**_go(3, who="ann", anonymous="x1"), "event": "Login"},
            ]
        ),
        folder,
    )
    try:
        found = lived.simulated(end=made_end(lived.scene))
        assert found.document["per_person"] == {"2": 1}
        assert rows(found.transitions) == rows(lived.driver.rows().transitions)
    finally:
        lived.close()


def test_a_span_begins_with_people_as_they_were_and_ends_before_its_end(folder: Path) -> None:
    made = _news(
        [{"at": "2026-03-01T00:00:00Z", "who": "ann", "traits": {"tier": "gold"}}, _go(1, who="ann"), _go(4, who="ann"),
         _go(5, who="bob"), {"at": "2026-03-06T00:00:00Z", "who": "ann", "traits": {"tier": "silver"}}],
        entry={"on": "event", "event": "Go", "who": 'profile.traits.tier == "gold"'},
    )  # fmt: skip
    lived = live(made, folder)
    try:
        document = lived.simulated("2026-03-02T00:00:00Z", "2026-03-04T11:00:00Z").document
        news = document["journeys"]["news"]
        assert (document["from"], document["to"]) == ("2026-03-02T00:00:00.000Z", "2026-03-04T11:00:00.000Z")
        assert news["entered"] == 1  # the run of the first day is before the span and binds nobody
        assert news["nodes"]["pause"] == {"entered": 1, "waiting": 1, "held": 0, "left": 0, "withheld": 0}
        later = lived.simulated("2026-03-02T00:00:00Z", "2026-03-04T11:00:00.001Z").document
        assert later["journeys"]["news"]["messages"]["sent"] == 1  # its timer is due at the very end
    finally:
        lived.close()


def test_the_same_seed_gives_the_same_bytes_and_another_draws_other_arms(folder: Path) -> None:
    when = [_go(1, who=f"p{n}") for n in range(40)]
    lived = live(_news(when, holdout="50%"), folder)
    try:
        first, again, other = (lived.simulated(seed=seed) for seed in (0, 0, 7))
        texts = [
            json.dumps({**one.document, "seconds": 0}, ensure_ascii=False) for one in (first, again, other)
        ]
        assert texts[0] == texts[1]
        arms = [{row.profile: row.arm for row in one.transitions} for one in (first, other)]
        assert arms[0].keys() == arms[1].keys()
        assert arms[0] != arms[1]
        assert set(first.document) == {
            "journeys", "sends_by_day", "per_person", "reasons", "events", "profiles", "from", "to", "seed", "seconds",
        }  # fmt: skip
        assert set(first.document["journeys"]["news"]) == {
            "entered", "by_exit", "nodes", "messages", "sends", "goals",
        }  # fmt: skip
        assert other.document["seed"] == 7
    finally:
        lived.close()


def test_what_the_journeys_under_test_caused_is_left_out(folder: Path) -> None:
    made = scene(stream(5, 60, ORDERLY))
    lived = live(made, folder)
    try:
        stored = [row.event for row in lived.history.scan()]
        ours = {one.name for one in stored if one.source == "wayfare"}
        assert {"Journey Entered", "Message Planned", "Journey Exited"} <= ours
        names = feed_names(lived.journeys)
        feed = [msgspec.structs.replace(one) for one in stored if one.name in names or one.kind == "identify"]
        heard = [one for one in feed if one.source != "wayfare"]
        span = Span(None, made.until + 1)
        assert rows(simulate(made.book, lived.journeys, feed, span).transitions) == rows(
            simulate(made.book, lived.journeys, heard, span).transitions
        )
        assert len(feed) > len(heard)
        assert HOUSE["journeys"][2]["entry"]["event"] in {one.name for one in feed}
    finally:
        lived.close()
