"""Trials of the fold: traits, consent and place by (time, arrival), and merges in any order."""

from __future__ import annotations

import itertools
from functools import reduce
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from wayfare.facts.event import CONSENT_CHANGED, Event
from wayfare.people.fold import fold, merge
from wayfare.people.profile import Profile

EMPTY = Profile("prf_1", first_seen=10**9)
LATER = 10**9


def said(time: int, kind: str = "track", name: str = "Seen", **more: Any) -> Event:
    return Event("e", "web", kind, name, time, LATER, "u1", **more)  # type: ignore[arg-type]


def wish(time: int, state: str, purpose: str = "marketing", **more: Any) -> Event:
    return said(time, name=CONSENT_CHANGED, properties={"purpose": purpose, "state": state, **more})


def test_a_plain_event_changes_the_last_now_only() -> None:
    before = fold(EMPTY, said(5, "identify", traits={"tier": "gold"}), 1, 5)
    after = fold(before, said(9), 2, 9)
    assert after == msgspec.structs.replace(before, seen=9)
    assert after.traits is before.traits and after.consents is before.consents
    assert fold(after, said(8), 3, 9) is after


def test_traits_come_from_identify_and_not_from_track() -> None:
    assert fold(EMPTY, said(5, traits={"tier": "gold"}), 1, 5).traits == {}
    assert fold(EMPTY, said(5, "identify", traits={"tier": "gold"}), 1, 5).traits == {"tier": "gold"}


def test_an_explicit_null_stays() -> None:
    person = fold(EMPTY, said(5, "identify", traits={"tier": "gold", "age": 3}), 1, 5)
    assert fold(person, said(6, "identify", traits={"tier": None}), 2, 6).traits == {"tier": None, "age": 3}


def test_a_late_event_overwrites_only_what_was_written_before_it() -> None:
    person = fold(EMPTY, said(50, "identify", traits={"tier": "gold"}), 1, 50)
    person = fold(person, said(40, "identify", traits={"tier": "old", "city": "Kunming"}), 2, 50)
    assert person.traits == {"tier": "gold", "city": "Kunming"}
    assert person.first_seen == 40 and person.seen == 50


def test_a_group_call_does_not_rename_the_person() -> None:
    person = fold(EMPTY, said(5, "identify", traits={"name": "Mei"}), 1, 5)
    person = fold(person, said(6, "group", group_id="g1", traits={"name": "Acme", "plan": "pro"}), 2, 6)
    assert person.traits == {"name": "Mei", "group": {"name": "Acme", "plan": "pro", "id": "g1"}}


def test_a_backfill_does_not_move_the_last_now() -> None:
    person = fold(fold(EMPTY, said(50), 1, 50), said(90, "identify", backfill=True, traits={"a": 1}), 2, 90)
    assert (person.seen, person.traits) == (50, {"a": 1})


def test_zone_and_locale_come_from_any_context_and_the_later_wins() -> None:
    person = fold(EMPTY, said(50, context={"timezone": "Asia/Shanghai", "locale": "zh-CN"}), 1, 50)
    person = fold(person, said(40, context={"timezone": "Europe/Berlin", "locale": "de-DE"}), 2, 50)
    assert (person.timezone, person.locale) == ("Asia/Shanghai", "zh-CN")
    person = fold(person, said(60, context={"timezone": "Mars/Olympus", "locale": ""}), 3, 60)
    assert (person.timezone, person.locale) == ("Asia/Shanghai", "zh-CN")
    assert person.traits == {}


def test_consent_keeps_who_said_it_and_when() -> None:
    person = fold(EMPTY, wish(5, "granted", channel="email", basis="form", text="yes"), 3, 5)
    kept = person.consents["marketing"]["email"]
    assert (kept.state, kept.time, kept.arrival, kept.basis, kept.text, kept.event) == (
        "granted", 5, 3, "form", "yes", "e",
    )  # fmt: skip
    assert fold(person, wish(4, "withdrawn", channel="email"), 4, 5).consent == {
        "marketing": {"email": "granted"}
    }
    assert fold(person, wish(6, "withdrawn", channel="email"), 4, 6).consent == {
        "marketing": {"email": "withdrawn"}
    }
    everything = fold(person, wish(6, "denied"), 4, 6)  # a later no to the purpose is a no to its channels
    assert everything.consent == {"marketing": {"email": "denied", "": "denied"}}
    assert everything.consents["marketing"]["email"].state == "granted"  # and what was said is kept


