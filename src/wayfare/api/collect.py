"""The front door of events: every address that clients of the Segment family call, answered once events are durable."""

from __future__ import annotations

import asyncio
import binascii
import logging
import secrets
from base64 import b64decode
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from wayfare.api.cors import cors
from wayfare.api.problem import NotAllowed, language, problem
from wayfare.facts import envelope
from wayfare.facts.decode import Head, decode, head_of
from wayfare.facts.event import Kind, Quarantined
from wayfare.facts.reason import CODES
from wayfare.ground.errors import Denied, Lang, Malformed, TooLarge, Unavailable, WayfareError
from wayfare.ground.time import Instant
from wayfare.ground.words import say
from wayfare.stores.log import Ack, Entry

log = logging.getLogger("wayfare.api")
FLIGHT_BYTES = 16 * 1024 * 1024  # of bodies held at once; a request beyond is told to come back
PATIENCE_SECONDS = 60.0  # for a whole body to arrive
SHORT_BYTES = 256 * 1024  # a body up to here is read on the spot
RETRY_SECONDS = "1"

_LETTERS: dict[str, Kind] = {
    "t": "track",
    "i": "identify",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
}
_SINGLE: dict[str, Kind] = {
    **{f"/v1/{letter}": kind for letter, kind in _LETTERS.items()},
    **{f"/v1/{kind}": kind for kind in _LETTERS.values()},
    **{f"/api/s/{kind}": kind for kind in _LETTERS.values()},
}
_DONE = b'{"success":true}'


class Slow(Malformed):
    """The body did not arrive in time; clients send it again."""

    status = 408


class Source(NamedTuple):
    """What a write key stands for: the id of its source, and the channel of events that name none."""

    id: str
    channel: str | None = None


class Appends(Protocol):
    """The part of the log that the doors need."""

    def append_soon(self, entries: Sequence[Entry], /) -> Future[Ack]:
        """Append all; the future ends when they are durable, or with the error that kept them from it."""


@dataclass(slots=True)
class Collect:
    """What the doors share: the log, who a write key is, the instant of now, the zone of times without offset."""

    log: Appends
    sources: Callable[[str], Source | None]
    clock: Callable[[], Instant]
    zone: str = "UTC"
    reader: ThreadPoolExecutor = field(
        default_factory=partial(ThreadPoolExecutor, 1), init=False
    )  # of long bodies
    in_flight: int = field(default=0, init=False)  # bytes of the bodies that are held now


def routes(doors: Collect) -> list[Route]:
    """Every collecting address, as raw ASGI endpoints without a request model."""
    return [
        *(Route(path, _Take(doors)) for path in ("/v1/batch", "/v1/b", "/v1/import")),
        *(Route(path, _Take(doors, kind)) for path, kind in _SINGLE.items()),
        Route("/v1/m", _Answer(doors, "POST")),
        Route("/v1/projects/{key}/settings", _Settings(doors, "GET")),
        Route("/sourceConfig/", _SourceConfig(doors, "GET")),
        Route("/sourceConfig", _SourceConfig(doors, "GET")),
    ]


class _Answer:
    """Answers one method, the pre-flight, and every error with its code, to pages of any origin."""

    def __init__(self, doors: Collect, method: str) -> None:
        self.doors = doors
        self.method = method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        preflight = request.method == "OPTIONS"
        try:
            if preflight:
                response = Response()
            elif request.method == self.method:
                response = await self.respond(request)
            else:
                raise NotAllowed("WF2005", method=request.method, allow=f"{self.method}, OPTIONS")
        except ClientDisconnect:
            return
        except WayfareError as error:
            response = _told(request, error)
        response.headers.update(cors(request.headers.get("origin"), preflight))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        return Response(_DONE, media_type="application/json")


