"""Every gate: what it says, that none hides another, and what the ruling of all of them is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contact.cases import NOW, message, person, standing
from wayfare.contact import policy
from wayfare.contact.gate import Ruling, Use, first_blocker, gate, judge, recheck
from wayfare.ground.time import DAY, HOUR, format_local, parse_instant

EMPTY = policy.parse(None)
NIGHT = parse_instant("2026-03-02T22:15:00+08:00")


def at(instant: int | None) -> str | None:
    return None if instant is None else format_local(instant, "Asia/Shanghai")[:16]


def test_nothing_in_the_way() -> None:
    ruled = judge(EMPTY, message(), person(), (), standing(), NOW)
    assert (ruled.outcome, ruled.reason, ruled.until, ruled.reserves) == ("planned", "", None, True)
    gates = ["kill_switch", "ttl", "consent", "suppression", "address", "template", "repeat"]
    assert [(verdict.gate, verdict.outcome) for verdict in ruled.verdicts] == [
        (name, "pass") for name in gates
    ]


@pytest.mark.parametrize(
    ("given", "name", "outcome", "reason"),
    [
        ({"standing": {"kill_switch": True}}, "kill_switch", "held", "kill_switch"),
        ({"message": {"expires_at": NOW}}, "ttl", "expired", "ttl"),
        ({"person": {"consents": {}}}, "consent", "suppressed", "no_consent"),
        ({"standing": {"suppressed": True}}, "suppression", "suppressed", "suppression_list"),
        ({"standing": {"address": None}}, "address", "suppressed", "no_address"),
        ({"standing": {"address": ""}}, "address", "suppressed", "no_address"),
        ({"standing": {"lacking": ("WF4201", "customer.name")}}, "template", "suppressed", "WF4201"),
        ({"standing": {"repeated": True}}, "repeat", "suppressed", "already_sent"),
    ],
)
def test_each_gate_alone(given: dict[str, dict[str, Any]], name: str, outcome: str, reason: str) -> None:
    ruled = judge(
        EMPTY, message(**given.get("message", {})), person(**given.get("person", {})), (),
        standing(**given.get("standing", {})), NOW,
    )  # fmt: skip
    assert (ruled.outcome, ruled.reason, ruled.until) == (outcome, reason, None)
    assert [verdict.gate for verdict in ruled.verdicts if verdict.outcome != "pass"] == [name]
    assert ruled.reserves == (outcome == "held")


def test_none_ends_the_record_early_and_the_gravest_rules() -> None:
    rules = policy.parse(
        {
            "quiet": [{"from": "21:00", "to": "09:00"}],
            "caps": [{"max": 1, "per": "7d"}],
            "pause": [{"while": "profile.traits.open_cases > 0", "reason": "complaint"}],
        }
    )
    hindered = standing(
        kill_switch=True, suppressed=True, address=None, lacking=("WF4201", "x"), repeated=True
    )
    somebody = person(consent={}, traits={"open_cases": 1})
    verdicts = gate(
        rules,
        message(expires_at=NIGHT),
        somebody,
        [Use("msg_0", NIGHT - DAY, "email", "marketing")],
        hindered,
        NIGHT,
    )
    assert [(v.gate, v.outcome, v.reason) for v in verdicts] == [
        ("kill_switch", "hold", "kill_switch"),
        ("ttl", "expire", "ttl"),
        ("consent", "suppress", "no_consent"),
        ("suppression", "suppress", "suppression_list"),
        ("quiet", "hold", "quiet_hours"),
        ("address", "suppress", "no_address"),
        ("template", "suppress", "WF4201"),
        ("repeat", "suppress", "already_sent"),
        ("pause", "hold", "complaint"),
        ("cap", "suppress", "cap"),
    ]
    blockers = []
    while (blocker := first_blocker(verdicts)) is not None:
        blockers.append(blocker.gate)
        verdicts = tuple(verdict for verdict in verdicts if verdict is not blocker)
    assert blockers == [
        "ttl", "consent", "suppression", "address", "template", "repeat", "cap", "kill_switch", "quiet", "pause",
    ]  # fmt: skip


def test_a_pause_acts_only_when_it_is_true() -> None:
    rules = policy.parse({"pause": [{"class": "marketing", "while": "profile.traits.open_cases > 0"}]})

    def ruled(klass: str, **traits: Any) -> tuple[str, str, int | None]:
        consent = {"marketing": {"email": "granted"}}
        found = judge(rules, message(klass=klass), person(consent, traits=traits), (), standing(), NOW)
        return found.outcome, found.reason, found.until

    assert ruled("marketing", open_cases=2) == ("held", "pause", None)
    assert ruled("marketing", open_cases=0) == ("planned", "", None)
    assert ruled("marketing") == ("planned", "", None)
    assert ruled("transactional", open_cases=2) == ("planned", "", None)


def test_quiet_hours_use_the_persons_zone_else_the_default() -> None:
    rules = policy.parse(
        {"default_zone": "Asia/Tokyo", "quiet": [{"class": "marketing", "from": "21:00", "to": "09:00"}]}
    )

    def until(zone: str | None) -> str | None:
        return at(judge(rules, message(), person(timezone=zone), (), standing(zone="UTC"), NIGHT).until)

    assert until("Asia/Shanghai") == "2026-03-03T09:00"
    assert until("America/New_York") is None  # 09:15 in the morning there
    assert until(None) == until("Nowhere/Land") == "2026-03-03T08:00"
    assert judge(rules, message(klass="transactional"), person(), (), standing(), NIGHT).outcome == "planned"
    local = policy.parse({"quiet": [{"from": "21:00", "to": "09:00", "tz": "workspace"}]})
    assert (
        judge(local, message(), person(timezone="America/New_York"), (), standing(), NIGHT).outcome == "held"
    )
    fixed = policy.parse(
        {"quiet": [{"from": "21:00", "to": "09:00", "tz": "Europe/Berlin", "then": "suppress"}]}
    )
    assert judge(fixed, message(), person(), (), standing(), NIGHT).outcome == "planned"
    assert judge(fixed, message(), person(), (), standing(), NIGHT + 7 * HOUR).outcome == "suppressed"


def uses(*instants: int, channel: str = "email", klass: str = "marketing") -> list[Use]:
    return [Use(f"use_{n}", instant, channel, klass) for n, instant in enumerate(instants)]


def test_a_rolling_cap_opens_exactly_when_the_oldest_use_leaves_the_window() -> None:
    rules = policy.parse({"caps": [{"max": 2, "per": "7d", "then": "hold"}]})
    taken = uses(NOW - 6 * DAY, NOW - DAY)

    def ruled(now: int, taken: list[Use] = taken) -> Ruling:
        return judge(rules, message(), person(), taken, standing(), now)

    assert (ruled(NOW).outcome, ruled(NOW).until, ruled(NOW).reserves) == ("held", NOW + DAY, False)
    assert ruled(NOW + DAY - 1).outcome == "held"
    assert ruled(NOW + DAY).outcome == "planned"
    full = ruled(NOW, [*taken, *uses(NOW)])
    assert full.until == full.verdicts[-1].until == NOW + 6 * DAY


def test_its_own_reservation_is_taken_out_first() -> None:
    rules = policy.parse({"caps": [{"max": 1, "per": "7d"}, {"max": 1, "per": "day"}]})
    own = [Use("msg_1", NOW - HOUR, "email", "marketing")]
    assert judge(rules, message(), person(), own, standing(), NOW).outcome == "planned"
    assert judge(rules, message(id="msg_2"), person(), own, standing(), NOW).outcome == "suppressed"


def test_a_cap_counts_only_what_it_is_about() -> None:
    rules = policy.parse({"caps": [{"class": "marketing", "channel": "sms", "max": 1, "per": "7d"}]})
    for channel, klass, outcome in [
        ("sms", "marketing", "suppressed"), ("email", "marketing", "planned"), ("sms", "transactional", "planned"),
    ]:  # fmt: skip
        taken = uses(NOW, channel=channel, klass=klass)
        assert judge(rules, message(channel="sms"), person(), taken, standing(), NOW).outcome == outcome
    other = judge(rules, message(channel="email"), person(), uses(NOW, channel="sms"), standing(), NOW)
    assert other.outcome == "planned" and "cap" not in [verdict.gate for verdict in other.verdicts]


@pytest.mark.parametrize(
    ("per", "now", "taken", "until"),
    [
        ("day", "2026-03-02T12:00", ["2026-03-02T00:00"], "2026-03-03T00:00"),
        ("day", "2026-03-02T12:00", ["2026-03-01T23:59"], None),
        ("week", "2026-03-04T12:00", ["2026-03-02T00:00"], "2026-03-09T00:00"),
        ("week", "2026-03-02T00:00", ["2026-03-01T23:59"], None),
        ("month", "2026-03-31T12:00", ["2026-03-01T00:00"], "2026-04-01T00:00"),
        ("month", "2026-12-31T12:00", ["2026-12-01T00:00"], "2027-01-01T00:00"),
        ("day", "2026-03-02T12:00", ["2026-03-02T00:00", "2026-03-03T08:00"], "2026-03-04T00:00"),
    ],
)
def test_calendar_caps_open_with_the_persons_next_period(
    per: str, now: str, taken: list[str], until: str | None
) -> None:
    rules = policy.parse({"caps": [{"max": 1, "per": per, "window": "calendar", "then": "hold"}]})
    instants = [parse_instant(f"{each}:00+08:00") for each in taken]
    ruled = judge(
        rules, message(), person(), uses(*instants), standing(zone="UTC"), parse_instant(f"{now}:00+08:00")
    )
    assert at(ruled.until) == until and ruled.outcome == ("held" if until else "planned")


def test_a_cap_of_none_never_opens() -> None:
    for per in ("7d", "day"):
        rules = policy.parse({"caps": [{"max": 0, "per": per, "then": "hold"}]})
        ruled = judge(rules, message(), person(), (), standing(), NOW)
        assert (ruled.outcome, ruled.until) == ("held", None)


def test_a_held_message_waits_for_all_gates_of_time_together() -> None:
    rules = policy.parse(
        {
            "quiet": [{"from": "21:00", "to": "09:00"}],
            "caps": [{"max": 1, "per": "36h", "then": "hold"}, {"max": 1, "per": "day", "then": "hold"}],
        }
    )
    taken = uses(parse_instant("2026-03-02T10:00:00+08:00"))
    noon = judge(rules, message(), person(), taken, standing(), NOW)
    # the day opens at midnight, the window on the 3rd at 22:00, where it is quiet until the 4th at 09:00
    assert [at(v.until) for v in noon.verdicts if v.outcome == "hold"] == [
        "2026-03-03T22:00",
        "2026-03-03T00:00",
    ]
    assert (noon.outcome, noon.reason, at(noon.until)) == ("held", "cap", "2026-03-04T09:00")
    switched = judge(rules, message(), person(), taken, standing(kill_switch=True), NOW)
    assert (switched.outcome, switched.reason, switched.until) == ("held", "kill_switch", None)


def test_the_last_gate_reads_what_may_have_changed_since() -> None:
    rules = policy.parse({"quiet": [{"from": "21:00", "to": "09:00"}], "caps": [{"max": 0, "per": "day"}]})
    fine = recheck(rules, message(), person(), standing(), NOW)
    assert fine.outcome == "planned"
    assert [v.gate for v in fine.verdicts] == ["kill_switch", "ttl", "consent", "suppression", "quiet"]
    withdrawn = person({"marketing": {"email": "withdrawn"}})
    assert recheck(rules, message(), withdrawn, standing(), NOW).reason == "no_consent"
    assert recheck(rules, message(), person(), standing(kill_switch=True), NOW).outcome == "held"
    assert recheck(rules, message(), person(), standing(suppressed=True), NOW).outcome == "suppressed"
    assert recheck(rules, message(expires_at=NOW - 1), person(), standing(), NOW).outcome == "expired"
    night = recheck(rules, message(), person(), standing(), NIGHT)
    assert (night.outcome, at(night.until)) == ("held", "2026-03-03T09:00")


def test_verdicts_say_what_was_read() -> None:
    said = {verdict.gate: verdict.inputs for verdict in gate(
        policy.parse({"caps": [{"max": 3, "per": "7d"}]}), message(), person(), uses(NOW), standing(), NOW
    )}  # fmt: skip
    assert said["consent"] == {"purpose": "marketing", "requirement": "required", "state": "granted"}
    assert said["cap"] == {"limit": 3, "per": "1w", "used": 1}
    assert first_blocker(()) is None


def test_a_state_that_nobody_knows_is_a_no() -> None:
    odd = person({"marketing": {"email": "perhaps"}, "transactional": {"email": "perhaps"}})
    for klass, outcome in [
        ("marketing", "suppressed"),
        ("transactional", "suppressed"),
        ("mandatory", "planned"),
    ]:
        assert judge(EMPTY, message(klass=klass), odd, (), standing(), NOW).outcome == outcome
