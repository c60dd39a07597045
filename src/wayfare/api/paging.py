"""Paging: how many rows at once, and an opaque signed cursor to the next ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query, Request

from wayfare.engine.keys import Keys
from wayfare.engine.verbs import Page

Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[str | None, Query(max_length=2000)]


def paged(request: Request, cursor: str | None, ask: Callable[[str | None], Page]) -> dict[str, Any]:
    """A page as {"items", "next_cursor"}; Misused WF8106 when the cursor is not one of ours for this address."""
    keys: Keys = request.app.state.keys
    found = ask(keys.unsign(cursor, request.url.path) if cursor else None)
    further = None if found.next_cursor is None else keys.sign(found.next_cursor, request.url.path)
    return {"items": found.items, "next_cursor": further}
