"""The Python client of Segment, unchanged, against a served app with a real log."""

from __future__ import annotations

from pathlib import Path

import pytest
from segment.analytics.client import Client

from tests.api import collecting
from tests.clients.serving import Faults, served
from tests.facts.malformed import KEY
from wayfare.facts.event import Event
from wayfare.stores.log import Log

EVERY = ["identify", "track", "page", "screen", "group", "alias"]


def client(host: str, errors: list[object], **over: object) -> Client:
    options = {"upload_interval": 0.1, "max_retries": 5, "timeout": 10, **over}
    return Client(KEY, host=host, on_error=lambda *error: errors.append(error), **options)


def every_call(sender: Client) -> None:
    sender.identify("u1", {"email": "a@b.cn", "name": "张三"})
    sender.track("u1", "Order Completed", {"revenue": 12.5})
    sender.page("u1", "Docs", "Home", {"url": "https://x/"})
    sender.screen("u1", "Cat", "Main")
    sender.group("u1", "g1", {"plan": "pro"})
    sender.alias("anon1", "u1")
    sender.flush()
    sender.join()


def check_every_call(events: list[Event]) -> None:
    assert [one.kind for one in events] == EVERY
    identify, track, page, screen, group, alias = events
    assert (identify.user_id, identify.traits) == ("u1", {"email": "a@b.cn", "name": "张三"})
    assert (track.name, track.properties) == ("Order Completed", {"revenue": 12.5})
    assert page.properties == {"name": "Home", "category": "Docs", "url": "https://x/"}
    assert screen.properties == {"name": "Main", "category": "Cat"}
    assert (group.group_id, group.properties) == ("g1", {"groupId": "g1", "plan": "pro"})
    assert (alias.previous_id, alias.user_id) == ("anon1", "u1")


@pytest.mark.parametrize("gzip", [False, True])
def test_every_call_arrives_as_it_was_made(tmp_path: Path, gzip: bool) -> None:
    log, errors = collecting.opened(tmp_path), []
    with served(collecting.app(log)) as host:
        every_call(client(host, errors, gzip=gzip))
    check_every_call(collecting.applied(log))
    assert errors == [] and collecting.quarantined(log) == []
    log.close()


def test_retries_double_nothing(tmp_path: Path) -> None:
    log, errors = collecting.opened(tmp_path), []
    faults = Faults(collecting.app(log), 429, 500)
    with served(faults) as host:
        every_call(client(host, errors))
    assert faults.seen == [429, 500, 200]
    check_every_call(collecting.applied(log))
    assert errors == []
    log.close()


def send_numbers(folder: Path, numbers: list[int]) -> tuple[Log, list[object]]:
    """A server of its own over the log in that folder takes events of these numbers, twice the same id once."""
    log, errors = collecting.opened(folder), []
    with served(collecting.app(log)) as host:
        sender = client(host, errors, max_queue_size=10_000)
        for number in numbers:
            sender.track("u", "Counted", {"number": number}, message_id=f"py-{number}")
        sender.flush()
        sender.join()
    return log, errors


def test_duplicates_across_a_restart_count_once(tmp_path: Path) -> None:
    log, errors = send_numbers(tmp_path, [*range(1000), *range(0, 300)])
    log.close()
    log, more = send_numbers(tmp_path, [*range(500, 1000, 2), *range(1000, 1500), *range(0, 50)])
    assert errors == more == []
    assert sorted(one.properties["number"] for one in collecting.applied(log)) == list(range(1500))
    log.close()
