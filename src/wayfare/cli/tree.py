"""The tree of commands: every command of the contract with its options, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.main import get_command

from wayfare.cli import definitions, keys, ledger, people, running
from wayfare.ground.errors import Lang, NotBuilt
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


def build(lang: Lang) -> Any:
    """The command to run. Helps are keys of the catalogue until here."""
    app = typer.Typer(
        name="wayfare",
        no_args_is_help=True,
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
    return command


def _globals(
    workspace: Annotated[str, typer.Option(help="opt.workspace", metavar="DIR")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="opt.json")] = False,
    lang: Annotated[str, typer.Option(help="opt.lang", metavar="zh|en")] = "",
    version: Annotated[bool, typer.Option("--version", help="opt.version")] = False,
) -> None:
    if lang not in ("", "zh", "en"):
        raise typer.BadParameter(lang, param_hint="--lang")
    if version:
        from importlib.metadata import version as installed

        print(installed("wayfare"))
        raise typer.Exit


def _later(name: str) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        raise NotBuilt("WF0001", f"wayfare {name}", part=f"`wayfare {name}`")

    return command


def _translate(command: Any, lang: Lang) -> None:
    for owner in (command, *command.params):
        for field in ("help", "short_help"):
            key = getattr(owner, field, None)
            if key in WORDS:
                setattr(owner, field, say(key, lang))
    for below in getattr(command, "commands", {}).values():
        _translate(below, lang)
