"""The journey document: what an author writes, as typed values, with every mistake named at its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from wayfare.ground import time as clocks
from wayfare.ground.errors import Malformed
from wayfare.journey.problem import Place, Problem

KINDS_BUILT = ("wait", "listen", "branch", "split", "send", "task", "finish")
KINDS_LATER = ("show", "decide", "webhook", "update", "emit", "run", "throttle")
ENTRIES_LATER = ("segment", "schedule", "date", "api", "journey")
NODE_KEYS = ("next", "else", "timeout", "overdue", "stage", "touchpoint", "title", "note")


def _duration(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("WF1011")
    try:
        clocks.parse_duration(value)
    except Malformed as bad:
        raise ValueError("WF1011") from bad
    return value


def _share(value: object) -> float:
    """A share written `10%` (or 0.1) as a fraction between 0 and 1."""
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?%", value.strip()):
        share = float(value.strip()[:-1]) / 100
    elif isinstance(value, int | float) and not isinstance(value, bool):
        share = float(value)
    else:
        raise ValueError("WF1012")
    if not 0 <= share <= 1:
        raise ValueError("WF1012")
    return share


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", value):
        raise ValueError("WF1013")
    return value


def _time_of_day(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError("WF1014")
    return value


def _instant(value: object) -> str:
    try:
        clocks.parse_instant(str(value))
    except Malformed as bad:
        raise ValueError("WF1015") from bad
    return str(value)


Duration: TypeAlias = Annotated[str, BeforeValidator(_duration)]
Share: TypeAlias = Annotated[float, BeforeValidator(_share)]
Slug: TypeAlias = Annotated[str, AfterValidator(_slug)]
TimeOfDay: TypeAlias = Annotated[str, BeforeValidator(_time_of_day)]
Instant: TypeAlias = Annotated[str, BeforeValidator(_instant)]
Class: TypeAlias = Literal["marketing", "transactional", "mandatory"]
Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Part(BaseModel):
    """A part of the document: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(Part):
    """A text in both languages."""

    en: str
    zh: str


Text: TypeAlias = str | Words


class Stage(Part):
    """A stage with a title of its own; nodes name it by its id."""

    id: str
    title: Text


class After(Part):
    after: Duration


class Limit(Part):
    total: Annotated[int, Field(ge=1)]
    per: Literal["day", "week", "month"] | None = None


class EventEntry(Part):
    """Entry by an event: `where` reads the event, `who` the person, `key` names what the run is about."""

    on: Literal["event"] = "event"
    event: str
    where: str | None = None
    who: str | None = None
    key: str | None = None
    reentry: Literal["never", "always"] | After = "never"
    limit: Limit | None = None


class Exit(Part):
    """An exit by event or by a condition; the first that holds ends the run at once."""

    event: str | None = None
    where: str | None = None
    when: str | None = None
    segment: str | None = None
    change: Literal["enter", "leave"] | None = None
    reason: str


class Goal(Part):
    """What counts as success; it ends the run only with `exit: true`."""

    id: Slug
    event: str
    where: str | None = None
    primary: bool = False
    within: Duration | None = None
    from_: Annotated[str, Field(alias="from")] = "entry"
    value: str | None = None
    exit: bool = False


class Guardrail(Part):
    event: str
    max: Share


class Active(Part):
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None


class Window(Part):
    days: list[Day] | None = None
    from_: Annotated[TimeOfDay, Field(alias="from")]
    to: TimeOfDay


class Wait(Part):
    for_: Annotated[Duration | None, Field(alias="for")] = None
    calendar: str | None = None
    until: str | None = None
    offset: Duration | None = None
    past: str = "next"
    missing: str | None = None
    window: Window | None = None
    best: str | None = None


class Clause(Part):
    event: str | None = None
    segment: str | None = None
    where: str | None = None
    next: str


class Case(Part):
    if_: Annotated[str, Field(alias="if")]
    next: str


