"""From one item of a Segment-family request to an event, or to the reason why it cannot be one."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Any, get_args

import msgspec

from wayfare.facts import consent
from wayfare.facts.event import CONSENT_CHANGED, NAMES, Event, Kind, Quarantined
from wayfare.facts.moment import FAR, corrected, read_time
from wayfare.facts.values import check, suspicious, unreadable

ITEM_BYTES = 512 * 1024  # a larger item is quarantined
KEY_CHARS = 100  # a longer message id is hashed
ID_CHARS = 255
NAME_CHARS = 255  # a longer event name is taken with a warning …
NAME_LIMIT = 8_191  # … up to here
KINDS: frozenset[str] = frozenset(get_args(Kind))

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_ZEROS = re.compile(r"[0\-]+$")
_PLACEHOLDERS = frozenset(
    {"null", "undefined", "none", "nil", "nan", "(null)", "<null>", "n/a", "unknown", "anonymous"}
    | {"true", "false", "-1", "{}", "[]", "[object object]"}
)


class Head(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a request says of all its items; stored beside each item as `Entry.head` (JSON, see `head_of`).

    `source` is the id of the write key's source, `sent_at` the client's clock as the batch or a header gave it,
    `context` lies under each item's own, `kind` comes from the path of a single-event route and wins over `type`,
    `channel` is the source's default, `id` the message id that the door made for an item without one.
    A request that cannot be read has its `reason` and `detail` here, and its raw bytes as the body.
    """

    source: str
    sent_at: str | None = None
    context: dict[str, Any] = {}
    kind: Kind | None = None
    channel: str | None = None
    id: str | None = None
    reason: str = ""
    detail: str = ""


class _Item(msgspec.Struct, gc=False):
    """The members of an item that mean something; every other one is skipped."""

    type: Any = None
    messageId: Any = None
    userId: Any = msgspec.UNSET
    anonymousId: Any = msgspec.UNSET
    previousId: Any = None
    groupId: Any = None
    event: Any = None
    name: Any = None
    category: Any = None
    timestamp: Any = None
    originalTimestamp: Any = None
    sentAt: Any = None
    channel: Any = None
    properties: Any = None
    traits: Any = None
    context: Any = None


class _Refused(Exception):
    """Carries the reason out of the depth of `_event`; never leaves this file."""

    def __init__(self, reason: str, detail: str = "", pointer: str = "") -> None:
        super().__init__(reason)
        self.quarantined = Quarantined(reason, detail, pointer)


_ITEM = msgspec.json.Decoder(_Item)
_HEAD = msgspec.json.Decoder(Head)


@lru_cache(maxsize=256)
def head_of(raw: bytes) -> Head:
    """The head that a log row carries; rows of one request share it, so the last ones are remembered."""
    return _HEAD.decode(raw)


def decode(item: bytes, head: Head, receipt: int, zone: str) -> Event | Quarantined:
    """The event in the JSON bytes of one item, or why there is none; total, and the same for the same arguments.

    `receipt` is the log's instant for the row, `zone` the IANA zone of times without offset.
    """
    if head.reason:
        return Quarantined(head.reason, head.detail)
    if len(item) > ITEM_BYTES:
        return Quarantined("event_over_512kb", str(len(item)))
    try:
        if not item.isascii():
            str(item, "utf-8")  # members that are skipped must be text too
        fields = _ITEM.decode(item)
    except (ValueError, RecursionError):
        return unreadable(item)
    if suspicious(item):
        found = check(msgspec.json.decode(item))
        if found is not None:
            return found
    try:
        return _event(fields, item, head, receipt, zone)
    except _Refused as refused:
        return refused.quarantined


