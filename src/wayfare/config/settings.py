"""The settings: wayfare.toml as frozen values, every key with a default that works on a laptop."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wayfare.ground.errors import Malformed, NotBuilt, WayfareError
from wayfare.ground.time import HOUR, Duration, known_zone, parse_duration

FILE = "wayfare.toml"
KEYS: dict[str, tuple[str, ...]] = {
    "workspace": ("id", "name", "salt", "tz", "locale"),
    "engine": ("clock", "trigger_bound"),
    "consent": ("default",),
    "holdout": ("global",),
    "terms": ("profile",),
    "retention": (),
}
STATES = ("granted", "denied")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_CLOCK = re.compile(r"wall|log|x([1-9]\d{0,5})")


@dataclass(frozen=True, slots=True)
class Settings:
    """`trigger_bound` is milliseconds, None when off; `holdout` is a share from 0 to 1."""

    id: str
    salt: str
    name: str = ""
    tz: str = "UTC"
    locale: str = "en"
    clock: str = "wall"
    trigger_bound: Duration | None = HOUR
    consent_default: Mapping[str, str] = field(default_factory=dict)
    holdout: float = 0.0
    terms: Mapping[str, Any] = field(default_factory=dict)


def read_settings(text: str, folder: str) -> tuple[Settings, tuple[tuple[WayfareError, int], ...]]:
    """The settings of a wayfare.toml and the problems in it, each with its line.

    Raises Malformed WF6901 when it is no TOML, WF6902 at an unknown key, WF6903 at a value that cannot be.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        found = _PLACE.search(str(cause))
        where = f"{FILE}:{found.group(1)}:{found.group(2)}" if found else FILE
        raise Malformed("WF6901", where, detail=_PLACE.sub("", str(cause)).strip()) from cause
    for section, body in raw.items():
        _known(text, section, KEYS, "")
        if not isinstance(body, dict):
            raise Malformed("WF6903", _where(text, section), key=section, value=body, want=f"[{section}]")
        if section != "retention":
            for key in body:
                _known(text, key, KEYS[section], section)
    problems: list[tuple[WayfareError, int]] = []
    if "retention" in raw:
        line = _line(text, "retention")
        problems.append((NotBuilt("WF0001", f"{FILE}:{line}", part="[retention]"), line))
    settings = _settings(raw, text, folder)
    if not settings.salt:
        line = _line(text, "salt" if "salt" in raw.get("workspace", {}) else "workspace")
        problems.append((Malformed("WF6929", f"{FILE}:{line}"), line))
    return settings, tuple(problems)


def _settings(raw: dict[str, Any], text: str, folder: str) -> Settings:
    workspace, engine = raw.get("workspace", {}), raw.get("engine", {})

    def take(section: dict[str, Any], key: str, default: str, good: Any, want: str) -> str:
        value = section.get(key, default)
        if not isinstance(value, str) or not good(value):
            raise Malformed("WF6903", _where(text, key), key=key, value=value, want=want)
        return value

    salt = take(workspace, "salt", "", lambda _: True, "text")
    return Settings(
        id=take(workspace, "id", slug(folder), _ID.fullmatch, "my-shop"),
        salt=salt,
        name=take(workspace, "name", "", lambda _: True, "text") or workspace.get("id", folder),
        tz=take(workspace, "tz", "UTC", known_zone, "Asia/Shanghai"),
        locale=take(workspace, "locale", "en", _LOCALE.fullmatch, "zh-CN, en"),
        clock=take(engine, "clock", "wall", _CLOCK.fullmatch, "wall, x60, log"),
        trigger_bound=_bound(engine.get("trigger_bound", "1h"), text),
        consent_default=_consent(raw.get("consent", {}).get("default", {}), text),
        holdout=_share(raw.get("holdout", {}).get("global", "0%"), text),
        terms=_terms(raw.get("terms", {}), text),
    )


def slug(folder: str) -> str:
    """A workspace id made of a folder's name."""
    return re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")[:64] or "workspace"


def _bound(value: object, text: str) -> Duration | None:
    if value == "off":
        return None
    if isinstance(value, str):
        try:
            bound = parse_duration(value)
        except Malformed as cause:
            raise Malformed(
                "WF6903", _where(text, "trigger_bound"), key="trigger_bound", value=value, want="1h, off"
            ) from cause
        if bound >= 0:
            return bound
    raise Malformed("WF6903", _where(text, "trigger_bound"), key="trigger_bound", value=value, want="1h, off")


def _consent(value: object, text: str) -> dict[str, str]:
    if not isinstance(value, dict):
        want = "[consent.default]"
        raise Malformed("WF6903", _where(text, "default"), key="consent.default", value=value, want=want)
    for name, state in value.items():
        if state not in STATES:
            key = f"consent.default.{name}"
            raise Malformed("WF6903", _where(text, name), key=key, value=state, want=", ".join(STATES))
    return dict(value)


def _terms(value: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Each term is a text, or one in both languages."""
    for name, term in value.items():
        both = isinstance(term, dict) and term.keys() == {"en", "zh"}
        if not all(isinstance(one, str) and one for one in (term.values() if both else [term])):
            want = 'profile = "member", {en = "member", zh = "…"}'
            raise Malformed("WF6903", _where(text, name), key=f"terms.{name}", value=term, want=want)
    return dict(value)


def _share(value: object, text: str) -> float:
    found = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if found and float(found.group(1)) <= 100:
        return float(found.group(1)) / 100
    raise Malformed("WF6903", _where(text, "global"), key="holdout.global", value=value, want="5%")


def _known(text: str, key: str, known: Any, section: str) -> None:
    if key not in known:
        raise Malformed(
            "WF6902",
            _where(text, key),
            key=f"{section}.{key}" if section else key,
            nearest=nearest(key, known),
        )


def nearest(word: str, known: Any) -> str:
    """The known word that is most like this one; all of them when none is."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return close[0] if close else ", ".join(known)


def _line(text: str, key: str) -> int:
    pattern = re.compile(rf"^\s*(?:\[+\s*(?:[\w.-]+\.)?)?[\"']?{re.escape(key)}[\"']?\s*(?:=|\]|\.)")
    return next((at for at, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def _where(text: str, key: str) -> str:
    return f"{FILE}:{_line(text, key)}"
