"""Words about importing files (WF7xxx)."""

WORDS: dict[str, tuple[str, str]] = {}
