"""Customer journey orchestration on one deterministic step and one complete ledger."""
