"""Trials of identity: engine rule 11 on a small ledger that applies what `resolve` teaches."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayfare.facts.event import Event
from wayfare.ground.draw import salted_id
from wayfare.ground.errors import Broken
from wayfare.people.fold import fold, gather
from wayfare.people.identity import Identifier, Owner, Resolution, mentions, readings, resolve
from wayfare.people.profile import Profile

SALT = "pepper"


def make_event(number: int, user: str | None = None, anonymous: str | None = None, **more: Any) -> Event:
    kind = "alias" if more.get("previous_id") else more.pop("kind", "track")
    time = more.pop("time", 1_000 + number)
    return Event(f"e{number}", "web", kind, "Seen", time, 10_000_000, user, anonymous, **more)


class Ledger:
    """Owners and profiles, kept as the engine keeps them."""

    def __init__(self) -> None:
        self.owners: dict[Identifier, Owner] = {}
        self.profiles: dict[str, Profile] = {}
        self.count = 0

    def tell(self, user: str | None = None, anonymous: str | None = None, **more: Any) -> Resolution:
        self.count += 1
        event = make_event(self.count, user, anonymous, **more)
        resolution = resolve(event, self.owners.get, self.profiles.get, SALT, self.count)
        person = gather(resolution, event, self.profiles.get)
        for merge in resolution.merges:
            del self.profiles[merge.loser]
        self.owners.update(resolution.links)
        self.profiles[person.id] = fold(person, event, self.count, event.time)
        return resolution

    def whose(self, namespace: str, value: str) -> str:
        return self.owners[namespace, value].profile


def test_the_id_is_made_from_the_userid_before_the_anonymousid() -> None:
    ledger = Ledger()
    told = ledger.tell("u1", "a1")
    assert told.created
    assert told.profile == salted_id("prf", SALT, "user_id:u1")
    assert ledger.profiles[told.profile].identifiers == (("user_id", "u1"), ("anonymous_id", "a1"))


def test_login_takes_the_anonymous_past_along() -> None:
    ledger = Ledger()
    first = ledger.tell(None, "a1")
    second = ledger.tell("u1", "a1")
    assert second.profile == first.profile == salted_id("prf", SALT, "anonymous_id:a1")
    assert not second.created
    assert not second.merges


def test_a_second_device_merges_when_its_profile_has_no_userid() -> None:
    ledger = Ledger()
    known = ledger.tell("u1", "a1")
    other = ledger.tell(None, "a2")
    joined = ledger.tell("u1", "a2")
    assert [(m.survivor, m.loser, m.cause) for m in joined.merges] == [(known.profile, other.profile, "link")]
    assert ledger.whose("anonymous_id", "a2") == known.profile
    assert ledger.profiles[known.profile].merged == (other.profile,)
    assert list(ledger.profiles) == [known.profile]


def test_the_survivor_is_the_first_seen_even_when_it_is_the_anonymous_one() -> None:
    ledger = Ledger()
    anonymous = ledger.tell(None, "a2")
    known = ledger.tell("u1", "a1")
    joined = ledger.tell("u1", "a2")
    assert joined.profile == anonymous.profile
    assert [m.loser for m in joined.merges] == [known.profile]
    assert {ledger.whose("user_id", "u1"), ledger.whose("anonymous_id", "a1")} == {anonymous.profile}


def test_first_seen_is_event_time_not_arrival() -> None:
    ledger = Ledger()
    ledger.tell(None, "a2", time=5_000)
    older = ledger.tell("u1", "a1", time=4_000)
    assert ledger.tell("u1", "a2").profile == older.profile


def test_a_browser_that_two_people_use_is_shared_and_links_nobody() -> None:
    ledger = Ledger()
    first = ledger.tell("u1", "a1")
    second = ledger.tell("u2", "a1")
    assert second.created and second.profile != first.profile
    assert ledger.owners["anonymous_id", "a1"].shared
    assert ledger.whose("anonymous_id", "a1") == first.profile
    assert ledger.tell(None, "a1").profile == first.profile
    assert ledger.tell("u2", "a1").profile == second.profile
    assert ledger.tell("u3", "a1").merges == ()
    # an alias that names the shared id does not pull its owners together either
    assert ledger.tell("u2", None, previous_id="a1").merges == ()
    assert len(ledger.profiles) == 3


def test_alias_takes_a_userid_before_an_anonymousid() -> None:
    ledger = Ledger()
    by_user, by_anonymous, target = ledger.tell("x"), ledger.tell(None, "x"), ledger.tell("u")
    told = ledger.tell("u", None, previous_id="x")
    assert (told.profile, [m.loser for m in told.merges]) == (by_user.profile, [target.profile])
    assert told.merges[0].cause == "alias"
    assert ledger.whose("anonymous_id", "x") == by_anonymous.profile


def test_alias_of_an_anonymousid_that_is_known() -> None:
    ledger = Ledger()
    anonymous = ledger.tell(None, "a")
    told = ledger.tell("u", None, previous_id="a")
    assert told.profile == anonymous.profile and not told.created and not told.merges
    assert ledger.whose("user_id", "u") == anonymous.profile
    assert ("user_id", "a") not in ledger.owners


def test_an_alias_that_arrives_first_is_kept_for_either_kind_of_id() -> None:
    ledger = Ledger()
    told = ledger.tell("u2", None, previous_id="u1")
    assert ledger.tell("u1").profile == told.profile
    assert ledger.tell(None, "u1").profile == told.profile


def test_an_alias_with_its_own_anonymousid_joins_three_people_at_once() -> None:
    ledger = Ledger()
    old, new, visitor = ledger.tell("u1"), ledger.tell("u2"), ledger.tell(None, "a9")
    told = ledger.tell("u2", "a9", previous_id="u1")
    assert told.profile == old.profile
    assert {m.loser for m in told.merges} == {new.profile, visitor.profile}
    assert {owner.profile for owner in ledger.owners.values()} == {old.profile}


def test_the_alias_comes_before_the_link_so_the_own_browser_is_not_called_shared() -> None:
    ledger = Ledger()
    ledger.tell("u1", "a1")
    ledger.tell("u2")
    ledger.tell("u2", "a1", previous_id="u1")
    assert not ledger.owners["anonymous_id", "a1"].shared
    assert len(ledger.profiles) == 1


def test_self_alias_and_alias_back_change_nothing() -> None:
    ledger = Ledger()
    ledger.tell("u1", "a1", kind="identify")
    assert ledger.tell("u1", "a1", previous_id="u1") == Resolution(ledger.whose("user_id", "u1"))
    ledger.tell("u2", "a1", previous_id="u1")
    assert ledger.tell("u1", "a1", previous_id="u2") == Resolution(ledger.whose("user_id", "u1"))
    assert len(ledger.profiles) == 1


@pytest.mark.parametrize("placeholder", ["null", "undefined", "00000000-0000-0000-0000-000000000000"])
def test_placeholders_link_nobody(placeholder: str) -> None:
    ledger = Ledger()
    one = ledger.tell("u1", placeholder)
    two = ledger.tell("u2", placeholder)
    visitor = ledger.tell(placeholder, "a1")
    assert len({one.profile, two.profile, visitor.profile}) == 3
    assert visitor.profile == salted_id("prf", SALT, "anonymous_id:a1")
    assert ledger.tell("u1", None, previous_id=placeholder).merges == ()
    nobody = ledger.tell(placeholder, placeholder)
    assert (
        nobody.profile == ledger.tell(placeholder).profile == salted_id("prf", SALT, f"user_id:{placeholder}")
    )


def test_an_id_that_is_taken_by_one_who_gave_the_identifier_up_gets_the_event_in_it() -> None:
    ledger = Ledger()
    taken = ledger.tell("u1").profile
    del ledger.owners["user_id", "u1"]
    told = ledger.tell("u1")
    assert told.created
    assert told.profile == salted_id("prf", SALT, "user_id:u1", "e2") != taken


def test_an_owner_without_profile_is_a_defect() -> None:
    owners = {("user_id", "u"): Owner("prf_x", 1), ("user_id", "v"): Owner("prf_y", 1)}
    with pytest.raises(Broken, match="WF6001"):
        resolve(make_event(1, "u", None, previous_id="v"), owners.get, lambda _: None, SALT, 1)


def test_what_a_text_may_mean_and_what_an_event_mentions() -> None:
    assert readings("email:x@y") == (
        ("email", "x@y"),
        ("user_id", "email:x@y"),
        ("anonymous_id", "email:x@y"),
    )
    assert readings("u1") == (("user_id", "u1"), ("anonymous_id", "u1"))
    assert list(mentions(make_event(1, "u", "a", previous_id="p"))) == [
        ("user_id", "u"),
        ("anonymous_id", "a"),
        ("user_id", "p"),
        ("anonymous_id", "p"),
    ]


users = st.sampled_from([None, "u1", "u2", "u3", "null"])
browsers = st.sampled_from([None, "a1", "a2", "u1", "undefined"])


@given(st.lists(st.tuples(users, browsers, st.sampled_from([None, "u1", "u2", "a1"])), max_size=14))
def test_owners_and_profiles_always_agree(story: list[tuple[str | None, str | None, str | None]]) -> None:
    ledger = Ledger()
    first_owner: dict[Identifier, str] = {}
    for user, browser, previous in story:
        if user is None and browser is None:
            continue
        told = ledger.tell(user, browser, **({"previous_id": previous} if user and previous else {}))
        assert told.profile in ledger.profiles
        for identifier, owner in ledger.owners.items():
            assert identifier in ledger.profiles[owner.profile].identifiers
            first_owner.setdefault(identifier, owner.profile)
        held = [one for profile in ledger.profiles.values() for one in profile.identifiers]
        assert sorted(held) == sorted(
            ledger.owners
        )  # every identifier is one person's, and nobody's is forgotten
        gone = {one for profile in ledger.profiles.values() for one in profile.merged}
        assert not gone & set(ledger.profiles)
    for identifier, profile in first_owner.items():  # merged or not, an id never changes over to a stranger
        now = ledger.profiles[ledger.owners[identifier].profile]
        assert profile == now.id or profile in now.merged


@given(
    st.lists(st.tuples(st.sampled_from(["u1", "u2", "u3"]), st.sampled_from(["a1", "a2", "a3"])), max_size=12)
)
def test_without_alias_two_userids_never_become_one(story: list[tuple[str, str]]) -> None:
    ledger = Ledger()
    for user, browser in story:
        ledger.tell(None, browser)
        ledger.tell(user, browser)
    for profile in ledger.profiles.values():
        assert len([1 for namespace, _ in profile.identifiers if namespace == "user_id"]) <= 1
