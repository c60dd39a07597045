"""The problem: every error of the HTTP doors as RFC 9457, in the reader's language, with its stable code."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wayfare.ground.errors import Broken, Denied, Lang, Malformed, Missing, Stale, TooLarge, WayfareError
from wayfare.ground.refusal import refusal
from wayfare.ground.words import say

log = logging.getLogger("wayfare.api")
CONTENT_TYPE = "application/problem+json"


class Forbidden(Denied):
    """The caller is known but may not do this."""

    status = 403


class NotAllowed(Malformed):
    """The address is there, the method is not."""

    status = 405


class Unfit(Malformed):
    """The request can be read but is not what the address takes."""

    status = 422


class Unconditional(Stale):
    """A change must say what it changes."""

    status = 428


def install(app: FastAPI) -> None:
    """Let every error of the app be told as a problem, and every request have an id."""
    app.add_exception_handler(WayfareError, _own)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(OSError, _system)
    app.add_exception_handler(Exception, _defect)
    app.add_middleware(RequestIds)


def problem(request: Request, error: WayfareError, errors: Sequence[dict[str, Any]] = ()) -> Response:
    """The response that tells an error."""
    lang = language(request)
    body: dict[str, Any] = {
        "type": f"urn:wayfare:problem:{error.code}",
        "title": say(f"http.{error.status}", lang),
        "status": error.status,
        "detail": error.what(lang),
        "instance": request.url.path,
        "code": error.code,
        "where": error.where,
        "mend": error.mend(lang),
        "request_id": request.scope.get("request_id", ""),
    }
    if errors:
        body["errors"] = list(errors)
    headers = {"Content-Language": lang, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status == 503:
        headers["Retry-After"] = "1"
    if error.status == 405:
        headers["Allow"] = str(error.values["allow"])
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, error.status, headers, media_type=CONTENT_TYPE)


def language(request: Request) -> Lang:
    """zh or en, whichever the reader asks for first; en when neither."""
    best: tuple[float, int, Lang] | None = None
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        prefix = tag.strip().lower()[:2]
        if prefix in ("zh", "en") and quality > 0:
            found: Lang = "zh" if prefix == "zh" else "en"
            if best is None or (quality, -place) > best[:2]:
                best = (quality, -place, found)
    return best[2] if best else "en"


class RequestIds:
    """Gives every request an id, and every answer the same one in X-Request-Id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = f"req_{secrets.token_hex(8)}"
        scope["request_id"] = request_id

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", []).append((b"x-request-id", request_id.encode()))
            await send(message)

        await self.app(scope, receive, named)


async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, WayfareError)
    if error.status == 500:
        log.error("%s %s", request.scope.get("request_id"), error, exc_info=error)
    return problem(request, error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    found: WayfareError
    match error.status_code:
        case 404:
            found = Missing("WF8107", request.url.path)
        case 405:
            allow = (error.headers or {}).get("Allow", "")
            found = NotAllowed("WF8108", request.url.path, method=request.method, allow=allow)
        case 413:
            found = TooLarge("WF8112", request.url.path, limit="5 MB")
        case _:
            found = Malformed("WF8114", request.url.path, detail=str(error.detail))
    return problem(request, found)


async def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = []
    for one in error.errors():
        place, *steps = one["loc"]
        pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
        if one["type"] == "json_invalid":
            detail = str(one.get("ctx", {}).get("error", ""))
            return problem(request, Malformed("WF8114", request.url.path, detail=detail))
        errors.append({"code": "WF8109", "detail": f"{place}: {one['msg']}", "pointer": pointer})
    return problem(request, Unfit("WF8109", request.url.path), errors)


async def _system(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    log.error("%s %s", request.scope.get("request_id"), error)
    return problem(request, refusal(error))


async def _defect(request: Request, error: Exception) -> Response:
    log.error("%s", request.scope.get("request_id"), exc_info=error)
    return problem(request, Broken("WF8113", request.url.path))
