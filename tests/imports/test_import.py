"""An import reads what data people have, names every row the same each time, and loses nothing that it cannot read."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from wayfare.engine.imports import Import, Job, Map, Ordinals, load, parse_map, plan
from wayfare.engine.ingest import read_row
from wayfare.facts.event import Event
from wayfare.ground.errors import Malformed, Missing, Misused
from wayfare.stores.log import Entry, Log, Row

SHARED = Path(__file__).parents[3] / "shared" / "data"
NOW = 1_770_000_000_000


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log.open(tmp_path / "log", lambda: NOW)
    yield log
    log.close()


def csv(folder: Path, text: str, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def entries(job: Job) -> list[Entry]:
    return [entry for batch in Import(job).batches() for entry in batch]


def events(job: Job) -> list[Event]:
    return [
        msgspec.msgpack.decode(entry.body, type=Event) for entry in entries(job) if entry.form == "import"
    ]


def report(read: int, applied: int, **other: Any) -> dict[str, Any]:
    empty = {"filtered": 0, "duplicates": 0, "quarantined": 0, "reasons": {}}
    return {"read": read, "applied": applied, **empty, **other}


def test_a_map_is_split_only_before_its_own_words() -> None:
    given = (
        "profile=case:concept:name,event=a,b,time=time:timestamp,id=x=y,key.case=k.v,key.order=o,channel=c"
    )
    assert parse_map(given) == Map(
        profile="case:concept:name", event="a,b", time="time:timestamp", id="x=y", channel="c",
        keys=(("case", "k.v"), ("order", "o")),
    )  # fmt: skip
    for wrong, code in {
        "profile=a": "WF7005",
        "profile=a,time=": "WF7004",
        "user=a,time=t": "WF7004",
        "profile=a,profile=b,time=t": "WF7004",
    }.items():
        with pytest.raises(Misused, match=code):
            parse_map(wrong)


def test_what_cannot_be_read_is_said_before_the_first_row(tmp_path: Path) -> None:
    path = csv(tmp_path, "user,what,at\nu,e,2026-01-01\n")
    with pytest.raises(Misused, match="WF7006"):
        plan([path], "profile=user,time=at")
    with pytest.raises(Malformed, match=r"WF7007 there is no column `usr`.*user"):
        plan([path], "profile=usr,event=what,time=at")
    with pytest.raises(Missing, match="WF7001"):
        plan([tmp_path / "none.csv"], "profile=user,event=what,time=at")
    with pytest.raises(Malformed, match="WF7002"):
        plan([csv(tmp_path, "x", "rows.doc")], "profile=user,event=what,time=at")
    for name in ("bad.parquet", "bad.xlsx"):
        with pytest.raises(Malformed, match="WF7003"):
            plan([csv(tmp_path, "x", name)], "profile=user,event=what,time=at")


def test_csv_columns_have_one_type_and_ids_stay_as_they_are(tmp_path: Path) -> None:
    text = (
        "user,what,at,price,zip,ok,big,note\n"
        '007,NA,2026-03-01 10:00:00,1,01234,true,12345678901234567,"a,""b"""\n'
        "8,看,2026/3/1 10:00,2.5,9,FALSE,1,\n"
    )
    job = plan([csv(tmp_path, text, "rows.csv.gz")], "profile=user,event=what,time=at", tz="Asia/Shanghai")
    first, second = events(job)
    assert (first.user_id, first.name, second.user_id, second.name) == ("007", "NA", "8", "看")
    assert first.time == second.time == 1_772_330_400_000
    assert first.properties == {
        "price": 1.0,
        "zip": "01234",
        "ok": True,
        "big": "12345678901234567",
        "note": 'a,"b"',
    }
    assert second.properties == {"price": 2.5, "zip": "9", "ok": False, "big": "1", "note": None}
    assert first.backfill and first.source == "import"


