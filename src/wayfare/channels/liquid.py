"""The Liquid that authors write: strict, closed, bounded, by the person's clock, never a blank for a missing value."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TextIO, cast

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, RenderContext, Token, TokenStream
from liquid.ast import Node
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import LiquidSyntaxError, OutputStreamLimitError, UndefinedError
from liquid.filter import with_context
from liquid.stringify import to_liquid_string
from liquid.tag import Tag
from liquid.token import TOKEN_EXPRESSION, TOKEN_TAG
from liquid.undefined import is_undefined

from wayfare.ground.errors import Malformed
from wayfare.ground.time import LATEST, local, parse_instant

OUTPUT_BYTES = 256 * 1024
LOOP_TURNS = 10_000
LOCAL_BYTES = 1_000_000
CLOSED_FILTERS = ("safe",)  # would let data through unescaped
CLOSED_TAGS = ("include", "render")  # there is nothing to load
_RAW = re.compile(r"\{%-?\s*raw\b")
_MISSING = object()
_ABORT = re.compile(r"""^\(?\s*(?:"([^"]*)"|'([^']*)')?\s*\)?$""")


class Aborted(Exception):
    """The template itself says that this message must not go, with its reason."""


class Context(RenderContext):
    """Looks names up; null is as missing as absence, and a missing value keeps its whole path as its name."""

    def get(self, path: list[object], *, token: Token | None, default: object = _MISSING) -> object:
        """The value at a path, or an undefined that remembers the path."""
        found = super().get(path, token=token, default=_MISSING)
        if found is None or found is _MISSING:
            return default if default is not _MISSING else absent(_dotted(path), token)
        return found


class Bound(BoundTemplate):
    """A compiled text."""

    context_class = Context


class Printed(OutputNode):
    """`{{ … }}`: prints what a person can read, and refuses to print what is missing."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value."""
        return buffer.write(
            to_liquid_string(_plain(self.expression.evaluate(context), self), context.autoescape)
        )


class _Print(Output):
    node_class = Printed


class _EchoPrinted(Printed, EchoNode):
    """`{% echo … %}`."""


class _Echo(EchoTag):
    node_class = _EchoPrinted


class _Abort(Node):
    __slots__ = ("reason",)

    def __init__(self, token: Token, reason: str) -> None:
        super().__init__(token)
        self.reason = reason
        self.blank = False

    def __str__(self) -> str:
        return "{% abort_message %}"

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        raise Aborted(self.reason)


class _AbortTag(Tag):
    name = "abort_message"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.expect(TOKEN_TAG)
        reason = ""
        if stream.peek.kind == TOKEN_EXPRESSION:
            next(stream)
            found = _ABORT.match(stream.current.value.strip())
            if found is None:
                raise LiquidSyntaxError("abort_message takes one text in quotes", token=stream.current)
            reason = found[1] or found[2] or ""
        return _Abort(token, reason or "aborted")


class _Closed(Environment):
    """The tags and filters that authors have, each of them strict about missing values."""

    template_class = Bound
    output_stream_limit = OUTPUT_BYTES
    loop_iteration_limit = LOOP_TURNS
    local_namespace_limit = LOCAL_BYTES

    def __init__(self, autoescape: bool) -> None:
        super().__init__(undefined=FalsyStrictUndefined, autoescape=autoescape)
        for name in CLOSED_TAGS:
            del self.tags[name]
        for name in CLOSED_FILTERS:
            del self.filters[name]
        self.filters["date"] = _date
        self.filters = {name: _strict(name, action) for name, action in self.filters.items()}
        for tag in (_AbortTag, _Print, _Echo):
            self.add_tag(tag)


def compile_text(text: str, html: bool) -> Bound | str:
    """The compiled text, escaping values for HTML or not; a text without Liquid stays as it is.

    Raises LiquidError with the place in the text for anything that is not of this Liquid.
    """
    if "{{" not in text and "{%" not in text:
        return text
    raw = _RAW.search(text)
    if raw:
        raise LiquidSyntaxError(
            "raw is not part of this Liquid", token=Token(TOKEN_TAG, "raw", raw.start(), text)
        )
    environment = _HTML if html else _TEXT
    return cast(Bound, environment.from_string(text))


def absent(name: str, token: Token | None) -> FalsyStrictUndefined:
    """A missing value: false in a condition, replaced by `default`, an UndefinedError with its name anywhere else."""
    return FalsyStrictUndefined(name, hint=name, token=token)


def _dotted(path: list[object]) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _plain(value: object, node: OutputNode) -> object:
    if value is None:
        raise UndefinedError(str(node.expression), token=node.token)
    if isinstance(value, list | tuple):
        return [_plain(item, node) for item in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def _strict(name: str, action: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, but what is missing is an error in it (only `default` may have it at its left)."""

    @functools.wraps(action)
    def strict(left: object, *args: object, **named: object) -> object:
        if name != "default":
            _present((left, *args))
        _bounded(name, left, args)
        result = action(left, *args, **named)
        return absent(f"… | {name}", None) if result is None else result

    return strict


def _present(values: tuple[object, ...]) -> None:
    for value in values:
        if value is None:
            raise UndefinedError("nil", token=None)
        if is_undefined(value):
            str(value)  # raises with the value's own name


def _bounded(name: str, left: object, args: tuple[object, ...]) -> None:
    """Refuse the filters whose result may be far longer than what they are given."""
    if isinstance(left, range) and len(left) > LOOP_TURNS:
        raise OutputStreamLimitError("range limit reached", token=None)
    if name not in ("replace", "join") or not isinstance(left, str | list | range) or not args:
        return
    if len(left) * len(str(args[-1])) > 16 * OUTPUT_BYTES:
        raise OutputStreamLimitError("output limit reached", token=None)


@with_context
def _date(value: object, form: str, *, context: RenderContext) -> str:
    """`strftime` by the person's clock; a number is Unix seconds (or ms by its size), `now` the message's instant.

    A text that is no instant or date is handed on as it is, as everywhere in Liquid.
    """
    now = cast(datetime, context.globals["now"])
    moment = _moment(value, now)
    return str(value) if moment is None else moment.strftime(str(form))


def _moment(value: object, now: datetime) -> datetime | None:
    zone = str(now.tzinfo)
    if isinstance(value, datetime):
        return value.astimezone(now.tzinfo)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=now.tzinfo)
    if value in ("now", "today"):
        return now
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        instant = int(value if value >= 100_000_000_000 else value * 1000)
        return local(instant, zone) if 0 <= instant <= LATEST else None
    try:
        return local(parse_instant(str(value), zone), zone)
    except Malformed:
        return None


_HTML = _Closed(autoescape=True)
_TEXT = _Closed(autoescape=False)