class Ports(Part):
    suppressed: str | None = None
    expired: str | None = None
    failed: str | None = None


class Send(Part):
    channel: str | None = None
    channels: list[str] | None = None
    template: str
    class_: Annotated[Class | None, Field(alias="class")] = None
    from_: Annotated[str | None, Field(alias="from")] = None
    ttl: Duration | None = None
    at: dict[str, Any] | None = None
    fallback: dict[str, Any] | None = None
    on: Ports = Ports()


class Sla(Part):
    within: Duration
    calendar: str | None = None


class Task(Part):
    queue: str
    title: Text
    assign: str | None = None
    sla: Sla | None = None
    escalate: list[dict[str, Any]] | None = None
    content: str | None = None
    outcomes: dict[str, str] = {}


class Node(Part):
    """A node: exactly one of the kinds, and how it is left."""

    wait: Wait | None = None
    listen: list[Clause] | None = None
    branch: list[Case] | None = None
    split: dict[str, Share] | None = None
    send: Send | None = None
    task: Task | None = None
    finish: str | None = None
    next: str | dict[str, str] | None = None
    else_: Annotated[str | None, Field(alias="else")] = None
    timeout: Duration | None = None
    overdue: str | None = None
    stage: str | None = None
    touchpoint: str | None = None
    title: Text | None = None
    note: Text | None = None

    @property
    def kind(self) -> str:
        """The one kind that is set."""
        return next(kind for kind in KINDS_BUILT if getattr(self, kind) is not None)


class Document(Part):
    """A whole journey, every form by contract §4.1."""

    journey: Slug
    title: Text | None = None
    scene: str | None = None
    actor: Literal["customer", "employee", "partner"] = "customer"
    owner: str | None = None
    labels: list[str] = []
    stages: list[str | Stage] = []
    entry: EventEntry | list[EventEntry]
    exit: list[Exit] = []
    goals: list[Goal] = []
    guardrails: list[Guardrail] = []
    holdout: Share = 0.0
    class_: Annotated[Class, Field(alias="class")] = "marketing"
    active: Active | None = None
    start: str
    nodes: dict[Slug, Node]

    @property
    def entries(self) -> list[EventEntry]:
        """The entries as a list, in the place they have in the document."""
        return self.entry if isinstance(self.entry, list) else [self.entry]


def parse(raw: object) -> tuple[Document | None, list[Problem]]:
    """The document of a mapping (from YAML or JSON), or None with every problem of its form, each at its place."""
    if not isinstance(raw, Mapping):
        return None, [Problem("WF1001", "error", ())]
    problems = list(_not_built(raw)) + list(_kinds(raw))
    if problems:
        return None, problems
    try:
        return Document.model_validate(raw), []
    except ValidationError as wrong:
        found = [_problem(error) for error in wrong.errors()]
        # a value that fits neither form of a choice is told once: where it went furthest
        return None, [one for one in found if not any(_deeper(other.place, one.place) for other in found)]


def _deeper(place: Place, than: Place) -> bool:
    return len(place) > len(than) and place[: len(than)] == than


