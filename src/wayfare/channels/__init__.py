"""The channels room: the ways to reach a person."""
