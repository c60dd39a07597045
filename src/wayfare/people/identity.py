"""Identity: whom an event belongs to, which identifiers it links, and which people it proves to be one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from wayfare.facts.decode import links_nobody
from wayfare.facts.event import Event
from wayfare.ground.draw import salted_id
from wayfare.ground.errors import Broken
from wayfare.people.profile import Profile

USER, ANONYMOUS = "user_id", "anonymous_id"

Identifier = tuple[str, str]  # (namespace, value), such as ("user_id", "u1") or ("anonymous_id", "a1")


class Owner(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who an identifier belongs to; a shared one links nobody and stays with its first owner."""

    profile: str
    since: int
    shared: bool = False


class Merge(msgspec.Struct, frozen=True, gc=False):
    """One merge of the identity ledger: `loser` became part of `survivor`, by an event, with its cause."""

    survivor: str
    loser: str
    at: int
    cause: str  # alias | link
    event: str
    arrival: int


class Resolution(msgspec.Struct, frozen=True, gc=False):
    """Whose event it is, and what it teaches.

    `created`: the profile does not exist yet. `links`: identifiers whose owner is new or changed, those of merged
    profiles included. `merges`: at most two, all into `profile`. Owners are canonical: no chain is ever to be followed.
    """

    profile: str
    created: bool = False
    links: tuple[tuple[Identifier, Owner], ...] = ()
    merges: tuple[Merge, ...] = ()


Owners = Callable[[Identifier], Owner | None]
Profiles = Callable[[str], Profile | None]


def mentions(event: Event) -> Iterator[Identifier]:
    """Every identifier whose owner `resolve` may ask for because the event names it (for loading ahead)."""
    if event.user_id is not None:
        yield USER, event.user_id
    if event.anonymous_id is not None:
        yield ANONYMOUS, event.anonymous_id
    if event.kind == "alias" and event.previous_id is not None:
        yield USER, event.previous_id
        yield ANONYMOUS, event.previous_id


def readings(person: str) -> tuple[Identifier, ...]:
    """The identifiers that a text such as `email:x@y` or `u1` may stand for, in the order in which they are tried."""
    namespace, colon, value = person.partition(":")
    named = ((namespace, value),) if colon and value else ()
    return (*named, (USER, person), (ANONYMOUS, person))


def resolve(event: Event, owners: Owners, profiles: Profiles, salt: str, arrival: int) -> Resolution:
    """Apply engine rule 11 to one event; a pure reading of the owners and profiles as they are before it.

    `owners` must answer for the identifiers that the event mentions and for those of any profile that it merges.
    Raises Broken WF6001 when an owner has no profile.
    """
    sole = _sole(event)
    owner = owners(sole) if sole is not None else None
    if owner is not None:
        return Resolution(owner.profile)
    user = _linking(USER, event.user_id)
    anonymous = _linking(ANONYMOUS, event.anonymous_id)
    case = _Case(event, owners, profiles, salt, arrival)
    if user is not None and (anonymous is not None or event.kind == "alias"):
        return case.joined(user, anonymous)
    only = user or anonymous or _placeholder(event)
    owner = owners(only)
    return Resolution(owner.profile) if owner else case.created(only, (only,))


class _Case(NamedTuple):
    """One event before the identity ledger."""

    event: Event
    owners: Owners
    profiles: Profiles
    salt: str
    arrival: int

    def joined(self, user: Identifier, anonymous: Identifier | None) -> Resolution:
        """The resolution when the event names a userId and what may be the same person."""
        fresh: dict[Identifier, None] = {}
        people: dict[str, str] = {}  # profile → cause by which it is this person
        shared: list[tuple[Identifier, Owner]] = []
        for identifier, cause in ((user, "link"), *((one, "alias") for one in self.previous())):
            owner = self.owners(identifier)
            if owner is None:
                fresh[identifier] = None
            elif not owner.shared:
                people.setdefault(owner.profile, cause)
        owner = self.owners(anonymous) if anonymous else None
        if anonymous and owner is None:
            fresh[anonymous] = None
        elif anonymous and owner and not owner.shared and owner.profile not in people:
            if self.has_other_user(owner.profile, user):
                shared.append((anonymous, msgspec.structs.replace(owner, shared=True)))
            else:
                people[owner.profile] = "link"
        if not people:
            made = self.created(user, tuple(fresh))
            return msgspec.structs.replace(made, links=(*shared, *made.links))
        return self.merged(people, tuple(fresh), shared)

    def merged(
        self, people: dict[str, str], fresh: tuple[Identifier, ...], shared: list[tuple[Identifier, Owner]]
    ) -> Resolution:
        """All these profiles are one; the survivor takes over every identifier of the others and the fresh ones."""
        survivor = min(people, key=lambda profile: (self.known(profile).first_seen, profile))
        cause = "alias" if "alias" in people.values() else "link"
        moment = _moment(self.event)
        links, merges = shared, []
        for loser in people:
            if loser == survivor:
                continue
            merges.append(Merge(survivor, loser, moment, cause, self.event.id, self.arrival))
            for identifier in self.known(loser).identifiers:
                owner = self.owners(identifier)
                if owner is not None:
                    links.append((identifier, msgspec.structs.replace(owner, profile=survivor)))
        links.extend((identifier, Owner(survivor, moment)) for identifier in fresh)
        return Resolution(survivor, False, tuple(links), tuple(merges))

    def previous(self) -> tuple[Identifier, ...]:
        """What an alias says the userId was before: a userId if it is known as one, else an anonymousId.

        An id that nobody has met yet may turn out to be either (clients send in parallel), so it is kept as both.
        """
        earlier = self.event.previous_id
        if (
            self.event.kind != "alias"
            or earlier is None
            or earlier == self.event.user_id
            or links_nobody(earlier)
        ):
            return ()
        as_user, as_anonymous = (USER, earlier), (ANONYMOUS, earlier)
        if self.owners(as_user) is not None:
            return (as_user,)
        if self.owners(as_anonymous) is not None or earlier == self.event.anonymous_id:
            return (as_anonymous,)
        return as_user, as_anonymous

    def created(self, first: Identifier, held: tuple[Identifier, ...]) -> Resolution:
        """A new person, its id made from its first identifier; if that id is taken, from the event's id as well."""
        name = f"{first[0]}:{first[1]}"
        profile = salted_id("prf", self.salt, name)
        if self.profiles(profile) is not None:
            profile = salted_id("prf", self.salt, name, self.event.id)
        owner = Owner(profile, _moment(self.event))
        return Resolution(profile, True, tuple((identifier, owner) for identifier in held))

    def has_other_user(self, profile: str, user: Identifier) -> bool:
        return any(one[0] == USER and one != user for one in self.known(profile).identifiers)

    def known(self, profile: str) -> Profile:
        found = self.profiles(profile)
        if found is None:
            raise Broken("WF6001", profile=profile)
        return found


def _sole(event: Event) -> Identifier | None:
    """The one identifier of an event that names no other, placeholder or not."""
    if event.kind == "alias":
        return None
    if event.anonymous_id is None:
        return (USER, event.user_id) if event.user_id is not None else None
    return (ANONYMOUS, event.anonymous_id) if event.user_id is None else None


def _linking(namespace: str, value: str | None) -> Identifier | None:
    return None if value is None or links_nobody(value) else (namespace, value)


def _placeholder(event: Event) -> Identifier:
    """An event that has placeholder ids only belongs to the one person that stands for the placeholder."""
    if event.user_id is not None:
        return USER, event.user_id
    return ANONYMOUS, event.anonymous_id or ""


def _moment(event: Event) -> int:
    return min(event.time, event.received)