def _not_built(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """What the contract knows and this version does not walk yet."""
    entries = raw.get("entry")
    listed = entries if isinstance(entries, list) else [entries]
    for place, entry in enumerate(listed):
        if isinstance(entry, Mapping) and entry.get("on", "event") in ENTRIES_LATER:
            at: Place = ("entry", place, "on") if isinstance(entries, list) else ("entry", "on")
            yield Problem("WF0001", "error", at, {"part": f"entry on {entry['on']}"})
    for place, leaving in enumerate(raw.get("exit") or []):
        if isinstance(leaving, Mapping) and "segment" in leaving:
            yield Problem("WF0001", "error", ("exit", place, "segment"), {"part": "exit by segment"})
    if raw.get("guardrails"):
        yield Problem("WF0001", "error", ("guardrails",), {"part": "guardrails"})
    nodes = raw.get("nodes")
    for name, node in nodes.items() if isinstance(nodes, Mapping) else ():
        if isinstance(node, Mapping):
            yield from _node_not_built(str(name), node)


def _node_not_built(name: str, node: Mapping[str, Any]) -> Iterator[Problem]:
    for kind in KINDS_LATER:
        if kind in node:
            yield Problem("WF0001", "error", ("nodes", name, kind), {"part": f"node {kind}"})
    later = {
        "wait": ("calendar", "best"),
        "send": ("channels", "fallback", "at", "from"),
        "task": ("escalate", "content"),
    }
    for kind, keys in later.items():
        spec = node.get(kind)
        if not isinstance(spec, Mapping):
            continue
        for key in keys:
            if key in spec:
                yield Problem("WF0001", "error", ("nodes", name, kind, key), {"part": f"{kind} {key}"})
    task = node.get("task")
    sla = task.get("sla") if isinstance(task, Mapping) else None
    if isinstance(sla, Mapping) and "calendar" in sla:
        yield Problem(
            "WF0001", "error", ("nodes", name, "task", "sla", "calendar"), {"part": "task sla calendar"}
        )
    clauses = node.get("listen")
    for place, clause in enumerate(clauses if isinstance(clauses, list) else ()):
        if isinstance(clause, Mapping) and "segment" in clause:
            yield Problem(
                "WF0001", "error", ("nodes", name, "listen", place, "segment"), {"part": "listen segment"}
            )


def _kinds(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Every node has exactly one kind."""
    nodes = raw.get("nodes")
    for name, node in nodes.items() if isinstance(nodes, Mapping) else ():
        if not isinstance(node, Mapping):
            yield Problem("WF1002", "error", ("nodes", str(name)), {"node": name})
            continue
        kinds = [kind for kind in (*KINDS_BUILT, *KINDS_LATER) if node.get(kind) is not None]
        if len(kinds) != 1:
            known = ", ".join(KINDS_BUILT)
            yield Problem(
                "WF1003", "error", ("nodes", str(name)), {"node": name, "found": len(kinds), "known": known}
            )


_ALIASES = {"for_": "for", "if_": "if", "from_": "from", "class_": "class", "else_": "else"}


def _problem(error: Any) -> Problem:
    """A pydantic error as a problem with a stable code."""
    steps = [_ALIASES.get(step, step) if isinstance(step, str) else step for step in error["loc"]]
    noise = {
        "EventEntry",
        "Words",
        "After",
        "Stage",
        "str",
        "never",
        "always",
        "list[EventEntry]",
        "dict[str,str]",
    }
    place: Place = tuple(
        step
        for step in steps
        if not (
            isinstance(step, str)
            and (step in noise or step.startswith(("literal[", "function-", "list[", "dict[")))
        )
    )
    name = str(place[-1]) if place else "journey"
    kind = str(error["type"])
    if kind == "missing":
        return Problem("WF1004", "error", place[:-1], {"key": name})
    if kind == "extra_forbidden":
        return Problem("WF1005", "error", place, {"key": name, "nearest": nearest_key(place)})
    if kind == "value_error":
        code = str(error["ctx"]["error"])
        return Problem(code, "error", place, {"key": name, "value": _short(error["input"])})
    return Problem("WF1006", "error", place, {"key": name, "value": _short(error["input"])})


def nearest_key(place: Place) -> str:
    """The known key that an unknown one is most like, or a dash."""
    known = {
        _ALIASES.get(field, field)
        for part in (
            Document,
            Node,
            EventEntry,
            Exit,
            Goal,
            Wait,
            Send,
            Task,
            Clause,
            Case,
            Window,
            Limit,
            Ports,
            Sla,
        )
        for field in part.model_fields
    }
    close = difflib.get_close_matches(str(place[-1]), sorted(known), 1)
    return close[0] if close else "—"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
