"""The examples run as their READMEs say, and come to what the data itself says."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import duckdb
import pytest

from tests.cli.serving import ROOT, command, environment

DATA = ROOT.parent / "shared/data"
LOAN = DATA / "bpic2012_loan/events.parquet"
CLICKS = DATA / "ecom_clickstream/events.csv.gz"


def example(name: str, folder: Path) -> str:
    """What an example prints."""
    told = {
        **environment(),
        "WAYFARE": f"{sys.executable} -m wayfare",
        "PYTHON": sys.executable,
        "DATA": str(DATA),
    }
    del told["PYTHONWARNINGS"]  # the client is not ours
    done = subprocess.run(
        [ROOT / "examples" / name / "run.sh", str(folder)], capture_output=True, text=True, env=told, timeout=240,
        check=False, cwd=folder.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not LOAN.exists(), reason="the loan log is not at hand (shared/data/bpic2012_loan)")
def test_the_loan_log(tmp_path: Path) -> None:
    shop = tmp_path / "loan"
    said = example("loan-log", shop)
    assert "2 passed, 0 failed" in said
    rows = f"""(select "case:concept:name" as person, "concept:name" as event, "time:timestamp" as at from '{LOAN}'
               where "lifecycle:transition" = 'COMPLETE' and "concept:name" not like 'W\\_%' escape '\\')"""
    count, people, sent = duckdb.sql(
        f"""select count(*), count(distinct person), count(distinct case when event = 'O_SENT' then person end)
            from {rows}"""
    ).fetchall()[0]
    assert f" {count} applied, 0 duplicates, 0 quarantined" in said
    funnel = json.loads(command("ask", "questions/funnel.json", "--json", cwd=shop).stdout)["steps"]
    assert (funnel[0]["profiles"], funnel[2]["profiles"]) == (people, sent)
    with (shop / "transitions.csv").open(newline="") as file:
        entered = {row["enrollment"] for row in csv.DictReader(file)}
    assert f"offer-follow-up: entered {len(entered)}" in said and len(entered) >= sent
    again = json.loads(command("verify", "--json", cwd=shop).stdout)
    assert again["ok"] is True


@pytest.mark.skipif(
    not CLICKS.exists(), reason="the clickstream is not at hand (shared/data/ecom_clickstream)"
)
@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_a_segment_client(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    said = example("segment-client", shop)
    with gzip.open(CLICKS, "rt", newline="") as file:
        rows = list(islice(csv.DictReader(file), 5_000))
    visitors = list(dict.fromkeys(row["user_id"] for row in rows))[:30]
    carts = {row["user_id"] for row in rows if row["event"] == "add_to_cart"} & set(visitors)
    assert "5000 rows read, 30 visitors, 0 failed" in said and "the ledger holds" in said
    assert "user_0001" in said and "suppressed: no consent" in said
    command("dump", "messages", "--out", "after.jsonl", cwd=shop)  # once more: by now nothing is in flight
    messages = [json.loads(line) for line in (shop / "after.jsonl").read_text().splitlines()]
    went = [one["state"] for one in messages if one["reason"] != "no_consent"]
    granted = sum(place % 2 == 0 for place, user in enumerate(visitors) if user in carts)
    assert (len(messages), len(went)) == (len(carts), granted)
    assert set(went) <= {"sent", "suppressed"} and "sent" in went  # who bought before the mail went got none
