"""Fixtures of the doors: the real app over a real workspace, with the shop's day lived in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api.studio import Doors, lived
from tests.cli.shop import shop
from wayfare.app.serve import application
from wayfare.app.workspace import open_workspace


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Doors]:
    with open_workspace(shop(tmp_path / "shop")) as workspace:
        lived(workspace)
        api = workspace.keys.create("api", 0, "owner")
        viewer = workspace.keys.create("api", 0, "viewer")
        write = workspace.keys.create("write", 0)
        with TestClient(application(workspace), raise_server_exceptions=False) as client:
            yield Doors(client, workspace, str(api.key), str(viewer.key), str(write.key))
