"""Words about questions and answers (WF5xxx)."""

WORDS: dict[str, tuple[str, str]] = {}
