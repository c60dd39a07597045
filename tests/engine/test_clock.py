"""The clocks: what is too late to start anything, what waits for the dispatcher, and what a crash leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.streams import scene, stream
from tests.golden.conftest import folder
from tests.golden.drive import Live, Scripted
from tests.golden.ledger import ledger
from tests.golden.scene import Scene, read
from wayfare.contact.message import Message
from wayfare.engine import advance, ingest, transact
from wayfare.engine.transact import Transactor
from wayfare.ground.time import HOUR, Instant
from wayfare.journey.stimulus import Due
from wayfare.stores.records import Changes

__all__ = ["folder"]  # the fixture
BUYING = ("Cart", "Order", "Click", "alias")
AT = "2026-03-01T10:00:00Z"
SEND: dict[str, Any] = {
    "journey": "news",
    "entry": {"on": "event", "event": "Go"},
    "start": "push",
    "nodes": {
        "push": {"send": {"channel": "push", "template": "hello"}, "next": "pause"},
        "pause": {"wait": {"for": "1h"}, "next": "again"},
        "again": {"send": {"channel": "push", "template": "hello"}, "next": "done"},
        "done": {"finish": "completed"},
    },
}


def _scene(when: list[dict[str, Any]], until: str = "2026-03-02T10:00:00Z") -> Scene:
    return read({"what": "clocks", "journeys": [SEND], "when": when, "until": until}, "clocks")


@pytest.mark.parametrize(("age", "enters"), [(HOUR, True), (HOUR + 1, False)])
def test_by_the_wall_an_age_counts_from_the_receipt(folder: Path, age: int, enters: bool) -> None:
    late = {
        "at": AT,
        "who": "ann",
        "event": "Go",
        "time": f"{AT[:11]}08:59:59.999Z" if age > HOUR else f"{AT[:11]}09:00:00Z",
    }
    driver = Live(_scene([late]), folder)
    driver.work = Transactor(driver.store, _scene([late]).book, by_log=False)
    try:
        for step in _scene([late]).steps:
            driver.take(step)
        (decided,) = (one for one in driver.store.applied_after(0) if one.event is None)
        assert decided.verdict == ("applied" if enters else "late")
        assert bool(driver.rows().enrollments) == enters
        assert [one.reason for one in driver.rows().missed] == ([] if enters else ["late"])
    finally:
        driver.close()


class Watching(Scripted):
    """A provider that notes what the store knows while it is being called."""

    def __init__(self, driver: Live) -> None:
        super().__init__({})
        self.driver = driver
        self.seen: list[
            tuple[str, int, int]
        ] = []  # (node, rows applied, messages neither final nor this one)

    def deliver(self, message: Message) -> tuple[str, str, Instant | None]:
        """Take it."""
        others = [one for one in self.driver.store.messages(limit=100).items if one.id != message.id]
        waiting = sum(
            one.state in ("planned", "started") and one.planned_at < message.planned_at for one in others
        )
        self.seen.append((message.node, self.driver.work.applied, waiting))
        return super().deliver(message)


def test_by_the_log_nothing_later_is_applied_before_a_message_is_sent(folder: Path) -> None:
    when = [{"at": AT, "who": who, "event": "Go"} for who in ("ann", "bob", "cat")]
    made = _scene([*when, {"at": "2026-03-01T12:00:00Z", "who": "dan", "event": "Go"}])
    driver = Live(made, folder)
    provider = Watching(driver)
    driver.work.courier = provider
    try:
        for step in made.steps:
            driver.append(step) if step.entry is not None else driver.take(step)
        driver.apply()
        driver.fire(made.until)
    finally:
        driver.close()
    assert [(node, applied) for node, applied, _ in provider.seen] == [
        ("push", 1), ("push", 2), ("push", 3), ("again", 3), ("again", 3), ("again", 3), ("push", 4), ("again", 4),
    ]  # fmt: skip
    assert not any(waiting for _, _, waiting in provider.seen)


class Crash(BaseException):
    """The process ends here."""


class Dying(Scripted):
    """A provider that takes the message, and the process dies before its answer is kept."""

    def __init__(self, left: int) -> None:
        super().__init__({})
        self.left = left

    def deliver(self, message: Message) -> tuple[str, str, Instant | None]:
        """Die at the call that was chosen."""
        answer = super().deliver(message)
        self.left -= 1
        if self.left < 0:
            raise Crash
        return answer


def _unbroken(made: Scene, place: Path) -> str:
    driver = Live(made, place)
    try:
        for step in made.steps:
            driver.take(step)
        return ledger(made, driver.rows())
    finally:
        driver.close()


def _again(made: Scene, place: Path, calls: list[str]) -> str:
    """Start over the same files, as a new process would, and bring the log to its end."""
    driver = Live(made, place)
    try:
        driver.work.recover()
        driver.apply()
        calls += driver.provider.calls
        return ledger(made, driver.rows())
    finally:
        driver.close()


def _broken(made: Scene, place: Path, calls: list[str], provider: Scripted | None, commits: int) -> bool:
    """Run until the crash; whether there was one. What the log has is safe, whatever else is lost."""
    driver = Live(made, place)
    commit = driver.store.commit
    left = [commits]

    def dying(changes: Changes) -> None:
        if not left[0]:
            raise Crash
        left[0] -= 1
        commit(changes)

    try:
        for step in made.steps:
            driver.append(step) if step.entry is not None else driver.take(step)
        if provider is not None:
            driver.work.courier = driver.provider = provider
        if commits >= 0:
            driver.store.commit = dying  # type: ignore[method-assign]
        driver.apply()
        return False
    except Crash:
        return True
    finally:
        calls += driver.provider.calls
        driver.close()


def test_what_a_crash_leaves_started_ends_as_if_there_had_been_none(folder: Path) -> None:
    made = scene(stream(4, 34, BUYING))
    whole = _unbroken(made, folder / "whole")
    sends = 0
    while True:
        calls: list[str] = []
        place = folder / f"crash{sends}"
        if not _broken(made, place, calls, Dying(sends), -1):
            break
        assert _again(made, place, calls) == whole
        assert len(calls) - len(set(calls)) == 1  # the one that was under way: asked again under its own key
        sends += 1
    assert sends > 5


def test_a_crash_before_any_commit_changes_nothing(folder: Path) -> None:
    made = scene(stream(4, 34, BUYING))
    whole = _unbroken(made, folder / "whole")
    commits = 0
    while True:
        calls: list[str] = []
        place = folder / f"crash{commits}"
        if not _broken(made, place, calls, None, commits):
            break
        assert _again(made, place, calls) == whole
        assert len(calls) - len(set(calls)) <= 1
        commits += 3
    assert commits > 10


def test_a_row_that_fails_again_and_again_is_quarantined_and_its_neighbours_are_applied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _scene([{"at": AT, "who": who, "event": "Go"} for who in ("ann", "bob", "cat", "dan")])
    real, tries = ingest.read_row, [0]

    def failing(row: Any, zone: str) -> Any:
        if row.offset == 3:
            tries[0] += 1
            raise RecursionError("a defect")
        return real(row, zone)

    monkeypatch.setattr(transact, "read_row", failing)
    driver = Live(made, folder)
    try:
        for step in made.steps:
            driver.append(step) if step.entry is not None else driver.take(step)
        driver.apply()
        rows = driver.rows()
        assert rows.quarantined == [(3, "poison")]
        assert len(rows.enrollments) == 3
        assert tries[0] == 1 + transact.TRIES
        assert driver.work.applied == 4
    finally:
        driver.close()


WAIT = {
    "journey": "waits",
    "entry": {"on": "event", "event": "Go"},
    "start": "pause",
    "nodes": {"pause": {"wait": {"for": "1h"}, "next": "done"}, "done": {"finish": "completed"}},
}


def test_a_timer_that_fails_again_and_again_ends_its_run_and_nobody_elses(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    when = [{"at": AT, "who": who, "event": "Go"} for who in ("ann", "bob", "cat")]
    later = [{"at": f"{AT[:11]}13:00:00Z", "who": "dan", "event": "Go"}]
    made = read(
        {"what": "misfires", "journeys": [WAIT], "when": when + later, "until": "2026-03-01T13:30:00Z"},
        "misfires",
    )
    real, tries = advance.step, [0]

    def failing(journey: Any, enrollment: Any, stimulus: Any, now: Instant) -> Any:
        if isinstance(stimulus, Due) and enrollment.entry.user_id == "bob":
            tries[0] += 1
            raise ZeroDivisionError("a defect")
        return real(journey, enrollment, stimulus, now)

    monkeypatch.setattr(advance, "step", failing)
    driver = Live(made, folder)
    try:
        for step in made.steps:
            driver.append(step) if step.entry is not None else driver.take(step)
        driver.apply()
        reasons = {run.entry.user_id: (run.status, run.reason) for run in driver.rows().enrollments}
        assert reasons["bob"] == ("exited", "defect")
        assert reasons["ann"] == reasons["cat"] == ("completed", "completed")
        assert reasons["dan"] == ("live", "")
        assert tries[0] == 1 + transact.TRIES
        assert driver.rows().quarantined == []
    finally:
        driver.close()
