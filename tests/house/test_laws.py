"""The house stands by its laws; and each law is proven by a planted breach that it must catch."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import laws, word_laws
from tests.house.tree import Violation

ROOT = Path(__file__).parents[2]
Law = Callable[[Path], list[Violation]]

LAWS: tuple[Law, ...] = (
    laws.staircase,
    laws.circles,
    laws.purity,
    laws.sizes,
    laws.drawers,
    laws.captions,
    word_laws.catalogue,
    word_laws.codes,
    word_laws.values,
    word_laws.said,
    word_laws.pages,
    word_laws.one_catalogue,
    word_laws.foreign,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_obeys(law: Law) -> None:
    found = law(ROOT)
    assert not found, "\n" + "\n".join(str(violation) for violation in found)


def plant(root: Path, files: dict[str, str]) -> Path:
    """A small house: the files given, below `src/wayfare/` unless they say otherwise, each with a caption."""
    for name, text in files.items():
        path = root / (name if name.startswith(("src/", "docs/", "tests/", "ui/")) else f"src/wayfare/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        caption = '"""A caption."""\n' if path.suffix == ".py" and not text.startswith(('"""', "#!")) else ""
        path.write_text(caption + text, encoding="utf-8")
    return root


def words(text: str) -> str:
    return f"WORDS: dict[str, tuple[str, str]] = {{{text}}}\n"


SLASH = "/"  # so that this file does not itself speak of a machine
KINDS = "class WayfareError(Exception):\n    pass\n\n\nclass Malformed(WayfareError):\n    pass\n"

