"""Reaching a value: each path becomes one small function of the scope; what is not there is None."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeAlias

from wayfare.ground.rule.scope import Scope
from wayfare.ground.rule.tree import Path

Getter: TypeAlias = Callable[[Scope], Any]  # a value; None: missing, null or of the wrong kind


def reach(path: Path) -> Getter:
    """The function that reads a path; the common depths have their own, which costs half as much."""
    match path:
        case Path("now"):
            return lambda scope: scope.now
        case Path("event", ("properties", str(key))):
            return _event_property(key)
        case Path("profile", ("traits", str(key))):
            return _profile_trait(key)
        case Path("profile", ("consent", str(purpose), str(channel))):
            return _consent(purpose, channel)
        case Path(("context" | "row") as root, keys):
            return _below(attrgetter(root), keys)
        case Path(root, (str(part),)):
            return _part(root, part)
        case Path(root, (str(part), *keys)):
            return _below(_part(root, part), tuple(keys))
        case _:
            raise AssertionError(path)  # a Path is made by the parser only


def _event_property(key: str) -> Getter:
    def get(scope: Scope) -> Any:
        event = scope.event
        return None if event is None else event.properties.get(key)

    return get


def _profile_trait(key: str) -> Getter:
    def get(scope: Scope) -> Any:
        profile = scope.profile
        return None if profile is None else profile.traits.get(key)

    return get


def _consent(purpose: str, channel: str) -> Getter:
    """The state of a purpose on a channel, else of the whole purpose, which is kept under the empty name."""

    def get(scope: Scope) -> Any:
        profile = scope.profile
        if profile is None:
            return None
        states = profile.consent.get(purpose) or {}
        return states.get(channel, states.get(""))

    return get


def _part(root: str, part: str) -> Getter:
    holder, read = attrgetter(root), attrgetter(part)

    def get(scope: Scope) -> Any:
        held = holder(scope)
        return None if held is None else read(held)

    return get


def _below(start: Getter, keys: tuple[str | int, ...]) -> Getter:
    def get(scope: Scope) -> Any:
        value = start(scope)
        for key in keys:
            if isinstance(value, dict):
                value = value.get(key) if isinstance(key, str) else None
            elif isinstance(value, list | tuple) and isinstance(key, int):
                value = value[key] if key < len(value) else None
            else:
                return None
        return None if value != value else value  # noqa: PLR0124 - a not-a-number in a table is a missing value

    return get
