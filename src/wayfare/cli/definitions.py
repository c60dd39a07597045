"""The commands about definitions: validate and test them, plan and publish them, and what follows for live journeys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from wayfare.cli.session import Session
from wayfare.ground.errors import Malformed, Misused, NotBuilt
from wayfare.ground.refusal import detail

Paths = Annotated[list[Path] | None, typer.Argument(help="opt.paths", metavar="[PATH]...")]
Journey = Annotated[str, typer.Argument(help="opt.journey", metavar="JOURNEY")]
FORMATS = ("text", "json", "github")


def validate(
    context: typer.Context,
    paths: Paths = None,
    form: Annotated[str, typer.Option("--format", help="opt.format")] = "text",
) -> int:
    session: Session = context.obj
    if form not in FORMATS:
        known = detail("usage.one", known=", ".join(FORMATS))
        raise Misused("WF8005", form, name="--format", detail=known, command="validate ")
    from wayfare.app.definitions import check, chosen, unreadable
    from wayfare.config.settings import FILE

    try:
        config = session.config()
    except Malformed as error:  # wayfare.toml itself: nothing else can be read before it is right
        files, problems = [FILE], [unreadable(error, session.lang)]
    else:
        files = chosen(config, paths or [])
        problems = check(config, session.lang, files)
    found = {"problems": problems}
    if form == "json":
        session = Session(session.folder, True, session.lang)
    lines = (
        [_github(one) for one in problems] if form == "github" else [_plain(session, one) for one in problems]
    )
    errors = sum(one["severity"] == "error" for one in problems)
    if form == "text":
        last = session.say("say.problems", errors=errors, warnings=len(problems) - errors)
        lines.append(last if problems else session.say("say.valid", files=len(files)))
    session.answer(found, "\n".join(lines))
    return 1 if errors else 0


def test(context: typer.Context, paths: Paths = None) -> int:
    session: Session = context.obj
    from wayfare.app.definitions import chosen
    from wayfare.app.trials import run_tests

    config = session.config()
    found = run_tests(config, session.lang, chosen(config, paths or [], "tests"))
    lines = []
    for one in found["tests"]:
        name = f" · {one['name']}" if one["name"] != Path(one["path"]).stem else ""
        lines.append(f"{'✓' if one['ok'] else '✗'} {one['path']}{name}")
        lines += [f"    {_plain(session, problem)}" for problem in one["problems"]]
    passed = sum(one["ok"] for one in found["tests"])
    lines.append(session.say("say.tests", passed=passed, failed=len(found["tests"]) - passed))
    session.answer(found, "\n".join(lines))
    return 0 if found["ok"] else 1


def plan(context: typer.Context) -> int:
    session: Session = context.obj
    with session.verbs() as verbs:
        found = verbs.plan()
    lines = [_planned(session, one) for one in found["journeys"]]
    session.answer(found, "\n".join([*lines, *_in_force(session, found, "say.definitions.plan")]))
    return 1 if any(one["change"] == "invalid" for one in found["journeys"]) else 0


def apply(context: typer.Context) -> None:
    session: Session = context.obj
    with session.verbs() as verbs:
        found = verbs.apply()
    lines = [_published(session, one) for one in found["journeys"]]
    session.answer(found, "\n".join([*lines, *_in_force(session, found)]))


def publish(
    context: typer.Context,
    journey: Journey,
    migrate: Annotated[Path | None, typer.Option(help="opt.migrate", metavar="FILE")] = None,
) -> None:
    session: Session = context.obj
    if migrate is not None:
        raise NotBuilt("WF0001", "--migrate", part="`publish --migrate`")
    with session.verbs() as verbs:
        found = verbs.publish(journey)
    session.answer(found, "\n".join([_published(session, found), *_in_force(session, found)]))


def pause(context: typer.Context, journey: Journey) -> None:
    _lifecycle(context.obj, journey, "pause")


def resume(context: typer.Context, journey: Journey) -> None:
    _lifecycle(context.obj, journey, "resume")


def stop(context: typer.Context, journey: Journey) -> None:
    _lifecycle(context.obj, journey, "stop")


def archive(context: typer.Context, journey: Journey) -> None:
    _lifecycle(context.obj, journey, "archive")


def _lifecycle(session: Session, journey: str, verb: str) -> None:
    with session.verbs() as verbs:
        found = verbs.lifecycle(journey, verb)
    session.answer(found, session.say("say.status", journey=journey, status=found["status"]))


def _planned(session: Session, one: dict[str, Any]) -> str:
    change = session.say(f"say.change.{one['change']}", version=one["version"])
    lines = [session.say("say.planned", journey=one["journey"], change=change)]
    lines += [f"  {line}" for line in one["diff"]]
    return "\n".join([*lines, *_affected(session, one)])


def _published(session: Session, one: dict[str, Any]) -> str:
    key = "say.published" if one["change"] != "same" else "say.unchanged"
    return "\n".join(
        [session.say(key, journey=one["journey"], version=one["version"]), *_affected(session, one)]
    )


def _in_force(session: Session, found: dict[str, Any], key: str = "say.definitions") -> list[str]:
    names = found["definitions"]
    return [session.say(key, names=", ".join(names))] if names else []


def _affected(session: Session, one: dict[str, Any]) -> list[str]:
    return [session.say("say.affected", node=row["node"], people=row["people"]) for row in one["affected"]]


def _plain(session: Session, problem: dict[str, Any]) -> str:
    place = f"{problem['path']}:{problem['line']}:{problem['column']}"
    return f"{place}: {session.say('say.' + problem['severity'])} {problem['code']} {problem['text']}"


def _github(problem: dict[str, Any]) -> str:
    text = _escaped(problem["text"])
    path = _escaped(problem["path"]).replace(":", "%3A").replace(",", "%2C")
    place = f"file={path},line={problem['line']},col={problem['column']}"
    return f"::{problem['severity']} {place},title={problem['code']}::{text}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
