"""The studio's doors over a shop in which four people lived a day."""

from __future__ import annotations

from typing import Any, NamedTuple

from starlette.testclient import TestClient

from tests.cli.shop import event, person
from wayfare.app.workspace import Workspace


class Doors(NamedTuple):
    """A client of the real app, the workspace behind it, and the three kinds of keys."""

    client: TestClient
    workspace: Workspace
    owner: str
    viewer: str
    write: str

    def ask(self, method: str, path: str, *, key: str | None = None, **settings: Any) -> Any:
        """The response to a request with the owner's key, or another one."""
        headers = {"authorization": f"Bearer {key or self.owner}", **settings.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **settings)

    def json(self, path: str, **settings: Any) -> Any:
        """The JSON of a GET that must go well."""
        response = self.ask("GET", path, **settings)
        assert response.status_code == 200, response.text
        return response.json()


def lived(workspace: Workspace) -> None:
    """Ann bought, Ben was mailed, Cat had not consented, Dan came in quiet hours."""
    workspace.publish("rescue")
    calls: list[dict[str, Any]] = []
    for user, consent in (("ann", "granted"), ("ben", "granted"), ("cat", "denied"), ("dan", "granted")):
        calls += person(user, consent=consent, email=f"{user}@example.com", first_name=user.title())
    for user, at in (("ann", "10:00:00"), ("ben", "10:00:00"), ("cat", "10:00:00"), ("dan", "20:30:00")):
        calls.append(event(user, "Cart Filled", at, price=200))
        if user == "cat":
            calls.append(event("ann", "Order Completed", "10:30:00"))
    calls.append(event("zoe", "Page Seen", "22:00:00"))
    workspace.ingest(calls)
