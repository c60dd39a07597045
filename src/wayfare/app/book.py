"""The book of a workspace: its definitions made ready for the engine, and every problem that stands in their way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

from wayfare.channels import channel as channels
from wayfare.channels import template as templates
from wayfare.channels.channel import Channel
from wayfare.channels.template import Template
from wayfare.config.document import Document
from wayfare.config.workspace import Config, secret
from wayfare.contact import policy as policies
from wayfare.contact.document import Fault
from wayfare.engine.book import Book
from wayfare.ground.errors import Lang, Malformed, Missing, Refused, WayfareError
from wayfare.ground.words import say
from wayfare.journey.check import check as check_journey

Json = dict[str, Any]


def make_book(config: Config) -> Book:
    """The book without its journeys: those are what the ledger says was published.

    A template or channel with an error is left out, so that its sends are suppressed with a reason and nothing else
    is stopped; a policy with an error stops everything (Malformed), since nobody may be contacted without one.
    """
    settings = config.settings
    if config.policy is not None and config.policy.error is not None:
        raise config.policy.error
    return Book(
        tenant=settings.id,
        salt=settings.salt,
        zone=settings.tz,
        policy=policies.parse(config.policy.data if config.policy else None),
        clock=settings.clock,
        trigger_bound=settings.trigger_bound,
        holdout=settings.holdout,
        consent_default=settings.consent_default,
        channels=_channels(config),
        templates=_templates(config),
        reveal=partial(secret, config.root),
    )


def definitions(config: Config, names: Collection[str]) -> Json:
    """The policy, the channels and these templates as a command carries them, secrets as references.

    Refused WF6914 when one of them has an error: nothing is published by halves.
    """
    texts = {name: by for name, by in _template_texts(config).items() if name in names}
    documents = [*config.channels.values(), *(one for by in texts.values() for one in by.values())]
    documents += [config.policy] if config.policy is not None else []
    refuse(*(problems(config, lang, {one.path for one in documents}) for lang in ("en", "zh")))
    return {
        "policy": config.policy.data if config.policy is not None else None,
        "channels": {name: one.data for name, one in config.channels.items()},
        "templates": {name: {locale: one.text for locale, one in by.items()} for name, by in texts.items()},
    }


def news(book: Book, told: Json) -> Json:
    """What of these definitions the ledger does not have yet, as a command carries it."""
    found: Json = {key: told[key] for key in ("policy", "channels") if book.told.get(key, ...) != told[key]}
    known = book.told.get("templates", {})
    texts = {name: by for name, by in told["templates"].items() if known.get(name) != by}
    return {**found, "templates": texts} if texts else found


def named(book: Book, found: Json) -> list[str]:
    """The news as people know them: the policy, channels and templates that differ from what was in force."""
    told = ["policy.yaml"] if "policy" in found and found["policy"] != book.told.get("policy") else []
    before = book.told.get("channels", {})
    after = found.get("channels", before)
    told += [f"channels/{name}" for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return [*told, *(f"templates/{name}" for name in sorted(found.get("templates", {})))]


def refuse(english: Collection[Json], chinese: Collection[Json]) -> None:
    """Refused WF6914 at the first error of these problems, which are the same in two languages."""
    errors = [(en, zh) for en, zh in zip(english, chinese, strict=True) if en["severity"] == "error"]
    if errors:
        en, zh = errors[0]
        first = {"en": f"{en['code']} {en['text']}", "zh": f"{zh['code']} {zh['text']}"}
        raise Refused("WF6914", f"{en['path']}:{en['line']}:{en['column']}", count=len(errors), first=first)


def problems(config: Config, lang: Lang, paths: Collection[str]) -> list[Json]:
    """Every problem of these files (paths relative to the workspace), by file and place."""
    found = [*_flaws(config, lang), *_policy(config, lang), *_journeys(config, lang)]
    found += [*_channel_faults(config, lang), *_template_faults(config, lang), *_test_faults(config, lang)]
    mine = [one for one in found if one["path"] in paths]
    return sorted(mine, key=lambda one: (one["path"], one["line"], one["column"], one["code"]))


def journey_problems(config: Config, document: Document, lang: Lang) -> list[Json]:
    """Every problem of one journey document."""
    if document.error is not None:
        line, column = document.error_place
        text = f"{document.error.what(lang)} · {document.error.mend(lang)}"
        return [_problem(document.error.code, "error", document.path, line, column, text)]
    _, found = check_journey(document.data, document.name, _template_texts(config))
    listed = []
    for one in found:
        line, column = document.place("".join(f"/{_escaped(step)}" for step in one.place))
        listed.append(_problem(one.code, one.severity, document.path, line, column, one.text(lang)))
    return listed


def _flaws(config: Config, lang: Lang) -> Iterator[Json]:
    for flaw in config.flaws:
        if flaw.path.startswith("journeys/") and flaw.error.code in ("WF6904", "WF6905"):
            continue  # told with the other problems of the journey
        text = f"{flaw.error.what(lang)} · {flaw.error.mend(lang)}"
        yield _problem(flaw.error.code, flaw.severity, flaw.path, *flaw.place, text)


def _policy(config: Config, lang: Lang) -> Iterator[Json]:
    if config.policy is not None:
        yield from _unread(config.policy, lang)
        if config.policy.error is None:
            yield from _faults(config.policy, policies.problems(config.policy.data), lang)


def _journeys(config: Config, lang: Lang) -> Iterator[Json]:
    for document in config.journeys.values():
        yield from journey_problems(config, document, lang)


def _channel_faults(config: Config, lang: Lang) -> Iterator[Json]:
    for name, document in config.channels.items():
        if document.error is None:
            yield from _faults(document, channels.problems(name, document.data), lang)


def _template_faults(config: Config, lang: Lang) -> Iterator[Json]:
    for name, texts in _template_texts(config).items():
        for locale, document in texts.items():
            for fault in templates.problems(name, {locale: document.text}):
                line, column = (int(str(fault.values.get(key, 1))) for key in ("line", "column"))
                yield _problem(fault.code, "error", document.path, line, column, _told(fault, lang))


def _test_faults(config: Config, lang: Lang) -> Iterator[Json]:
    """Tests that cannot run: those that name no journey, or one that is not there."""
    for document in config.tests.values():
        if document.error is not None:
            continue
        for pointer, case in cases(document):
            journey = case.get("journey") if isinstance(case, dict) else None
            if isinstance(journey, str) and journey in config.journeys:
                continue
            error: WayfareError = Malformed("WF6923", document.path)
            if isinstance(journey, str):
                error = Missing("WF6913", journey, nearest=", ".join(config.journeys) or "—")
            text = f"{error.what(lang)} · {error.mend(lang)}"
            yield _problem(error.code, "error", document.path, *document.place(f"{pointer}/journey"), text)


def cases(document: Document) -> Iterator[tuple[str, Any]]:
    """(pointer, test) of every test in a file: one mapping, or a list of them."""
    if isinstance(document.data, list):
        yield from ((f"/{at}", one) for at, one in enumerate(document.data))
    else:
        yield "", document.data


def _channels(config: Config) -> dict[str, Channel]:
    good = {}
    for name, document in config.channels.items():
        if document.error is None and not channels.problems(name, document.data):
            good[name] = channels.parse(name, secret(config.root, document.data))
    return good


def _templates(config: Config) -> dict[str, Template]:
    good = {}
    for name, texts in _template_texts(config).items():
        bodies = {locale: document.text for locale, document in texts.items()}
        if not templates.problems(name, bodies):
            good[name] = templates.parse(name, bodies)
    return good


def _template_texts(config: Config) -> Mapping[str, Mapping[str, Document]]:
    """Template name → locale (empty for the one without) → its file."""
    found: dict[str, dict[str, Document]] = {}
    for stem, document in config.templates.items():
        name, _, locale = stem.partition(".")
        found.setdefault(name, {})[locale] = document
    return found


def _faults(document: Document, faults: Collection[Fault], lang: Lang) -> Iterator[Json]:
    for fault in faults:
        line, column = document.place("".join(f"/{_escaped(step)}" for step in fault.place))
        yield _problem(fault.code, "error", document.path, line, column, _told(fault, lang))


def _unread(document: Document, lang: Lang) -> Iterator[Json]:
    if document.error is not None:
        text = f"{document.error.what(lang)} · {document.error.mend(lang)}"
        yield _problem(document.error.code, "error", document.path, *document.error_place, text)


def _told(fault: Fault, lang: Lang) -> str:
    what, mend = (say(f"{fault.code}.{part}", lang, **fault.values) for part in ("what", "mend"))
    return f"{what} · {mend}"


def _problem(code: str, severity: str, path: str, line: int, column: int, text: str) -> Json:
    return {"code": code, "severity": severity, "path": path, "line": line, "column": column, "text": text}


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
