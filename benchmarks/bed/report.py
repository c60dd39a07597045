"""The report: what a benchmark spent and reached, as a table for people and one line of JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import apsw
import duckdb

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `goal` is what it must reach (None: it explains another), `most` that smaller is better."""

    measure: str
    value: float
    unit: str
    goal: float | None = None
    most: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.most else self.value >= self.goal


@dataclass(slots=True)
class Spent:
    """What processes spent between its making and `stop`: wall and CPU seconds, memory in MB."""

    processes: tuple[int, ...] = ()  # others than this one
    wall: float = 0.0
    cpu: float = 0.0
    others: float = 0.0
    memory: float = 0.0
    _began: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))

    def __post_init__(self) -> None:
        self._began = (time.perf_counter(), time.process_time(), self._of_others())

    def stop(self) -> Spent:
        """Take the readings."""
        wall, cpu, others = self._began
        self.wall = time.perf_counter() - wall
        self.cpu = time.process_time() - cpu
        self.others = self._of_others() - others
        known = [resident(process) for process in self.processes]
        self.memory = max(known) if known else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return self

    def _of_others(self) -> float:
        return sum(cpu_seconds(process) for process in self.processes)


def cpu_seconds(process: int) -> float:
    """User and system seconds of a process, its threads included."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(process: int) -> float:
    """The memory of a process now, in MB."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE / (1 << 20)


def children(process: int) -> tuple[int, ...]:
    """The processes that a process has started and that still run."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return tuple(int(one) for file in listed for one in file.read_text().split())


def show(title: str, rows: Iterable[Row], about: dict[str, Any]) -> None:
    """Print the table, then one line of JSON with the machine; `about` says what was run."""
    listed = list(rows)
    print(f"\n{title}")
    print(
        "  "
        + ", ".join(
            f"{key} {value:,}" if isinstance(value, int) else f"{key} {value}" for key, value in about.items()
        )
    )
    for row in listed:
        word = "" if row.goal is None else f"   goal {'≤' if row.most else '≥'} {_number(row.goal)}"
        verdict = {None: "", True: "   reached", False: "   not reached"}[row.reached]
        print(f"  {row.measure:<58}{_number(row.value):>13} {row.unit:<12}{word}{verdict}")
    found = {
        "benchmark": title,
        "about": about,
        "machine": machine(),
        "figures": [asdict(row) for row in listed],
    }
    print(json.dumps(found, ensure_ascii=False))
    sys.stdout.flush()


def machine() -> dict[str, Any]:
    """What it ran on."""
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": model[0].partition(":")[2].strip() if model else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * PAGE / (1 << 30), 1),
        "load": round(os.getloadavg()[0], 1),
        "fsync_ms": round(fsync_ms(), 2),
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "duckdb": duckdb.__version__,
    }


def fsync_ms() -> float:
    """The median time of one small durable write where the benchmarks write."""
    took = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
