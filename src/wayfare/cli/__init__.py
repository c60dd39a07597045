"""The `wayfare` command: words in, one answer out, and an exit code that says yes, no or wrong usage."""

from __future__ import annotations

import difflib
import sys
from typing import Any

from wayfare.cli.session import Session
from wayfare.config.workspace import language
from wayfare.ground.errors import Broken, Lang, Misused, Refused, WayfareError

_GLOBAL_VALUES = ("--workspace", "--lang")
_GLOBAL_FLAGS = ("--json",)


def main() -> None:
    """The entry point: run the words of the command line and end with their exit code."""
    sys.exit(run(sys.argv[1:]))


def run(words: list[str]) -> int:
    """Run one command; returns 0 fine, 1 the answer is no, 2 wrong usage. Never raises for what a user can do."""
    hoisted = hoist(words)
    session = Session.of(hoisted, language())
    try:
        from wayfare.cli.tree import build

        found = build(session.lang).main(hoisted, prog_name="wayfare", standalone_mode=False, obj=session)
        return found if isinstance(found, int) else 0
    except WayfareError as error:
        return session.fail(error)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        return session.fail(_explained(error, session.lang))
    except KeyboardInterrupt:
        return session.fail(Refused("WF8008"))


def hoist(words: list[str]) -> list[str]:
    """The same words with the global options first, so that they may stand anywhere before a `--`."""
    front: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            rest += words[at:]
            break
        if word in _GLOBAL_FLAGS or word.startswith(tuple(f"{name}=" for name in _GLOBAL_VALUES)):
            front.append(word)
        elif word in _GLOBAL_VALUES and at + 1 < len(words):
            front += words[at : at + 2]
            at += 1
        else:
            rest.append(word)
        at += 1
    return front + rest


def _explained(error: Exception, lang: Lang) -> WayfareError:
    """Our own error for one of the command line's parser, or for a defect."""
    kind = type(error).__name__
    context: Any = getattr(error, "ctx", None)
    if not hasattr(error, "format_message"):
        if kind == "Abort":
            return Refused("WF8008")
        return Broken("WF8007", detail=f"{kind}: {error}")
    path = str(context.command_path).partition(" ")[2] if context is not None else ""
    command = f"{path} " if path else ""
    parameter: Any = getattr(error, "param", None)
    hint = getattr(error, "param_hint", None)
    name = str(getattr(error, "option_name", "") or hint or (parameter and parameter.opts[-1]) or "")
    if kind == "NoSuchOption":
        known = [option for item in context.command.params for option in item.opts if option.startswith("--")]
        near = difflib.get_close_matches(name, [*known, "--workspace", "--json", "--lang", "--help"], 3, 0.5)
        return Misused("WF8003", path, name=name, nearest=", ".join(near) or "--help")
    if kind == "MissingParameter":
        return Misused("WF8004", path, name=name, command=command)
    if kind in ("BadParameter", "BadOptionUsage"):
        return Misused("WF8005", path, name=name, command=command, detail=getattr(error, "message", ""))
    message = str(getattr(error, "message", error))
    unknown = message.partition("No such command '")[2].partition("'")[0]
    if unknown:
        commands = list(context.command.commands)
        near = difflib.get_close_matches(unknown, commands, 3, 0.5)
        return Misused("WF8002", unknown, name=unknown, nearest=", ".join(near or sorted(commands)))
    return Misused("WF8001", path, detail=message, command=command)
