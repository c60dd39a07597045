"""Words about events, consent and quarantine (WF2xxx)."""

WORDS: dict[str, tuple[str, str]] = {}
