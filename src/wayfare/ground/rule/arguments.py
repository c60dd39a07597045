"""The arguments of a call: their number and sort are checked when the call is read, so a rule cannot ask nonsense."""

from __future__ import annotations

from typing import Final

from wayfare.ground.errors import Malformed
from wayfare.ground.rule.moment import instant, milliseconds
from wayfare.ground.rule.names import FIELDS, FUNCTIONS
from wayfare.ground.rule.regex import searcher
from wayfare.ground.rule.tree import Call, Fields, Path, Rule, Text
from wayfare.ground.time import known_zone

_SAYS: Final = {  # how each sort of argument is written, for errors
    "p": "event.properties.x",
    "t": '"…"',
    "w": '"30d"',
    "x": '"[0-9]+"',
    "z": '"Asia/Shanghai"',
    "c": "event.properties.x > 1",
    "f": '{"node": "…", "arm": "…", "state": "…"}',
    "i": '"2026-03-01T10:00:00+08:00"',
    "v": "…",
}


def checked_call(name: str, args: tuple[Rule, ...], column: int, where: str = "") -> Call:
    """The call, when its arguments fit the function; Malformed WF1322 or WF1323 when not."""
    needed, _, optional = FUNCTIONS[name].takes.partition("?")
    letters = needed + optional
    if not len(needed) <= len(args) <= len(letters):
        raise Malformed("WF1322", where, name=name, form=form(name), column=column)
    for letter, argument in zip(letters, args, strict=False):
        if not _fits(letter, argument):
            raise Malformed(
                "WF1323", where, name=name, form=form(name), expected=_SAYS[letter], column=column
            )
    return Call(name, args)


def form(name: str) -> str:
    """How a function is written, such as `count("…", "30d", event.properties.x > 1)`."""
    signature = FUNCTIONS[name]
    says = [_SAYS[letter] for letter in signature.takes.replace("?", "")]
    return f"{says[0]}.{name}({', '.join(says[1:])})" if signature.method else f"{name}({', '.join(says)})"


def _fits(letter: str, argument: Rule) -> bool:
    match letter, argument:
        case "p", Path(_, keys):
            return bool(keys)
        case "t", Text(value):
            return bool(value)
        case "w", Text(value):
            return milliseconds(value) is not None
        case "x", Text(value):
            return searcher(value) is not None
        case "z", Text(value):
            return known_zone(value)
        case "f", Fields(pairs):
            names = [key for key, _ in pairs]
            return bool(names) and set(names) <= set(FIELDS) and len(set(names)) == len(names)
        case "i", Text(value):
            return instant(value, "UTC") is not None
        case (("v" | "c" | "i"), _):
            return not isinstance(argument, Fields)
        case _:
            return False
