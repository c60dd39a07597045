"""The compiled journey: a published version made ready to walk, its conditions turned into closures once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from wayfare.contact.message import Class
from wayfare.ground import time as clocks
from wayfare.ground.rule import UNKNOWN, Rule, Scope, compile_rule, parse, reads
from wayfare.ground.rule import text as print_rule
from wayfare.ground.time import Instant, parse_duration, parse_instant
from wayfare.journey import document as doc

Test: TypeAlias = Callable[
    [Scope], object
]  # True, False or UNKNOWN; a value's closure gives the value or UNKNOWN


class Condition(msgspec.Struct, frozen=True):
    """A rule ready to be asked: its text, its closure, its tree, every path that it reads, and their closures by text.

    `paths` are plain dotted keys, `profile.traits.金额`, as a change of a person names them, however they are written.
    """

    text: str
    test: Test
    rule: Rule
    paths: frozenset[str]
    readers: tuple[tuple[str, Test], ...]

    def read(self, scope: Scope) -> dict[str, Any]:
        """The values that it reads, path by path; what is missing is absent."""
        values = {path: reader(scope) for path, reader in self.readers}
        return {path: value for path, value in values.items() if value is not UNKNOWN}


class Wait(msgspec.Struct, frozen=True):
    duration: int | None
    until: Condition | None
    offset: int
    past: str
    missing: str | None
    window: Window | None


class Window(msgspec.Struct, frozen=True):
    """Hours of the day, `from_` inclusive and `to` exclusive, on some weekdays (0 = Monday), in the person's zone."""

    days: frozenset[int]
    from_: int
    to: int


class Clause(msgspec.Struct, frozen=True):
    port: str
    event: str
    where: Condition | None
    next: str


class Listen(msgspec.Struct, frozen=True):
    clauses: tuple[Clause, ...]
    timeout: int | None
    otherwise: str | None


class Branch(msgspec.Struct, frozen=True):
    cases: tuple[tuple[str, Condition, str], ...]  # (port, condition, next)
    otherwise: str | None


class Split(msgspec.Struct, frozen=True):
    arms: tuple[tuple[str, float, str | None], ...]  # (arm, cumulative share, next)


class Send(msgspec.Struct, frozen=True):
    channel: str
    template: str
    klass: Class
    ttl: int | None
    suppressed: str | None
    expired: str | None
    failed: str | None


class Task(msgspec.Struct, frozen=True):
    queue: str
    title: dict[str, str]
    assign: Condition | None
    within: int | None
    outcomes: dict[str, str]
    overdue: str | None


class Finish(msgspec.Struct, frozen=True):
    reason: str


Kind: TypeAlias = Wait | Listen | Branch | Split | Send | Task | Finish


class Node(msgspec.Struct, frozen=True):
    """A node of the table: what it does, and where its plain `next` goes (None ends the journey, completed)."""

    id: str
    kind: str
    does: Kind
    next: str | None


class Entry(msgspec.Struct, frozen=True):
    place: int
    event: str
    where: Condition | None
    who: Condition | None
    key: Condition | None
    reentry: int | None  # milliseconds since the last exit; 0 = always, None = never
    limit: int | None
    per: str | None


class Exit(msgspec.Struct, frozen=True):
    event: str | None
    where: Condition | None
    when: Condition | None
    reason: str


class Goal(msgspec.Struct, frozen=True):
    id: str
    event: str
    where: Condition | None
    within: int | None
    value: Condition | None
    exits: bool


class Journey(msgspec.Struct, frozen=True):
    """A version of a journey that can be walked. `tenant` and `zone` are the workspace's id and time zone."""

    id: str
    version: int
    tenant: str
    zone: str
    klass: Class
    holdout: float
    entries: tuple[Entry, ...]
    exits: tuple[Exit, ...]
    goals: tuple[Goal, ...]
    start: str
    nodes: dict[str, Node]
    active_from: Instant | None
    active_to: Instant | None
    hears: frozenset[str]  # names of the events that a live enrollment may feel
    enters: frozenset[str]
    watches: frozenset[str]  # paths whose change makes an `exit: when` be tested
    document: dict[str, Any]

    @property
    def names(self) -> frozenset[str]:
        """Every event name that the journey reads."""
        return self.hears | self.enters