class _Take(_Answer):
    """Takes a batch, or one event whose kind the path tells."""

    def __init__(self, doors: Collect, kind: Kind | None = None) -> None:
        super().__init__(doors, "POST")
        self.kind = kind

    async def respond(self, request: Request) -> Response:
        user = _basic(request.headers.get("authorization"))
        if user is not None:
            _source(self.doors, user)  # an unknown sender's body is not even read
        body = _Body(self.doors)
        try:
            raw = await body.read(request)
            if len(raw) > SHORT_BYTES or raw[:2] == envelope.GZIP:  # others need not wait for it
                read = partial(self.entries, request, user, raw)
                entries = await asyncio.get_running_loop().run_in_executor(self.doors.reader, read)
            else:
                entries = self.entries(request, user, raw)
            body.hold(sum(len(entry.body) for entry in entries))
            strict = request.query_params.get("strict") in ("1", "true")
            if strict and (errors := self.errors(entries, language(request))):
                return problem(request, Malformed("WF2006", request.url.path, count=len(errors)), errors)
            if entries:
                await _durable(self.doors, entries)
        except (Malformed, TooLarge) as error:
            await self.keep(request, user, body, error)
            raise
        finally:
            body.release()
        return Response(_DONE, media_type="application/json")

    def entries(self, request: Request, user: str | None, raw: bytes) -> list[Entry]:
        """The log entries of a request; Denied when none of its keys is known."""
        batch = envelope.split(raw, single=self.kind is not None)
        keys = self.senders(request, user, batch)
        sent_at = batch.sent_at or request.headers.get("sentat")
        if isinstance(keys, str):
            head = self.head(_source(self.doors, keys), sent_at, batch)
            encoded = msgspec.json.encode(head)
            return [
                Entry(head.source, key, "segment", encoded if key else self.minted(head), item)
                for key, item in zip(batch.keys, batch.items, strict=True)
            ]
        sources = [self.doors.sources(key) if key else None for key in keys]
        first = next((source for source in sources if source is not None), None)
        if first is None:
            raise Denied("WF2001")
        entries = []
        for source, key, item in zip(sources, batch.keys, batch.items, strict=True):
            head = self.head(source or first, sent_at, batch)
            if source is None:
                head = msgspec.structs.replace(head, reason="write_key_unknown")
                entries.append(Entry(head.source, None, "refused", msgspec.json.encode(head), item))
            else:
                encoded = msgspec.json.encode(head) if key else self.minted(head)
                entries.append(Entry(head.source, key, "segment", encoded, item))
        return entries

    def senders(self, request: Request, user: str | None, batch: envelope.Batch) -> str | list[str | None]:
        """The write key of the whole request, or that of each item when only the items carry one."""
        if user is not None:
            return user
        if batch.write_key and not _masked(batch.write_key):
            return batch.write_key
        header = request.headers.get("x-write-key")
        own = [] if self.kind else [None if _masked(key) else key for key in envelope.write_keys(batch.items)]
        if any(own):
            return [key or header for key in own]
        if not header:
            raise Denied("WF2001")
        return header

    def head(self, source: Source, sent_at: str | None, batch: envelope.Batch) -> Head:
        return Head(source.id, sent_at, batch.context, self.kind, source.channel)

    def minted(self, head: Head) -> bytes:
        """The head of an item without a usable message id, with a new one: a UUID of version 7."""
        place = (
            self.doors.clock() << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
        )
        return msgspec.json.encode(msgspec.structs.replace(head, id=f"evt_{UUID(int=place)}"))

    def errors(self, entries: list[Entry], lang: Lang) -> list[dict[str, str]]:
        """What is wrong with each item that would be quarantined (`?strict=1`)."""
        errors = []
        for place, entry in enumerate(entries):
            found = decode(entry.body, head_of(entry.head), self.doors.clock(), self.doors.zone)
            if isinstance(found, Quarantined):
                code = CODES[found.reason]
                pointer = found.pointer if self.kind else f"/batch/{place}{found.pointer}"
                text = say(f"{code}.what", lang, detail=found.detail)
                errors.append({"code": code, "reason": found.reason, "detail": text, "pointer": pointer})
        return errors

    async def keep(
        self, request: Request, user: str | None, body: _Body, error: Malformed | TooLarge
    ) -> None:
        """Append the raw bytes of a request that cannot be read, for quarantine; Denied when its key is unknown."""
        reason = error.values.get("reason")
        if reason is None:
            return
        written = envelope.written_key(body.raw)
        key = user or (None if _masked(written) else written) or request.headers.get("x-write-key")
        if key is None:
            return  # nothing that could be read says whose it is
        source = _source(self.doors, key)
        head = Head(source.id, kind=self.kind, channel=source.channel, reason=str(reason), detail=error.where)
        raw = body.raw[: envelope.EVIDENCE] if isinstance(error, TooLarge) else body.raw
        await _durable(self.doors, [Entry(source.id, None, "refused", msgspec.json.encode(head), raw)])


