"""The problem: one thing that a check found, with a stable code and its place in the document."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from wayfare.ground.errors import Lang
from wayfare.ground.words import say

Place: TypeAlias = tuple[str | int, ...]
Severity: TypeAlias = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True):
    """A finding; `place` is the path of keys and list places from the top of the document."""

    code: str
    severity: Severity
    place: Place
    values: dict[str, Any] = {}

    def text(self, lang: Lang) -> str:
        """What is wrong and how to mend it, one line."""
        return f"{say(self.code + '.what', lang, **self.values)} · {say(self.code + '.mend', lang, **self.values)}"
