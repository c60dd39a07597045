"""The power trial: every write that was not synced is lost; what was acknowledged must be there all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from wayfare.people.profile import Profile
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Log
from wayfare.stores.records import Changes

SYNCED: dict[str, bytes] = {}


class HonestFile(apsw.VFSFile):
    """A file of which only what was synced outlives the power."""

    def __init__(self, name: Any, flags: Any) -> None:
        super().__init__("unix", name, flags)
        self.path = name.filename() if isinstance(name, apsw.URIFilename) else name

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        SYNCED[self.path] = Path(self.path).read_bytes()


class HonestDisk(apsw.VFS):
    """The real file system, which remembers what was synced."""

    def __init__(self) -> None:
        super().__init__("honest", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: Any) -> Any:
        return HonestFile(name, flags)


@pytest.fixture
def disk() -> Iterator[None]:
    SYNCED.clear()
    made = HonestDisk()
    yield
    made.unregister()


def lose_power(directory: Path) -> Path:
    """The directory as it is when the power comes back."""
    after = directory.with_name("after")
    after.mkdir()
    for name, content in SYNCED.items():
        path = Path(name)
        if path.exists():
            (after / path.name).write_bytes(content)
    return after


def lost_rows(directory: Path, synchronous: int) -> int:
    """How many acknowledged rows are lost when the power fails right after the last acknowledgement."""
    log = Log.open(directory, lambda: 1_772_366_400_000)
    log._day.connection.pragma("synchronous", synchronous)
    batches = [
        [
            Entry("import" if n % 2 else "web", f"{n}.{k}", "segment", b"", bytes(900), bool(n % 2))
            for k in range(20)
        ]
        for n in range(40)
    ]
    for batch in batches:
        log.append(batch)
    after = lose_power(directory)
    log.close()
    again = Log.open(after, lambda: 1_772_366_400_000)
    assert again._day.connection.pragma("integrity_check") == "ok"
    kept = again.read(0, 10_000)
    assert [row.offset for row in kept] == list(range(1, len(kept) + 1))
    if synchronous:
        assert again.append([one for batch in batches for one in batch]) == (0, 800, 800)
    again.close()
    return 800 - len(kept)


@pytest.mark.usefixtures("disk")
def test_no_acknowledged_row_is_lost(tmp_path: Path) -> None:
    assert lost_rows(tmp_path / "log", synchronous=2) == 0


@pytest.mark.usefixtures("disk")
def test_the_trial_bites_when_nothing_is_synced(tmp_path: Path) -> None:
    assert lost_rows(tmp_path / "log", synchronous=0) > 0


@pytest.mark.usefixtures("disk")
def test_no_committed_batch_is_lost(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    store = LiveStore.open(tmp_path / "data" / "live.db")
    for n in range(1, 60):
        store.commit(Changes(profiles={f"p{n}": Profile(f"p{n}", n)}, meta={"offset": n}))
        if n == 30:
            store._db.execute("pragma wal_checkpoint(truncate)")
    after = lose_power(tmp_path / "data")
    store.close()
    again = LiveStore.open(after / "live.db")
    assert again.meta() == {"offset": 59} and again.totals() == {"people": 59}
    again.close()
