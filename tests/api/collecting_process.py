"""Serves the collecting doors over a real log in a process of its own: `python -m tests.api.collecting_process DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.api import collecting
from tests.clients.serving import served

if __name__ == "__main__":
    log = collecting.opened(Path(sys.argv[1]))
    with served(collecting.app(log)) as host:
        print(host, flush=True)
        sys.stdin.read()
    log.close()
