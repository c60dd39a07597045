"""Trials of the live store as a file: all or nothing, migrations, readers beside the writer."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw
import pytest

from wayfare.ground.errors import Broken, Unavailable
from wayfare.people.identity import Owner
from wayfare.people.profile import Profile
from wayfare.stores import sqlite
from wayfare.stores.live import LiveStore
from wayfare.stores.live_read import LiveReader
from wayfare.stores.records import Applied, Changes
from wayfare.stores.sqlite import FOLDER, connect, migrate, statements


def make_person(name: str, size: int = 0) -> Changes:
    return Changes(
        profiles={name: Profile(name, 1, traits={"blob": "x" * size})},
        identifiers={("user_id", name): Owner(name, 1)},
        meta={"last": name},
    )


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = LiveStore.open(tmp_path / "live.db")
    store.commit(make_person("p1"))
    store._db.pragma("max_page_count", store._db.pragma("page_count"))
    with pytest.raises(Unavailable, match="WF6004"):
        store.commit(make_person("p2", size=1 << 20))
    store._db.pragma("max_page_count", 1 << 30)
    assert store.meta() == {"last": "p1"} and store.load(["p2"]) == {} and store.totals() == {"people": 1}
    broken = make_person("p3")
    broken.applied = [Applied(1, 1, "applied", "p3"), Applied(1, 1, "applied", "p3")]
    with pytest.raises(apsw.ConstraintError):
        store.commit(broken)
    assert store.meta() == {"last": "p1"} and store.find("p3") is None
    store.commit(make_person("p2", size=1 << 20))
    assert store.find("p2") == "p2"
    store.close()


def test_the_file_is_as_safe_as_it_must_be(tmp_path: Path) -> None:
    store = LiveStore.open(tmp_path / "live.db")
    assert [store._db.pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys")] == [
        "wal",
        2,
        1,
    ]
    with pytest.raises(apsw.ReadOnlyError):
        store._connection.execute("delete from profile")
    store.close()


def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(Unavailable, match=r"WF6002 SQLite 3\.51\.2 is too old"):
        LiveStore.open(tmp_path / "live.db")
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.3")
    LiveStore.open(tmp_path / "live.db").close()


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "live.db").write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(Unavailable, match="WF6003"):
        LiveStore.open(tmp_path / "live.db")
    with pytest.raises(Unavailable, match="WF6003"):
        LiveStore.open(tmp_path / "nowhere" / "live.db")
    with pytest.raises(Unavailable, match="WF6003"):
        LiveReader(tmp_path / "absent.db").totals()


def test_migrations_run_once_and_are_never_changed(tmp_path: Path) -> None:
    folder = tmp_path / "sql"
    folder.mkdir()
    (folder / "0001_one.sql").write_text("create table one (a integer); insert into one values (1);")
    path = tmp_path / "a.db"
    for _ in range(2):
        connection = connect(path)
        migrate(connection, folder)
        assert connection.execute("select count(*) from one").fetchall() == [(1,)]
        connection.close()
    (folder / "0002_two.sql").write_text("alter table one add column b integer; update one set b = a;")
    connection = connect(path)
    migrate(connection, folder)
    assert connection.execute("select a, b from one").fetchall() == [(1, 1)]
    (folder / "0003_bad.sql").write_text("insert into one values (5, 5); insert into nothing values (1);")
    with pytest.raises(apsw.SQLError):
        migrate(connection, folder)
    assert connection.execute("select count(*) from one").fetchall() == [(1,)]
    (folder / "0003_bad.sql").unlink()
    (folder / "0001_one.sql").write_text("create table one (a text);")
    with pytest.raises(Broken, match="WF6006"):
        migrate(connection, folder)
    (folder / "0001_one.sql").unlink()
    with pytest.raises(Unavailable, match="WF6007"):
        migrate(connection, folder)
    connection.close()


def test_readers_of_many_threads_see_whole_batches_while_the_writer_goes_on(tmp_path: Path) -> None:
    store = LiveStore.open(tmp_path / "live.db")
    store.commit(Changes(meta={"offset": 0}))
    other = LiveReader(tmp_path / "live.db")
    stop = threading.Event()
    failures: list[str] = []

    def read(reader: LiveReader) -> None:
        last = 0
        while not stop.is_set():
            seen = reader.standing()["offset"]
            if seen < last or reader.totals()["people"] < seen or len(reader.applied_after(0)) < 2 * seen:
                failures.append(f"{last} {seen}")
            last = seen

    threads = [threading.Thread(target=read, args=(reader,)) for reader in (store, store, other)]
    for thread in threads:
        thread.start()
    for n in range(1, 101):
        rows = [Applied(2 * n, n, "applied", f"p{n}"), Applied(2 * n + 1, n, "applied", f"p{n}")]
        store.commit(Changes(profiles={f"p{n}": Profile(f"p{n}", n)}, applied=rows, meta={"offset": n}))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert other.totals() == {"people": 100, "applied": 200}
    other.close()
    store.close()


def test_every_statement_is_named_and_used() -> None:
    places = {
        "live_load": "live",
        "live_write": "live",
        "live_read": "live_read",
        "log": "log log_day log_read",
    }
    for file, modules in places.items():
        code = "".join((Path(sqlite.__file__).parent / f"{name}.py").read_text() for name in modules.split())
        named = statements(file)
        assert named and all(named.values())
        assert [name for name in named if f'"{name}"' not in code] == []
    assert sorted(path.name for path in (FOLDER / "live").iterdir())[0] == "0001_first_light.sql"
