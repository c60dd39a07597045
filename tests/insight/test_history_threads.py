"""History is asked from many threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wayfare.facts.event import Event
from wayfare.stores.history import History, HistoryRow


def test_many_threads_may_ask_where_it_stands_while_one_writes(tmp_path: Path) -> None:
    history = History(tmp_path)
    try:
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(history.fresh_to) for _ in range(400)]
            for seq in range(1, 40):
                event = Event(f"e{seq}", "s", "track", "E", seq, seq, user_id="u")
                history.append([HistoryRow(seq, seq, "p", event)], [], seq)
            answers = [one.result(60) for one in asked]
        assert history.fresh_to() == 39
        assert all(answer is None or 0 < answer <= 39 for answer in answers)
    finally:
        history.close()
