"""The child of the crash trial: writes to one store and tells on stdout what was acknowledged, until it is killed."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from wayfare.people.profile import Profile
from wayfare.stores.live import LiveStore
from wayfare.stores.log import Entry, Log
from wayfare.stores.records import Applied, Changes, Timer

LOCK = threading.Lock()


def tell(line: str) -> None:
    with LOCK:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def write_log(directory: Path, life: str) -> None:
    """Four callers append batches of five; every third batch is an import's."""
    log = Log.open(directory, lambda: int(time.time() * 1000))

    def call(thread: int) -> None:
        for n in range(100_000):
            batch = f"{life}.{thread}.{n}"
            permanent = n % 3 == 0
            source = "import" if permanent else "web"
            made = [
                Entry(source, f"{batch}.{k}", "segment", b"", f"{batch}.{k}".encode(), permanent)
                for k in range(5)
            ]
            log.append(made)
            tell(f"{batch} {int(permanent)}")

    for thread in range(4):
        threading.Thread(target=call, args=(thread,), daemon=True).start()
    threading.Event().wait()


def write_live(directory: Path) -> None:
    """Commits that each add one person, one timer and two applied events, and count themselves."""
    store = LiveStore.open(directory / "live.db")
    first = store.meta().get("offset", 0) + 1
    for n in range(first, 1_000_000):
        store.commit(
            Changes(
                profiles={f"p{n}": Profile(f"p{n}", n)},
                armed={f"t{n}": Timer(f"t{n}", n, "node", f"p{n}", "r")},
                applied=[Applied(2 * n, n, "applied"), Applied(2 * n + 1, n, "applied")],
                meta={"offset": n},
            )
        )
        tell(str(n))


if __name__ == "__main__":
    if sys.argv[1] == "log":
        write_log(Path(sys.argv[2]), sys.argv[3])
    else:
        write_live(Path(sys.argv[2]))
