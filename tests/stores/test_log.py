"""Trials of the log: offsets, receipts, exact de-duplication over days and restarts, and what a failing disk does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import apsw
import pytest

from wayfare.ground.errors import Unavailable
from wayfare.ground.time import DAY, HOUR, MINUTE, parse_instant
from wayfare.stores import log as log_module
from wayfare.stores.log import Ack, Entry, Log
from wayfare.stores.log_read import LogReader

START = parse_instant("2026-03-01T12:00:00Z")


class Bench:
    """A log on a clock that stands still until it is moved."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.now = START
        self.log = Log.open(directory, lambda: self.now)

    def reopen(self) -> None:
        self.log.close()
        self.log = Log.open(self.directory, lambda: self.now)

    def tell(self, *names: str | None, source: str = "web", permanent: bool = False) -> Ack:
        return self.log.append(entries(*names, source=source, permanent=permanent))


def entries(*names: str | None, source: str = "web", permanent: bool = False) -> list[Entry]:
    return [
        Entry(source, name, "segment", b"head", f"body {name}".encode("utf-8", "replace"), permanent)
        for name in names
    ]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "log")
    yield made
    made.log.close()


def test_rows_are_read_as_they_were_appended(bench: Bench) -> None:
    assert bench.log.head == 0 and bench.log.read(0, 10) == []
    mixed = [
        Entry("web", "1", "segment", b"h1", b"b1"),
        Entry("web", None, "refused", b"h1", b"\xff\x00"),
        Entry("app", "2", "segment", b"h2", b""),
        Entry("web", "3", "segment", b"h1", b"b3"),
    ]
    assert bench.log.append(mixed) == Ack(4, 0, 4)
    rows = bench.log.read(0, 10)
    assert [row[2:] for row in rows] == [(one.source, one.form, one.head, one.body) for one in mixed]
    assert [(row.offset, row.receipt) for row in rows] == [(n, START) for n in (1, 2, 3, 4)]
    assert bench.log.read(2, 1) == rows[2:3] and bench.log.read(4, 5) == []
    assert bench.log.append([]) == Ack(0, 0, 4)


def test_offsets_address_single_rows_over_many_segments(bench: Bench) -> None:
    names = [f"m{n}" for n in range(2_500)]
    bench.tell(*names)
    bench.tell("last")
    rows = bench.log.read(0, 10_000)
    assert [row.offset for row in rows] == list(range(1, 2_502))
    for after in (0, 1, 999, 1_000, 1_001, 2_499, 2_500):
        assert bench.log.read(after, 3) == rows[after : after + 3]


def test_an_id_counts_once_and_the_first_one_wins(bench: Bench) -> None:
    assert bench.tell("a", "b", "a") == Ack(2, 1, 2)
    assert bench.tell("b", "c") == Ack(1, 1, 3)
    assert bench.tell("b", source="app") == Ack(1, 0, 4)
    assert bench.tell(None, None) == Ack(2, 0, 6)
    again = Entry("web", "c", "segment", b"other", b"other content")
    assert bench.log.append([again]) == Ack(0, 1, 6)
    bench.reopen()
    assert bench.tell("a", "b", "c", None) == Ack(1, 3, 7)
    assert [row.body for row in bench.log.read(2, 1)] == [b"body c"]


def test_source_and_id_do_not_run_into_each_other(bench: Bench) -> None:
    assert bench.tell("b", source="a:") == Ack(1, 0, 1)
    assert bench.tell(":b", source="a") == Ack(1, 0, 2)
    assert bench.tell("\ud800") == Ack(1, 0, 3)


@pytest.mark.parametrize("restart", [False, True])
def test_an_id_is_remembered_for_thirty_days_and_not_for_ever(bench: Bench, restart: bool) -> None:
    bench.now = parse_instant("2026-03-01T23:59:00Z")
    bench.tell("old")
    for days in range(1, 30):
        bench.now = START + days * DAY
        bench.tell(f"day {days}")
    bench.now = parse_instant("2026-03-31T23:58:59Z")  # 29 days, 23 hours and 59 minutes later
    if restart:
        bench.reopen()
    assert bench.tell("old", *(f"day {n}" for n in range(1, 30))) == Ack(0, 30, 30)
    bench.now = parse_instant("2026-04-01T23:59:01Z")
    if restart:
        bench.reopen()
    assert bench.tell("day 1", "old") == Ack(1, 1, 31)


