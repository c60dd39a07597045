"""The refusal: what the operating system's no to a file says to people, and how to mend it."""

from __future__ import annotations

from wayfare.ground.errors import Refused
from wayfare.ground.words import say

_FULL, _LONG = (28, 122), (36,)  # the numbers of: no space, no quota; a name that is too long


def refusal(cause: OSError, where: str = "") -> Refused:
    """The system's error as one of ours, about the file that it names or `where`."""
    place = where or (str(cause.filename) if isinstance(cause.filename, str) else "")
    return Refused(_code(cause), place, detail=cause.strerror or type(cause).__name__)


def told(cause: OSError) -> dict[str, str]:
    """What it says, as a text in both languages."""
    error = refusal(cause)
    return {"en": error.what("en"), "zh": error.what("zh")}


def _code(cause: OSError) -> str:
    match cause:
        case PermissionError():
            return "WF6930"
        case FileNotFoundError():
            return "WF6931"
        case IsADirectoryError():
            return "WF6932"
        case NotADirectoryError() | FileExistsError():
            return "WF6933"
        case _ if cause.errno in _FULL:
            return "WF6934"
        case _ if cause.errno in _LONG:
            return "WF6935"
        case _:
            return "WF6936"


def detail(key: str, **values: object) -> dict[str, str]:
    """A text of the catalogue in both languages, to fill a place in another."""
    return {"en": say(key, "en", **values), "zh": say(key, "zh", **values)}
