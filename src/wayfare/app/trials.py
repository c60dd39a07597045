"""The tests of a workspace: given-when-then against the drafts, on a virtual clock."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wayfare.app.book import cases, journey_problems, make_book, refuse
from wayfare.config.document import Document
from wayfare.config.workspace import Config
from wayfare.engine.book import Book
from wayfare.engine.trial import Outcome, run_trial
from wayfare.ground.errors import Lang, Malformed, Missing, WayfareError
from wayfare.ground.words import say
from wayfare.journey import document as documents
from wayfare.journey.compiled import Journey, compile_journey

Json = dict[str, Any]


def run_tests(config: Config, lang: Lang, paths: Sequence[str]) -> Json:
    """Run these files: {"ok", "tests": [{"path", "name", "journey", "ok", "failures", "facts"}], "problems"}."""
    book = make_book(config)
    tests: list[Json] = []
    problems: list[Json] = []
    for document in config.tests.values():
        if document.path not in paths:
            continue
        for name, one in cases(document):
            failures: list[Json] = []
            outcome: Outcome | None = None
            try:
                outcome = _run(config, book, document, one)
            except WayfareError as error:
                text = f"{error.what(lang)} · {error.mend(lang)}"
                failures = [_problem(error.code, document.path, document.place(name), text)]
            else:
                failures = [_unmet(document, name, then, outcome, lang) for then in outcome.missing]
            tests.append({
                "path": document.path,
                "name": str(one.get("name") or document.name) if isinstance(one, dict) else document.name,
                "journey": outcome.journey if outcome else None,
                "ok": not failures,
                "failures": [failure["text"] for failure in failures],
                "problems": failures,
                "facts": list(outcome.facts) if outcome else [],
            })  # fmt: skip
            problems += failures
    return {"ok": not problems, "tests": tests, "problems": problems}


def ready(config: Config, book: Book, name: str, version: int = 0) -> Journey:
    """A draft made ready to walk; Missing WF6913 when there is none, Refused WF6914 when it has errors."""
    document = config.journeys.get(name)
    if document is None:
        raise Missing("WF6913", name, nearest=", ".join(config.journeys) or "—")
    refuse(*(journey_problems(config, document, lang) for lang in ("en", "zh")))
    parsed, _ = documents.parse(document.data)
    assert parsed is not None  # no errors
    return compile_journey(parsed, version, book.tenant, book.zone)


def _run(config: Config, book: Book, document: Document, case: Any) -> Outcome:
    if document.error is not None:
        raise document.error
    if not isinstance(case, dict) or not isinstance(case.get("journey"), str):
        raise Malformed("WF6923", document.path)
    return run_trial(book, ready(config, book, case["journey"], 1), case, document.path)


def _unmet(document: Document, pointer: str, then: Json, outcome: Outcome, lang: Lang) -> Json:
    wanted = json.dumps(then, ensure_ascii=False)
    told = then.keys() - {"at", "node", "reason"} or then.keys()
    facts = [fact for fact in outcome.facts if told & fact.keys()] or list(outcome.facts)
    found = "; ".join(json.dumps(fact, ensure_ascii=False) for fact in facts[:5]) or "—"
    what, mend = (say(f"WF6924.{part}", lang, wanted=wanted, found=found) for part in ("what", "mend"))
    return _problem("WF6924", document.path, document.place(f"{pointer}/then"), f"{what} · {mend}")


def _problem(code: str, path: str, place: tuple[int, int], text: str) -> Json:
    return {
        "code": code,
        "severity": "error",
        "path": path,
        "line": place[0],
        "column": place[1],
        "text": text,
    }
