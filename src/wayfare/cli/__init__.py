"""The `wayfare` command: words in, one answer out, and an exit code that says yes, no or wrong usage."""

from __future__ import annotations

import difflib
import re
import sys
import threading
from typing import Any

from wayfare.cli.session import Session
from wayfare.config.workspace import language
from wayfare.ground.errors import Broken, Misused, Refused, WayfareError
from wayfare.ground.refusal import detail, refusal

_GLOBAL_VALUES = ("--workspace", "--lang")
_GLOBAL_FLAGS = ("--json",)


def main() -> None:
    """The entry point: run the words of the command line and end with their exit code."""
    threading.excepthook = _told
    sys.exit(run(sys.argv[1:]))


def run(words: list[str]) -> int:
    """Run one command; returns 0 fine, 1 the answer is no, 2 wrong usage. Never raises for what a user can do."""
    session = Session.of(words, language())
    try:
        hoisted = hoist(words)
        from wayfare.cli.tree import build

        found = build(session.lang).main(hoisted, prog_name="wayfare", standalone_mode=False, obj=session)
        return found if isinstance(found, int) else 0
    except WayfareError as error:
        return session.fail(error)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        return session.fail(_explained(error))
    except KeyboardInterrupt:
        return session.fail(Refused("WF8008"))


def _told(failed: threading.ExceptHookArgs) -> None:
    """A thread that ends by an error says it in one line, as a command does."""
    error = failed.exc_value
    if isinstance(error, WayfareError):
        print(error.text(language()), file=sys.stderr)
    else:
        threading.__excepthook__(failed)


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
        elif word in _GLOBAL_VALUES:
            if at + 1 == len(words):
                raise Misused("WF8005", " ".join(rest), name=word, detail=detail("usage.value"), command="")
            front += words[at : at + 2]
            at += 1
        else:
            rest.append(word)
        at += 1
    return front + rest


def _explained(error: Exception) -> WayfareError:
    """Our own error for one of the system's or of the command line's parser, or for a defect."""
    if isinstance(error, OSError):
        return refusal(error)
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
    name = str(getattr(error, "option_name", "") or hint or (parameter and _name(parameter)) or "")
    if kind == "NoSuchOption":
        known = [option for item in context.command.params for option in item.opts if option.startswith("--")]
        near = difflib.get_close_matches(name, [*known, *_GLOBAL_VALUES, *_GLOBAL_FLAGS, "--help"], 3, 0.5)
        return Misused("WF8003", path, name=name, nearest=", ".join(near) or "--help")
    if kind == "MissingParameter":
        return Misused("WF8004", path, name=name, command=command)
    message = str(getattr(error, "message", error))
    if kind == "BadOptionUsage":
        return Misused("WF8005", path, name=name, command=command, detail=detail("usage.value"))
    if kind == "BadParameter":
        return Misused("WF8005", path, name=name, command=command, detail=_wanted(parameter, message))
    unknown = message.partition("No such command '")[2].partition("'")[0]
    if unknown:
        commands = list(context.command.commands)
        near = difflib.get_close_matches(unknown, commands, 3, 0.5)
        return Misused("WF8002", unknown, name=unknown, nearest=", ".join(near or sorted(commands)))
    extra = re.search(
        r"unexpected extra arguments? \((.*)\)|unexpected extra argument\(s\) \((.*)\)", message
    )
    if extra:
        found = detail("usage.extra", names=extra.group(1) or extra.group(2))
        return Misused("WF8001", path, detail=found, command=command)
    return Misused("WF8001", path, detail=message, command=command)


def _name(parameter: Any) -> str:
    """A parameter as the help calls it."""
    option = str(parameter.opts[-1])
    return option if option.startswith("-") else str(parameter.metavar or option.upper()).rstrip(".")


def _wanted(parameter: Any, message: str) -> object:
    """What a parameter takes, where its type tells; else the parser's own words."""
    descriptor = getattr(parameter, "type_descriptor", None)
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if getattr(descriptor, "annotation", None) is not int:
        return message
    if low is None:
        return detail("usage.whole")
    return detail("usage.least", low=low) if high is None else detail("usage.range", low=low, high=high)
