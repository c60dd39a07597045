"""The starter: a new workspace that validates, tests and serves as it is."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path

from wayfare.config.document import write
from wayfare.config.settings import FILE, nearest, slug
from wayfare.ground.errors import Malformed, Misused, Refused
from wayfare.ground.refusal import told
from wayfare.ground.time import known_zone

STARTERS = Path(__file__).parent / "starters"
_TOML = """\
[workspace]
id = {id}
name = {name}
salt = {salt}   # every id is made with it: keep it, and keep it secret
tz = {tz}
locale = {locale}

[engine]
clock = "wall"          # "wall" | "x60" (sixty times as fast, for demos) | "log" (time is that of the events)
trigger_bound = "1h"    # an older event starts nothing; "off" lets it

[consent.default]       # per channel or purpose; absent means denied for marketing
# email = "denied"

[holdout]
global = "0%"
"""


def create(folder: Path, template: str = "welcome", locale: str = "en", tz: str = "UTC") -> Path:
    """Write a new workspace into a folder and return it; WF6909 when there is one, WF6910 for an unknown template.

    Files of the same names that are there already are never overwritten.
    """
    source = STARTERS / template
    if "/" in template or not source.is_dir():
        known = sorted(path.name for path in STARTERS.iterdir() if path.is_dir())
        raise Misused("WF6910", template, nearest=nearest(template, known))
    try:
        if (folder / FILE).exists():
            raise Refused("WF6909", str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.rglob("*")):
            target = folder / path.relative_to(source)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            elif path.name == "gitignore":
                _place(path, folder / ".gitignore")
            else:
                _place(path, target)
        (folder / "channels").mkdir(exist_ok=True)
        data = folder / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        called = folder.resolve().name
        words = {
            "id": slug(called),
            "name": called,
            "salt": secrets.token_hex(32),
            "tz": tz,
            "locale": locale,
        }
        text = _TOML.format(**{key: json.dumps(value, ensure_ascii=False) for key, value in words.items()})
        write(folder / FILE, text.encode())
    except OSError as cause:
        raise Malformed("WF6911", str(folder), detail=told(cause)) from cause
    return folder.resolve()


def local_zone() -> str:
    """The zone of this machine where it can be told, else UTC."""
    try:
        link = Path("/etc/localtime").resolve().as_posix()
        name = Path("/etc/timezone").read_text().strip() if Path("/etc/timezone").is_file() else ""
    except OSError:
        return "UTC"
    for candidate in (link.partition("zoneinfo/")[2], name):
        if known_zone(candidate):
            return candidate
    return "UTC"


def _place(source: Path, target: Path) -> None:
    if not target.exists():
        shutil.copyfile(source, target)
