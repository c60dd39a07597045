"""The sentence: a rule as a marketer reads it, in English or Chinese."""

from __future__ import annotations

import re
from typing import Final

from wayfare.ground.errors import Lang
from wayfare.ground.rule.names import kind
from wayfare.ground.rule.tree import (
    ARITHMETIC,
    Binary,
    Call,
    Choice,
    Either,
    Every,
    Fields,
    Items,
    Minus,
    Not,
    Null,
    Path,
    Real,
    Rule,
    Text,
    Truth,
    Whole,
)
from wayfare.ground.words import say

_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
# Chinese takes no blank between its own signs; blanks of the rule's own texts are kept out of that by a stand-in
_WIDE: Final = r"[\u2018-\u201d\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
_BLANK: Final = re.compile(rf"(?<={_WIDE}) (?={_WIDE})")
_KEPT: Final = "\ue000"
_SIGNS: Final = {"*": "×", "/": "÷", "-": "−"}
_TESTS: Final = frozenset({"startsWith", "endsWith", "contains", "matches"})


def sentence(rule: Rule, lang: Lang, person: str = "") -> str:
    """The rule in words; `person` is the workspace's own word for the person, when it has one."""
    said = _Speaker(lang, person or say("rule.person", lang)).condition(rule)
    return (_BLANK.sub("", said) if lang == "zh" else said).replace(_KEPT, " ")


class _Speaker:
    def __init__(self, lang: Lang, person: str) -> None:
        self.lang: Lang = lang
        self.person = person

    def say(self, key: str, **values: object) -> str:
        return say(f"rule.{key}", self.lang, **values)

    def own(self, text: str) -> str:
        """A text of the rule itself, in quotes."""
        return self.say("text", value=text.replace(" ", _KEPT))

    # --- conditions

    def condition(self, rule: Rule) -> str:
        """What is claimed."""
        match rule:
            case Every(parts):
                return self.say("and").join(map(self.grouped, parts))
            case Either(parts):
                return self.say("or").join(map(self.grouped, parts))
            case Not(part):
                return self.claim(part, "not_") or self.say(
                    "not", inside=self.say("group", inside=self.condition(part))
                )
            case Path():
                return self.say("true", value=self.value(rule))
            case _:
                return self.claim(rule, "") or self.value(rule)

    def grouped(self, part: Rule) -> str:
        said = self.condition(part)
        return self.say("group", inside=said) if isinstance(part, Every | Either) else said

    def claim(self, rule: Rule, negation: str) -> str | None:
        """A condition that has its own words, and its own words for the opposite; None when it has not."""
        match rule:
            case Path() if negation:
                return self.say("not_true", value=self.value(rule))
            case Binary("in", left, right):
                key = "in" if isinstance(right, Items) else "within"
                return self.say(negation + key, left=self.value(left), right=self.value(right))
            case Binary(op, left, right) if op not in ARITHMETIC and not negation:
                earlier = "earlier." if kind(left) == "instant" and op not in ("==", "!=") else ""
                return self.say(f"{earlier}{op}", left=self.value(left), right=self.value(right))
            case Call("has", (path,)):
                return self.say(f"{negation}has", value=self.value(path))
            case Call(name, (left, right)) if name in _TESTS:
                return self.say(negation + name, left=self.value(left), right=self.value(right))
            case Call(("in_segment" | "in_journey") as name, (Text(which), *fields)):
                named = self.own(which)
                if fields and isinstance(fields[0], Fields):
                    told = self.say("comma").join(f"{key}: {value}" for key, value in fields[0].pairs)
                    named = self.say("in_journey.fields", name=named, fields=told)
                return self.say(negation + name, person=self.person, name=named)
        return None

    # --- values

    def value(self, rule: Rule) -> str:
        """What is compared."""
        match rule:
            case Text(value):
                return self.own(value)
            case Whole(number) | Real(number):
                return str(number)
            case Truth(truth):
                return self.say("yes" if truth else "no")
            case Null():
                return self.say("nothing")
            case Items(items):
                listed = self.say("comma").join(map(self.value, items))
                return self.say("list", items=listed) if items else self.say("empty")
            case Fields(pairs):
                return self.say("comma").join(f"{key}: {value}" for key, value in pairs)
            case Path():
                return self.path(rule)
            case Choice(test, yes, no):
                return self.say("choice", test=self.condition(test), yes=self.value(yes), no=self.value(no))
            case Binary(op, left, right) if op in ARITHMETIC:
                return f"{self.operand(left)} {_SIGNS.get(op, op)} {self.operand(right)}"
            case Minus(part):
                return f"−{self.operand(part)}"
            case Call(name, args):
                return self.call(name, args) or self.say("group", inside=self.condition(rule))
            case _:
                return self.say("group", inside=self.condition(rule))

    def operand(self, rule: Rule) -> str:
        said = self.value(rule)
        return self.say("group", inside=said) if isinstance(rule, Binary) and rule.op in ARITHMETIC else said

    def path(self, path: Path) -> str:
        if path.root == "now":
            return self.say("now")
        shared = path.root in ("context", "row")
        stem, keys = (path.root, path.keys) if shared else (f"{path.root}.{path.keys[0]}", path.keys[1:])
        if not keys:
            whole = shared or stem.rpartition(".")[2] in (
                "properties",
                "context",
                "traits",
                "tags",
                "consent",
            )
            return self.say(f"{stem}.all" if whole else stem, person=self.person)
        if stem == "profile.tags":
            return self.say(stem, person=self.person, part=keys[0])
        key = " / ".join(k if isinstance(k, str) else self.say("place", number=k + 1) for k in keys)
        return self.say(stem, person=self.person, part=key)

    def call(self, name: str, args: tuple[Rule, ...]) -> str | None:
        match name, args:
            case "duration", (Text(length),):
                return self.length(length)
            case "timestamp", (at,):
                return at.value if isinstance(at, Text) else self.value(at)
            case (("first" | "last"), (Text(event),)):
                return self.say(name, name=self.own(event))
            case "count", (Text(event), *rest):
                return self.during(rest, self.say("count", name=self.events(event, rest)))
            case "sum", (Text(event), Text(key), *rest):
                return self.during(rest, self.say("sum", part=key, name=self.events(event, rest)))
            case (("size" | "days_since"), (value,)):
                return self.say(name, value=self.value(value))
            case "local", (at,):
                return self.say("local", value=self.value(at), person=self.person)
            case _ if name.startswith("get"):
                said = self.say(name, value=self.value(args[0]))
                zone = args[1] if len(args) > 1 else None
                return self.say("zone", value=said, zone=zone.value) if isinstance(zone, Text) else said
        return None

    def events(self, event: str, rest: list[Rule]) -> str:
        named = self.own(event)
        return self.say("where", name=named, inside=self.condition(rest[1])) if len(rest) > 1 else named

    def during(self, rest: list[Rule], said: str) -> str:
        window = rest[0] if rest else None
        return (
            self.say("during", value=said, window=self.length(window.value))
            if isinstance(window, Text)
            else said
        )

    def length(self, written: str) -> str:
        sign = "−" if written.startswith("-") else ""
        parts = _PART.findall(written)
        return sign + " ".join(self.say(f"{unit}.one" if n == "1" else unit, number=n) for n, unit in parts)
