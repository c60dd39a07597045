"""The tree of commands: every command of the contract with its options, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer import rich_utils
from typer.main import get_command

from wayfare.cli import definitions, keys, ledger, people, running
from wayfare.ground.errors import Lang, Misused, NotBuilt
from wayfare.ground.refusal import detail
from wayfare.ground.words import WORDS, say

COMMANDS: dict[str, Callable[..., Any]] = {
    "demo": running.demo,
    "init": running.init,
    "serve": running.serve,
    "import": ledger.bring,
    "ask": ledger.ask,
    "validate": definitions.validate,
    "test": definitions.test,
    "simulate": ledger.simulate,
    "plan": definitions.plan,
    "apply": definitions.apply,
    "publish": definitions.publish,
    "pause": definitions.pause,
    "resume": definitions.resume,
    "stop": definitions.stop,
    "archive": definitions.archive,
    "kill-switch": ledger.kill_switch,
    "explain": people.explain,
    "profile": people.profile,
    "verify": ledger.verify,
    "dump": ledger.dump,
}
LATER = ("export", "erase", "backup", "restore", "doctor", "config")
UNBUILT = (*LATER, "pause", "resume", "stop", "archive")  # their help says so
_LATER_OPTIONS = (
    "opt.profiles",
    "opt.consent",
    "opt.suppressions",
    "opt.personas",
    "opt.report",
    "opt.migrate",
)
_PANELS = ("options", "arguments", "commands")


def build(lang: Lang) -> Any:
    """The command to run. Helps are keys of the catalogue until here."""
    app = typer.Typer(
        name="wayfare",
        add_completion=False,
        pretty_exceptions_enable=False,
        help="cli.wayfare",
    )
    app.callback(invoke_without_command=True)(_globals)
    for name, function in COMMANDS.items():
        app.command(name, help=f"cli.{name}")(function)
    app.add_typer(keys.app(), name="key", help="cli.key")
    for name in LATER:
        settings = {"allow_extra_args": True, "ignore_unknown_options": True}
        app.command(name, help=f"cli.{name}", context_settings=settings)(_later(name))
    command = get_command(app)
    _translate(command, lang)
    _title(lang)
    return command


def _globals(
    context: typer.Context,
    workspace: Annotated[str, typer.Option(help="opt.workspace", metavar="DIR")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="opt.json")] = False,
    lang: Annotated[str, typer.Option(help="opt.lang", metavar="zh|en")] = "",
    version: Annotated[bool, typer.Option("--version", help="opt.version")] = False,
) -> None:
    if lang not in ("", "zh", "en"):
        known = detail("usage.one", known="zh, en")
        raise Misused("WF8005", lang, name="--lang", detail=known, command="")
    if version:
        from importlib.metadata import version as installed

        print(installed("wayfare"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        if as_json:
            raise Misused("WF8004", name="COMMAND", command="")
        print(context.get_help())
        raise typer.Exit(2)


def _later(name: str) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        raise NotBuilt("WF0001", f"wayfare {name}", part=f"`wayfare {name}`")

    return command


def _translate(command: Any, lang: Lang) -> None:
    for owner in (command, *command.params):
        for field in ("help", "short_help"):
            key = getattr(owner, field, None)
            if key in WORDS:
                text = say(key, lang)
                later = key in _LATER_OPTIONS or key.removeprefix("cli.") in UNBUILT
                setattr(owner, field, say("cli.later", lang, help=text) if later else text)
    made = command.get_help_option

    def help_option(context: Any) -> Any:
        option = made(context)
        if option is not None:
            option.help = say("help.help", lang)
        return option

    command.get_help_option = help_option
    for below in getattr(command, "commands", {}).values():
        _translate(below, lang)


def _title(lang: Lang) -> None:
    """The titles that the help's frames carry, and the words of its own option."""
    for name in _PANELS:
        setattr(rich_utils, f"{name.upper()}_PANEL_TITLE", say(f"help.{name}", lang))
    rich_utils.REQUIRED_LONG_STRING = say("help.required", lang)
    rich_utils.DEFAULT_STRING = say("help.default", lang)
