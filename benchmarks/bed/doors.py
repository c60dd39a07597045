"""The doors alone: the product's collecting routes and its log behind uvicorn, without engine (FOLDER PORT)."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from wayfare.api import collect
from wayfare.stores.log import Log


def now() -> int:
    """The wall clock."""
    return int(time.time() * 1000)


def main() -> None:
    """Serve until SIGTERM."""
    log = Log.open(Path(sys.argv[1]), now)
    doors = collect.Collect(log, {"key": collect.Source("bench")}.get, now)
    health = Route("/healthz", lambda _: PlainTextResponse("ok"))
    app = Starlette(routes=[*collect.routes(doors), health])
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False, server_header=False)
    log.close()


if __name__ == "__main__":
    main()
