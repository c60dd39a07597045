"""The tokens of a condition's text, each with its place, and the lookalikes that people type instead."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, TypeAlias

from wayfare.ground.errors import Malformed

Sort: TypeAlias = Literal["name", "text", "whole", "real", "sign", "end"]

LARGEST: Final = 1 << 127  # whole numbers in a condition stay below this, either side of zero
KEYWORDS: Final = frozenset({"true", "false", "null", "in"})
# what is often typed instead of a sign, and the sign
LOOKALIKES: Final = {
    "=": "==",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "&": "&&",
    "|": "||",
    "and": "&&",
    "AND": "&&",
    "or": "||",
    "OR": "||",
    "not": "!",
    "NOT": "!",
    "（": "(",
    "）": ")",
    "，": ",",
    "。": ".",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "＝": "==",
    "＝＝": "==",
    "！": "!",
    "！＝": "!=",
    "＞": ">",
    "＜": "<",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "【": "[",
    "】": "]",
    "：": ":",
    "？": "?",
}
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?")
_SIGN: Final = re.compile(r"===|!==|<>|=>|=<|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:()\[\]{},.=&|]|＝＝|！＝")
_QUOTED: Final = re.compile(r"""(r|R)?("|')""")
_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\\?\"'`])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))"
)
_PLAIN: Final = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "?": "?",
    '"': '"',
    "'": "'",
    "`": "`",
}


class Token(NamedTuple):
    """One token: its sort, as it is written, the literal's value, and its column (from 1, in characters)."""

    sort: Sort
    written: str
    value: str | int | float
    column: int


def tokens(text: str, where: str = "") -> list[Token]:
    """The tokens of a text, closed by an `end`; Malformed WF13xx at what is no token."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        token, at = _next(text, at, where)
        found.append(token)
    found.append(Token("end", "", "", len(text) + 1))
    return found


def _next(text: str, at: int, where: str) -> tuple[Token, int]:
    if quoted := _QUOTED.match(text, at):
        value, end = _text(text, quoted, where)
        return Token("text", text[at:end], value, at + 1), end
    if name := _NAME.match(text, at):
        return Token("name", name[0], name[0], at + 1), name.end()
    if number := _NUMBER.match(text, at):
        return _number(number[0], text[number.end() : number.end() + 1], at + 1, where), number.end()
    if sign := _SIGN.match(text, at):
        if sign[0] in LOOKALIKES:
            raise Malformed("WF1305", where, found=sign[0], instead=LOOKALIKES[sign[0]], column=at + 1)
        return Token("sign", sign[0], sign[0], at + 1), sign.end()
    strange = text[at]
    if strange in LOOKALIKES:
        raise Malformed("WF1305", where, found=strange, instead=LOOKALIKES[strange], column=at + 1)
    if strange.isalpha():
        word = re.compile(r"\w+").match(text, at)
        raise Malformed("WF1316", where, found=word[0] if word else strange, column=at + 1)
    raise Malformed("WF1301", where, found=strange, column=at + 1)


def _number(written: str, after: str, column: int, where: str) -> Token:
    if after and (after.isalnum() or after in "_"):
        raise Malformed("WF1310", where, found=written + after, column=column)
    if written[:2] in ("0x", "0X"):
        whole = int(written[2:], 16)
    elif written.isdigit():
        whole = int(written)
    else:
        real = float(written)
        if real in (float("inf"), float("-inf")):
            raise Malformed("WF1310", where, found=written, column=column)
        return Token("real", written, real, column)
    if whole >= LARGEST:
        raise Malformed("WF1310", where, found=written, column=column)
    return Token("whole", written, whole, column)


def _text(text: str, opening: re.Match[str], where: str) -> tuple[str, int]:
    """The value of the text behind an opening quote, and the place behind its closing quote."""
    raw, quote, at = bool(opening[1]), opening[2], opening.end()
    parts: list[str] = []
    while at < len(text) and text[at] not in "\r\n":
        character = text[at]
        if character == quote:
            return "".join(parts), at + 1
        if character == "\\" and not raw:
            value, at = _escape(text, at, where)
            parts.append(value)
            continue
        parts.append(character)
        at += 1
    raise Malformed("WF1309", where, quote=quote, column=opening.start() + 1)


def _escape(text: str, at: int, where: str) -> tuple[str, int]:
    found = _ESCAPE.match(text, at)
    if found is None:
        raise Malformed("WF1311", where, found=text[at : at + 2], column=at + 1)
    plain, byte, short, long, octal = found.groups()
    if plain:
        return _PLAIN[plain], found.end()
    code = int(octal, 8) if octal else int(byte or short or long, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise Malformed("WF1311", where, found=found[0], column=at + 1)
    return chr(code), found.end()