def message_key(value: object) -> str | None:
    """The key by which a message id de-duplicates: itself, its hash when over-long, None when one must be made."""
    if type(value) is not str or not value or value.isspace():
        return None
    if len(value) <= KEY_CHARS:
        return value
    return "hash:" + blake2b(value.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def links_nobody(value: str) -> bool:
    """Whether an id is a placeholder (`null`, `undefined`, zeros …): it is kept, and joins no two people."""
    return _ZEROS.match(value) is not None or value.strip().casefold() in _PLACEHOLDERS


def _event(fields: _Item, item: bytes, head: Head, receipt: int, zone: str) -> Event:
    kind = head.kind or _kind(fields.type)
    warnings: list[str] = []
    user, anonymous = _ids(fields)
    if any(value is not None and links_nobody(value) for value in (user, anonymous)):
        warnings.append("id_placeholder")
    previous = group = None
    properties = _map(fields.properties, "properties")
    traits = _map(fields.traits, "traits")
    context = _map(fields.context, "context")
    name = NAMES.get(kind, "")
    if kind == "track":
        name = _name(fields.event, warnings)
        if name == CONSENT_CHANGED:
            wish = consent.read(properties)
            if isinstance(wish, Quarantined):
                raise _Refused(wish.reason, wish.detail, wish.pointer)
    elif kind == "identify":
        under = _map(context.get("traits"), "traits", "/context/traits")
        traits = {**under, **traits} if under else traits
    elif kind in ("page", "screen"):
        properties = _titled(properties, fields)
    elif kind == "group":
        group = _id(fields.groupId, "groupId")
        if group is None:
            raise _Refused("group_without_id", "", "/groupId")
        properties, traits = {**traits, **properties, "groupId": group}, {}
    else:
        previous = _id(fields.previousId, "previousId")
        if user is None or previous is None:
            raise _Refused("alias_half", "", "/userId" if user is None else "/previousId")
        if user == previous:
            warnings.append("alias_self")
    key = message_key(fields.messageId)
    if fields.messageId is not None and key != fields.messageId:
        warnings.append("message_id_bad")
    if key is None:
        key = head.id or "hash:" + blake2b(item, digest_size=20).hexdigest()
    channel = fields.channel or context.get("channel")
    return Event(
        id=key,
        source=head.source,
        kind=kind,
        name=name,
        time=_time(fields, head, receipt, zone, warnings),
        received=receipt,
        user_id=user,
        anonymous_id=anonymous,
        previous_id=previous,
        group_id=group,
        channel=channel if type(channel) is str else head.channel,
        properties=properties,
        traits=traits,
        context=_over(head.context, context) if head.context else context,
        warnings=tuple(warnings),
    )


def _kind(value: object) -> Kind:
    if value is None or value == "":
        raise _Refused("type_missing", "", "/type")
    if type(value) is not str or value not in KINDS:
        raise _Refused("type_unknown", str(value)[:80], "/type")
    return value  # type: ignore[return-value]  # one of KINDS


def _ids(fields: _Item) -> tuple[str | None, str | None]:
    user, anonymous = fields.userId, fields.anonymousId
    if user is msgspec.UNSET and anonymous is msgspec.UNSET:
        raise _Refused("no_id")
    user = _id(user, "userId")
    anonymous = _id(anonymous, "anonymousId")
    if user is None and anonymous is None:
        raise _Refused("id_blank")
    return user, anonymous


def _id(value: Any, field: str) -> str | None:
    """An id as text, numbers in decimal; None when it is absent or blank."""
    if value is None or value is msgspec.UNSET:
        return None
    if type(value) is int or type(value) is float:
        value = str(int(value)) if value == int(value) else repr(value)
    if type(value) is not str:
        raise _Refused("id_object", type(value).__name__, f"/{field}")
    if len(value) > ID_CHARS:
        raise _Refused("id_too_long", str(len(value)), f"/{field}")
    return None if not value or value.isspace() else value


def _name(value: Any, warnings: list[str]) -> str:
    if value is None:
        raise _Refused("event_missing", "", "/event")
    if type(value) is not str:
        raise _Refused("event_not_text", type(value).__name__, "/event")
    if not value or value.isspace():
        raise _Refused("event_blank", "", "/event")
    if not value.isprintable() and _CONTROL.search(value):
        raise _Refused("event_control_chars", "", "/event")
    if len(value) > NAME_CHARS:
        if len(value) > NAME_LIMIT:
            raise _Refused("event_too_long", str(len(value)), "/event")
        warnings.append("event_too_long")
    return value


def _map(value: Any, field: str, pointer: str = "") -> dict[str, Any]:
    if value is None:
        return {}
    if type(value) is not dict:
        raise _Refused(f"{field}_not_object", type(value).__name__, pointer or f"/{field}")
    return value


def _titled(properties: dict[str, Any], fields: _Item) -> dict[str, Any]:
    """The properties with the page's name and category, wherever the client put them."""
    top = {"name": fields.name, "category": fields.category}
    return {**{key: value for key, value in top.items() if value is not None}, **properties}


def _time(fields: _Item, head: Head, receipt: int, zone: str, warnings: list[str]) -> int:
    field = "timestamp" if fields.timestamp not in (None, "") else "originalTimestamp"
    written = fields.timestamp if field == "timestamp" else fields.originalTimestamp
    if written in (None, ""):
        return receipt
    given = read_time(written, zone, f"/{field}")
    if isinstance(given, Quarantined):
        raise _Refused(given.reason, given.detail, given.pointer)
    said = fields.sentAt if fields.sentAt not in (None, "") else head.sent_at
    if said is None:
        return corrected(given, None, receipt)
    sent = read_time(said, zone, "/sentAt")
    if isinstance(sent, Quarantined) or abs(receipt - sent) > FAR:
        warnings.append("sent_at_bad")
        return corrected(given, None, receipt)
    time = corrected(given, sent, receipt)
    return time if time >= 0 else given


def _over(under: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The batch's context with the item's own laid over it, object by object."""
    merged = {**under, **own}
    for key in under.keys() & own.keys():
        if type(under[key]) is dict and type(own[key]) is dict:
            merged[key] = _over(under[key], own[key])
    return merged
