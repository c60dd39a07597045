"""The commands about one person: explain and profile."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wayfare.cli.session import Session

Person = Annotated[str, typer.Argument(help="opt.person")]


def explain(
    context: typer.Context,
    person: Person,
    journey: Annotated[str | None, typer.Option(help="opt.journey")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="opt.as_of", metavar="T")] = None,
) -> None:
    session: Session = context.obj
    with session.verbs() as verbs:
        found = verbs.explain(person, journey, as_of)
    session.answer(
        found, lambda: "\n\n".join(_story(one, session.lang) for one in found.get("journeys", [found]))
    )


def profile(context: typer.Context, person: Person) -> None:
    session: Session = context.obj
    with session.verbs() as verbs:
        found = verbs.profile(person)
    session.answer(found, lambda: _sheet(found))


def _story(found: dict[str, Any], lang: str) -> str:
    version = f" v{found['version']}" if found.get("version") else ""
    lines = [f"{found['profile']} · {found['journey']}{version} · {found['verdict']}"]
    lines += [
        f"  {step['at']}  {step['node'] or '—':<14} {step['outcome']:<10} {step['because'][lang]}"
        for step in found["steps"]
    ]
    for blocker in found["blockers"]:
        mark = "→" if blocker["first"] else " "
        lines.append(f"  {mark} {blocker['gate']}: {blocker['smallest_change'][lang]}")
    return "\n".join(lines)


def _sheet(found: dict[str, Any]) -> str:
    lines = [f"{found['id']}  {found.get('name') or ''}".rstrip()]
    lines += [f"  {one['namespace']}: {one['value']}" for one in found["identifiers"]]
    lines += [f"  {name} = {value}" for name, value in sorted(found["traits"].items())]
    for purpose, by in found["consent"].items():
        lines += [f"  {purpose} / {channel or '*'}: {one['state']}" for channel, one in by.items()]
    for one in found["enrollments"]:
        version = f"v{one['version']}"
        lines.append(
            f"  {one['journey']} {version} · {one['status']} · {one['node']} {one['state']} {one['reason']}".rstrip()
        )
    return "\n".join(lines)
