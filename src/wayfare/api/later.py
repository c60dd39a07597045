"""The doors of the contract that are not built yet: each says so, none guesses."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request

from wayfare.api.auth import SCHEMES, reads
from wayfare.ground.errors import NotBuilt

ROUTES: tuple[tuple[str, str], ...] = (
    ("POST", "/v1/decide"),
    ("POST", "/v1/decide/{decision}/events"),
    ("POST", "/v1/opendsr_requests"),
    ("GET", "/u/{token}"),
    ("POST", "/u/{token}"),
    ("POST", "/api/journeys/{journey}/submit"),
    ("POST", "/api/journeys/{journey}/approve"),
    ("POST", "/api/journeys/{journey}/reject"),
    ("POST", "/api/journeys/{journey}/simulate"),
    ("POST", "/api/journeys/{journey}/preview"),
    ("POST", "/api/enrollments/{enrollment}/move"),
    ("POST", "/api/profiles/{person}/identities/unmerge"),
    ("GET", "/api/segments/{segment}"),
    ("PUT", "/api/segments/{segment}"),
    ("GET", "/api/segments/{segment}/count"),
    ("GET", "/api/segments/{segment}/members"),
    ("GET", "/api/segments/{segment}/contains"),
    ("GET", "/api/traits/{trait}"),
    ("PUT", "/api/traits/{trait}"),
    ("GET", "/api/entities/{type}/{entity}"),
    ("GET", "/api/policy"),
    ("PUT", "/api/policy"),
    ("GET", "/api/templates/{template}"),
    ("PUT", "/api/templates/{template}"),
    ("POST", "/api/templates/{template}/render"),
    ("POST", "/api/templates/{template}/test-send"),
    ("GET", "/api/channels/{channel}"),
    ("PUT", "/api/channels/{channel}"),
    ("GET", "/api/slots/{slot}"),
    ("PUT", "/api/slots/{slot}"),
    ("GET", "/api/offers/{offer}"),
    ("PUT", "/api/offers/{offer}"),
    ("GET", "/api/tracking-plan"),
    ("PUT", "/api/tracking-plan"),
    ("POST", "/api/quarantine/repair"),
    ("POST", "/api/imports"),
    ("GET", "/api/imports/{id}"),
    ("POST", "/api/tasks/{task}/claim"),
    ("POST", "/api/tasks/{task}/handover"),
    ("GET", "/api/approvals"),
    ("GET", "/api/audit"),
    ("GET", "/api/metrics/{metric}"),
    ("PUT", "/api/metrics/{metric}"),
    ("GET", "/api/boards/{board}"),
    ("PUT", "/api/boards/{board}"),
)
PUBLIC = ("/u/",)


def router() -> APIRouter:
    """Every route as one that answers WF0001, the managing ones behind their key."""
    found = APIRouter(include_in_schema=False)
    for method, path in ROUTES:
        guards = [] if path.startswith(PUBLIC) else [*SCHEMES, Depends(reads)]
        found.add_api_route(path, _unbuilt, methods=[method], dependencies=guards)
    return found


async def _unbuilt(request: Request) -> Any:
    raise NotBuilt("WF0001", request.url.path, part=f"{request.method} {request.url.path}")
