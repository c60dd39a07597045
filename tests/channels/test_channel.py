"""Channels: what a file may say, and where a channel reaches a person."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contact.cases import NOW, person
from wayfare.channels.channel import Channel, address, default, parse, problems
from wayfare.ground.errors import Malformed, NotBuilt


def test_without_a_file_a_channel_is_the_local_inbox() -> None:
    assert default("push") == Channel("push") == parse("push", None)
    assert (default("push").kind, default("push").live, default("push").promise) == ("inbox", False, "A")
    assert parse("tty", {"kind": "console", "live": True}).promise == "C"
    assert parse("tty", {"kind": "console"}).promise == "A"  # its messages go to the local inbox


@pytest.mark.parametrize("kind", ["smtp", "http", "webhook"])
def test_real_providers_say_that_they_are_not_built(kind: str) -> None:
    with pytest.raises(NotBuilt, match=f"channel kind {kind}"):
        parse("email", {"kind": kind, "host": "mail"})


@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        ({"kind": "pigeon"}, "WF4004", "kind"),
        ({"kinds": "inbox"}, "WF4001", "kinds"),
        ({"live": "yes"}, "WF4003", "live"),
        ({"unknown": "forget"}, "WF4004", "unknown"),
        ({"address": "event.properties.email"}, "WF4008", "address"),
        ({"address": "count('x', '30d')"}, "WF0001", "address"),
        ([], "WF4003", ""),
    ],
)
def test_mistakes(document: Any, code: str, place: str) -> None:
    assert [(fault.code, ".".join(map(str, fault.place))) for fault in problems("x", document)] == [
        (code, place)
    ]
    with pytest.raises((Malformed, NotBuilt)) as told:
        parse("x", document)
    assert "channels/x.yaml" in told.value.text("zh")


@pytest.mark.parametrize(
    ("channel", "traits", "found"),
    [
        (default("email"), {"email": " a@b.c "}, "a@b.c"),
        (default("email"), {}, None),
        (default("email"), {"email": ""}, None),
        (default("email"), {"email": {"x": 1}}, None),
        (default("sms"), {"phone": 13800000000}, "13800000000"),
        (default("sms"), {"email": "a@b.c"}, None),
        (default("push"), {}, "prf_1"),
        (parse("wecom", {"address": "profile.traits.openid"}), {"openid": "o_1"}, "o_1"),
        (parse("wecom", {"address": "profile.traits.openid"}), {}, None),
        (parse("email", {"address": "profile.traits.work_email"}), {"email": "a@b.c"}, None),
    ],
)
def test_the_address(channel: Channel, traits: dict[str, Any], found: str | None) -> None:
    assert address(channel, person(traits=traits), NOW, "UTC") == found