def test_an_imported_id_is_remembered_for_ever(bench: Bench) -> None:
    assert bench.tell("r1", "r2", "r1", source="import", permanent=True) == Ack(2, 1, 2)
    for days in (40, 400):
        bench.now = START + days * DAY
        bench.reopen()
        bench.tell(f"live {days}")
        bench.log.expire(bench.now)
        assert bench.tell("r2", "r1", source="import", permanent=True).duplicates == 2
    assert bench.tell("r1") == Ack(1, 0, bench.log.head)  # a live source is another


def test_an_import_that_a_crash_kept_in_the_day_only_is_copied_at_the_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.tell("r1", source="import", permanent=True)

    def fail(self: Log, blocks: Any) -> None:
        raise Unavailable("WF6004", cause="full")

    with monkeypatch.context() as patch:
        patch.setattr(Log, "_copy_permanent", fail)
        assert bench.tell("r2", source="import", permanent=True) == Ack(1, 0, 2)  # durable, so acknowledged
        with pytest.raises(Unavailable, match="WF6005"):  # but nothing more until the keys are safe
            bench.tell("r3", source="import", permanent=True)
    bench.reopen()
    bench.now += 40 * DAY
    assert bench.tell("r1", "r2", "r3", source="import", permanent=True) == Ack(1, 2, 3)


def test_the_permanent_keys_are_sealed_and_still_known(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "SEAL_IMPORTS", 3)
    names = [f"r{n}" for n in range(5)]
    bench.tell(*names, source="import", permanent=True)
    bench.reopen()
    assert (bench.directory / "imports.keys").exists()
    assert bench.tell(*names, "new", source="import", permanent=True) == Ack(1, 5, 6)
    bench.reopen()
    assert bench.tell(*names, "new", source="import", permanent=True) == Ack(0, 6, 6)


def test_a_new_day_is_a_new_file_and_offsets_go_on(bench: Bench) -> None:
    bench.tell("a", "b")
    bench.now = START + DAY
    assert bench.tell("c", "a") == Ack(1, 1, 3)
    bench.now = START + 3 * DAY
    bench.reopen()
    assert bench.tell("d") == Ack(1, 0, 4)
    assert sorted(path.name for path in bench.directory.glob("????-??-??.db")) == [
        "2026-03-01.db",
        "2026-03-02.db",
        "2026-03-04.db",
    ]
    rows = bench.log.read(0, 10)
    assert [(row.offset, row.receipt) for row in rows] == [
        (1, START), (2, START), (3, START + DAY), (4, START + 3 * DAY),
    ]  # fmt: skip
    assert bench.log.read(2, 1) == rows[2:3]
    reader = LogReader(bench.directory)
    assert reader.read(1, 10) == rows[1:]
    bench.now = START + 4 * DAY
    bench.tell("e")
    assert [row.body for row in reader.read(4, 10)] == [b"body e"]  # a reader finds files made after it began
    reader.close()


def test_old_files_go_and_their_offsets_are_not_used_again(bench: Bench) -> None:
    bench.tell("a", "b")
    bench.now = START + 36 * DAY
    assert bench.log.expire(bench.now) == []  # the present file stays
    bench.reopen()
    assert bench.log.expire(bench.now) == ["2026-03-01"]
    assert [path.name for path in bench.directory.glob("2026-03-01*")] == []
    bench.reopen()
    assert bench.log.head == 2
    assert bench.tell("a") == Ack(1, 0, 3)
    assert [row.offset for row in bench.log.read(0, 10)] == [3]


def test_receipts_never_go_back(bench: Bench) -> None:
    bench.now = parse_instant("2026-03-02T00:00:01Z")
    bench.tell("a")
    bench.now -= HOUR
    bench.tell("b")
    bench.reopen()
    bench.tell("c")
    bench.now += 2 * HOUR
    bench.tell("d")
    receipts = [row.receipt for row in bench.log.read(0, 10)]
    assert receipts == [bench.now - HOUR, bench.now - HOUR, bench.now - HOUR, bench.now]
    assert {path.stem for path in bench.directory.glob("????-??-??.db")} == {"2026-03-01", "2026-03-02"}


def test_the_frontier_is_a_promise_even_when_the_clock_goes_back(bench: Bench) -> None:
    assert bench.log.frontier() == START
    bench.now -= MINUTE
    assert bench.log.frontier() == START
    bench.tell("a")
    assert bench.log.read(0, 1)[0].receipt == START


