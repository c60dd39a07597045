"""The template: front matter and a Liquid body in every locale, compiled once, rendered per person to plain texts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from liquid.exceptions import LiquidError, UndefinedError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from wayfare.channels.liquid import Aborted, Bound, compile_text
from wayfare.contact.document import Fault, Place, Reader
from wayfare.contact.hours import readable
from wayfare.contact.message import Message
from wayfare.facts.event import Event
from wayfare.ground.rule import Scope
from wayfare.ground.time import local

_EVENT = ("id", "name", "time", "channel", "properties", "context")
# the names that a template may read, and below them what there is (nothing: whatever the data has)
SHAPES: dict[str, tuple[str, ...]] = {
    "profile": ("id", "traits", "tags", "consent", "timezone", "locale"),
    "customer": (),
    "event": _EVENT,
    "entry": _EVENT,
    "context": (),
    "journey": (),
    "message": ("id", "channel", "template", "class", "journey", "node"),
    "now": (),
    "today": (),
}
FRONT = ("channel", "subject", "preheader", "from", "sms")
SMS = ("sign", "provider_template", "map")
_LINE = re.compile(r"\s+")
_MISTAKES = (LiquidError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError, RecursionError)


class Lacking(NamedTuple):
    """Why a message has no content: `reason` is WF4201 (a missing value), WF4202 (it cannot be rendered), WF4203
    (there is no such template) or the template's own words; `name` is what is missing or wrong."""

    reason: str
    name: str = ""


class Variable(NamedTuple):
    """A name that a template reads from outside, and where: file, line and column from 1."""

    path: str
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a message, compiled; `html` escapes values for HTML. It begins at `line` of its file."""

    source: str
    line: int
    text: Bound | str
    html: Bound | str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A template in one locale: its parts by content key (subject, preheader, body, from, sms.sign …)."""

    file: str
    channel: str
    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template; `variants` by locale in small letters, the empty one for everybody else."""

    name: str
    variants: Mapping[str, Variant]

    def choose(self, locale: str) -> Variant:
        """The variant of a locale such as zh-Hans-CN: the closest (zh-hans, zh), else the one without locale."""
        wanted = locale.replace("_", "-").lower()
        while wanted and wanted not in self.variants:
            wanted = wanted.rpartition("-")[0]
        found = self.variants.get(wanted)
        return found or self.variants[min(self.variants)]


def gather(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """From file stems (`welcome`, `welcome.zh`) to template name → locale → text."""
    found: dict[str, dict[str, str]] = {}
    for stem, text in texts.items():
        name, _, locale = stem.partition(".")
        found.setdefault(name, {})[locale] = text
    return found


def parse(name: str, texts: Mapping[str, str]) -> Template:
    """The compiled template of its files by locale; raises the first of its problems."""
    template, faults = _read(name, texts)
    if faults:
        raise faults[0].error("templates")
    return template


def problems(name: str, texts: Mapping[str, str]) -> tuple[Fault, ...]:
    """Everything that is wrong; the place is the file (and front matter key), the values have `line` and `column`."""
    return tuple(_read(name, texts)[1])


def absent(name: str) -> Lacking:
    """What to say of a template that does not exist."""
    return Lacking("WF4203", name)


def variables(template: Template) -> tuple[Variable, ...]:
    """Every name that the template reads from outside, in every variant, in the order of the text."""
    return tuple(found for variant in template.variants.values() for found in _variables(variant))


def render(
    template: Template, scope: Scope, message: Message, journey: Mapping[str, Any], locale: str = ""
) -> dict[str, str] | Lacking:
    """The content of a message for one person, or why there is none; never half of it.

    `locale` chooses the variant; times are by the person's clock; only an email's body is escaped for HTML. Values
    are data: Liquid inside of them stays as it is.
    """
    variant = template.choose(locale)
    names = _names(scope, message, journey)
    html = "email" in (variant.channel, message.channel)
    content: dict[str, str] = {}
    try:
        for key, part in variant.parts.items():
            compiled = part.html if html and part.html is not None else part.text
            text = compiled if isinstance(compiled, str) else compiled.render(names)
            content[key] = text if key == "body" else _LINE.sub(" ", text).strip()
    except Aborted as stop:
        return Lacking(str(stop))
    except UndefinedError as missing:
        return Lacking("WF4201", str(missing.message))
    except _MISTAKES as cause:
        detail = cause.message if isinstance(cause, LiquidError) else cause
        return Lacking("WF4202", f"{variant.file}: {detail}"[:200])
    return content


def _names(scope: Scope, message: Message, journey: Mapping[str, Any]) -> dict[str, Any]:
    person = scope.profile
    zone = person.timezone if readable(person.timezone) else scope.zone
    now = local(scope.now, zone)
    profile = {
        "id": person.id, "traits": person.traits, "tags": list(person.tags), "consent": person.consent,
        "timezone": person.timezone, "locale": person.locale,
    }  # fmt: skip
    told = {
        "id": message.id, "channel": message.channel, "template": message.template, "class": message.klass,
        "journey": message.journey, "node": message.node,
    }  # fmt: skip
    return {
        "profile": profile, "customer": person.traits, "event": _event(scope.event, zone),
        "entry": _event(scope.entry, zone), "context": scope.context or {}, "journey": journey, "message": told,
        "now": now, "today": now.date(),
    }  # fmt: skip


def _event(event: Event | None, zone: str) -> dict[str, Any]:
    if event is None:
        return {}
    time: datetime = local(event.time, zone)
    return {
        "id": event.id, "name": event.name, "time": time, "channel": event.channel,
        "properties": event.properties, "context": event.context,
    }  # fmt: skip


def _read(name: str, texts: Mapping[str, str]) -> tuple[Template, list[Fault]]:
    faults: list[Fault] = []
    variants = {}
    for locale, text in sorted(texts.items()):
        file = f"{name}.{locale}.liquid" if locale else f"{name}.liquid"
        variants[locale.replace("_", "-").lower()] = _variant(file, text, faults)
    return Template(name, variants), faults


def _variant(file: str, text: str, faults: list[Fault]) -> Variant:
    front, body, line_of_body = _split(text)
    raw = _front(file, front, faults)
    found: list[Fault] = []
    top = Reader(raw, (file,), found)
    top.known(FRONT)
    channel = top.text("channel")
    sms = top.below("sms")
    sms.known(SMS)
    sources = {key: top.text(key) for key in ("subject", "preheader", "from")}
    sources |= {f"sms.{key}": sms.text(key) for key in ("sign", "provider_template")}
    params = sms.below("map")
    sources |= {f"sms.map.{key}": params.text(key) for key in params.raw}
    for fault in found:
        line = _line_of(front, str(fault.place[1]) if len(fault.place) > 1 else "")
        faults.append(fault._replace(values={**fault.values, "line": line, "column": 1}))
    parts = {}
    for key, source in sources.items():
        if source:
            line = _line_of(front, key.partition(".")[0])
            parts[key] = Part(source, line, _compiled((file, key), source, line, faults))
    plain = _compiled((file,), body, line_of_body, faults)
    html = compile_text(body, html=True) if isinstance(plain, Bound) else plain
    parts["body"] = Part(body, line_of_body, plain, html)
    variant = Variant(file, channel, parts)
    faults.extend(_unknown(variant))
    return variant


def _split(text: str) -> tuple[str, str, int]:
    """Front matter, body, and the line of the file that the body begins at."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    front = ""
    if text.startswith("---\n"):
        front, closed, rest = text[4:].partition("\n---\n")
        if not closed:
            front, rest = text[4:].removesuffix("\n---"), ""
        text, line = rest, front.count("\n") + 4
    else:
        line = 1
    body = text.lstrip("\n")
    return front, body.rstrip("\n"), line + len(text) - len(body)