def test_parquet_types_become_json(tmp_path: Path) -> None:
    path = tmp_path / "rows [1]*.parquet"
    duckdb.sql(
        f"""copy (select 12::bigint u, timestamptz '2026-03-01 02:00:00.1239Z' "at",
        timestamp '2026-03-01 10:00' seen,
        date '2026-03-02' d, 1.50::decimal(9,2) m, 'nan'::double x, [1, 2] l,
        {{'a': {{'b': 'z'}}}} s, null n, 7.0::double k)
        to '{path}' (format parquet)"""
    )
    (found,) = events(plan([path], "profile=u,time=at,key.policy=k,channel=s.a.b", event="E"))
    assert (found.user_id, found.time, found.channel, found.keys) == (
        "12",
        1_772_330_400_123,
        "z",
        {"policy": "7"},
    )
    assert found.properties == {
        "seen": "2026-03-01T10:00:00.000", "d": "2026-03-02", "m": 1.5, "x": None, "l": [1, 2],
        "s": {"a": {"b": "z"}}, "n": None,
    }  # fmt: skip
    (naive,) = events(plan([path], "profile=u,time=seen", event="E", tz="Asia/Shanghai"))
    assert naive.time == 1_772_330_400_000


def test_json_lines_reach_into_their_rows_and_bad_ones_are_kept(tmp_path: Path, log: Log) -> None:
    lines = [
        {"user": {"id": 42}, "e": "A", "ts": 1_772_330_400, "items": [{"sku": "x"}]},
        {"user": {"id": None}, "e": "A", "ts": 1_772_330_400_000},
        {"user": {"id": "u"}, "e": "A", "ts": "yesterday"},
        [1],
    ]
    text = "\n".join(json.dumps(line) for line in lines) + '\n{"user": \n\n'
    path = csv(tmp_path, text, "rows.jsonl.gz")
    job = plan([path], "profile=user.id,event=e,time=ts,key.sku=items.0.sku")
    expected = report(5, 1, quarantined=4, reasons={"WF2102": 1, "WF2124": 1, "WF2131": 1, "WF2154": 1})
    assert load(job, log.append) == expected
    assert load(job, log.append) == {**expected, "applied": 0, "duplicates": 1}
    rows = log.read(0, 100)
    assert len(rows) == 5
    told = [read_row(row, "UTC") for row in rows]
    assert sorted(getattr(one, "reason", "") for one in told) == [
        "",
        "id_blank",
        "item_not_object",
        "not_json",
        "time_unreadable",
    ]
    (event,) = [one for one in told if isinstance(one, Event)]
    assert (event.user_id, event.time, event.received, event.keys) == (
        "42",
        1_772_330_400_000,
        NOW,
        {"sku": "x"},
    )


def test_a_malformed_csv_line_is_counted_and_kept(tmp_path: Path, log: Log) -> None:
    good = "".join(f"u{n},A,2026-01-01T00:00:00Z\n" for n in range(50)).encode()
    path = tmp_path / "rows.csv"
    path.write_bytes(b"user,what,at\n" + good + b"x,\xff\xfe,2026-01-01\n")
    job = plan([path], "profile=user,event=what,time=at")
    assert load(job, log.append) == report(51, 50, quarantined=1, reasons={"WF7101": 1})
    (bad,) = [row for row in log.read(0, 100) if row.form == "refused"]
    assert b"2026-01-01" in bad.body
    assert b"line 52" in bad.head
    path.write_bytes(
        b"user,what,at\n" + good + b"x,y,2026-01-01,4,5\n"
    )  # one ragged row renames no other row
    job = plan([path], "profile=user,event=what,time=at")
    assert load(job, log.append) == report(51, 1, duplicates=50)
    assert events(job)[-1].properties == {"column3": 4, "column4": 5}


