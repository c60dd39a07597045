"""Sends what visitors of a shop did through Segment's own client: client.py WRITE_KEY ADDRESS EVENTS.csv.gz"""

from __future__ import annotations

import csv
import gzip
import sys
from itertools import islice

from segment import analytics

VISITORS = 30


def main(key: str, address: str, path: str) -> int:
    """How many calls failed."""
    failed: list[object] = []
    analytics.write_key, analytics.host = key, address
    analytics.on_error = lambda error, _: failed.append(error)
    with gzip.open(path, "rt", newline="") as file:
        rows = [row for row in islice(csv.DictReader(file), 5_000)]
    visitors = list(dict.fromkeys(row["user_id"] for row in rows))[:VISITORS]
    for place, user in enumerate(visitors):
        analytics.identify(user, {"email": f"{user}@example.com"})
        state = "granted" if place % 2 == 0 else "denied"
        consent = {"purpose": "marketing", "channel": "email", "state": state}
        analytics.track(user, "Consent Changed", consent)
    for row in rows:
        if row["user_id"] in visitors:
            context = {"campaign": {"medium": row["acquisition_channel"]}}
            analytics.track(row["user_id"], row["event"], {"platform": row["platform"]}, context=context)
    analytics.shutdown()
    print(f"{len(rows)} rows read, {len(visitors)} visitors, {len(failed)} failed")
    return len(failed)


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
