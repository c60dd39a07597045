"""The policy document: every key read, every mistake named at its place, nothing ignored."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from wayfare.contact import policy
from wayfare.contact.policy import CONSENT, Cap, Quiet, Reach
from wayfare.ground.errors import Malformed, NotBuilt
from wayfare.ground.time import DAY, HOUR, WEEK
from wayfare.ground.words import WORDS

WHOLE: dict[str, Any] = {
    "default_zone": "Asia/Shanghai",
    "quiet": [{"class": "marketing", "from": "21:00", "to": "09:00", "tz": "profile", "then": "hold"}],
    "caps": [
        {
            "class": "marketing",
            "channel": "sms",
            "max": 2,
            "per": "7d",
            "window": "rolling",
            "then": "suppress",
        },
        {"class": "marketing", "max": 1, "per": "day", "window": "calendar", "then": "hold"},
    ],
    "pause": [{"class": "marketing", "while": "profile.traits.open_cases > 0", "reason": "complaint"}],
    "consent": {"marketing": "required", "transactional": "not-needed"},
}


def test_the_whole_document_is_read() -> None:
    read = policy.parse(WHOLE)
    assert read.default_zone == "Asia/Shanghai"
    assert read.quiet == (Quiet(Reach("marketing"), 21 * HOUR, 9 * HOUR, "profile", "hold"),)
    assert read.caps == (
        Cap(Reach("marketing", "sms"), 2, span=WEEK, then="suppress"),
        Cap(Reach("marketing"), 1, period="day", then="hold"),
    )
    assert [(p.text, p.reason, p.then) for p in read.pauses] == [
        ("profile.traits.open_cases > 0", "complaint", "hold")
    ]
    assert read.consent == {"marketing": "required", "transactional": "not-needed", "mandatory": "not-needed"}
    assert read.longest == WEEK


def test_defaults() -> None:
    read = policy.parse(None)
    assert read == policy.Policy()
    assert dict(read.consent) == CONSENT and read.longest == 0
    assert policy.parse({"caps": [{"max": 1, "per": "week"}]}).caps[0] == Cap(Reach(), 1, period="week")
    assert policy.parse({"quiet": [{"from": "22:30", "to": "24:00"}]}).quiet[0].end == DAY


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"quiets": []}, "WF4001", "quiets"),
        ({"default_zone": "Mars/Base"}, "WF0103", "default_zone"),
        ({"quiet": "night"}, "WF4003", "quiet"),
        ({"quiet": ["x"]}, "WF4003", "quiet[0]"),
        ({"quiet": [{"from": "21:00"}]}, "WF4002", "quiet[0].to"),
        ({"quiet": [{"from": "9pm", "to": "09:00"}]}, "WF4005", "quiet[0].from"),
        ({"quiet": [{"from": "24:00", "to": "09:00"}]}, "WF4005", "quiet[0].from"),
        ({"quiet": [{"from": 1260, "to": "09:00"}]}, "WF4005", "quiet[0].from"),
        ({"quiet": [{"from": "09:00", "to": "09:00"}]}, "WF4006", "quiet[0].to"),
        ({"quiet": [{"from": "00:00", "to": "24:00"}]}, "WF4006", "quiet[0].to"),
        ({"quiet": [{"from": "21:00", "to": "09:00", "tz": "nowhere"}]}, "WF0103", "quiet[0].tz"),
        ({"quiet": [{"from": "21:00", "to": "09:00", "then": "drop"}]}, "WF4004", "quiet[0].then"),
        ({"quiet": [{"class": "ads", "from": "21:00", "to": "09:00"}]}, "WF4004", "quiet[0].class"),
        ({"caps": [{"per": "7d"}]}, "WF4002", "caps[0].max"),
        ({"caps": [{"max": 2}]}, "WF4002", "caps[0].per"),
        ({"caps": [{"max": -1, "per": "7d"}]}, "WF4003", "caps[0].max"),
        ({"caps": [{"max": True, "per": "7d"}]}, "WF4003", "caps[0].max"),
        ({"caps": [{"max": 1, "per": "7x"}]}, "WF0101", "caps[0].per"),
        ({"caps": [{"max": 1, "per": "-7d"}]}, "WF0101", "caps[0].per"),
        ({"caps": [{"max": 1, "per": "7d", "window": "calendar"}]}, "WF4007", "caps[0].per"),
        ({"caps": [{"max": 1, "per": "7d", "windows": "rolling"}]}, "WF4001", "caps[0].windows"),
        ({"pause": [{"reason": "x"}]}, "WF4002", "pause[0].while"),
        ({"consent": {"marketing": "maybe"}}, "WF4004", "consent.marketing"),
        ({"consent": {"ads": "required"}}, "WF4001", "consent.ads"),
    ],
)
def test_every_mistake_is_named_at_its_place(change: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(Malformed) as told:
        policy.parse({**WHOLE, **change})
    assert (told.value.code, told.value.where) == (code, f"policy.yaml: {place}")
    assert {f"{code}.what", f"{code}.mend"} <= set(WORDS)
    assert "{" not in told.value.text("zh") + told.value.text("en")


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(Malformed, match="did you mean quiet"):
        policy.parse({"quite": []})


def test_a_bad_condition_keeps_its_own_code() -> None:
    with pytest.raises(Malformed) as told:
        policy.parse({"pause": [{"while": "profile.traits.a >> (("}]})
    assert told.value.code.startswith("WF13") and "pause[0].while" in told.value.where


@pytest.mark.parametrize(
    ("rule", "key", "value"),
    [
        ("quiet", "holidays", "CN"),
        ("pause", "plus", "7d"),
        ("", "priority", [{"journey": "a"}]),
        ("", "rate", {"m": 1}),
    ],
)
def test_what_is_not_built_is_refused_never_ignored(rule: str, key: str, value: object) -> None:
    document = copy.deepcopy(WHOLE)
    (document[rule][0] if rule else document)[key] = value
    with pytest.raises(NotBuilt) as told:
        policy.parse(document)
    assert told.value.code == "WF0001" and key in told.value.text()


def test_all_problems_come_at_once() -> None:
    found = policy.problems({"x": 1, "quiet": [{"from": "1"}], "caps": [{"max": 1, "per": "7x"}]})
    assert [fault.code for fault in found] == ["WF4001", "WF4005", "WF4002", "WF0101"]
    assert policy.problems(WHOLE) == ()
