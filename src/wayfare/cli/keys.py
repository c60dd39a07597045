"""The command `key`: the first write key alone; list, create and revoke."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from wayfare.cli.session import Session
from wayfare.ground.errors import Misused
from wayfare.ground.refusal import detail


def app() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(_first)
    group.command("list", help="cli.key.list")(_list)
    group.command("create", help="cli.key.create")(_create)
    group.command("revoke", help="cli.key.revoke")(_revoke)
    return group


@contextmanager
def _keys(session: Session) -> Iterator[Any]:
    from wayfare.engine.keys import Keys

    keys = Keys(session.root() / "data")  # its own small file: no lock of the workspace is needed
    try:
        yield keys
    finally:
        keys.close()


def _plain(key: Any) -> dict[str, str]:
    shown = {"id": key.id, "kind": key.kind, "role": key.role, "source": key.source, "key": key.key}
    return {name: value for name, value in shown.items() if value}


def _line(key: Any) -> str:
    return "  ".join(part for part in (key.id, key.kind, key.role, key.source, key.key) if part)


def _first(context: typer.Context) -> None:
    if context.invoked_subcommand is not None:
        return
    session: Session = context.obj
    with _keys(session) as keys:
        key = keys.first_write()
    session.answer([_plain(key)], str(key.key))


def _list(context: typer.Context) -> None:
    session: Session = context.obj
    with _keys(session) as keys:
        found = keys.list()
    session.answer([_plain(key) for key in found], "\n".join(_line(key) for key in found))


def _create(
    context: typer.Context,
    api: Annotated[bool, typer.Option("--api", help="opt.api")] = False,
    role: Annotated[str, typer.Option(help="opt.role")] = "",
    source: Annotated[str, typer.Option(help="opt.source")] = "",
) -> None:
    session: Session = context.obj
    if role and not api:
        needs = detail("usage.needs", name="--role", other="--api")
        raise Misused("WF8001", "key create", detail=needs, command="key create ")
    if source and api:
        apart = detail("usage.apart", names="--api + --source")
        raise Misused("WF8001", "key create", detail=apart, command="key create ")
    from wayfare.engine.clock import Clock

    with _keys(session) as keys:
        key = keys.create("api" if api else "write", Clock("wall").now(), role, source)
    text = session.say("say.api_key" if api else "say.write_key", key=key.key)
    session.answer([_plain(key)], text)


def _revoke(context: typer.Context, key: Annotated[str, typer.Argument(help="opt.key")]) -> None:
    session: Session = context.obj
    from wayfare.engine.clock import Clock

    with _keys(session) as keys:
        gone = keys.revoke(key, Clock("wall").now())
    session.answer([_plain(gone)], session.say("say.revoked", id=gone.id))
