"""The demo room: the guests of a restaurant chain and what they do, the same for the same seed."""
