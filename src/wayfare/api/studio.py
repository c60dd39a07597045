"""The studio's doors to journeys and what moves in them, and the switches over all of them."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wayfare.api.auth import SCHEMES, reads, writes
from wayfare.api.paging import Cursor, Limit, paged
from wayfare.api.problem import Unconditional, language
from wayfare.engine.verbs import Studio
from wayfare.ground.errors import Malformed, TooLarge

MAX_DRAFT = 2_000_000
router = APIRouter(prefix="/api", dependencies=[*SCHEMES, Depends(reads)])
owner = [Depends(writes)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]


class Switch(BaseModel):
    """On stops every send at the last gate."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"on": True}]})
    on: bool


class Reason(BaseModel):
    """Why somebody is taken out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "asked by phone"}]})
    reason: Annotated[str, Field(min_length=1, max_length=500)]


def studio(request: Request) -> Studio:
    """The workspace that the app serves."""
    found: Studio = request.app.state.studio
    return found


@router.get("/overview", operation_id="overview", tags=["studio"])
def overview(request: Request) -> dict[str, Any]:
    """The first screen's figures."""
    return studio(request).overview()


@router.post("/kill-switch", operation_id="killSwitch", tags=["studio"], dependencies=owner)
def kill_switch(request: Request, switch: Switch) -> dict[str, Any]:
    """Stop every send, or let them go; answers after the live store has it."""
    return studio(request).kill_switch(switch.on)


@router.get("/kill-switch", operation_id="killSwitchStatus", tags=["studio"])
def kill_switch_status(request: Request) -> dict[str, Any]:
    """Whether sends are stopped."""
    return studio(request).kill_switch(None)


@router.get("/journeys", operation_id="listJourneys", tags=["journeys"])
def journeys(request: Request) -> dict[str, Any]:
    """Every journey with its figures."""
    return {"items": studio(request).cards(), "next_cursor": None}


@router.get("/journeys/{journey}", operation_id="readJourney", tags=["journeys"])
def journey(request: Request, journey: Slug) -> dict[str, Any]:
    """One journey: its status, document and problems."""
    return studio(request).journey(journey, language(request))


@router.get("/journeys/{journey}/versions", operation_id="listVersions", tags=["journeys"])
def versions(request: Request, journey: Slug) -> dict[str, Any]:
    """Every published version, the newest first."""
    return {"items": studio(request).versions(journey), "next_cursor": None}


@router.get("/journeys/{journey}/draft", operation_id="readDraft", tags=["journeys"])
def read_draft(request: Request, journey: Slug) -> Response:
    """The draft's file as text (YAML or JSON), with its ETag; as a JSON document where that is asked for."""
    found = studio(request).draft(journey, language(request))
    headers = {"ETag": found["etag"], "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == found["etag"]:
        return Response(status_code=304, headers=headers)
    if "application/json" in request.headers.get("accept", ""):
        content = json.dumps(
            {"document": found["document"], "problems": found["problems"], "text": found["text"]}
        )
        return Response(content, headers=headers, media_type="application/json")
    kind = "application/json" if found["path"].endswith(".json") else "application/yaml"
    return Response(found["text"], headers=headers, media_type=kind)


@router.put("/journeys/{journey}/draft", operation_id="writeDraft", tags=["journeys"], dependencies=owner)
async def write_draft(request: Request, journey: Slug) -> Response:
    """Keep a draft, an invalid one too. If-Match names what it replaces; If-None-Match: * makes a new one."""
    from starlette.concurrency import run_in_threadpool

    expected = request.headers.get("if-match")
    if expected is None and request.headers.get("if-none-match") != "*":
        raise Unconditional("WF8111", request.url.path)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_DRAFT:
            raise TooLarge("WF8112", request.url.path, limit="2 MB")
    as_json = "json" in request.headers.get("content-type", "")
    found = await run_in_threadpool(
        studio(request).put_draft, journey, body, as_json, expected, language(request)
    )
    content = json.dumps({"journey": journey, "problems": found["problems"]}, ensure_ascii=False)
    return Response(content, headers={"ETag": found["etag"]}, media_type="application/json")


@router.post("/journeys/{journey}/check", operation_id="checkJourney", tags=["journeys"])
def check(request: Request, journey: Slug) -> dict[str, Any]:
    """Every check of the draft."""
    return {"problems": studio(request).check(journey, language(request))}


@router.post(
    "/journeys/{journey}/publish", operation_id="publishJourney", tags=["journeys"], dependencies=owner
)
def publish(request: Request, journey: Slug) -> dict[str, Any]:
    """The draft becomes a new version."""
    return studio(request).publish(journey)


def _lifecycle(verb: str) -> Any:
    def change(request: Request, journey: Slug) -> dict[str, Any]:
        return studio(request).lifecycle(journey, verb)

    return change


for _verb in ("pause", "resume", "stop", "archive"):
    router.add_api_route(
        f"/journeys/{{journey}}/{_verb}", _lifecycle(_verb), methods=["POST"], operation_id=f"{_verb}Journey",
        tags=["journeys"], dependencies=owner, response_model=dict[str, Any],
    )  # fmt: skip


@router.get("/journeys/{journey}/counts", operation_id="countJourney", tags=["journeys"])
def counts(
    request: Request,
    journey: Slug,
    clock: Literal["event", "entry"] = "event",
    window: Literal["24h", "7d", "all"] = "all",
) -> dict[str, Any]:
    """Visits of every node: entered = waiting + held + left."""
    return studio(request).counts(journey, clock, window)


@router.get("/journeys/{journey}/enrollments", operation_id="listEnrollments", tags=["journeys"])
def enrollments(
    request: Request,
    journey: Slug,
    node: str = "",
    state: Annotated[str, Query(pattern="^(waiting|held|left|completed|exited|live)?$")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Who is here, and until when."""
    found = paged(request, cursor, lambda at: studio(request).enrollments(journey, node, state, limit, at))
    return found


@router.get("/enrollments/{enrollment}", operation_id="readEnrollment", tags=["journeys"])
def enrollment(request: Request, enrollment: str) -> dict[str, Any]:
    """One run, with every line of its ledger."""
    return studio(request).enrollment(enrollment)


@router.post(
    "/enrollments/{enrollment}/exit", operation_id="exitEnrollment", tags=["journeys"], dependencies=owner
)
def exit_enrollment(request: Request, enrollment: str, why: Reason) -> dict[str, Any]:
    """Take somebody out of a run."""
    return studio(request).exit_enrollment(enrollment, why.reason)


class Question(BaseModel):
    """A question of contract §5."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"kind": "trend", "series": [{"event": "Order Paid"}], "last": "30d"}]
        },
    )
    kind: str


@router.post("/ask", operation_id="ask", tags=["questions"])
def ask(request: Request, question: Question) -> dict[str, Any]:
    """Ask; the answer names its clock, its unit and how fresh it is."""
    return studio(request).ask(question.model_dump())


@router.get("/ask/{answer}/members", operation_id="askMembers", tags=["questions"])
def members(request: Request, answer: str, cell: str) -> dict[str, Any]:
    """The people behind a cell of an answer."""
    if not cell:
        raise Malformed("WF8109", "cell")
    return studio(request).members(answer, cell)
