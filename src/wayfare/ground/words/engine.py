"""Words about the engine, its stores and its ledger (WF6xxx)."""

WORDS: dict[str, tuple[str, str]] = {}
