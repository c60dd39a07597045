"""Imports: files into history through the product's command: read, log, profiles, history."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from bed import shop
from bed.report import Row, show

MAP = "profile=who,event=what,time=at,id=id"
GOALS = {"parquet": 1_000_000, "csv": 400_000}


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--people", type=int, default=10_000)
    asked = options.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as place:
        for form, goal in GOALS.items():
            file = Path(place) / f"events.{form}"
            duckdb.sql(f"""
                copy (select 'e' || range as id, 'u' || hash(range, 1) % {asked.people} as who,
                  ['Viewed', 'Added', 'Bought'][1 + (hash(range, 2) % 3)::bigint] as what,
                  timestamp '2026-01-01' + to_milliseconds(range * 1000) as at, hash(range, 3) % 1000 as price,
                  'sku-' || hash(range, 4) % 97 as sku from range({asked.events})) to '{file}' (format {form})
            """)
            rows += _run(Path(place) / form, file, form, goal, asked.events)
    show("import", rows, {"events": asked.events, "people": asked.people})


def _run(root: Path, file: Path, form: str, goal: float, events: int) -> list[Row]:
    shop.found(root)
    command = [
        sys.executable,
        "-m",
        "wayfare",
        "import",
        str(file),
        "--map",
        MAP,
        "--json",
        "--workspace",
        str(root),
    ]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    told = json.loads(process.stdout.read())
    _, code, used = os.wait4(process.pid, 0)
    process.returncode = code
    wall, cpu = time.perf_counter() - began, used.ru_utime + used.ru_stime
    assert code == 0 and told["applied"] == events, told
    return [
        Row(f"{form}: events per second, start to end of the command", events / wall, "events/s", goal),
        Row(f"{form}: events per CPU second", events / cpu, "events/s"),
        Row(f"{form}: peak memory", used.ru_maxrss / 1024, "MB"),
    ]


if __name__ == "__main__":
    main()
