"""The checks before launch: what is wrong or risky in a journey document, each with a stable code and its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from wayfare.ground.errors import WayfareError
from wayfare.ground.rule import compile_rule, parse
from wayfare.journey import document as doc
from wayfare.journey.problem import Place, Problem


def check(
    raw: object, name: str | None = None, templates: Collection[str] | None = None
) -> tuple[doc.Document | None, tuple[Problem, ...]]:
    """The document and every problem of its form and its sense; the document is None when its form is wrong.

    `name` is the file's name, which must be the journey's id; `templates` the names that exist (None: not checked).
    """
    document, problems = doc.parse(raw)
    if document is None:
        return None, tuple(problems)
    assert isinstance(raw, Mapping)
    found = [
        *_named(document, name),
        *_conditions(document, raw),
        *_targets(document),
        *_forms(document),
        *_templates(document, templates),
        *_reachable(document),
        *_risks(document),
    ]
    return document, tuple(found)


def errors(problems: Collection[Problem]) -> tuple[Problem, ...]:
    """Those that forbid publishing."""
    return tuple(problem for problem in problems if problem.severity == "error")


def _named(document: doc.Document, name: str | None) -> Iterator[Problem]:
    if name is not None and name != document.journey:
        yield Problem("WF1020", "error", ("journey",), {"journey": document.journey, "file": name})


def conditions(document: doc.Document, raw: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Every CEL text of a document with its place."""
    many = isinstance(raw.get("entry"), list)
    for place, entry in enumerate(document.entries):
        base: Place = ("entry", place) if many else ("entry",)
        for key in ("where", "who", "key"):
            if getattr(entry, key) is not None:
                yield (*base, key), getattr(entry, key)
    for place, leaving in enumerate(document.exit):
        for key in ("where", "when"):
            if getattr(leaving, key) is not None:
                yield ("exit", place, key), getattr(leaving, key)
    for place, goal in enumerate(document.goals):
        for key in ("where", "value"):
            if getattr(goal, key) is not None:
                yield ("goals", place, key), getattr(goal, key)
    for name, node in document.nodes.items():
        at: Place = ("nodes", name)
        for place, clause in enumerate(node.listen or ()):
            if clause.where is not None:
                yield (*at, "listen", place, "where"), clause.where
        for place, case in enumerate(node.branch or ()):
            yield (*at, "branch", place, "if"), case.if_
        if node.wait is not None and node.wait.until is not None:
            yield (*at, "wait", "until"), node.wait.until
        if node.task is not None and node.task.assign is not None:
            yield (*at, "task", "assign"), node.task.assign


def _conditions(document: doc.Document, raw: Mapping[str, Any]) -> Iterator[Problem]:
    for place, text in conditions(document, raw):
        try:
            compile_rule(parse(text))
        except WayfareError as wrong:
            yield Problem(wrong.code, "error", place, {**wrong.values, "rule": text})


def _targets(document: doc.Document) -> Iterator[Problem]:
    """Every arrow ends at a node that is there."""
    if document.start not in document.nodes:
        yield Problem(
            "WF1021", "error", ("start",), {"node": document.start, "known": ", ".join(document.nodes)}
        )
    for name, node in document.nodes.items():
        for place, target in arrows(name, node):
            if target not in document.nodes and target != "exit":
                yield Problem("WF1021", "error", place, {"node": target, "known": ", ".join(document.nodes)})


def arrows(name: str, node: doc.Node) -> Iterator[tuple[Place, str]]:
    """Every arrow that leaves a node: its place in the document and the node it leads to."""
    at: Place = ("nodes", name)
    if isinstance(node.next, str):
        yield (*at, "next"), node.next
    elif node.next is not None:
        for arm, target in node.next.items():
            yield (*at, "next", arm), target
    for key, target_or_none in (("else", node.else_), ("overdue", node.overdue)):
        if target_or_none is not None:
            yield (*at, key), target_or_none
    for place, clause in enumerate(node.listen or ()):
        yield (*at, "listen", place, "next"), clause.next
    for place, case in enumerate(node.branch or ()):
        yield (*at, "branch", place, "next"), case.next
    if node.wait is not None:
        if node.wait.past not in ("next", "exit"):
            yield (*at, "wait", "past"), node.wait.past
        if node.wait.missing is not None:
            yield (*at, "wait", "missing"), node.wait.missing
    if node.send is not None:
        for port in ("suppressed", "expired", "failed"):
            target_or_none = getattr(node.send.on, port)
            if target_or_none is not None:
                yield (*at, "send", "on", port), target_or_none
    if node.task is not None:
        for outcome, target in node.task.outcomes.items():
            yield (*at, "task", "outcomes", outcome), target


