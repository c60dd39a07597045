"""The studio's doors to people, their messages and tasks, and what could not be read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from wayfare.api.auth import SCHEMES, reads
from wayfare.api.paging import Cursor, Limit, paged
from wayfare.api.studio import owner, studio
from wayfare.ground.errors import NotBuilt

router = APIRouter(prefix="/api", dependencies=[*SCHEMES, Depends(reads)])
Person = Annotated[str, Field(max_length=500)]


class ConsentChange(BaseModel):
    """One purpose on one channel, or on all of them where none is named."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"purpose": "marketing", "channel": "email", "state": "withdrawn"}]},
    )
    purpose: Annotated[str, Field(min_length=1, max_length=100)]
    channel: Annotated[str, Field(max_length=100)] = ""
    state: Literal["granted", "denied", "withdrawn"]
    basis: str | None = None
    text: str | None = None


class Outcome(BaseModel):
    """How a task went, and what came of it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"outcome": "reached"}]})
    outcome: Annotated[str, Field(min_length=1, max_length=100)]
    properties: dict[str, Any] = {}


@router.get("/profiles", operation_id="listProfiles", tags=["people"])
def profiles(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    where: Annotated[str, Query(max_length=4000)] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """People, found by a part of an identifier or name."""
    if where:
        raise NotBuilt("WF0001", "where", part="`GET /api/profiles?where=`")
    return paged(request, cursor, lambda at: studio(request).people(q, limit, at))


@router.get("/profiles/{person}", operation_id="readProfile", tags=["people"])
def profile(request: Request, person: Person) -> dict[str, Any]:
    """One person: profile id, namespace:value, userId or anonymousId."""
    return studio(request).profile(person)


@router.get("/profiles/{person}/identities", operation_id="listIdentities", tags=["people"])
def identities(request: Request, person: Person) -> dict[str, Any]:
    """Every identifier of a person, the oldest first."""
    found = studio(request).profile(person)
    return {"items": found["identifiers"], "merged": found["merged"], "next_cursor": None}


@router.get("/profiles/{person}/timeline", operation_id="readTimeline", tags=["people"])
def timeline(request: Request, person: Person, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """What happened with a person, the newest first."""
    return paged(request, cursor, lambda at: studio(request).timeline(person, limit, at))


@router.get("/profiles/{person}/explain", operation_id="explain", tags=["people"])
def explain(
    request: Request, person: Person, journey: str | None = None, as_of: str | None = None
) -> dict[str, Any]:
    """Why, or why not: every decision with its inputs, every gate of a no."""
    return studio(request).explain(person, journey, as_of)


@router.put("/profiles/{person}/consent", operation_id="writeConsent", tags=["people"], dependencies=owner)
def consent(request: Request, person: Person, change: ConsentChange) -> dict[str, Any]:
    """Change consent; answers only after the live store has it."""
    return studio(request).consent(person, change.model_dump(exclude_none=True))


@router.get("/messages", operation_id="listMessages", tags=["work"])
def messages(
    request: Request,
    state: str = "",
    journey: str = "",
    profile: str = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Messages with their verdicts, the newest first."""
    wanted = {"state": state, "journey": journey, "profile": profile}
    return paged(request, cursor, lambda at: studio(request).messages(wanted, limit, at))


@router.get("/tasks", operation_id="listTasks", tags=["work"])
def tasks(request: Request, state: str = "", limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Work for people, the newest first."""
    return paged(request, cursor, lambda at: studio(request).tasks(state, limit, at))


@router.post("/tasks/{task}/done", operation_id="finishTask", tags=["work"], dependencies=owner)
def task_done(request: Request, task: str, result: Outcome) -> dict[str, Any]:
    """A task is done: the journey goes on by its outcome."""
    return studio(request).task_done(task, result.outcome, result.properties)


@router.get("/quarantine", operation_id="listQuarantine", tags=["work"])
def quarantine(request: Request, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """What could not be read as an event: why, where, and its bytes."""
    return paged(request, cursor, lambda at: studio(request).quarantine(limit, at))