def test_at_the_same_instant_the_stricter_consent_wins_in_any_order() -> None:
    wishes = [wish(5, "granted"), wish(5, "denied"), wish(5, "withdrawn")]
    for order in itertools.permutations(wishes):
        person = EMPTY
        for arrival, event in enumerate(order):
            person = fold(person, event, arrival, 5)
        assert person.consent == {"marketing": {"": "withdrawn"}}


def test_a_wish_that_cannot_be_read_changes_nothing() -> None:
    assert fold(EMPTY, wish(5, "perhaps"), 1, 5).consents == {}
    assert fold(EMPTY, said(5, name=CONSENT_CHANGED, properties={"state": "granted"}), 1, 5).consents == {}


names = st.sampled_from(["tier", "city"])
events = st.one_of(
    st.builds(
        lambda time, traits: said(time, "identify", traits=traits),
        st.integers(1, 6),
        st.dictionaries(names, st.one_of(st.none(), st.integers(0, 3))),
    ),
    st.builds(
        lambda time, state, channel: wish(time, state, channel=channel),
        st.integers(1, 6),
        st.sampled_from(["granted", "denied", "withdrawn"]),
        st.sampled_from(["", "email"]),
    ),
    st.builds(
        lambda time, zone: said(time, context={"timezone": zone}),
        st.integers(1, 6),
        st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]),
    ),
)


def told(profile: Profile, events: list[tuple[int, Event]]) -> Profile:
    return reduce(lambda person, pair: fold(person, pair[1], pair[0], pair[1].time), events, profile)


def canonical(profile: Profile) -> dict[str, Any]:
    """All but the order in which a person's ids came together, and which of the merged ids is the person's now."""
    shape = msgspec.to_builtins(profile)
    ids = {profile.id, *profile.merged}
    return {**shape, "id": None, "merged": sorted(ids), "identifiers": sorted(shape.get("identifiers", []))}


@given(st.lists(events, max_size=8), st.randoms())
def test_the_order_in_which_events_are_folded_does_not_matter(story: list[Event], chance: Any) -> None:
    arrivals = list(enumerate(story))
    shuffled = list(arrivals)
    chance.shuffle(shuffled)
    assert told(EMPTY, arrivals) == told(EMPTY, shuffled)


@given(st.lists(st.tuples(st.integers(0, 2), events), max_size=10))
def test_merges_give_one_person_in_any_order_as_if_there_had_always_been_one(
    story: list[tuple[int, Event]],
) -> None:
    arrivals = list(enumerate(story))
    people = [
        told(
            Profile(f"prf_{who}", first_seen=100, identifiers=(("user_id", str(who)),)),
            [(arrival, event) for arrival, (owner, event) in arrivals if owner == who],
        )
        for who in range(3)
    ]
    results = [merge(merge(people[a], people[b]), people[c]) for a, b, c in itertools.permutations(range(3))]
    results += [merge(people[a], merge(people[b], people[c])) for a, b, c in itertools.permutations(range(3))]
    assert all(canonical(one) == canonical(results[0]) for one in results)
    single = told(Profile("prf_0", first_seen=100), [(arrival, event) for arrival, (_, event) in arrivals])
    assert single.traits == results[0].traits
    assert single.consents == results[0].consents
    assert single.timezone == results[0].timezone


@given(st.lists(events, max_size=8), st.lists(events, max_size=8))
def test_a_merge_again_changes_nothing_and_keeps_the_strictest_of_equals(
    one: list[Event], two: list[Event]
) -> None:
    first = told(EMPTY, [(2 * n, event) for n, event in enumerate(one)])
    second = told(Profile("prf_2", first_seen=1), [(2 * n + 1, event) for n, event in enumerate(two)])
    both = merge(first, second)
    assert merge(both, second) == both
    assert both.id == first.id and both.merged == ("prf_2",)
    strictness = {"granted": 0, "denied": 1, "withdrawn": 2}
    for channel, consent in both.consents.get("marketing", {}).items():
        said_by = [p.consents.get("marketing", {}).get(channel) for p in (first, second)]
        latest = max(c.time for c in said_by if c)
        assert consent.time == latest
        assert strictness[consent.state] == max(
            strictness[c.state] for c in said_by if c and c.time == latest
        )
