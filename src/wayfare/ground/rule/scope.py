"""The scope: what a condition can see while it is evaluated, and the third truth value beside true and false."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, final


@final
class Unknown:
    """The third truth value; it refuses to be taken for true or false by accident."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("UNKNOWN is neither true nor false: ask holds(value)")

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def holds(value: object) -> bool:
    """Whether a condition's value lets anything happen: only true acts, an unknown does not."""
    return value is True


class Scope:
    """What a compiled rule reads: every part may be absent, and what is absent is unknown.

    `profile` is Profile-shaped, `event` and `entry` Event-shaped; `context` and `row` are plain maps; `now` is an
    instant; `zone` is the workspace's zone, used where the person has none. `hooks` answers the functions that need
    memory, by name: `hooks["count"](scope, event, window_ms | None, where | None)`, `sum(scope, event, property,
    window_ms | None)`, `first | last(scope, event)` (instants), `in_segment(scope, id)`,
    `in_journey(scope, id, {field: text})`; each answers a value, or None for unknown.
    """

    __slots__ = ("context", "entry", "event", "hooks", "now", "profile", "row", "zone")

    def __init__(
        self,
        profile: Any = None,
        event: Any = None,
        *,
        entry: Any = None,
        context: Mapping[str, Any] | None = None,
        now: int = 0,
        row: Mapping[str, Any] | None = None,
        zone: str = "UTC",
        hooks: Mapping[str, Callable[..., object]] | None = None,
    ) -> None:
        self.profile = profile
        self.event = event
        self.entry = entry
        self.context = context
        self.now = now
        self.row = row
        self.zone = zone
        self.hooks = hooks
