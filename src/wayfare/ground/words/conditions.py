"""Words about conditions and rules (WF13xx)."""

WORDS: dict[str, tuple[str, str]] = {}
