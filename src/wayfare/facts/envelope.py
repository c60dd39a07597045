"""One request of the Segment family, cut into the raw bytes of its items; the log keeps them unparsed.

How a request becomes log entries (`stores/log.Entry`): every item is an entry of form `segment`, also one that
will turn out to be no event: `decode` says why when the row is read, so an over-large or broken item needs no
mark. A request that cannot be cut is one entry of form `refused`: its raw bytes (at most `EVIDENCE` of a body
over the limit) with `reason` and `detail` in the head, which `decode` gives back.
"""

from __future__ import annotations

import json
import re
import zlib
from codecs import getincrementaldecoder
from typing import Any, NoReturn

import msgspec

from wayfare.facts.decode import message_key
from wayfare.facts.reason import CODES
from wayfare.facts.values import check, unreadable
from wayfare.ground.errors import Malformed, TooLarge

BODY_BYTES = 5 * 1024 * 1024  # of the unpacked body
EVIDENCE = 64 * 1024  # bytes kept of a body over the limit
SPREAD_BYTES = 64 * 1024 * 1024  # of a batch's context written beside every item
PIECE = 64 * 1024
GZIP = b"\x1f\x8b"
_SPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_MARK = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{},:]', re.DOTALL)
_HIGH = re.compile(rb"[\x80-\xff]+")
_HANZI_UTF8 = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")
_HANZI_GB = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe]){2,}")
_WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"([^"\\]{1,200})"')


class Batch(msgspec.Struct, frozen=True):
    """The items of one request as raw JSON, each with its de-duplication key (None: the door makes an id)."""

    items: list[bytes]
    keys: list[str | None]
    sent_at: str | None = None
    context: dict[str, Any] = {}
    write_key: str | None = None


class _Wire(msgspec.Struct, gc=False):
    batch: list[msgspec.Raw]
    sentAt: Any = None
    writeKey: Any = None
    context: Any = None


class _Key(msgspec.Struct, gc=False):
    messageId: Any = None


class _Keys(msgspec.Struct, gc=False):
    batch: list[_Key]


class _WriteKey(msgspec.Struct, gc=False):
    writeKey: Any = None


_WIRE = msgspec.json.Decoder(_Wire)
_KEYS = msgspec.json.Decoder(_Keys)
_KEY = msgspec.json.Decoder(_Key)
_OWNER = msgspec.json.Decoder(_WriteKey)


def split(body: bytes, single: bool = False) -> Batch:
    """The items of a request body, packed or not; `single` says that the body is one event and not a batch.

    What the bytes are decides, never a header. Raises Malformed (nothing can be read) or TooLarge, both with the
    class of the fault as `values["reason"]`.
    """
    body = text(unpack(body))
    if single:
        return _one(body)
    try:
        wire = _WIRE.decode(body)
    except (ValueError, RecursionError):
        return _salvaged(body)
    items = [bytes(raw) for raw in wire.batch]
    try:
        keys = [message_key(item.messageId) for item in _KEYS.decode(body).batch]
    except (ValueError, RecursionError):
        keys = [_key(item) for item in items]
    return _batch(items, keys, wire.sentAt, wire.context, wire.writeKey)


def unpack(body: bytes) -> bytes:
    """The body without its gzip, if it has one, never more than BODY_BYTES."""
    if body[:2] == GZIP:
        body = _gunzip(body)
        if body[:2] == GZIP:
            refuse("gzip_in_gzip")
    if len(body) > BODY_BYTES:
        refuse("over_5mb", str(len(body)))
    return body


