"""A real loan log through one journey: the executor against a plain loop that knows nothing of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from wayfare.contact import policy
from wayfare.engine.book import Book
from wayfare.engine.simulate import Span, simulate
from wayfare.facts.event import Event
from wayfare.journey.check import check
from wayfare.journey.compiled import Journey, compile_journey

LOG = Path(__file__).parents[3] / "shared/data/bpic2012_loan/events.parquet"
FIVE_DAYS = 5 * 86_400_000
DOCUMENT: dict[str, Any] = {
    "journey": "offer-sent-back",
    "entry": {"on": "event", "event": "O_SENT"},
    "exit": [
        {"event": "A_CANCELLED", "reason": "cancelled"},
        {"event": "A_DECLINED", "reason": "declined"},
        {"event": "O_CANCELLED", "reason": "offer-cancelled"},
    ],
    "start": "heard",
    "nodes": {
        "heard": {"listen": [{"event": "O_SENT_BACK", "next": "done"}], "timeout": "5d", "else": "call"},
        "call": {"task": {"queue": "advisors", "title": "call the applicant"}, "next": "done"},
        "done": {"finish": "completed"},
    },
}
EXITS = {"A_CANCELLED": "cancelled", "A_DECLINED": "declined", "O_CANCELLED": "offer-cancelled"}


def loan_events() -> list[tuple[str, str, int]]:
    """(case, event, time ms) of the completed events, by time, ties in file order."""
    if not LOG.exists():
        pytest.skip("the loan log is not at hand (shared/data/bpic2012_loan)")
    rows = duckdb.sql(
        f"""select "case:concept:name"::varchar, "concept:name", epoch_ms("time:timestamp"::timestamptz)
            from '{LOG}' where "lifecycle:transition" = 'COMPLETE'"""
    ).fetchall()
    return sorted(rows, key=lambda row: row[2])


def journey() -> Journey:
    document, problems = check(DOCUMENT)
    assert document is not None
    assert not [one for one in problems if one.severity == "error"]
    return compile_journey(document, 1, "loan", "UTC")


def naive(rows: list[tuple[str, str, int]], end: int) -> Counter[tuple[str, str, int, str]]:
    """(case, node, instant, outcome) of every leaving, by one pass per case over its own events."""
    cases: dict[str, list[tuple[str, int]]] = {}
    for case, event, at in rows:
        cases.setdefault(case, []).append((event, at))
    found: Counter[tuple[str, str, int, str]] = Counter()
    for case, events in cases.items():
        node, due = "", 0
        for event, at in [*events, ("", end)]:
            if node == "heard" and due <= at:
                found[(case, "heard", due, "timeout")] += 1
                node = "call"
            if node in ("heard", "call") and event in EXITS:
                found[(case, node, at, EXITS[event])] += 1
                node = "over"
            elif node == "heard" and event == "O_SENT_BACK":
                found[(case, "heard", at, "O_SENT_BACK")] += 1
                node = "over"
            elif node == "" and event == "O_SENT":
                node, due = "heard", at + FIVE_DAYS
    return found


def test_the_executor_walks_a_real_log_like_a_plain_loop() -> None:
    rows = loan_events()
    end = rows[-1][2] + 1
    walked = journey()
    book = Book("loan", "salt", "UTC", policy.parse(None), trigger_bound=None, clock="log")
    feed = [
        Event(f"e{place}", "import", "track", event, at, at, user_id=case, backfill=True)
        for place, (case, event, at) in enumerate(rows)
        if event in walked.names
    ]
    cases = {event.id: event.user_id for event in feed}
    first = simulate(book, [walked], feed, Span(None, end))
    again = simulate(book, [walked], feed, Span(None, end))
    assert {**first.document, "seconds": 0} == {**again.document, "seconds": 0}
    assert first.transitions == again.transitions
    entries = {row.enrollment: row.cause for row in first.transitions if row.stimulus == "entered"}
    left = Counter(
        (str(cases[entries[row.enrollment]]), row.node, row.at, row.reason)
        for row in first.transitions
        if row.outcome in ("left", "exited")
    )
    assert left == naive(rows, end - 1)
    assert sum(left.values()) > 5_000
