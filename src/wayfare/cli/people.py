"""The commands about one person: explain and profile."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wayfare.cli import shown
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

    def told() -> str:
        zone = session.config().settings.tz
        stories = [shown.story(one, found, session.lang, zone) for one in found.get("journeys", [found])]
        return "\n\n".join(stories) or session.say("say.no_journeys", person=shown.person(found))

    session.answer(found, told)


def profile(context: typer.Context, person: Person) -> None:
    session: Session = context.obj
    with session.verbs() as verbs:
        found = verbs.profile(person)
    session.answer(found, lambda: _sheet(found))


def _sheet(found: dict[str, Any]) -> str:
    lines = [f"{found['id']}  {found.get('name') or ''}".rstrip()]
    lines += [f"  {one['namespace']}: {one['value']}" for one in found["identifiers"]]
    lines += [f"  {name} = {value}" for name, value in sorted(found["traits"].items())]
    for purpose, by in found["consent"].items():
        lines += [f"  {purpose} / {channel or '*'}: {one['state']}" for channel, one in by.items()]
    for one in found["enrollments"]:
        parts = [f"{one['journey']} v{one['version']}", one["status"], one["node"], one["reason"]]
        lines.append("  " + " · ".join(dict.fromkeys(part for part in parts if part)))
    return "\n".join(lines)