def compile_journey(document: doc.Document, version: int, tenant: str, zone: str) -> Journey:
    """The journey of a document that has no errors. Raises what the conditions raise (Malformed, NotBuilt)."""
    nodes = {name: _node(name, node, document) for name, node in document.nodes.items()}
    exits = tuple(Exit(e.event, condition(e.where), condition(e.when), e.reason) for e in document.exit)
    goals = tuple(
        Goal(g.id, g.event, condition(g.where), _span(g.within), condition(g.value), g.exit)
        for g in document.goals
    )
    entries = tuple(_entry(place, entry) for place, entry in enumerate(document.entries))
    heard = {exit.event for exit in exits if exit.event} | {goal.event for goal in goals}
    for node in nodes.values():
        if isinstance(node.does, Listen):
            heard |= {clause.event for clause in node.does.clauses}
    active = document.active or doc.Active()
    return Journey(
        id=document.journey,
        version=version,
        tenant=tenant,
        zone=zone,
        klass=document.class_,
        holdout=document.holdout,
        entries=entries,
        exits=exits,
        goals=goals,
        start=document.start,
        nodes=nodes,
        active_from=parse_instant(active.from_, zone) if active.from_ else None,
        active_to=parse_instant(active.to, zone) if active.to else None,
        hears=frozenset(heard),
        enters=frozenset(entry.event for entry in entries),
        watches=frozenset(path for exit in exits if exit.when for path in exit.when.paths),
        document=document.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True, mode="json"),
    )


def condition(text: str | None) -> Condition | None:
    """The compiled condition of a CEL text, None for None."""
    if text is None:
        return None
    rule = parse(text)
    read = [path for path in reads(rule).paths if path.keys]
    readers = sorted((print_rule(path), compile_rule(path)) for path in read)
    dotted = frozenset(".".join((path.root, *map(str, path.keys))) for path in read)
    return Condition(text, compile_rule(rule), rule, dotted, tuple(readers))


def _span(text: str | None) -> int | None:
    return None if text is None else parse_duration(text)


def _entry(place: int, entry: doc.EventEntry) -> Entry:
    match entry.reentry:
        case "never":
            again = None
        case "always":
            again = 0
        case doc.After(after=after):
            again = parse_duration(after)
    limit = entry.limit
    return Entry(
        place,
        entry.event,
        condition(entry.where),
        condition(entry.who),
        condition(entry.key),
        again,
        limit.total if limit else None,
        limit.per if limit else None,
    )


def _node(name: str, node: doc.Node, document: doc.Document) -> Node:
    following = node.next if isinstance(node.next, str) else None
    does: Kind
    if node.wait is not None:
        does = _wait(node.wait)
    elif node.listen is not None:
        does = _listen(node.listen, node)
    elif node.branch is not None:
        cases = tuple((str(n), _needed(case.if_), case.next) for n, case in enumerate(node.branch, 1))
        does = Branch(cases, node.else_ or following)
    elif node.split is not None:
        does = _split(node)
    elif node.send is not None:
        send = node.send
        on = send.on
        does = Send(
            send.channel or "",
            send.template,
            send.class_ or document.class_,
            _span(send.ttl),
            on.suppressed,
            on.expired,
            on.failed,
        )
    elif node.task is not None:
        task = node.task
        title = (
            {"en": task.title, "zh": task.title} if isinstance(task.title, str) else task.title.model_dump()
        )
        within = _span(task.sla.within) if task.sla else None
        does = Task(task.queue, title, condition(task.assign), within, dict(task.outcomes), node.overdue)
    else:
        does = Finish(node.finish or "completed")
    return Node(name, node.kind, does, following)


def _needed(text: str) -> Condition:
    found = condition(text)
    assert found is not None
    return found


def _wait(wait: doc.Wait) -> Wait:
    window = None
    if wait.window is not None:
        week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        days = frozenset(week.index(day) for day in wait.window.days or week)
        window = Window(days, _of_day(wait.window.from_), _of_day(wait.window.to))
    offset = _span(wait.offset) or 0
    return Wait(_span(wait.for_), condition(wait.until), offset, wait.past, wait.missing, window)


def _of_day(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * clocks.HOUR + int(minutes) * clocks.MINUTE


def _listen(clauses: list[doc.Clause], node: doc.Node) -> Listen:
    events = [clause.event or "" for clause in clauses]
    made = []
    for place, clause in enumerate(clauses):
        event = events[place]
        nth = events[:place].count(event)
        port = event if nth == 0 else f"{event} {nth + 1}"
        made.append(Clause(port, event, condition(clause.where), clause.next))
    following = node.next if isinstance(node.next, str) else None
    return Listen(tuple(made), _span(node.timeout), node.else_ or following)


def _split(node: doc.Node) -> Split:
    shares = node.split or {}
    nexts = node.next if isinstance(node.next, dict) else {arm: node.next for arm in shares}
    arms: list[tuple[str, float, str | None]] = []
    total = 0.0
    for arm, share in shares.items():
        total += share
        arms.append((arm, total, nexts.get(arm)))
    return Split(tuple(arms))
