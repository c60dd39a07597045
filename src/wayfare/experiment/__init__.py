"""The experiment room: what do we learn, by arms and holdouts."""
