"""The dispatcher: every outcome by every class, crashes at every point, switches, slow providers, full backlogs."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.desk import Between, Desk, Faulty, until
from tests.contact.cases import NOW, message, person
from wayfare.channels.channel import Channel, default
from wayfare.channels.console import Console
from wayfare.channels.inbox import Inbox
from wayfare.channels.provider import Accepted, Outcome, Provider, Rejected, Retryable, Unknown
from wayfare.contact import policy
from wayfare.contact.message import Message
from wayfare.engine import dispatch
from wayfare.engine.dispatch import Again, Answer, Dispatcher, backoff, local_providers, settle
from wayfare.ground.time import DAY, HOUR, MINUTE, SECOND, parse_instant

A = default("email")
C_HOLD = Channel("email", live=True, promise="C")
C_RETRY = Channel("email", live=True, promise="C", unknown="retry_once")
CLASSES = {"A": A, "hold": C_HOLD, "retry": C_RETRY}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "FIRST_WAIT", 8)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    found = Inbox(tmp_path / "inbox.db")
    yield found
    found.close()


def planned(count: int, **changes: Any) -> list[Message]:
    return [
        message(id=f"m{n:03}", content={"body": f"hello {n}"}, address="a@b.c", **changes)
        for n in range(count)
    ]


def opened(desk: Desk, provider: Provider, channel: Channel | Callable[[str], Channel] = A) -> Dispatcher:
    """A dispatcher that has taken up everything that the desk has."""
    find = channel if not isinstance(channel, Channel) else lambda _: channel
    found = Dispatcher(desk, find, lambda _: provider, lambda: desk.now)
    desk.on_planned = found.planned
    waiting = list(desk.messages.values())
    found.recover(
        [one for one in waiting if one.state == "started"],
        [(one.id, one.channel) for one in waiting if one.state == "planned"],
    )
    return found


# ---- what follows from an outcome


@pytest.mark.parametrize(
    ("channel", "attempts", "outcome", "settled"),
    [
        (A, 1, Accepted("r"), Answer("sent")),
        (C_HOLD, 1, Accepted("r"), Answer("sent")),
        (A, 1, Rejected("bad address"), Answer("failed", "bad address")),
        (C_RETRY, 1, Rejected("bad address"), Answer("failed", "bad address")),
        (A, dispatch.TRIES, Retryable("busy"), Answer("failed", "busy")),
        (C_HOLD, 1, Unknown("timeout"), Answer("unknown", "timeout")),
        (C_RETRY, 2, Unknown("timeout"), Answer("unknown", "timeout")),
        (Channel("x", live=True, promise="B"), 1, Unknown("timeout"), Answer("unknown", "timeout")),
    ],
)
def test_outcomes_by_class(channel: Channel, attempts: int, outcome: Outcome, settled: Answer) -> None:
    assert settle(channel, message(attempts=attempts), outcome, NOW) == settled


def test_an_unknown_outcome_is_asked_again_only_where_that_is_honest() -> None:
    assert isinstance(settle(A, message(attempts=9), Unknown("x"), NOW + DAY), Again)
    assert isinstance(settle(C_RETRY, message(attempts=1), Unknown("x"), NOW), Again)
    short = Channel("email", live=True, promise="A", window=HOUR)
    assert isinstance(settle(short, message(attempts=1), Unknown("x"), NOW + 47 * MINUTE), Again)
    assert settle(short, message(attempts=1), Unknown("x"), NOW + 48 * MINUTE) == Answer("unknown", "x")
    wanted = message(attempts=1, expires_at=NOW + HOUR)
    assert isinstance(settle(A, wanted, Unknown("x"), NOW + HOUR - SECOND), Again)
    assert settle(A, wanted, Unknown("x"), NOW + HOUR) == Answer("unknown", "x")


@pytest.mark.parametrize(
    ("after", "least", "most"),
    [
        (None, 0, 300_000),
        (0, 0, 300_000),
        (-5, 0, 300_000),
        (120_000, 120_000, 300_000),
        (10**12, HOUR, HOUR),
    ],
)
def test_a_provider_is_never_called_before_it_allowed(after: int | None, least: int, most: int) -> None:
    for attempts in range(1, dispatch.TRIES):
        settled = settle(A, message(attempts=attempts), Retryable("429", after), NOW)
        assert isinstance(settled, Answer) and settled.due is not None
        assert NOW + least <= settled.due <= NOW + most


def test_the_wait_grows_with_full_jitter_and_is_the_same_when_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatch, "FIRST_WAIT", SECOND)
    for attempts, ceiling in [
        (1, 1_000),
        (2, 2_000),
        (5, 16_000),
        (9, 256_000),
        (10, 300_000),
        (185, 300_000),
    ]:
        waits = [backoff(message(id=f"m{n}", attempts=attempts)) for n in range(400)]
        assert 0 <= min(waits) < ceiling * 0.05 and ceiling * 0.95 < max(waits) < ceiling
        assert abs(sum(waits) / len(waits) - ceiling / 2) < ceiling * 0.06
        assert waits == [backoff(message(id=f"m{n}", attempts=attempts)) for n in range(400)]


# ---- lanes


def test_everything_planned_is_sent_once(inbox: Inbox) -> None:
    desk = Desk(planned(700))
    found = opened(desk, inbox)
    found.planned([("m001", "email"), ("m002", "email")])  # said twice
    until(lambda: desk.states() == {"sent": 700})
    found.stop()
    assert Counter(one.times for one in inbox.ledger()) == {1: 700}
    assert Counter(kind for kind, *_ in desk.log if kind == "answer") == {"answer": 700}


def test_a_message_that_is_said_twice_is_started_once() -> None:
    entered, release = threading.Event(), threading.Event()
    provider = Faulty(batch=8)

    def hold(_: Message) -> None:
        entered.set()
        release.wait(20)

    provider.before = hold
    desk = Desk(planned(3))
    found = Dispatcher(desk, default, lambda _: provider, lambda: desk.now)
    found.planned([("m000", "email")])
    assert entered.wait(20)
    found.planned([("m001", "email"), ("m002", "email"), ("m001", "email")])
    release.set()
    until(lambda: desk.states() == {"sent": 3})
    found.stop()
    assert Counter(name for kind, name, _ in desk.log if kind == "start") == {"m000": 1, "m001": 1, "m002": 1}


def test_retries_rejections_and_odd_answers() -> None:
    def script(number: int, sent: Message) -> Outcome | None:
        match sent.id, sent.attempts:
            case "m000", 1:
                return Retryable("429", 2_000)
            case "m001", _:
                return Rejected("blocked")
            case "m002", 1 | 2:
                return Unknown("timeout")
        return None

    desk, provider = Desk(planned(4)), Faulty(script)
    found = opened(desk, provider)
    until(lambda: desk.states() == {"sent": 2, "failed": 1, "held": 1})
    assert (desk.messages["m000"].reason, desk.messages["m001"].reason) == ("429", "blocked")
    desk.tick(NOW + 1_999)
    assert desk.messages["m000"].state == "held"
    desk.tick(NOW + 10_000)
    until(lambda: desk.states() == {"sent": 3, "failed": 1})
    found.stop()
    assert provider.taken.count("m000") == 1 and desk.messages["m002"].attempts == 3
    bodies = {
        name: {str(content) for other, content in provider.calls if other == name} for name in desk.messages
    }
    assert all(len(found) == 1 for found in bodies.values())  # the same bytes at every attempt


@pytest.mark.parametrize("failure", [OSError("reset"), ValueError("no json"), TimeoutError()])
def test_an_exception_of_a_provider_is_an_unknown_outcome(failure: Exception) -> None:
    desk = Desk(planned(1))
    found = opened(desk, Faulty(lambda n, m: failure), C_HOLD)
    until(desk.settled)
    found.stop()
    assert (desk.messages["m000"].state, desk.messages["m000"].reason) == ("held", "unknown_outcome")


def test_a_provider_that_answers_too_little() -> None:
    class Short:
        batch = 8

        def send(self, messages: Any) -> list[Outcome]:
            return [Accepted()]

    desk = Desk(planned(3))
    found = opened(desk, Short(), C_HOLD)
    until(desk.settled)
    found.stop()
    assert desk.states() == {"sent": 1, "held": 2}


def test_a_slow_provider_delays_no_other(inbox: Inbox) -> None:
    release = threading.Event()
    slow = Faulty()

    def wait(_: Message) -> None:
        release.wait(20)

    slow.before = wait
    messages = [message(id=f"s{n}", channel="sms") for n in range(20)] + planned(300)
    desk = Desk(messages)
    found = Dispatcher(
        desk, default, lambda channel: slow if channel.id == "sms" else inbox, lambda: desk.now
    )
    began = time.monotonic()
    found.planned([(one.id, one.channel) for one in messages])
    until(lambda: desk.states()["sent"] == 300)
    assert time.monotonic() - began < 5 and not slow.taken
    assert desk.states() == {
        "sent": 300,
        "started": 1,
        "planned": 19,
    }  # one call under way, the others not started
    release.set()
    until(lambda: desk.states() == {"sent": 320})
    found.stop()


def test_stop_finishes_the_calls_under_way_and_starts_no_more() -> None:
    entered, release = threading.Event(), threading.Event()
    provider = Faulty()

    def hold(_: Message) -> None:
        entered.set()
        release.wait(20)

    provider.before = hold
    desk = Desk(planned(5))
    found = opened(desk, provider)
    assert entered.wait(20)
    stopping = threading.Thread(target=found.stop)
    stopping.start()
    release.set()
    stopping.join(20)
    assert desk.states() == {"sent": 1, "planned": 4}
    found.planned([("m003", "email")])
    assert desk.states() == {"sent": 1, "planned": 4}


# ---- the last gate


def test_the_kill_switch_stops_at_the_last_gate_and_what_it_held_goes_later() -> None:
    provider = Faulty()
    desk = Desk(planned(200))
    at_press: list[int] = []

    def press(_: Message) -> None:
        if len(provider.calls) == 50:
            desk.switch(True)
            at_press.append(len(provider.calls))

    provider.before = press
    found = opened(desk, provider)
    until(desk.settled)
    assert at_press == [50] and len(provider.taken) == 51  # the one that was started, and none after it
    assert desk.states() == {"sent": 51, "held": 149}
    assert {one.reason for one in desk.messages.values() if one.state == "held"} == {"kill_switch"}
    after_press = [
        entry for entry in desk.log[desk.log.index(("answer", "m050", "sent")) :] if entry[0] == "start"
    ]
    assert {state for _, _, state in after_press} == {"held"}
    provider.before = lambda _: None
    desk.switch(False)
    until(lambda: desk.states() == {"sent": 200})
    found.stop()
    assert Counter(provider.taken) == Counter(list(desk.messages))


def test_an_opt_out_quiet_hours_and_ttl_are_read_again() -> None:
    night = parse_instant("2026-03-02T22:00:00+08:00")
    rules = policy.parse({"quiet": [{"class": "marketing", "from": "21:00", "to": "09:00"}]})
    desk = Desk(
        [
            message(id="out", profile="gone"),
            message(id="late", expires_at=night, klass="transactional"),
            message(id="fine", klass="transactional"),
            message(id="quiet"),
        ],
        rules,
    )
    desk.people["gone"] = person({"marketing": {"email": "withdrawn"}})
    desk.now = night
    provider = Faulty()
    found = opened(desk, provider)
    until(desk.settled)
    found.stop()
    states = {name: (one.state, one.reason) for name, one in desk.messages.items()}
    assert states == {
        "out": ("suppressed", "no_consent"), "late": ("expired", "ttl"), "fine": ("sent", ""),
        "quiet": ("held", "quiet_hours"),
    }  # fmt: skip
    assert provider.taken == ["fine"]


def test_an_opt_out_while_an_unknown_outcome_waits_stops_the_next_call() -> None:
    desk = Desk(planned(1))

    def script(number: int, sent: Message) -> Outcome | None:
        desk.people["prf_1"] = person({"marketing": {"email": "withdrawn"}})
        return Unknown("timeout")

    provider = Faulty(script)
    found = opened(desk, provider)
    until(desk.settled)
    found.stop()
    assert len(provider.calls) == 1
    assert (desk.messages["m000"].state, desk.messages["m000"].reason) == ("held", "unknown_outcome")


# ---- crashes

POINTS = ("before start", "after start", "mid-request", "after accept", "before store")


def run_until_crash(point: str, desk: Desk, provider: Provider, channel: Channel, at: int) -> None:
    """Dispatch until the process 'dies' at a point of the call number `at`: from then on nothing is durable."""
    seen = {"calls": 0}

    def reached() -> bool:
        seen["calls"] += 1
        return seen["calls"] == at

    def die() -> None:
        if reached():
            desk.ended = True

    def die_before() -> None:
        if reached():
            desk.ended = True
            raise ConnectionError("reset")

    def arm(command: str, when: str) -> Callable[[], None]:
        def set_it() -> None:
            if reached():
                desk.crash_at = (command, when)

        return set_it

    def nothing() -> None:
        return None

    around = {
        "before start": (nothing, arm("start", "before")),
        "after start": (nothing, arm("start", "after")),
        "mid-request": (die_before, nothing),
        "after accept": (nothing, die),
        "before store": (nothing, arm("answer", "before")),
    }[point]
    found = opened(desk, Between(provider, *around), channel)
    until(lambda: desk.ended or desk.settled())
    found.stop()
    assert desk.ended


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("promise", list(CLASSES))
def test_a_crash_at_every_point(promise: str, point: str, batch: int, tmp_path: Path) -> None:
    channel = CLASSES[promise]
    for at in range(1, 6):
        desk = Desk(planned(24))
        inbox = Inbox(tmp_path / f"{at}.db")
        inbox.batch = batch
        plain = Faulty(batch=batch)
        provider: Provider = inbox if promise == "A" else plain
        run_until_crash(point, desk, provider, channel, at)
        left = [one.id for one in desk.messages.values() if one.state == "started"]
        assert len(left) <= batch and bool(left) == (point != "before start")
        again = desk.restart()
        found = opened(again, provider, channel)
        until(again.settled)
        found.stop()
        taken = Counter(one.id for one in inbox.ledger()) if promise == "A" else Counter(plain.taken)
        held = [one.id for one in again.messages.values() if one.state == "held"]
        duplicates = sum(count - 1 for count in taken.values())
        misses = set(again.messages) - set(taken)
        inbox.close()
        match promise:
            case "A":
                assert (duplicates, misses, held) == (0, set(), [])
            case "hold":
                assert duplicates == 0 and misses <= set(held) and held == left
                assert all(again.messages[name].reason == "unknown_outcome" for name in held)
            case _:
                assert duplicates <= len(left) and misses == set() and held == []
                assert duplicates == (len(left) if point in ("after accept", "before store") else 0)
        assert again.states()["sent"] + len(held) == 24


# ---- the log clock: the writer calls it itself


def test_deliver_settles_at_once_without_waiting() -> None:
    script: list[Outcome | None] = [Unknown("timeout"), Unknown("timeout"), None]
    provider = Faulty(lambda number, _: script[number])
    found = Dispatcher(Desk([]), default, lambda _: provider, lambda: NOW)
    assert found.deliver(message(state="started", attempts=1)) == Answer("sent")
    provider = Faulty(lambda number, _: Unknown("timeout"))
    assert found.deliver(message(state="started", attempts=1)) == Answer("unknown", "timeout")
    assert len(provider.calls) == dispatch.AT_ONCE
    provider = Faulty(lambda number, _: Retryable("busy", 5_000))
    assert found.deliver(message(state="started", attempts=1)) == Answer("retry", "busy", NOW + 5_000)
    provider = Faulty()
    assert found.resume(message(state="started", attempts=1)) == Answer("sent")
    cautious = Dispatcher(Desk([]), lambda _: C_HOLD, lambda _: provider, lambda: NOW)
    assert cautious.resume(message(state="started", attempts=1)) == Answer("unknown", "crash")


def test_only_a_live_console_is_printed_to(inbox: Inbox) -> None:
    console = Console()
    choose = local_providers(inbox, console)
    assert choose(default("email")) is inbox and choose(Channel("x", kind="console")) is inbox
    assert choose(Channel("x", kind="console", live=True)) is console
