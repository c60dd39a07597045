"""The facts room: what happened, as it was told to us."""
