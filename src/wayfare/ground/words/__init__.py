"""The one catalogue of every text that a user sees, each in English and Chinese."""

from __future__ import annotations

from typing import Literal

from wayfare.ground.words import (
    conditions,
    contact,
    core,
    demo,
    engine,
    facts,
    imports,
    journeys,
    ledger,
    pages,
    questions,
    shell,
    why,
)

WORDS: dict[str, tuple[str, str]] = {
    **core.WORDS,
    **demo.WORDS,
    **conditions.WORDS,
    **contact.WORDS,
    **engine.WORDS,
    **facts.WORDS,
    **imports.WORDS,
    **journeys.WORDS,
    **ledger.WORDS,
    **pages.WORDS,
    **questions.WORDS,
    **shell.WORDS,
    **why.WORDS,
}


def say(key: str, lang: Literal["en", "zh"], /, **values: object) -> str:
    """The text of a key in a language, its `{names}` filled; the key itself when it is unknown (a test forbids that).

    A value {"en": …, "zh": …} is a text in both languages.
    """
    pair = WORDS.get(key)
    if pair is None:
        return key
    text = pair[1] if lang == "zh" else pair[0]
    try:
        return text.format(**{name: _in(value, lang) for name, value in values.items()})
    except (KeyError, IndexError):
        return text


def _in(value: object, lang: str) -> object:
    return value[lang] if isinstance(value, dict) and value.keys() == {"en", "zh"} else value
