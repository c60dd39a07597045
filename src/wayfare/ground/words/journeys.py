"""Words about journeys, their checks and their explanations (WF1xxx)."""

WORDS: dict[str, tuple[str, str]] = {}
