"""One tree of errors: each says what, where and how to mend it, in English and Chinese, by a stable WF code."""

from __future__ import annotations

from typing import Literal, TypeAlias

from wayfare.ground.words import say

Lang: TypeAlias = Literal["en", "zh"]


class WayfareError(Exception):
    """The root. `code` is stable, `where` names the place, `values` fill the words `CODE.what` and `CODE.mend`."""

    status = 500  # the HTTP status that this kind of error is told with
    exit_code = 1

    def __init__(self, code: str, where: str = "", **values: object) -> None:
        super().__init__(code, where, values)
        self.code = code
        self.where = where
        self.values = values

    def what(self, lang: Lang = "en") -> str:
        """What went wrong, one sentence."""
        return say(f"{self.code}.what", lang, **self.values)

    def mend(self, lang: Lang = "en") -> str:
        """How to mend it, one sentence."""
        return say(f"{self.code}.mend", lang, **self.values)

    def text(self, lang: Lang = "en") -> str:
        """`WF1234 what · where · how to mend` on one line."""
        parts = [f"{self.code} {self.what(lang)}", self.where, self.mend(lang)]
        return " · ".join(part for part in parts if part)

    def __str__(self) -> str:
        return self.text("en")


class Malformed(WayfareError):
    """The input cannot be read as what it should be."""

    status = 400


class Misused(WayfareError):
    """The command or call itself is wrong: an unknown option, a missing argument."""

    status = 400
    exit_code = 2


class Missing(WayfareError):
    """The thing asked for is not there."""

    status = 404


class Denied(WayfareError):
    """The caller is not known or may not do this."""

    status = 401


class Refused(WayfareError):
    """The input can be read, but the rules say no."""

    status = 409


class Stale(WayfareError):
    """The thing was changed by somebody else meanwhile."""

    status = 412


class TooLarge(WayfareError):
    """More bytes, rows or memory than allowed."""

    status = 413


class NotBuilt(WayfareError):
    """A part of the contract that is not built yet says so (WF0001), never guesses."""

    status = 501


class Unavailable(WayfareError):
    """It cannot be done now; the same call may go through later."""

    status = 503


class Broken(WayfareError):
    """A promise of our own does not hold: a defect, told loudly."""
