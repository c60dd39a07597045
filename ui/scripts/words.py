"""Write `src/words.gen.json`: the texts of the one catalogue that the pages show, for both languages."""

from __future__ import annotations

import json
from pathlib import Path

from wayfare.ground.words import WORDS

SHOWN = ("page.", "reason.", "word.")
TARGET = Path(__file__).parents[1] / "src" / "words.gen.json"


def generated() -> str:
    """The document: language → key → text, keys sorted so that a change is a small diff."""
    shown = {key: pair for key, pair in sorted(WORDS.items()) if key.startswith(SHOWN)}
    both = {
        lang: {key: pair[place] for key, pair in shown.items()} for place, lang in enumerate(("en", "zh"))
    }
    return json.dumps(both, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generated(), encoding="utf-8")
