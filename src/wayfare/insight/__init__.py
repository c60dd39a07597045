"""The insight room: what happened, in aggregate."""
