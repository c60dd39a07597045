"""The configuration: one frozen Config; the only reader of environment and files."""

from wayfare.config.document import Document
from wayfare.config.workspace import Config, Flaw, find, language, load

__all__ = ["Config", "Document", "Flaw", "find", "language", "load"]