def text(body: bytes) -> bytes:
    """The body without byte-order mark and outer white space; refused when it is empty or not UTF-8 as a whole."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in body[:4]:
        refuse("utf16_gbk")
    body = body.removeprefix(_BOM).strip(_SPACE)
    if not body:
        refuse("empty_body")
    if not body.isascii():
        decoder = getincrementaldecoder("utf-8")()
        try:
            for start in range(0, len(body), PIECE):  # a whole text would take up to four times the bytes
                decoder.decode(body[start : start + PIECE])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            if _other_encoding(body):
                refuse("utf16_gbk")
    return body


def write_keys(items: list[bytes]) -> list[str | None]:
    """The write key that each item carries itself."""
    return [_text(_peek(_OWNER, item, "writeKey")) for item in items]


def written_key(body: bytes) -> str | None:
    """The write key in a body that cannot be read, as far as it can be seen; so its sender can be known."""
    found = _WRITE_KEY.search(body)
    return found.group(1).decode("utf-8", "replace") if found else None


def refuse(reason: str, detail: str = "") -> NoReturn:
    """Raise what is wrong with a whole request: TooLarge for 413, Malformed for 400."""
    error = TooLarge if reason in ("over_5mb", "gzip_bomb") else Malformed
    raise error(CODES[reason], detail, reason=reason, detail=detail)


def _gunzip(body: bytes) -> bytes:
    parts: list[bytes] = []
    room = BODY_BYTES + 1
    while body:
        engine = zlib.decompressobj(wbits=31)
        try:
            part = engine.decompress(body, room)
        except zlib.error as cause:
            refuse("gzip_bad_crc", str(cause)[:80])
        room -= len(part)
        if room <= 0:
            refuse("gzip_bomb", f"{len(body)} bytes packed")
        if not engine.eof:
            refuse("gzip_cut")
        parts.append(part)
        body = engine.unused_data.lstrip(b"\0")  # some writers pad the end
        if body and body[:2] != GZIP:
            refuse("trailing_bytes", "gzip")
    return b"".join(parts)


def _other_encoding(body: bytes) -> bool:
    """Whether bytes that are not UTF-8 are GBK: Hanzi in its pairs, and none in the triples of UTF-8."""
    runs: list[bytes] = _HIGH.findall(body)
    return any(_HANZI_GB.fullmatch(run) for run in runs) and not any(_HANZI_UTF8.search(run) for run in runs)


def _one(body: bytes) -> Batch:
    try:
        wire = _OWNER.decode(body)
    except (ValueError, RecursionError):
        members, end = _document(body)
        if unreadable(body[:end]).reason == "not_json":
            refuse("not_json")
        return _batch([body], [_key(body)], None, None, _value(members, "writeKey"))
    return _batch([body], [_key(body)], None, None, wire.writeKey)


def _salvaged(body: bytes) -> Batch:
    """The batch of a body that the strict reader refused: cut by its brackets, so that one bad item stays alone."""
    members, _ = _document(body)
    batch = members.get("batch", b"")
    if batch[:1] != b"[":
        refuse("batch_missing")
    cuts, _ = _cut(batch)
    items = [item for item in cuts if item]
    keys = [_key(item) for item in items]
    sent, context, owner = (_value(members, name) for name in ("sentAt", "context", "writeKey"))
    return _batch(items, keys, sent, context, owner)


def _batch(items: list[bytes], keys: list[str | None], sent: Any, context: Any, write_key: Any) -> Batch:
    kept = context if isinstance(context, dict) and check(context) is None else {}
    if kept and len(msgspec.json.encode(kept)) * len(items) > SPREAD_BYTES:
        refuse("over_5mb", "context")
    sent_at = sent if type(sent) is str else str(sent) if type(sent) in (int, float) else None
    return Batch(items, keys, sent_at or None, kept, _text(write_key))


def _document(body: bytes) -> tuple[dict[str, bytes], int]:
    """The members of the object that the body is, raw, and where it ends; refused when it is no such object."""
    if body[:1] != b"{":
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            refuse("cut_json" if body[:1] in (b"[", b'"') else "not_json")
        refuse("batch_missing" if isinstance(value, list) else "top_scalar", type(value).__name__)
    cuts, end = _cut(body)
    rest = body[end:].strip(_SPACE)
    if rest:
        refuse("two_documents" if rest[:1] in (b"{", b"[") else "trailing_bytes", f"byte {end}")
    members: dict[str, bytes] = {}
    for member in cuts:
        found = _MARK.match(member)
        if found is None or member[:1] != b'"':
            refuse("not_json")
        value = member[found.end() :].lstrip(_SPACE)
        if value[:1] != b":":
            refuse("not_json")
        name = found.group()[1:-1].decode("utf-8", "replace")
        members[name] = value[1:].strip(_SPACE)
    return members, end


def _cut(body: bytes) -> tuple[list[bytes], int]:
    """The raw elements of the object or list that starts the body, and the place after its end."""
    depth, start = 0, 1
    cuts: list[bytes] = []
    for found in _MARK.finditer(body):
        mark = body[found.start()]
        if mark == 0x22:  # "
            if not found.group(1):
                refuse("cut_json")
        elif mark in b"[{":
            depth += 1
        elif mark in b"]}":
            depth -= 1
            if depth == 0:
                last = body[start : found.start()].strip(_SPACE)
                return [*cuts, last] if last else cuts, found.end()
        elif mark == 0x2C and depth == 1:  # ,
            cuts.append(body[start : found.start()].strip(_SPACE))
            start = found.end()
    refuse("cut_json")


def _key(item: bytes) -> str | None:
    return message_key(_peek(_KEY, item, "messageId"))


def _peek(decoder: msgspec.json.Decoder[Any], item: bytes, name: str) -> Any:
    """One member of an item, also of one that cannot be read as a whole."""
    try:
        return getattr(decoder.decode(item), name)
    except (ValueError, RecursionError):
        if item[:1] != b"{":
            return None
    try:
        return _value(_document(item)[0], name)
    except Malformed:
        return None


def _value(members: dict[str, bytes], name: str) -> Any:
    try:
        return msgspec.json.decode(members.get(name, b"null"))
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str | None:
    return value if type(value) is str and value else None
