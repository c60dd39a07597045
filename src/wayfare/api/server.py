"""The server: every door of the contract as one ASGI app over a workspace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from wayfare.api import later, pages, people, stream, studio
from wayfare.api.collect import Collect, routes
from wayfare.api.gauges import exposition
from wayfare.api.problem import install
from wayfare.engine.keys import Keys
from wayfare.engine.verbs import Studio

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "pattern": "^WF[0-9]{4}$"},
        "where": {"type": "string"},
        "mend": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


def build(workspace: Studio, keys: Keys, collect: Collect, version: str) -> FastAPI:
    """The app; `workspace` answers the studio, `collect` takes events, `keys` says who may come in."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.stopping = asyncio.Event()
        yield

    app = FastAPI(
        title="wayfare", version=version, lifespan=life, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.studio = workspace
    app.state.keys = keys
    install(app)
    app.router.routes.extend(routes(collect))
    for part in (studio.router, people.router, stream.router, later.router()):
        app.include_router(part)
    _health(app)
    app.include_router(pages.router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _health(app: FastAPI) -> None:
    @app.get("/healthz", operation_id="health", tags=["health"])
    async def healthz() -> dict[str, bool]:
        """The process lives."""
        return {"ok": True}

    @app.get("/readyz", operation_id="ready", tags=["health"])
    def readyz(request: Request, response: Response) -> dict[str, Any]:
        """Ready, and how far the log is accepted, applied and in history."""
        workspace: Studio = request.app.state.studio
        ready = workspace.ready()
        response.status_code = 200 if ready else 503
        return {"ready": ready, **workspace.offsets()}

    @app.get("/metrics", operation_id="metrics", tags=["health"])
    def metrics(request: Request) -> Response:
        """Figures in the form of Prometheus."""
        content, kind = exposition(request.app.state.studio)
        return Response(content, media_type=kind)


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = PROBLEM
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        told = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = {"description": "A problem (RFC 9457)", "content": told}
        app.openapi_schema = schema
    return app.openapi_schema
