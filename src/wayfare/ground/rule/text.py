"""Writing: a rule tree as the text of a condition, with no more brackets than it needs, which reads back the same."""

from __future__ import annotations

import re
from typing import Final

from wayfare.ground.rule.limits import TEXT_BYTES
from wayfare.ground.rule.names import FUNCTIONS
from wayfare.ground.rule.parse import BINDING
from wayfare.ground.rule.tree import (
    Binary,
    Call,
    Choice,
    Either,
    Every,
    Fields,
    Items,
    Minus,
    Not,
    Null,
    Path,
    Real,
    Rule,
    Text,
    Truth,
    Whole,
)

_DOTTED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# words that CEL keeps for itself: as a key they are written by index
_RESERVED: Final = frozenset(
    "as break const continue else false for function if import in let loop namespace "
    "null package return true var void while".split()
)
_ESCAPES: Final = {
    "\\": "\\\\",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\v": "\\v",
}
_SIGNED: Final = 6  # how tightly `!a` and `-a` bind
_MEMBER: Final = 7  # how tightly a method call binds
_LOOSEST: Final = 0


def text(rule: Rule) -> str:
    """The rule as text; `parse` reads it back as the same tree. Written without spaces where 4 kB demand it."""
    airy = _write(rule, _LOOSEST, " ")
    return airy if len(airy.encode("utf-8", "surrogatepass")) <= TEXT_BYTES else _write(rule, _LOOSEST, "")


def quoted(value: str) -> str:
    """A text literal, in the quotes that need fewer escapes."""
    quote = "'" if '"' in value and "'" not in value else '"'
    return quote + "".join(_escaped(character, quote) for character in value) + quote


def _escaped(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + quote
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    return f"\\u{code:04x}" if code < 32 or 127 <= code < 160 or code in (0x2028, 0x2029) else character


def _write(rule: Rule, around: int, space: str) -> str:
    """The rule's text, in brackets when it binds more loosely than what is around it."""
    written, binding = _bare(rule, space)
    return f"({written})" if binding < around else written


def _bare(rule: Rule, space: str) -> tuple[str, int]:
    """The rule's text without brackets around it, and how tightly it binds."""
    match rule:
        case Text(value):
            return quoted(value), _MEMBER
        case Whole(value):
            return str(value), _MEMBER
        case Real(real):
            return repr(real), _MEMBER
        case Truth(truth):
            return "true" if truth else "false", _MEMBER
        case Null():
            return "null", _MEMBER
        case Items(items):
            return f"[{_listed(items, space)}]", _MEMBER
        case Fields(pairs):
            inside = f",{space}".join(f"{quoted(key)}:{space}{quoted(value)}" for key, value in pairs)
            return "{" + inside + "}", _MEMBER
        case Path(root, keys):
            return root + "".join(map(_key, keys)), _MEMBER
        case Binary(op, left, right):
            binding = BINDING[op]
            gap = " " if op == "in" else space
            return f"{_write(left, binding, space)}{gap}{op}{gap}{_write(right, binding + 1, space)}", binding
        case Every(parts):
            return _joined("&&", parts, space), BINDING["&&"]
        case Either(parts):
            return _joined("||", parts, space), BINDING["||"]
        case Not(part):
            return "!" + _write(part, _SIGNED, space), _SIGNED
        case Minus(part):
            number = isinstance(part, Whole | Real)  # in brackets, or the sign would become the number's own
            return f"-({_write(part, _LOOSEST, space)})" if number else "-" + _write(
                part, _SIGNED, space
            ), _SIGNED
        case Choice(test, yes, no):
            said = f"{_write(test, 1, space)}{space}?{space}{_write(yes, 1, space)}"
            return f"{said}{space}:{space}{_write(no, _LOOSEST, space)}", _LOOSEST
        case Call(name, args):
            if FUNCTIONS[name].method:
                return f"{_write(args[0], _MEMBER, space)}.{name}({_listed(args[1:], space)})", _MEMBER
            return f"{name}({_listed(args, space)})", _MEMBER


def _joined(op: str, parts: tuple[Rule, ...], space: str) -> str:
    return f"{space}{op}{space}".join(_write(part, BINDING[op] + 1, space) for part in parts)


def _listed(rules: tuple[Rule, ...], space: str) -> str:
    return f",{space}".join(_write(rule, _LOOSEST, space) for rule in rules)


def _key(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _DOTTED.fullmatch(key) and key not in _RESERVED else f"[{quoted(key)}]"
