"""The demo room: a restaurant chain to try everything on."""

from wayfare.demo.run import demo as run

__all__ = ["run"]
