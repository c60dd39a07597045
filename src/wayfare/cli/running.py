"""The commands that make and run a workspace: init, serve, demo."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from wayfare.cli.session import Session

Port = Annotated[int, typer.Option(help="opt.port", min=0, max=65535)]


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="opt.folder", metavar="DIR")],
    template: Annotated[str, typer.Option(help="opt.template", metavar="NAME")] = "welcome",
) -> None:
    session: Session = context.obj
    from wayfare.config.starter import create, local_zone
    from wayfare.engine.clock import Clock
    from wayfare.engine.keys import Keys

    root = create(folder, template, "zh-CN" if session.lang == "zh" else "en", local_zone())
    keys = Keys(root / "data")
    write = keys.create("write", Clock("wall").now())
    api = keys.create("api", Clock("wall").now(), "owner")
    keys.close()
    lines = [
        session.say("say.init", workspace=root),
        session.say("say.write_key", key=write.key),
        session.say("say.api_key", key=api.key),
        session.say("say.next", folder=shlex.quote(str(folder))),
    ]
    session.answer({"workspace": str(root), "write_key": write.key, "api_key": api.key}, "\n".join(lines))


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="opt.host")] = "127.0.0.1",
    port: Port = 8700,
) -> None:
    session: Session = context.obj
    from wayfare.app.serve import serve as run

    def opened(url: str) -> None:
        session.answer({"url": url}, session.say("say.open", url=url))

    def unpublished(names: list[str]) -> None:
        print(session.say("say.unpublished", names=", ".join(names)), file=sys.stderr)

    run(session.root(), host, port, opened, unpublished)


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="opt.folder", metavar="DIR")] = Path("wayfare-demo"),
    port: Port = 8700,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="opt.browser")] = True,
) -> None:
    session: Session = context.obj
    from wayfare.app.demo import demo as run

    run(folder, port, browser, session.lang)
