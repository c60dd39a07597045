"""The verbs: what a workspace can be asked to do, the same for the command line, the door, HTTP and Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from wayfare.ground.errors import Lang

Progress: TypeAlias = Callable[[int, int | None], None]  # (done, of how many where that is known)
Json: TypeAlias = dict[str, Any]


class Page(NamedTuple):
    """Some rows of a long list, and where the next page begins (None at the end)."""

    items: list[Json]
    next_cursor: str | None


class Verbs(Protocol):
    """Every argument and answer is plain JSON, so that a verb means the same here and through the door.

    A person is a profile id, `namespace:value`, a userId or an anonymousId. All verbs raise WayfareError.
    """

    def plan(self) -> Json: ...

    def apply(self) -> Json: ...

    def publish(self, journey: str) -> Json: ...

    def lifecycle(self, journey: str, verb: str) -> Json:
        """pause, resume, stop or archive; answers {"journey", "status", "version", "affected"}."""
        ...

    def kill_switch(self, on: bool | None = None) -> Json:
        """Set it, or with None only tell it: {"on"}."""
        ...

    def import_files(
        self, files: Sequence[str], options: Mapping[str, Any], *, progress: Progress | None = None
    ) -> Json:
        """Contract §2 `import`; `options` are its options by their names."""
        ...

    def ingest(self, events: Sequence[Mapping[str, Any]]) -> Json:
        """Append events in the form of the Segment family; answers once applied: {"accepted", "duplicates"}."""
        ...

    def ask(self, question: Mapping[str, Any]) -> Json: ...

    def members(self, answer: str, cell: str) -> Json: ...

    def simulate(
        self, journeys: Sequence[str], options: Mapping[str, Any], *, progress: Progress | None = None
    ) -> Json: ...

    def explain(self, person: str, journey: str | None = None, as_of: str | None = None) -> Json: ...

    def profile(self, person: str) -> Json: ...

    def verify(self) -> Json: ...

    def dump(self, table: str, out: str, where: str | None = None) -> Json: ...

    def table(self, table: str, where: str | None = None) -> list[Json]:
        """The rows that `dump` would write."""
        ...


class Studio(Verbs, Protocol):
    """The verbs, and what the pages of the studio look at besides."""

    def offsets(self) -> dict[str, int]:
        """{"accepted", "applied", "history"}: log offsets, so that a client can wait without sleeping."""
        ...

    def ready(self) -> bool: ...

    def overview(self) -> Json: ...

    def cards(self) -> list[Json]: ...

    def journey(self, journey: str, lang: Lang) -> Json: ...

    def versions(self, journey: str) -> list[Json]: ...

    def draft(self, journey: str, lang: Lang) -> Json:
        """{"text", "etag", "path", "document", "problems"}."""
        ...

    def put_draft(self, journey: str, body: bytes, as_json: bool, expected: str | None, lang: Lang) -> Json:
        """Keep a draft, an invalid one too. `expected` is the ETag it replaces, None for a new one; WF8110 if stale."""
        ...

    def check(self, journey: str, lang: Lang) -> list[Json]: ...

    def counts(self, journey: str, clock: str, window: str) -> Json: ...

    def enrollments(self, journey: str, node: str, state: str, limit: int, cursor: str | None) -> Page: ...

    def enrollment(self, enrollment: str) -> Json: ...

    def exit_enrollment(self, enrollment: str, reason: str) -> Json: ...

    def people(self, text: str, limit: int, cursor: str | None) -> Page: ...

    def timeline(self, person: str, limit: int, cursor: str | None) -> Page: ...

    def consent(self, person: str, change: Mapping[str, Any]) -> Json: ...

    def messages(self, wanted: Mapping[str, str], limit: int, cursor: str | None) -> Page: ...

    def quarantine(self, limit: int, cursor: str | None) -> Page: ...

    def tasks(self, state: str, limit: int, cursor: str | None) -> Page: ...

    def task_done(self, task: str, outcome: str, properties: Mapping[str, Any]) -> Json: ...
