"""The reader of small documents: a mapping read key by key, every fault kept with its place and its code."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from wayfare.ground import rule as rules
from wayfare.ground.errors import Malformed, NotBuilt, WayfareError
from wayfare.ground.time import Duration, parse_duration

Place: TypeAlias = tuple[str | int, ...]


class Fault(NamedTuple):
    """One thing that is wrong: a stable code, the path of keys and list places to it, the values of its words."""

    code: str
    place: Place
    values: dict[str, object]

    def error(self, name: str) -> WayfareError:
        """The fault as an error of the document called `name`."""
        kind = NotBuilt if self.code == "WF0001" else Malformed
        return kind(self.code, f"{name}: {path(self.place)}" if self.place else name, **self.values)


def path(place: Place) -> str:
    """A place as people write it: `quiet[0].from`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


class Reader:
    """Reads one mapping; what cannot be read becomes a fault in `faults` and the default is handed on."""

    def __init__(self, raw: object, place: Place = (), faults: list[Fault] | None = None) -> None:
        self.place = place
        self.faults: list[Fault] = [] if faults is None else faults
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        if not isinstance(raw, Mapping):
            self.fault("WF4003", value=raw, expected="mapping")

    def fault(self, code: str, *steps: str | int, **values: object) -> None:
        """Keep a fault at a place below this mapping; long values are cut."""
        short: dict[str, object] = {name: _short(value) for name, value in values.items()}
        self.faults.append(Fault(code, self.place + steps, short))

    def known(self, keys: Collection[str]) -> None:
        """Every key that is not one of these is a fault, with the nearest one that is."""
        for key in self.raw:
            if key not in keys:
                close = difflib.get_close_matches(str(key), sorted(keys), 1, 0.4)
                nearest = close[0] if close else ", ".join(sorted(keys))
                self.fault("WF4001", str(key), name=str(key), nearest=nearest)

    def later(self, key: str, part: str) -> None:
        """A key of the contract that is not built yet: said so, never ignored."""
        if self.raw.get(key) is not None:
            self.fault("WF0001", key, part=part)

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        value = self.raw.get(key)
        if value is None:
            return default
        if isinstance(value, str) and value:
            return value
        self.fault("WF4003", key, value=value, expected="text")
        return default

    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """One of a few words."""
        value = self.raw.get(key, default)
        if isinstance(value, str) and value in choices:
            return value
        if value != default:
            self.fault("WF4004", key, value=value, known=", ".join(choices))
        return default

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self.raw.get(key, default)
        if isinstance(value, bool):
            return value
        self.fault("WF4003", key, value=value, expected="true | false")
        return default

    def count(self, key: str) -> int:
        """A required whole number, 0 or more."""
        value = self.raw.get(key)
        if value is None:
            self.fault("WF4002", key, name=key)
        elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        else:
            self.fault("WF4003", key, value=value, expected="0, 1, 2 …")
        return 0

    def duration(self, key: str, default: Duration = 0) -> Duration:
        """A duration greater than nothing, in milliseconds."""
        value = self.raw.get(key)
        if value is None:
            return default
        try:
            length = parse_duration(value) if isinstance(value, str) else 0
        except Malformed:
            length = 0
        if length <= 0:
            self.fault("WF0101", key, text=value)
            return default
        return length

    def rule(self, key: str) -> Callable[[rules.Scope], object] | None:
        """A CEL text about the person (`profile`, `now`), compiled; None where there is none that can be used.

        What it could never know here is a fault: a condition that is silently never true would let messages through.
        """
        text = self.text(key)
        if not text:
            return None
        try:
            parsed = rules.parse(text)
            compiled = rules.compile_rule(parsed)
        except (Malformed, NotBuilt) as bad:
            self.faults.append(Fault(bad.code, (*self.place, key), {**bad.values}))
            return None
        for root in sorted({path.root for path in rules.reads(parsed).paths} - {"profile", "now"}):
            self.fault("WF4008", key, name=root)
        return compiled

    def items(self, key: str) -> Iterator[Reader]:
        """A reader for every mapping of a list."""
        value = self.raw.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.fault("WF4003", key, value=value, expected="list")
            return
        for index, item in enumerate(value):
            yield Reader(item, (*self.place, key, index), self.faults)

    def below(self, key: str) -> Reader:
        """A reader for the mapping under a key; an absent one reads as empty."""
        value = self.raw.get(key)
        return Reader({} if value is None else value, (*self.place, key), self.faults)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
