"""The commands about what happened: import, ask, simulate, verify, dump, and the kill switch."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from wayfare.cli import shown
from wayfare.cli.session import Session
from wayfare.ground.errors import Malformed, Misused, NotBuilt
from wayfare.ground.refusal import detail, refusal
from wayfare.ground.time import known_zone


def bring(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="opt.files", metavar="FILE...")],
    mapping: Annotated[str, typer.Option("--map", help="opt.map")] = "",
    event: Annotated[str | None, typer.Option(help="opt.event")] = None,
    where: Annotated[str | None, typer.Option(help="opt.where", metavar="CEL")] = None,
    tz: Annotated[str | None, typer.Option(help="opt.tz", metavar="ZONE")] = None,
    epoch: Annotated[str | None, typer.Option(help="opt.epoch", metavar="s|ms")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="opt.dry")] = False,
    profiles: Annotated[bool, typer.Option("--profiles", help="opt.profiles")] = False,
    consent: Annotated[bool, typer.Option("--consent", help="opt.consent")] = False,
    suppressions: Annotated[bool, typer.Option("--suppressions", help="opt.suppressions")] = False,
) -> None:
    session: Session = context.obj
    forms = [
        name
        for name, on in (("profiles", profiles), ("consent", consent), ("suppressions", suppressions))
        if on
    ]
    if len(forms) > 1:
        apart = detail("usage.apart", names=" + ".join(f"--{name}" for name in forms))
        raise Misused("WF8001", "import", detail=apart, command="import ")
    if not mapping:
        raise Misused("WF8004", "import", name="--map", command="import ")
    if epoch not in (None, "s", "ms"):
        known = detail("usage.one", known="s, ms")
        raise Misused("WF8005", str(epoch), name="--epoch", detail=known, command="import ")
    if tz is not None and not known_zone(tz):
        raise Malformed("WF0103", "--tz", text=tz)
    options = {
        "map": mapping,
        "event": event,
        "where": where,
        "tz": tz,
        "epoch": epoch,
        "dry_run": dry_run,
        "form": forms[0] if forms else "events",
    }
    paths = [str(path.resolve()) for path in files]
    with session.verbs() as verbs, session.progress("import") as progress:
        found = verbs.import_files(paths, options, progress=progress)
    lines = [session.say("say.imported", **found)]
    lines += shown.reasons(found["reasons"], session.lang)
    lines += [str(line) for line in found.get("warnings", ())]
    session.answer(found, "\n".join(lines))


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="opt.question", metavar="QUESTION.json|-")],
) -> None:
    session: Session = context.obj
    document = _read_json(question)
    with session.verbs() as verbs:
        found = verbs.ask(document)
    session.answer(found, lambda: shown.answer(found, session.lang))


def simulate(
    context: typer.Context,
    journeys: Annotated[list[str], typer.Argument(help="opt.journeys", metavar="JOURNEY...")],
    since: Annotated[str | None, typer.Option("--from", help="opt.from", metavar="T")] = None,
    to: Annotated[str | None, typer.Option("--to", help="opt.to", metavar="T")] = None,
    days: Annotated[int | None, typer.Option(help="opt.days", min=1, max=36_500)] = None,
    seed: Annotated[int, typer.Option(help="opt.seed")] = 0,
    personas: Annotated[Path | None, typer.Option(help="opt.personas", metavar="FILE")] = None,
    report: Annotated[Path | None, typer.Option(help="opt.report", metavar="FILE.html")] = None,
    transitions: Annotated[Path | None, typer.Option(help="opt.transitions", metavar="FILE")] = None,
) -> None:
    session: Session = context.obj
    for name, value in (("--personas", personas), ("--report", report)):
        if value is not None:
            raise NotBuilt("WF0001", name, part=f"`simulate {name}`")
    if days is not None and (since or to):
        apart = detail("usage.apart", names="--days + --from/--to")
        raise Misused("WF8001", "simulate", detail=apart, command="simulate ")
    options = {
        "from": since,
        "to": to,
        "days": days,
        "seed": seed,
        "transitions": str(transitions.resolve()) if transitions else None,
    }
    with session.verbs() as verbs, session.progress("simulate") as progress:
        found = verbs.simulate(journeys, options, progress=progress)
    session.answer(found, lambda: shown.simulation(found, session.lang, session.config().settings.tz))


def verify(context: typer.Context) -> int:
    session: Session = context.obj
    with session.verbs() as verbs:
        found = verbs.verify()
    lines = []
    for check in found["checks"]:
        lines.append(f"{'✓' if check['ok'] else '✗'} {check['name']} ({check['count']})")
        lines += [
            f"    {json.dumps(row, ensure_ascii=False)}" for row in ([] if check["ok"] else check["rows"])
        ]
    lines.append(session.say("say.verified" if found["ok"] else "say.broken"))
    session.answer(found, "\n".join(lines))
    return 0 if found["ok"] else 1


def dump(
    context: typer.Context,
    table: Annotated[str, typer.Argument(help="opt.table", metavar="TABLE")],
    out: Annotated[Path, typer.Option(help="opt.out", metavar="FILE")],
    where: Annotated[str | None, typer.Option(help="opt.where", metavar="CEL")] = None,
) -> None:
    session: Session = context.obj
    with session.verbs() as verbs:
        found = verbs.dump(table, str(out.resolve()), where)
    session.answer(found, session.say("say.dumped", rows=found["rows"], out=out))


def kill_switch(
    context: typer.Context, state: Annotated[str, typer.Argument(help="opt.switch", metavar="on|off|status")]
) -> None:
    session: Session = context.obj
    if state not in ("on", "off", "status"):
        known = detail("usage.one", known="on, off, status")
        raise Misused("WF8005", state, name="on|off|status", detail=known, command="kill-switch ")
    with session.verbs() as verbs:
        found = verbs.kill_switch(None if state == "status" else state == "on")
    session.answer(found, session.say("say.switch.on" if found["on"] else "say.switch.off"))


def _read_json(name: str) -> dict[str, Any]:
    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as cause:
        raise refusal(cause, name) from cause
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except json.JSONDecodeError as cause:
        where = f"{name}:{cause.lineno}:{cause.colno}"
        raise Malformed("WF8006", where, detail=detail("usage.json", detail=cause.msg)) from cause
    except (ValueError, RecursionError) as cause:
        raise Malformed("WF8006", name, detail=detail("usage.json", detail="UTF-8")) from cause
    if not isinstance(document, dict):
        raise Malformed("WF8006", name, detail=detail("usage.object"))
    return document
