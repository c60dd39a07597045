"""Words of the command line and the HTTP doors (WF8xxx)."""

WORDS: dict[str, tuple[str, str]] = {}
