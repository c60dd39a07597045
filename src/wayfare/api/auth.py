"""Who may come in: an API key in the header, or the session that a signed link opened."""

from __future__ import annotations

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from wayfare.api.problem import Forbidden
from wayfare.engine.keys import Keys
from wayfare.ground.errors import Denied

COOKIE = "wayfare_session"
# told in the OpenAPI document only: the checks are below, so that every refusal is a problem of ours
SCHEMES = [
    Depends(HTTPBearer(scheme_name="apiKey", auto_error=False)),
    Depends(APIKeyCookie(name=COOKIE, scheme_name="session", auto_error=False)),
]


def role_of(request: Request) -> str:
    """owner or viewer; Denied WF8100 for everybody else."""
    keys: Keys = request.app.state.keys
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        key = keys.check(token.strip())
        if key is not None and key.kind == "api":
            return key.role
    elif session := request.cookies.get(COOKIE):
        role = keys.in_session(session)
        if role is not None and not _foreign(request):
            return role
    raise Denied("WF8100", request.url.path)


def reads(request: Request) -> str:
    """Whoever has a role may read and ask."""
    return role_of(request)


def writes(request: Request) -> str:
    """Only an owner changes things; Forbidden WF8101 for others."""
    role = role_of(request)
    if role != "owner":
        raise Forbidden("WF8101", request.url.path)
    return role


def _foreign(request: Request) -> bool:
    """A browser says where a request was made; a page of another origin may not use the cookie to change things."""
    if request.method in ("GET", "HEAD"):
        return False
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
