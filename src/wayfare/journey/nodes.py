"""The nodes: what each kind does when an enrollment arrives at it."""

from __future__ import annotations

from typing import Any

from wayfare.ground.draw import draw
from wayfare.ground.rule import UNKNOWN
from wayfare.journey import effect
from wayfare.journey.compiled import Branch, Finish, Listen, Node, Send, Split, Task, Wait
from wayfare.journey.place import wait_ends
from wayfare.journey.walk import RUNAWAY, Walk


def go(walk: Walk, target: str | None) -> None:
    """Walk on from a left node to `target` and further, until the enrollment stays, ends or runs away."""
    while walk.live:
        if target is None:
            walk.end("completed", "completed")
            return
        if target == "exit":
            walk.end("exited", "exit")
            return
        walk.arrive(target)
        if walk.steps > RUNAWAY:
            walk.exit("runaway")
            return
        node = walk.here
        if walk.control and isinstance(node.does, Send | Task):
            target = _withheld(walk, node)
            continue
        onward = _arrive(walk, node)
        if onward is STAYS:
            return
        target = onward if isinstance(onward, str) else None


class _Stays:
    """The enrollment stays at the node that it has arrived at."""


STAYS = _Stays()


def _arrive(walk: Walk, node: Node) -> str | _Stays | None:
    """What happens on arrival: stay, or the next node at once (None: the journey is over)."""
    match node.does:
        case Wait():
            return _wait(walk, node, node.does)
        case Listen(timeout=timeout):
            if timeout is not None:
                walk.arm(walk.now + timeout)
            walk.stay()
            return STAYS
        case Branch():
            return _branch(walk, node.does)
        case Split():
            return _split(walk, node, node.does)
        case Send():
            return _send(walk, node, node.does)
        case Task():
            return _task(walk, node.does)
        case Finish(reason=reason):
            walk.finish(reason)
            return STAYS


def _withheld(walk: Walk, node: Node) -> str | None:
    """The control group passes: no effect, no gate; a task is left by its first outcome."""
    outcomes = node.does.outcomes if isinstance(node.does, Task) else {}
    port, target = next(iter(outcomes.items()), ("next", node.next))
    walk.leave(port, withheld=True)
    return target


def _wait(walk: Walk, node: Node, wait: Wait) -> str | _Stays | None:
    ends = wait_ends(wait, walk.scope, walk.now)
    if ends.due is None:
        walk.leave("missing")
        return wait.missing or "exit"
    if ends.past:
        walk.leave("past")
        return node.next if wait.past == "next" else wait.past
    if ends.due <= walk.now:
        walk.leave("next")
        return node.next
    walk.arm(ends.due, ends.wall, ends.zone)
    walk.stay()
    return STAYS


def _branch(walk: Walk, branch: Branch) -> str | None:
    inputs: dict[str, Any] = {}
    for port, condition, following in branch.cases:
        inputs.update(condition.read(walk.scope))
        if walk.holds(condition):
            walk.leave(port, inputs=inputs)
            return following
    walk.leave("else", inputs=inputs)
    return branch.otherwise


def _split(walk: Walk, node: Node, split: Split) -> str | None:
    """The arm is drawn by (journey, node, birth profile): the same on every visit and in every version."""
    chosen = walk.splits.get(node.id)
    share = draw("split", walk.journey.id, node.id, walk.enrollment.birth)
    for arm, upto, following in split.arms:
        if chosen == arm or (chosen is None and share < upto):
            walk.leave(arm, inputs={"draw": round(share, 6)})
            return following
    arm, _, following = split.arms[-1]
    walk.leave(arm, inputs={"draw": round(share, 6)})
    return following


def send_id(walk: Walk, send: Send) -> str:
    """The id of the message that this visit plans: no attempt, clock or version in it."""
    return walk.effect_id("send", send.channel)


def task_id(walk: Walk) -> str:
    """The id of the task that this visit creates."""
    return walk.effect_id("task")


def _send(walk: Walk, node: Node, send: Send) -> _Stays:
    expires = walk.now + send.ttl if send.ttl is not None else None
    walk.stay()
    walk.effects.append(
        effect.Send(
            send_id(walk, send), node.id, walk.visit, send.channel, send.template, send.klass, expires
        )
    )
    return STAYS


def _task(walk: Walk, task: Task) -> _Stays:
    assignee = task.assign.test(walk.scope) if task.assign is not None else UNKNOWN
    due = walk.now + task.within if task.within is not None else None
    if due is not None:
        walk.arm(due)
    walk.stay()
    made = task_id(walk)
    who = assignee if isinstance(assignee, str) else None
    title = task.title.get("en", "")
    walk.effects.append(effect.Task(made, walk.node, task.queue, title, who, due, tuple(task.outcomes)))
    walk.emit("Task Created", {"task": made, "queue": task.queue})
    return STAYS
