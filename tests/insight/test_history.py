"""The history takes every event once, gives it back equal and in order, and belongs to one process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wayfare.facts.event import Event
from wayfare.ground.errors import Broken, Unavailable
from wayfare.stores.history import History, HistoryRow
from wayfare.stores.records import Merge


def event(number: int, **fields: object) -> Event:
    given = {
        "id": f"m{number}",
        "source": "web",
        "kind": "track",
        "name": f"n{number % 3}",
        "time": 1_000 - number,
    }
    return Event(**{**given, "received": 5_000 + number, **fields})  # type: ignore[arg-type]


def rows(first: int, last: int) -> list[HistoryRow]:
    return [HistoryRow(n, n * 10, f"p{n % 2}", event(n)) for n in range(first, last + 1)]


def test_every_field_comes_back_equal(tmp_path: Path) -> None:
    full = event(
        1, kind="identify", user_id="u", anonymous_id="a", previous_id="p", group_id="g", channel="app",
        properties={"金额": 1.5, "n": None, "big": 2**53 + 1, "l": [1, {"x": True}]},
        traits={"t": "NA"}, context={"c": {}}, keys={"order": "o1"}, backfill=True, origin="enr_1", warnings=("late",),
    )  # fmt: skip
    given = [HistoryRow(1, 1, "p", full), HistoryRow(2, 2, "p", event(2))]
    history = History(tmp_path)
    history.append(given, [], 2)
    assert sorted(history.scan(), key=lambda row: row.seq) == given


def test_a_batch_told_twice_counts_once_also_after_reopening(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert history.append(rows(1, 5), [], 5) == 5
    assert history.append(rows(3, 8), [], 8) == 3
    assert history.append(rows(3, 8), [], 8) == 0
    history.append([], [Merge("p1", "p0", 1, "link", "m1", 9)], 9)
    history.close()
    history = History(tmp_path)
    assert (history.covered, history.count(), history.fresh_to()) == (9, 8, 5_008)
    assert history.append(rows(8, 9), [Merge("p1", "p0", 1, "link", "m1", 9)], 9) == 0
    assert history.counts() == {"n1": 3, "n2": 3, "n0": 2}


def test_a_failed_append_leaves_nothing(tmp_path: Path) -> None:
    history = History(tmp_path)
    with pytest.raises(Broken, match="WF5503"):
        history.append(rows(1, 5), [], 4)
    broken = [HistoryRow(1, 1, "p", event(1)), HistoryRow(2, 2, None, event(2))]  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        history.append(broken, [], 2)
    assert (history.covered, history.count()) == (0, 0)
    assert history.append(rows(1, 2), [], 2) == 2


def test_scan_is_by_time_then_arrival_and_filters(tmp_path: Path) -> None:
    history = History(tmp_path)
    given = [
        HistoryRow(n, n, "p", event(n, time=n // 2, kind="identify" if n == 4 else "track"))
        for n in range(1, 9)
    ]
    history.append(given, [], 8)
    assert [row.seq for row in history.scan()] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [row.seq for row in history.scan({"n0"}, {"identify"}, until=4)] == [3, 4, 6]
    assert [row.seq for row in history.scan(set())] == []
    assert (history.lowest_time(), history.highest_time()) == (0, 4)


def test_the_highest_time_is_of_live_events_if_there_are_any(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert history.highest_time() is None
    history.append([HistoryRow(1, 1, "p", event(1, time=900, backfill=True))], [], 1)
    assert history.highest_time() == 900
    history.append([HistoryRow(2, 2, "p", event(2, time=100))], [], 2)
    assert (history.highest_time(), history.highest_time(live_only=False)) == (100, 900)


def test_a_second_process_is_told_who_is_in_the_way(tmp_path: Path) -> None:
    history = History(tmp_path)
    with pytest.raises(Unavailable, match="WF5501"):
        History(tmp_path, memory="1GB")
    program = f"from pathlib import Path; from wayfare.stores.history import History; History(Path({str(tmp_path)!r}))"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "WF5501 another process owns the history" in other.stderr
    history.close()


def test_a_file_that_is_no_history_is_told_clearly(tmp_path: Path) -> None:
    (tmp_path / "history.duckdb").write_bytes(b"not a database" * 1_000)
    with pytest.raises(Broken, match="WF5502"):
        History(tmp_path)


def test_sql_reaches_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    db = History(tmp_path).cursor()
    for query in (
        f"select * from '{tmp_path}/x.csv'",
        f"copy event to '{tmp_path}/y.csv'",
        "set memory_limit = '9GB'",
    ):
        with pytest.raises(Exception, match=r"does not exist|disabled|locked"):
            db.execute(query)
