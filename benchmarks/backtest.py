"""Backtest: a journey walked over stored history with every gate, as `wayfare simulate` does it."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from bed import shop
from bed.crowd import HABITS
from bed.report import Row, Spent, show

from wayfare.app.rehearsal import simulate_drafts
from wayfare.config.workspace import load
from wayfare.engine.asking import LocalHistory
from wayfare.stores.history import History

SPAN = 60 * 86_400_000
BEGAN = 1_767_225_600_000  # 2026-01-01


def fill(data: Path, events: int, people: int) -> None:
    """Write the history: who, what and when are hashes, so that it is the same every time."""
    upto, cases = 0, []
    for name, weight in HABITS.items():
        upto += weight
        cases.append(f"when luck < {upto} then '{name or 'Identified'}'")
    history = History(data)
    with history.cursor() as db:
        db.execute(f"""
            insert into event by name
            select seq, seq as off, 'prf_' || who as profile, name,
              case when name = 'Identified' then 'identify' else 'track' end as kind, time, time as received,
              'import' as source, 'e' || seq as id, 'u' || who as user_id, true as backfill,
              case when name <> 'Identified' then '{{"n":' || seq || ',"price":' || (hash(seq, 3) % 1000)
                || ',"sku":"sku-' || (hash(seq, 4) % 97) || '","results":' || (hash(seq, 5) % 20) || '}}'
              end as properties,
              case when name = 'Identified' then '{{"email":"u' || who || '@example.org","phone":"+86139' || who ||
                '","first_name":"Guest ' || who || '","level":' || (who % 5) || '}}' end as traits
            from (
              select seq + {people} as seq, hash(seq, 0) % {people} as who,
                {BEGAN} + (seq * {SPAN} // {events}) + (hash(seq, 2) % 60000)::bigint as time,
                case {" ".join(cases)} end as name
              from (select range as seq, hash(range, 1) % {upto} as luck from range({events - people}))
              union all
              select range, range, {BEGAN} - 86400000 + range * 86400000 // {people}, 'Identified' from range({people})
            ) order by seq
        """)
        db.execute("insert into meta values ('seq', ?), ('offset', ?)", [events, events])
    history.close()


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=2_000_000)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--journeys", default="cart", help="names with commas, or all")
    asked = options.parse_args()
    names = list(shop.JOURNEYS) if asked.journeys == "all" else asked.journeys.split(",")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "shop"
        shop.found(root)
        fill(root / "data", asked.events, asked.people)
        spent, told = _walk(root, names)
    about = {"events": asked.events, "people": asked.people, "journeys": ", ".join(names)}
    journeys: dict[str, Any] = told["journeys"]
    sent = sum(told["sends_by_day"].values())
    rows = [
        Row("events of history, per CPU second", asked.events / spent.cpu, "events/s", 1_000_000),
        Row("events that the journeys read, per CPU second", told["events"] / spent.cpu, "events/s"),
        Row("CPU seconds", spent.cpu, "s"),
        Row("seconds", spent.wall, "s"),
        Row("peak memory", spent.memory, "MB"),
        Row("events that the journeys read", told["events"], ""),
        Row("entered", sum(one["entered"] for one in journeys.values()), ""),
        Row("sent", sent, ""),
    ]
    show("backtest", rows, about)


def _walk(root: Path, names: list[str]) -> tuple[Spent, dict[str, Any]]:
    config = load(root)
    history = LocalHistory.open(config.data, config.settings.tz)
    spent = Spent()
    told = simulate_drafts(config, history, names, {}, None)
    spent.stop()
    history.close()
    return spent, told


if __name__ == "__main__":
    main()