def _forms(document: doc.Document) -> Iterator[Problem]:
    """What each kind of node needs to make sense."""
    for place, leaving in enumerate(document.exit):
        if (leaving.event is None) == (leaving.when is None):
            yield Problem("WF1022", "error", ("exit", place))
    for place, goal in enumerate(document.goals):
        if goal.from_ != "entry":
            yield Problem("WF0001", "error", ("goals", place, "from"), {"part": "goal from a node"})
    if len({goal.id for goal in document.goals}) < len(document.goals):
        yield Problem("WF1023", "error", ("goals",))
    for name, node in document.nodes.items():
        at: Place = ("nodes", name)
        if node.wait is not None:
            kinds = sum(one is not None for one in (node.wait.for_, node.wait.until, node.wait.window))
            if kinds != 1:
                yield Problem("WF1024", "error", (*at, "wait"), {"node": name})
        if node.listen is not None:
            yield from _listen(name, node)
        if node.split is not None:
            yield from _split(name, node)
        if node.send is not None and not node.send.channel:
            yield Problem("WF1027", "error", (*at, "send"), {"node": name})
        if node.task is not None and node.overdue is not None and node.task.sla is None:
            yield Problem("WF1028", "error", (*at, "overdue"), {"node": name})


def _listen(name: str, node: doc.Node) -> Iterator[Problem]:
    for place, clause in enumerate(node.listen or ()):
        if clause.event is None:
            yield Problem("WF1004", "error", ("nodes", name, "listen", place), {"key": "event"})
    if not node.listen and node.timeout is None:
        yield Problem("WF1025", "error", ("nodes", name, "listen"), {"node": name})
    if node.timeout is None and node.else_ is not None:
        yield Problem("WF1029", "error", ("nodes", name, "else"), {"node": name})


def _split(name: str, node: doc.Node) -> Iterator[Problem]:
    shares = node.split or {}
    if abs(sum(shares.values()) - 1) > 1e-9:
        total = f"{100 * sum(shares.values()):g}%"
        yield Problem("WF1026", "error", ("nodes", name, "split"), {"node": name, "total": total})
    if isinstance(node.next, dict):
        for arm in node.next.keys() ^ shares.keys():
            yield Problem("WF1030", "error", ("nodes", name, "next"), {"node": name, "arm": arm})


def _templates(document: doc.Document, templates: Collection[str] | None) -> Iterator[Problem]:
    for name, node in document.nodes.items():
        if node.send is not None and templates is not None and node.send.template not in templates:
            values = {"template": node.send.template, "known": ", ".join(sorted(templates)) or "—"}
            yield Problem("WF1031", "error", ("nodes", name, "send", "template"), values)


def _reachable(document: doc.Document) -> Iterator[Problem]:
    """Nodes that no path from the start meets, and loops in which nothing ever waits."""
    leads = {name: [target for _, target in arrows(name, node)] for name, node in document.nodes.items()}
    seen: set[str] = set()
    waiting = [document.start]
    while waiting:
        name = waiting.pop()
        if name in leads and name not in seen:
            seen.add(name)
            waiting.extend(leads[name])
    for name in document.nodes:
        if name not in seen:
            yield Problem("WF1040", "warning", ("nodes", name), {"node": name})
    for name in _restless(document, leads):
        yield Problem("WF1041", "error", ("nodes", name), {"node": name})


def _restless(document: doc.Document, leads: Mapping[str, list[str]]) -> Iterator[str]:
    """One node of every loop in which every node is left at the instant it is entered."""
    instant = {
        name for name, node in document.nodes.items() if node.branch is not None or node.split is not None
    }
    done: set[str] = set()
    for first in sorted(instant):
        stack: list[tuple[str, tuple[str, ...]]] = [(first, (first,))]
        while stack and first not in done:
            name, path = stack.pop()
            for target in leads[name]:
                if target == first:
                    done |= set(path)
                    yield first
                    break
                if target in instant and target not in path:
                    stack.append((target, (*path, target)))


def _risks(document: doc.Document) -> Iterator[Problem]:
    """What can be published and is still worth a second look."""
    sends = [name for name, node in document.nodes.items() if node.send is not None]
    if sends and not document.exit:
        yield Problem("WF1042", "warning", (), {"journey": document.journey})
    if not document.goals:
        yield Problem("WF1043", "warning", (), {"journey": document.journey})
    for name, node in document.nodes.items():
        if node.wait is not None and node.wait.until is not None and node.wait.missing is None:
            yield Problem("WF1044", "warning", ("nodes", name, "wait"), {"node": name})
        if node.listen is not None and node.timeout is None:
            yield Problem("WF1045", "warning", ("nodes", name, "listen"), {"node": name})
    stages = {stage if isinstance(stage, str) else stage.id for stage in document.stages}
    for name, node in document.nodes.items():
        if node.stage is not None and stages and node.stage not in stages:
            values = {"node": name, "stage": node.stage, "known": ", ".join(sorted(stages))}
            yield Problem("WF1047", "warning", ("nodes", name, "stage"), values)
    for place, entry in enumerate(document.entries):
        if entry.reentry == "always" and not entry.limit:
            at: Place = (
                ("entry", place, "reentry") if isinstance(document.entry, list) else ("entry", "reentry")
            )
            yield Problem("WF1046", "warning", at, {"event": entry.event})