class _Body:
    """One request's body while it is held; what all hold together is bounded."""

    def __init__(self, doors: Collect) -> None:
        self.doors = doors
        self.raw = b""
        self.held = 0

    async def read(self, request: Request) -> bytes:
        """The whole body; TooLarge as soon as it is over 5 MB or says so, Unavailable when too much is held already."""
        declared = request.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > envelope.BODY_BYTES:
            envelope.refuse("over_5mb", declared)
        chunks: list[bytes] = []
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                async for chunk in request.stream():
                    chunks.append(chunk)
                    if self.held + len(chunk) > envelope.BODY_BYTES:
                        for first in chunks:
                            self.raw += first[: envelope.EVIDENCE - len(self.raw)]
                        envelope.refuse("over_5mb", f"over {envelope.BODY_BYTES}")
                    self.hold(len(chunk))
        except TimeoutError as cause:
            raise Slow("WF2008") from cause
        self.raw = b"".join(chunks)
        return self.raw

    def hold(self, size: int) -> None:
        """Count bytes that live until the answer; Unavailable when too much is held already."""
        if self.doors.in_flight + size > FLIGHT_BYTES:
            raise Unavailable("WF2004")
        self.held += size
        self.doors.in_flight += size

    def release(self) -> None:
        self.doors.in_flight -= self.held
        self.held = 0


class _Settings(_Answer):
    """What analytics.js asks before it sends: where to send to, which is here."""

    async def respond(self, request: Request) -> Response:
        key = request.path_params["key"]
        _source(self.doors, key)
        here = {"apiKey": key, "apiHost": f"{request.url.netloc}/v1", "protocol": request.url.scheme}
        return JSONResponse({"integrations": {"Segment.io": here, "Customer.io Data Pipelines": here}})


class _SourceConfig(_Answer):
    """What RudderStack's browser client asks before it sends: that its source is on, with no other destination."""

    async def respond(self, request: Request) -> Response:
        key = request.query_params.get("writeKey") or _basic(request.headers.get("authorization"))
        source = _source(self.doors, key)
        config: dict[str, object] = {"id": source.id, "name": source.id, "writeKey": key, "destinations": []}
        quiet = {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}}
        return JSONResponse({"source": {**config, "enabled": True, "config": quiet}})


def _source(doors: Collect, key: str | None) -> Source:
    source = doors.sources(key) if key else None
    if source is None:
        raise Denied("WF2001")
    return source


def _basic(header: str | None) -> str | None:
    """The user name of an Authorization header of the Basic kind, if there is one."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(token.strip(), validate=True).decode().partition(":")[0] or None
    except (binascii.Error, UnicodeDecodeError):
        return None


def _masked(key: str | None) -> bool:
    """Whether a client hid its key in the body; the header then has it."""
    return key is not None and "***" in key


async def _durable(doors: Collect, entries: Sequence[Entry]) -> None:
    """Wait until the log has the entries for good; Unavailable when it cannot take them."""
    try:
        await asyncio.wrap_future(doors.log.append_soon(entries))
    except Unavailable:
        raise
    except Exception as cause:  # whatever kept them from the disk, the sender must send them again
        log.error("append failed", exc_info=cause)
        raise Unavailable("WF2007", type(cause).__name__) from cause


def _told(request: Request, error: WayfareError) -> Response:
    """An error in the shape that the clients of this family read."""
    lang = language(request)
    headers = {}
    if error.status in (429, 503):
        headers["Retry-After"] = RETRY_SECONDS
    if isinstance(error, NotAllowed):
        headers["Allow"] = str(error.values["allow"])
    message = f"{error.what(lang)} · {error.mend(lang)}"
    return JSONResponse({"code": error.code, "message": message}, error.status, headers)