def _front(file: str, front: str, faults: list[Fault]) -> object:
    try:
        return YAML(typ="safe", pure=True).load(front) or {}
    except MarkedYAMLError as cause:
        mark = cause.problem_mark
        line, column = (mark.line + 2, mark.column + 1) if mark else (1, 1)
        detail = " ".join(str(cause.problem or "YAML").split())
    except (YAMLError, ValueError, RecursionError) as cause:
        line, column, detail = 1, 1, " ".join(str(cause).split())[:120]
    faults.append(Fault("WF4101", (file,), {"detail": detail, "line": line, "column": column}))
    return {}


def _compiled(place: Place, source: str, first_line: int, faults: list[Fault]) -> Bound | str:
    try:
        return compile_text(source, html=False)
    except LiquidError as cause:
        found = cause.context()
        line, column = (found[0] + first_line - 1, found[1] + 1) if found else (first_line, 1)
        faults.append(Fault("WF4101", place, {"detail": str(cause.message), "line": line, "column": column}))
        return ""


def _variables(variant: Variant) -> Iterator[Variable]:
    for part in variant.parts.values():
        if isinstance(part.text, Bound):
            for uses in part.text.analyze().globals.values():
                for use in uses:
                    yield Variable(str(use), variant.file, *_place(part, use.span.index))


def _place(part: Part, index: int) -> tuple[int, int]:
    before = part.source[:index]
    return part.line + before.count("\n"), index - (before.rfind("\n") + 1) + 1


def _unknown(variant: Variant) -> Iterator[Fault]:
    """Names that no person can ever have, and filters that do not exist."""
    for found in _variables(variant):
        steps = re.split(r"[.\[]", found.path)
        shape = SHAPES.get(steps[0])
        if steps[0] not in SHAPES:
            yield _not_known(variant.file, steps[0], tuple(SHAPES), found.line, found.column)
        elif shape and len(steps) > 1 and steps[1] not in shape and not found.path.startswith(f"{steps[0]}["):
            yield _not_known(variant.file, f"{steps[0]}.{steps[1]}", shape, found.line, found.column)
    for part in variant.parts.values():
        if isinstance(part.text, Bound):
            for name, spans in part.text.analyze().filters.items():
                if name not in part.text.env.filters:
                    for span in spans:
                        yield _not_known(
                            variant.file, name, tuple(part.text.env.filters), *_place(part, span.index)
                        )


def _not_known(file: str, name: str, known: tuple[str, ...], line: int, column: int) -> Fault:
    nearest = difflib.get_close_matches(name.rpartition(".")[2], known, 1, 0.4) or [", ".join(known[:12])]
    return Fault("WF4102", (file,), {"name": name, "nearest": nearest[0], "line": line, "column": column})


def _line_of(front: str, key: str) -> int:
    """The line of a front matter key in its file."""
    for number, line in enumerate(front.split("\n")):
        if key and line.startswith(f"{key}:"):
            return number + 2
    return 1
