"""Consent against a reference evaluator over random ledgers, and the order of what decides."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contact.cases import NOW, message, person, standing
from wayfare.contact import policy
from wayfare.contact.gate import judge
from wayfare.people.profile import Consent

STATES = st.sampled_from(["granted", "denied", "withdrawn"])
CHANNELS = ["email", "sms", ""]
CLASSES = ["marketing", "transactional", "mandatory"]
LEDGERS = st.lists(
    st.tuples(st.sampled_from(CLASSES[:2]), st.sampled_from(CHANNELS), STATES, st.integers(0, 2)), max_size=8
)
DEFAULTS = st.dictionaries(st.sampled_from(["email", "sms", "marketing", "transactional"]), STATES)


def reference(
    ledger: list[tuple[str, str, str, int]], defaults: dict[str, str], klass: str, channel: str
) -> bool:
    """The rule in plain words, over the raw ledger: rows are (purpose, channel, state, time), arrival = place."""
    if klass == "mandatory":
        return True
    rows = [
        (time, place, where, state)
        for place, (purpose, where, state, time) in enumerate(ledger)
        if purpose == klass
    ]
    own = max((row for row in rows if row[2] == channel), default=None)
    whole = max((row for row in rows if row[2] == ""), default=None)
    said = own or whole
    if own and whole and whole[:2] > own[:2] and whole[3] in ("denied", "withdrawn"):
        said = whole
    state = said[3] if said else defaults.get(channel) or defaults.get(klass)
    return state == "granted" if klass == "marketing" else state != "withdrawn"


@settings(max_examples=1000, deadline=None)
@given(
    ledger=LEDGERS,
    defaults=DEFAULTS,
    klass=st.sampled_from(CLASSES),
    channel=st.sampled_from(["email", "sms", "push"]),
)
def test_random_ledgers(
    ledger: list[tuple[str, str, str, int]], defaults: dict[str, str], klass: str, channel: str
) -> None:
    consents: dict[str, dict[str, Consent]] = {}
    for arrival, (purpose, where, state, time) in enumerate(ledger):
        held = consents.setdefault(purpose, {}).get(where)
        if held is None or (held.time, held.arrival) <= (time, arrival):
            consents[purpose][where] = Consent(state=state, time=time, arrival=arrival)
    somebody = msgspec.structs.replace(person({}), consents=consents)
    ruled = judge(
        policy.parse(None),
        message(klass=klass, channel=channel),
        somebody,
        (),
        standing(consent_default=defaults),
        NOW,
    )
    assert (ruled.outcome == "planned") == reference(ledger, defaults, klass, channel)


def test_a_policy_may_ask_for_less_or_more() -> None:
    nobody = person({})
    for word, outcome in [
        ("required", "suppressed"),
        ("unless-withdrawn", "planned"),
        ("not-needed", "planned"),
    ]:
        rules = policy.parse({"consent": {"transactional": word}})
        assert judge(rules, message(klass="transactional"), nobody, (), standing(), NOW).outcome == outcome


def test_the_workspaces_default_stands_in_only_where_nothing_was_said() -> None:
    granted = standing(consent_default={"email": "granted"})
    assert judge(policy.parse(None), message(), person({}), (), granted, NOW).outcome == "planned"
    said_no = person({"marketing": {"": "denied"}})
    assert judge(policy.parse(None), message(), said_no, (), granted, NOW).outcome == "suppressed"


def test_a_later_no_to_everything_ends_an_earlier_yes_to_a_channel() -> None:
    def sent(own: Consent, whole: Consent) -> bool:
        somebody = msgspec.structs.replace(person({}), consents={"marketing": {"email": own, "": whole}})
        return judge(policy.parse(None), message(), somebody, (), standing(), NOW).outcome == "planned"

    for no in ("denied", "withdrawn"):
        assert not sent(Consent(state="granted", time=5, arrival=1), Consent(state=no, time=6, arrival=0))
        assert not sent(Consent(state="granted", time=5, arrival=1), Consent(state=no, time=5, arrival=2))
        assert sent(Consent(state="granted", time=5, arrival=3), Consent(state=no, time=5, arrival=2))
        assert not sent(Consent(state=no, time=5, arrival=1), Consent(state="granted", time=6, arrival=2))
