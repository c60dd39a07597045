"""The ground: time, chance, conditions, words and errors; it knows nothing above it."""
