"""Reading JSON strictly: every key is known, every value has its shape, and an error names the nearest match."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, TypeVar

from wayfare.ground import rule
from wayfare.ground.errors import Malformed, WayfareError
from wayfare.ground.rule.form import from_tree
from wayfare.ground.time import Duration, Instant, known_zone, parse_duration, parse_instant

Word = TypeVar("Word", bound=str)

_REQUIRED = object()


class Reader:
    """One JSON object at a place of the question; asks for keys and refuses the ones that nobody knows."""

    def __init__(self, document: object, place: str) -> None:
        if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
            raise Malformed("WF5001", place)
        self.document: dict[str, Any] = document
        self.place = place

    def allow(self, *keys: str) -> None:
        """Refuse every other key (WF5002), naming the nearest one that exists."""
        for key in self.document:
            if key not in keys:
                raise Malformed("WF5002", f"{self.place}.{key}", key=key, nearest=nearest(key, keys))

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self.document.get(key) is not None

    def take(self, key: str, default: Any = _REQUIRED) -> Any:
        """The raw value; WF5004 when it is missing and there is no default."""
        value = self.document.get(key)
        if value is not None:
            return value
        if default is _REQUIRED:
            raise Malformed("WF5004", self.place, key=key)
        return default

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self.take(key)
        if not isinstance(value, str) or not value:
            raise Malformed("WF5005", f"{self.place}.{key}", expected='"…"')
        return value

    def choice(self, key: str, words: tuple[Word, ...], default: Word | None = None) -> Word:
        """One of some words; WF5003 names the nearest."""
        value = self.take(key) if default is None else self.take(key, default)
        for word in words:
            if value == word:
                return word
        if default is not None and value == default:
            return default
        raise Malformed("WF5003", f"{self.place}.{key}", text=value, nearest=nearest(str(value), words))

    def duration(self, key: str) -> Duration | None:
        """A duration above nothing, or None when absent."""
        value = self.take(key, None)
        if value is None:
            return None
        if not isinstance(value, str):
            raise Malformed("WF5005", f"{self.place}.{key}", expected='"7d"')
        with _at(f"{self.place}.{key}"):
            duration = parse_duration(value)
        if duration < 0:
            raise Malformed("WF5005", f"{self.place}.{key}", expected='"7d"')
        return duration

    def instant(self, key: str, tz: str) -> Instant | None:
        """An instant, or None when absent."""
        value = self.take(key, None)
        if value is None:
            return None
        if not isinstance(value, str):
            raise Malformed("WF5005", f"{self.place}.{key}", expected='"2026-03-01T00:00:00+08:00"')
        with _at(f"{self.place}.{key}"):
            return parse_instant(value, tz)

    def zone(self, key: str, default: str) -> str:
        """An IANA zone."""
        value = self.take(key, default)
        if not known_zone(value):
            raise Malformed("WF0103", f"{self.place}.{key}", text=value)
        return str(value)

    def items(self, key: str, names: bool = False) -> Iterator[Reader]:
        """The objects of a list (empty when absent); with `names` a bare text stands for `{"event": text}`."""
        value = self.take(key, [])
        if not isinstance(value, list):
            raise Malformed("WF5005", f"{self.place}.{key}", expected="[…]")
        for index, item in enumerate(value):
            place = f"{self.place}.{key}[{index}]"
            yield Reader({"event": item} if names and isinstance(item, str) else item, place)


class _at:
    """Errors raised inside are told with this place."""

    def __init__(self, place: str) -> None:
        self.place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, WayfareError):
            error.where = f"{self.place} {error.where}".strip()


def nearest(word: str, words: tuple[str, ...]) -> str:
    """The most similar of some words, or all of them when none is similar."""
    found = get_close_matches(word, words, 1, 0.5)
    return found[0] if found else ", ".join(words)


def condition(value: object, place: str) -> rule.Rule:
    """The rule of a CEL text or of a stored rule tree."""
    with _at(place):
        return from_tree(value)


def path_of(text: str, place: str, bare: bool = False) -> rule.Path:
    """The path `event.properties.X`, `profile.traits.X`, `event.channel` …; `bare`: any other text is a property."""
    if bare and not text.startswith(("event.", "profile.", "event[", "profile[")):
        return rule.Path("event", ("properties", text))
    with _at(place):
        path = rule.parse(text)
    if not isinstance(path, rule.Path) or path.root not in ("event", "profile") or not path.keys:
        raise Malformed("WF5014", place, text=text)
    return path