# law, what is planted, what the law says of it
BREACHES: tuple[tuple[Law, dict[str, str], str], ...] = (
    (
        laws.staircase,
        {"facts/a.py": "from wayfare.people.b import x", "people/b.py": ""},
        "facts may not import",
    ),
    (
        laws.staircase,
        {"facts/a.py": "def f():\n    import wayfare.journey.b", "journey/b.py": ""},
        "facts may not",
    ),
    (
        laws.staircase,
        {
            "ground/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from wayfare.facts import b",
            "facts/b.py": "",
        },
        "ground may not import wayfare.facts.b",
    ),
    (
        laws.staircase,
        {"stores/a.py": "from wayfare.channels import b", "channels/b.py": ""},
        "stores may not",
    ),
    (laws.staircase, {"ground/a.py": "from ..facts import b", "facts/b.py": ""}, "ground may not"),
    (laws.staircase, {"api/a.py": "from wayfare import open"}, "reaches for the front door"),
    (laws.staircase, {"engine/a.py": "import wayfare.cli.b", "cli/b.py": ""}, "engine may not"),
    (
        laws.staircase,
        {"ground/a.py": "import importlib\nimportlib.import_module('wayfare.facts.b')", "facts/b.py": ""},
        "ground may not",
    ),
    (laws.staircase, {"attic/a.py": ""}, "`attic` has no stair"),
    (
        laws.circles,
        {"facts/a.py": "from wayfare.facts import b", "facts/b.py": "from .a import x"},
        "facts.a → ",
    ),
    (
        laws.circles,
        {
            "api/a.py": "import wayfare.api.b",
            "api/b.py": "def f():\n    from wayfare.api import c",
            "api/c.py": "from wayfare.api.a import x",
        },
        "wayfare.api.a → wayfare.api.b → wayfare.api.c",
    ),
    (
        laws.circles,
        {"api/__init__.py": "from wayfare.api.a import x", "api/a.py": "from wayfare.api import y"},
        "→",
    ),
    *(
        (laws.purity, {"people/a.py": code}, said)
        for code, said in (
            ("import time", "imports time"),
            ("import random", "imports random"),
            ("import os", "imports os"),
            ("from os import environ", "imports os.environ"),
            ("from pathlib import Path", "imports pathlib.Path"),
            ("import socket", "imports socket"),
            ("import threading", "imports threading"),
            ("def f():\n    import asyncio", "imports asyncio"),
            ("import subprocess", "imports subprocess"),
            ("import secrets", "imports secrets"),
            ("import sqlite3", "imports sqlite3"),
            ("import apsw", "imports apsw"),
            ("import duckdb", "imports duckdb"),
            ("import requests", "imports requests"),
            ("import httpx2", "imports httpx2"),
            ("from codecs import open", "imports codecs.open"),
            ("import urllib.request", "imports urllib.request"),
            ("import logging", "imports logging"),
            ("from concurrent.futures import Future", "imports concurrent"),
            ("from math import *", "say which names"),
            ("from uuid import uuid4", "imports uuid.uuid4"),
            ("from sys import argv", "imports sys.argv"),
            ("import sys\nx = sys.argv", "uses sys.argv"),
            ("import uuid as u\nx = u.uuid4()", "uses uuid.uuid4"),
            ("from datetime import datetime\nx = datetime.now()", "uses datetime.datetime.now"),
            ("from datetime import datetime\nx = datetime.utcnow", "uses datetime.datetime.utcnow"),
            ("import datetime as d\nx = d.date.today()", "uses datetime.date.today"),
            ("def f(clock):\n    return clock.now()", "calls .now()"),
            ("def f(stamp):\n    return stamp.astimezone()", "astimezone()"),
            ("from datetime import datetime\nx = datetime.fromtimestamp(1)", "fromtimestamp()"),
            ("import numpy as np\nx = np.random.rand()", "uses numpy.random"),
            ("x = open('a')", "uses open()"),
            ("def f(x, say=print):\n    say(x)", "uses print()"),
            ("def f(path):\n    return path.read_text()", "calls .read_text()"),
            ("x = hash('a')", "hash() of a text"),
            ("x = eval('1')", "uses eval()"),
        )
    ),
    (laws.sizes, {"facts/a.py": "x = 1\n" * 500}, "501 lines"),
    (laws.sizes, {"facts/a.py": "def f():\n" + "    x = 1\n" * 60}, "f has 61 lines"),
    (
        laws.sizes,
        {"facts/a.py": "class A:\n    async def f(self):\n" + "        x = 1\n" * 60},
        "f has 61 lines",
    ),
    (laws.sizes, {"tests/facts/test_a.py": "x = 1\n" * 501}, "502 lines"),
    (laws.sizes, {"ui/src/a.tsx": "x\n" * 501}, "501 lines"),
    (laws.drawers, {"facts/utils.py": ""}, "`utils` is a drawer"),
    (laws.drawers, {"facts/http_helpers.py": ""}, "`http_helpers` is a drawer"),
    (laws.drawers, {"facts/common/a.py": ""}, "`common` is a drawer"),
    (laws.drawers, {"facts/event_v2.py": ""}, "`event_v2` is a drawer"),
    (laws.drawers, {"ui/src/types.ts": ""}, "`types` is a drawer"),
    (laws.drawers, {"facts/a.py": "class EventManager:\n    pass"}, "class EventManager"),
    (laws.captions, {"src/wayfare/facts/a.py": "#!x\nx = 1"}, "opens with no caption"),
    (laws.captions, {"facts/a.py": '"""Events"""'}, "is no sentence"),
    (laws.captions, {"facts/a.py": '"""Knows events. Also people."""'}, "more than one sentence"),
    (
        word_laws.catalogue,
        {
            "ground/words/a.py": words("'a.b': ('x', '甲')"),
            "ground/words/b.py": words("'a.b': ('y', '乙')"),
        },
        "a.b is also in",
    ),
    (word_laws.catalogue, {"ground/words/a.py": words("'a': ('x', '甲'), 'a': ('x', '甲')")}, "a is also in"),
    (word_laws.catalogue, {"ground/words/a.py": words("'a': ('x', ' ')")}, "empty in a language"),
    (word_laws.catalogue, {"ground/words/a.py": words("'a': ('{x} of {y}', '{x}')")}, "en fills ['x', 'y']"),
    (word_laws.catalogue, {"ground/words/a.py": words("'a': ('x, y', '甲,乙')")}, "Chinese takes"),
    (word_laws.codes, {"facts/a.py": "raise E('WF2001')"}, "WF2001.what is not in the catalogue"),
    (
        word_laws.codes,
        {"facts/a.py": "raise E('WF2001')", "ground/words/a.py": words("'WF2001.what': ('x', '甲')")},
        "WF2001.mend is not in the catalogue",
    ),
    (word_laws.codes, {"ground/words/a.py": words("'WF2001.what': ('x', '甲')")}, "WF2001 is raised nowhere"),
    (
        word_laws.values,
        {
            "facts/a.py": "raise Malformed('WF2001', 'here', name=1)",
            "ground/errors.py": KINDS,
            "ground/words/a.py": words(
                "'WF2001.what': ('{name}', '{name}'), 'WF2001.mend': ('{size}', '{size}')"
            ),
        },
        "WF2001 is made without size",
    ),
    (
        word_laws.values,
        {
            "facts/a.py": "class Torn(Malformed):\n    pass\nraise Torn('WF2001')",
            "ground/errors.py": KINDS,
            "ground/words/a.py": words("'WF2001.what': ('{name}', '{name}'), 'WF2001.mend': ('x', '甲')"),
        },
        "WF2001 is made without name",
    ),
    (
        word_laws.values,
        {
            "journey/a.py": "x = Problem('WF1001', 'error', (), {'name': 1})",
            "ground/words/a.py": words(
                "'WF1001.what': ('{name}', '{name}'), 'WF1001.mend': ('{size}', '{size}')"
            ),
        },
        "WF1001 is made without size",
    ),
    (word_laws.said, {"facts/a.py": "say('gate.no', 'en')"}, "`gate.no` is not in the catalogue"),
    (word_laws.said, {"facts/a.py": "say(f'gate.{name}', 'en')"}, "begins with `gate.`"),
    (
        word_laws.said,
        {
            "ground/a.py": "class A:\n    def say(self, key):\n        say(f'rule.{key}')\n    def f(self):\n"
            "        self.say('x')\n        self.say('y')",
            "ground/words/a.py": words("'rule.x': ('x', '甲')"),
        },
        "`rule.y` is not in the catalogue",
    ),
    (
        word_laws.pages,
        {
            "ground/words/a.py": words(
                "'page.a': ('a', '甲'), 'page.b.c': ('b', '乙'), 'page.d': ('d', '丁')"
            ),
            "ui/src/a.ts": 'say("page.a"); say(`page.b.${x}` as Key)',
        },
        "no page shows page.d",
    ),
    (word_laws.one_catalogue, {"facts/a.py": "x = '旅程'"}, "a text outside the catalogue"),
    (word_laws.foreign, {"docs/a.md": SLASH.join(("see ", "work", "x"))}, "work"),
    (word_laws.foreign, {"facts/a.py": SLASH.join(("x = '", "home", "me", "x'"))}, "me"),
)


