"""The checks of a journey: each mistake has its code at its place, and what is not built says so."""

from __future__ import annotations

from typing import Any

import pytest

from wayfare.journey.check import check

GOOD: dict[str, Any] = {
    "journey": "cart",
    "entry": {"on": "event", "event": "Product Added", "where": "event.properties.price >= 2000"},
    "exit": [{"event": "Order Completed", "reason": "bought"}],
    "goals": [{"id": "order", "event": "Order Completed"}],
    "start": "pause",
    "nodes": {
        "pause": {"wait": {"for": "1h"}, "next": "arms"},
        "arms": {"split": {"a": "50%", "b": "50%"}, "next": {"a": "mail", "b": "done"}},
        "mail": {"send": {"channel": "email", "template": "t"}, "next": "done"},
        "done": {"finish": "completed"},
    },
}
NODES = GOOD["nodes"]


def found(change: dict[str, Any]) -> set[tuple[str, tuple[str | int, ...]]]:
    _, problems = check({**GOOD, **change}, "cart", {"t"})
    return {(one.code, one.place) for one in problems}


def node(name: str, form: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": {**NODES, name: form}}


def test_a_good_journey_has_no_problem() -> None:
    assert found({}) == set()


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"strat": "x"}, "WF1005", ("strat",)),
        ({"start": "nowhere"}, "WF1021", ("start",)),
        ({"journey": "other"}, "WF1020", ("journey",)),
        ({"holdout": "110%"}, "WF1012", ("holdout",)),
        ({"exit": [{"reason": "why"}]}, "WF1022", ("exit", 0)),
        ({"entry": {"on": "event", "event": "E", "where": "event.properties.x >"}}, "WF1307", ("entry", "where")),
        ({"entry": {"on": "segment", "segment": "s"}}, "WF0001", ("entry", "on")),
        ({"guardrails": [{"event": "Unsubscribed", "max": "0.5%"}]}, "WF0001", ("guardrails",)),
        (node("pause", {"wait": {"for": "soon"}, "next": "mail"}), "WF1011", ("nodes", "pause", "wait", "for")),
        (node("pause", {"wait": {"for": "1h"}, "next": "mial"}), "WF1021", ("nodes", "pause", "next")),
        (node("mail", {"send": {"channel": "sms", "template": "u"}}), "WF1031", ("nodes", "mail", "send", "template")),
        (node("mail", {"webhook": {"url": "https://x"}}), "WF0001", ("nodes", "mail", "webhook")),
        (node("mail", {"next": "done"}), "WF1003", ("nodes", "mail")),
        (node("arms", {"split": {"a": "50%", "b": "40%"}, "next": "done"}), "WF1026", ("nodes", "arms", "split")),
        (node("lost", {"finish": "never"}), "WF1040", ("nodes", "lost")),
        (node("arms", {"branch": [{"if": "1 == 1", "next": "arms"}], "else": "done"}), "WF1041", ("nodes", "arms")),
    ],
)  # fmt: skip
def test_a_mistake_has_its_code_at_its_place(
    change: dict[str, Any], code: str, place: tuple[str | int, ...]
) -> None:
    assert (code, place) in found(change)
