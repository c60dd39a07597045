"""Regular expressions in linear time: RE2, the engine that CEL and DuckDB use too, so no pattern can run away."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import re2  # type: ignore[import-untyped]

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20  # bytes of automaton for one pattern; a larger pattern is refused when it is read


@lru_cache(maxsize=1024)
def searcher(pattern: str) -> Callable[[str], bool] | None:
    """Whether the pattern is found anywhere in a text, as a function; None when it is no RE2 pattern."""
    try:
        search = re2.compile(pattern, _OPTIONS).search
    except (re2.error, UnicodeEncodeError):
        return None
    return lambda text: search(text) is not None
