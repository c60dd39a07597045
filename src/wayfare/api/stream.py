"""The stream: what moves, pushed to the open pages over server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Depends, Request
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from wayfare.api.auth import SCHEMES, reads
from wayfare.api.studio import studio
from wayfare.engine.verbs import Studio

BEAT_SECONDS = 1.0
MOVING = ("offsets", "clock", "kill_switch", "people", "events", "journeys", "messages", "quarantined")
router = APIRouter(prefix="/api", dependencies=[*SCHEMES, Depends(reads)])


@router.get("/stream", operation_id="stream", tags=["studio"], response_class=EventSourceResponse)
async def stream(request: Request) -> EventSourceResponse:
    """`pulse`, `counts` and `message` events, at most one beat a second and only what changed."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_beats(request, Pulse(studio(request))), ping=15, headers=headers)


async def _beats(request: Request, pulse: Pulse) -> AsyncIterator[ServerSentEvent]:
    stopping: asyncio.Event = request.app.state.stopping
    while not stopping.is_set():
        for name, data in await run_in_threadpool(pulse.beat):
            yield ServerSentEvent(json.dumps(data, ensure_ascii=False), event=name)
        try:
            await asyncio.wait_for(stopping.wait(), BEAT_SECONDS)
        except TimeoutError:
            continue


class Pulse:
    """What one page has been told, so that it is told only what changed."""

    def __init__(self, workspace: Studio) -> None:
        self._studio = workspace
        self._pulse: dict[str, Any] = {}
        self._counts: dict[str, dict[str, Any]] = {}
        self._message: str | None = None

    def beat(self) -> list[tuple[str, dict[str, Any]]]:
        """The events since the last beat."""
        overview = self._studio.overview()
        pulse = {key: overview[key] for key in MOVING}
        still = {**pulse, "clock": None}
        if still == {**self._pulse, "clock": None}:
            return []
        self._pulse = pulse
        return [("pulse", pulse), *self._counted(pulse["journeys"]), *self._messages()]

    def _counted(self, journeys: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
        told = []
        for card in journeys:
            if card["version"] is None:
                continue
            counts = self._studio.counts(card["id"], "event", "all")
            still = {**counts, "fresh_to": None}
            if self._counts.get(card["id"]) != still:
                self._counts[card["id"]] = still
                told.append(("counts", counts))
        return told

    def _messages(self) -> list[tuple[str, dict[str, Any]]]:
        """Messages that are new since the last beat, at most twenty, the oldest first; none on the first one."""
        page = self._studio.messages({"state": "", "journey": "", "profile": ""}, 20, None).items
        seen, self._message = self._message, page[0]["id"] if page else self._message
        if seen is None:
            return []
        fresh = []
        for item in page:
            if item["id"] == seen:
                break
            fresh.append(("message", item))
        return fresh[::-1]
