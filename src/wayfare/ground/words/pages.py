"""Words on the pages of the studio."""

WORDS: dict[str, tuple[str, str]] = {}
