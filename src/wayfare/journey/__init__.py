"""The journey room: a path of nodes, and the one step that walks it."""
