"""Words about contact policy, messages, templates and channels (WF4xxx)."""

WORDS: dict[str, tuple[str, str]] = {}