def test_no_row_appears_behind_the_frontier(tmp_path: Path) -> None:
    ticks = iter(range(START, START + 10**9))
    lock = threading.Lock()

    def now() -> int:
        with lock:
            return next(ticks)

    log = Log.open(tmp_path, now)
    done = threading.Event()

    def write(thread: int) -> None:
        for n in range(150):
            log.append(entries(f"{thread}-{n}"))

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    after, checks = 0, 0
    threading.Thread(target=lambda: ([writer.join() for writer in writers], done.set())).start()
    frontier = 0
    while not done.is_set() or log.read(after, 1):
        rows = log.read(after, 10_000)
        assert all(
            row.receipt >= frontier for row in rows
        )  # nothing that the last frontier had promised to be there
        assert [row.offset for row in rows] == list(range(after + 1, after + 1 + len(rows)))
        after += len(rows)
        frontier = log.frontier()
        rows = log.read(after, 10_000)  # what was durable when the frontier was told
        after += len(rows)
        checks += 1
    log.close()
    assert after == 600 and checks > 5


def test_many_callers_share_a_commit_and_each_has_its_own_answer(bench: Bench) -> None:
    answers: list[Future[Ack]] = []
    lock = threading.Lock()

    def call(thread: int) -> None:
        for n in range(50):
            future = bench.log.append_soon(entries(f"t{thread}-{n}", "same", f"n{n}"))
            with lock:
                answers.append(future)

    callers = [threading.Thread(target=call, args=(n,)) for n in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    acks = [answer.result(10) for answer in answers]
    assert sum(ack.accepted for ack in acks) == 4 * 50 + 1 + 50
    assert all(ack.accepted + ack.duplicates == 3 for ack in acks)
    rows = bench.log.read(0, 10_000)
    assert len(rows) == len({row.body for row in rows}) == 251 == bench.log.head


def test_a_full_disk_accepts_nothing_and_forgets_nothing(bench: Bench) -> None:
    bench.tell("a")
    day = bench.log._day.connection
    pages = day.pragma("page_count")
    day.pragma("max_page_count", pages)
    big = Entry("web", "big", "segment", b"", bytes(1 << 20))
    with pytest.raises(Unavailable, match="WF6004"):
        bench.log.append([big])
    assert bench.log.head == 1 and len(bench.log.read(0, 10)) == 1
    day.pragma("max_page_count", 1 << 30)
    assert bench.log.append([big]) == Ack(1, 0, 2)  # the same id is no duplicate: nothing was kept of it
    assert bench.tell("a") == Ack(0, 1, 2)


class FailingFile(apsw.VFSFile):
    def xSync(self, flags: int) -> None:
        if FailingDisk.failing:
            failure = apsw.IOError("fsync")
            failure.extendedresult = apsw.SQLITE_IOERR_FSYNC
            raise failure
        super().xSync(flags)


class FailingDisk(apsw.VFS):
    """The real file system, whose fsync fails when it is told to."""

    failing = False

    def __init__(self) -> None:
        super().__init__("failing", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: Any) -> Any:
        return FailingFile("unix", name, flags)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_after_a_failed_fsync_nothing_is_acknowledged_any_more(tmp_path: Path) -> None:
    disk = FailingDisk()
    try:
        bench = Bench(tmp_path / "log")
        bench.tell("a")
        FailingDisk.failing = True
        with pytest.raises(Unavailable, match="WF6004"):
            bench.tell("b")
        FailingDisk.failing = False
        with pytest.raises(Unavailable, match="WF6005"):  # the disk seems well again, but was it?
            bench.tell("c")
        assert [row.body for row in bench.log.read(0, 10)] == [b"body a"]
        bench.reopen()
        assert bench.tell("a") == Ack(0, 1, bench.log.head)
        assert bench.tell("c").accepted == 1
        bench.log.close()
    finally:
        FailingDisk.failing = False
        disk.unregister()


def test_a_closed_log_says_so_and_what_waited_was_written(bench: Bench) -> None:
    waiting = [bench.log.append_soon(entries(f"w{n}")) for n in range(20)]
    bench.log.close()
    assert [answer.result(0).accepted for answer in waiting] == [1] * 20
    with pytest.raises(Unavailable, match="WF6008"):
        bench.tell("late")
    bench.log = Log.open(bench.directory, lambda: bench.now)
    assert bench.log.head == 20
