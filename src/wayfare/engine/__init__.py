"""The engine room: time passes and work moves."""