@pytest.mark.parametrize(
    ("law", "files", "said"), BREACHES, ids=[f"{law.__name__}-{said[:24]}" for law, _, said in BREACHES]
)
def test_a_planted_breach_is_caught(law: Law, files: dict[str, str], said: str, tmp_path: Path) -> None:
    found = law(plant(tmp_path, files))
    assert found, f"{law.__name__} saw nothing"
    assert any(said in violation.text for violation in found), [str(violation) for violation in found]


def test_what_is_allowed_is_left_alone(tmp_path: Path) -> None:
    root = plant(
        tmp_path,
        {
            "__init__.py": "from wayfare.app import build",
            "app.py": "from wayfare.config import Config\nfrom wayfare.engine import live\nimport os, time",
            "config/__init__.py": "class Config:\n    pass",
            "engine/live.py": "import threading, time, apsw\nfrom wayfare.people.a import f\nx = open",
            "people/__init__.py": "",
            "people/a.py": (
                '"""May we, now?"""\n'
                "from datetime import UTC, datetime\nfrom zoneinfo import ZoneInfo\nimport numba\n"
                "from wayfare.facts.event import Event\n"
                "class Scope:\n    now: int\n    def __hash__(self):\n        return hash(self.now)\n"
                "@numba.njit(cache=True)\ndef f(open, at):\n"
                "    return open, datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo('UTC')), at.now\n"
            ),
            "facts/event.py": "class Event:\n    pass\ndef f():\n" + "    x = 1\n" * 59,
            "ground/errors.py": KINDS,
            "ground/words/a.py": words(
                "'WF2001.what': ('{name}, so', '{name}，是'), 'WF2001.mend': MEND, 'gate.no': ('n', '否')"
            )
            + "MEND = ('mend', '请修正')\n",
            "facts/a.py": (
                "from wayfare.ground.errors import Malformed\n"
                "def f(x):\n    '''旅程 in prose.'''\n    say('gate.no', 'zh')\n    say(f'gate.{x}', 'zh')\n"
                "    raise Malformed('WF2001', 'here', name=x)\n"
                "def g(**given):\n    raise Malformed('WF2001', 'here', **given)\n"
            ),
            "demo/people.py": "NAME = '张伟'",
        },
    )
    found = [violation for law in LAWS for violation in law(root)]
    assert not found, [str(violation) for violation in found]


def test_the_pages_have_the_catalogue_of_today() -> None:
    script = ROOT / "ui" / "scripts" / "words.py"
    around = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    show = f"import runpy; print(runpy.run_path({str(script)!r})['generated'](), end='')"
    told = subprocess.run(
        [sys.executable, "-c", show], env=around, capture_output=True, text=True, check=True
    )
    assert (ROOT / "ui" / "src" / "words.gen.json").read_text(encoding="utf-8") == told.stdout, (
        "run `make words`"
    )