def test_equal_rows_count_twice_once_and_never_again(tmp_path: Path, log: Log) -> None:
    path = csv(tmp_path, "user,what,at\nu,A,1772330400\nu,A,1772330400\nv,A,1772330400\n")
    job = plan([path], "profile=user,event=what,time=at")
    assert load(job, log.append, dry_run=True) == report(3, 3)
    assert log.head == 0
    assert load(job, log.append) == report(3, 3)
    assert load(job, log.append) == report(3, 0, duplicates=3)
    more = csv(
        tmp_path, "user,what,at\nu,A,1772330400\nu,A,1772330400\nv,A,1772330400\nv,A,1772330400\n", "b.csv"
    )
    assert load(plan([more], "profile=user,event=what,time=at"), log.append) == report(4, 1, duplicates=3)


def test_an_id_column_is_the_key_with_the_event(tmp_path: Path, log: Log) -> None:
    path = csv(tmp_path, "user,what,at,n\nu,A,1772330400,1\nu,B,1772330400,1\nu,A,1772330999,1\n")
    job = plan([path], "profile=user,event=what,time=at,id=n")
    assert load(job, log.append, dry_run=True) == report(3, 2, duplicates=1)
    assert load(job, log.append) == report(3, 2, duplicates=1)
    assert [one.id for one in events(job)] == ["1", "1", "1"]


def test_where_epoch_and_days(tmp_path: Path) -> None:
    path = csv(tmp_path, "user,at,kind:of\nu,20260301,x\nv,20260301,y\n")
    job = plan([path], "profile=user,time=at", event="E", where='row["kind:of"] == "x"')
    run = Import(job)
    assert [one.time for one in events(job)] == [1_772_323_200_000]
    assert sum(len(batch) for batch in run.batches()) == 1
    assert (run.read, run.filtered) == (2, 1)
    by = plan([path], "profile=user,time=at", event="E", epoch="s")
    assert {one.time for one in events(by)} == {20_260_301_000}


def test_ordinals_count_equal_rows_over_many_batches() -> None:
    import random

    pick, seen = random.Random(7), dict[bytes, int]()
    ordinals = Ordinals()
    for _ in range(40):
        hashes = [pick.randrange(300).to_bytes(16, "big")[::-1] for _ in range(pick.randrange(1, 90))]
        expected = []
        for hashed in hashes:
            expected.append(seen.get(hashed, 0))
            seen[hashed] = expected[-1] + 1
        assert ordinals.next(hashes) == expected


def test_an_excel_sheet(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    _excel(
        path,
        [
            ["user", "what", "at", "n", "x"],
            [7, "A", "2026-03-01T10:00:00", 3, None],
            [8, "B", 1772330400, 2.5, "t"],
        ],
    )
    first, second = events(plan([path], "profile=user,event=what,time=at", tz="Asia/Shanghai"))
    assert (first.user_id, first.time, first.properties) == ("7", 1_772_330_400_000, {"n": 3, "x": None})
    assert (second.user_id, second.time, second.properties) == ("8", 1_772_330_400_000, {"n": 2.5, "x": "t"})


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data")
def test_loan_applications_come_once(log: Log) -> None:
    job = plan(
        [SHARED / "bpic2012_loan" / "events.parquet"],
        "profile=case:concept:name,event=concept:name,time=time:timestamp",
        where='row["lifecycle:transition"] == "COMPLETE"',
    )
    assert load(job, log.append) == report(262_200, 164_506, filtered=97_694)
    assert load(job, log.append) == report(262_200, 0, filtered=97_694, duplicates=164_506)
    assert log.head == 164_506


def test_a_row_is_read_back_as_a_backfill() -> None:
    event = Event("i", "import", "track", "A", 5, 0, user_id="u", backfill=True)
    row = Row(1, NOW, "import", "import", b"", msgspec.msgpack.encode(event))
    assert read_row(row, "UTC") == msgspec.structs.replace(event, received=NOW)


def _excel(path: Path, rows: list[list[Any]]) -> None:
    """The smallest workbook that Excel opens: inline texts and numbers."""

    def cell(value: Any) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = "".join(f"<row>{''.join(cell(value) for value in row)}</row>" for row in rows)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{kinds}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{kinds}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Rows" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{kinds}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
