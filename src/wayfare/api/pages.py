"""The pages: the built studio, the signed link that opens it, and a plain page where it is not built."""

from __future__ import annotations

import html
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from wayfare.api.auth import COOKIE
from wayfare.api.problem import language
from wayfare.engine.keys import SESSION_SECONDS, Keys
from wayfare.ground.errors import Denied, Missing

FOLDER = Path(__file__).parent.parent / "ui" / "static"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
NO_CACHE = {**HEADERS, "Cache-Control": "no-cache"}
IMMUTABLE = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
NOT_PAGES = ("api/", "v1/", "assets/", "u/")
router = APIRouter(include_in_schema=False)


@router.get("/")
def front(request: Request, t: str | None = None) -> Response:
    """The studio; with the token of a signed link a session begins first."""
    if t is None:
        return _index(request)
    keys: Keys = request.app.state.keys
    session = keys.session(t)
    if session is None:
        raise Denied("WF8116", "/")
    answer = RedirectResponse("/", 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    answer.set_cookie(COOKIE, session, SESSION_SECONDS, path="/", httponly=True, samesite="lax")
    return answer


@router.get("/{path:path}")
def page(request: Request, path: str) -> Response:
    """A built file, else the studio, which knows its own addresses."""
    if path in _files():
        return FileResponse(FOLDER / path, headers=IMMUTABLE if path.startswith("assets/") else NO_CACHE)
    if path.startswith(NOT_PAGES) or path in ("api", "v1") or "." in path.rpartition("/")[2]:
        raise Missing("WF8107", request.url.path)
    return _index(request)


@cache
def _files() -> frozenset[str]:
    """Every file of the built pages; nothing else can be asked for."""
    return frozenset(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())


def _index(request: Request) -> Response:
    if "index.html" in _files():
        return FileResponse(FOLDER / "index.html", headers=NO_CACHE)
    lang = language(request)
    unbuilt = Missing("WF8115")
    lines = [html.escape(line) for line in (unbuilt.what(lang), unbuilt.mend(lang))]
    text = f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>wayfare</title><p>{lines[0]}<p>{lines[1]}'
    return HTMLResponse(text, headers=NO_CACHE)
