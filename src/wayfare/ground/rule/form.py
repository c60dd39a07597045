"""The stored form: a rule tree as the JSON that form editors show (groups and leaves), both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wayfare.ground.errors import Malformed
from wayfare.ground.rule.arguments import checked_call
from wayfare.ground.rule.limits import NESTING, TEXT_BYTES, within_limits
from wayfare.ground.rule.names import kind, nearest
from wayfare.ground.rule.parse import parse
from wayfare.ground.rule.text import text
from wayfare.ground.rule.token import LARGEST
from wayfare.ground.rule.tree import (
    Binary,
    Call,
    Either,
    Every,
    Items,
    Not,
    Null,
    Path,
    Real,
    Rule,
    Text,
    Truth,
    Whole,
    either,
    every,
)

COMPARED: Final = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
TEXTUAL: Final = {
    "contains": "contains",
    "beginsWith": "startsWith",
    "endsWith": "endsWith",
    "matches": "matches",
}
NEGATED: Final = {
    "doesNotContain": "contains",
    "doesNotBeginWith": "beginsWith",
    "doesNotEndWith": "endsWith",
    "doesNotMatch": "matches",
    "notIn": "in",
    "null": "notNull",
    "notBetween": "between",
}
OPERATORS: Final = (*COMPARED, *TEXTUAL, "in", "notNull", "between", *NEGATED)
_GROUP: Final = frozenset({"combinator", "rules", "not", "id", "path", "disabled"})
_LEAF: Final = frozenset({"field", "operator", "value", "valueSource", "id", "path", "disabled"})
_CEL: Final = frozenset({"cel", "id", "path", "disabled"})
_EXACT_IN_SCRIPTS: Final = 1 << 53  # whole numbers up to here survive an editor that knows only doubles
# calls that a form shows as a field of their own
_FIELDS: Final = frozenset({"count", "sum", "first", "last", "days_since", "size"})


def from_tree(document: object, where: str = "") -> Rule:
    """The rule of a stored form, or of a text.

    A group is `{combinator: and|or, not?, rules: […]}`, a leaf `{field, operator, value, valueSource?}` in which
    `field` is CEL and `valueSource: field` says that `value` is CEL too; `{cel: "…"}` stands for anything else. Raises
    Malformed WF13xx with a JSON pointer, and for what exceeds the limits of a condition.
    """
    if isinstance(document, str):
        return parse(document, where)
    rule = within_limits(_read(document, where, 0), where)
    size = len(text(rule).encode("utf-8", "surrogatepass"))
    if size > TEXT_BYTES:
        raise Malformed("WF1302", where, size=size, limit=TEXT_BYTES)
    return rule


def tree(rule: Rule) -> dict[str, Any]:
    """The stored form of a rule, always a group at the top; `from_tree` reads it back as the same rule."""
    form = _form(rule)
    return form if "rules" in form else {"combinator": "and", "rules": [form]}


# --- reading


def _read(document: object, where: str, nesting: int) -> Rule:
    if not isinstance(document, Mapping):
        raise Malformed("WF1324", where)
    if nesting > NESTING:
        raise Malformed("WF1304", where, limit=NESTING)
    if "rules" in document or "combinator" in document:
        return _group(document, where, nesting)
    if "cel" in document:
        _known(document, _CEL, where)
        if not isinstance(document["cel"], str):
            raise Malformed("WF1324", f"{where}/cel")
        return parse(document["cel"], f"{where}/cel")
    return _leaf(document, where)


def _group(document: Mapping[str, object], where: str, nesting: int) -> Rule:
    _known(document, _GROUP, where)
    combinator, rules = document.get("combinator", "and"), document.get("rules")
    if combinator not in ("and", "or") or not isinstance(rules, list | tuple):
        raise Malformed("WF1324", where)
    parts = tuple(_read(part, f"{where}/rules/{place}", nesting + 1) for place, part in enumerate(rules))
    rule = every(parts) if combinator == "and" else either(parts)
    return Not(rule) if document.get("not") is True else rule


def _known(document: Mapping[str, object], keys: frozenset[str], where: str) -> None:
    for key in document:
        if key not in keys:
            raise Malformed("WF1327", where, found=key, nearest=nearest(str(key), sorted(keys)))


def _leaf(document: Mapping[str, object], where: str) -> Rule:
    _known(document, _LEAF, where)
    field, operator = document.get("field"), document.get("operator")
    if not isinstance(field, str) or not isinstance(operator, str):
        raise Malformed("WF1324", where)
    operator = "=" if operator == "==" else operator
    if operator not in OPERATORS:
        raise Malformed("WF1325", where, found=operator, nearest=nearest(operator, list(OPERATORS)))
    subject = parse(field, f"{where}/field")
    positive = NEGATED.get(operator, operator)
    if document.get("valueSource") == "field":
        value = _told(document.get("value"), positive, where)
    else:
        value = _value(subject, positive, document.get("value"), where)
    rule = _condition(subject, positive, value, where)
    return rule if positive == operator else Not(rule)


def _told(value: object, operator: str, where: str) -> Rule:
    """The value of a leaf that compares two fields."""
    if not isinstance(value, str) or operator not in (*COMPARED, *TEXTUAL):
        raise Malformed("WF1326", where, operator=operator)
    return parse(value, f"{where}/value")


def _value(subject: Rule, operator: str, value: object, where: str) -> Rule:
    """The value of a leaf as a rule; a text beside an instant or a duration says one."""
    if operator == "notNull":
        return Null()
    if operator in ("in", "between"):
        parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or (operator == "between" and len(parts) != 2):
            raise Malformed("WF1326", where, operator=operator)
        return Items(tuple(_literal(subject, part, operator, where) for part in parts))
    return _literal(subject, value, operator, where)


def _literal(subject: Rule, value: object, operator: str, where: str) -> Rule:
    match value:
        case bool():
            return Truth(value)
        case int() if abs(value) < LARGEST:
            return Whole(value)
        case float() if value - value == 0:  # finite
            return Real(value)
        case None:
            return Null()
        case str() if kind(subject) == "instant":
            return checked_call("timestamp", (Text(value),), 1, f"{where}/value")
        case str() if kind(subject) == "duration":
            return checked_call("duration", (Text(value),), 1, f"{where}/value")
        case str():
            return Text(value)
    raise Malformed("WF1326", where, operator=operator)


def _condition(subject: Rule, operator: str, value: Rule, where: str) -> Rule:
    match operator, value:
        case "notNull", _:
            return checked_call("has", (subject,), 1, where)
        case "between", Items((low, high)):
            return every((Binary(">=", subject, low), Binary("<=", subject, high)))
        case "in", _:
            return Binary("in", subject, value)
        case "contains", _ if kind(subject) == "list":
            return Binary("in", value, subject)
        case _ if operator in COMPARED:
            return Binary(COMPARED[operator], subject, value)
    return checked_call(TEXTUAL[operator], (subject, value), 1, where)


# --- writing


def _form(rule: Rule) -> dict[str, Any]:
    match rule:
        case Every(parts):
            return {"combinator": "and", "rules": [_form(part) for part in parts]}
        case Either(parts):
            return {"combinator": "or", "rules": [_form(part) for part in parts]}
        case Not(part):
            return _negated(_form(part))
    return _as_leaf(rule) or {"cel": text(rule)}


def _negated(form: dict[str, Any]) -> dict[str, Any]:
    opposite = {positive: negative for negative, positive in NEGATED.items()}
    operator = form.get("operator")
    if operator in opposite:
        return {**form, "operator": opposite[operator]}
    if "rules" in form and "not" not in form:
        return {"combinator": form["combinator"], "not": True, "rules": form["rules"]}
    return {"combinator": "and", "not": True, "rules": [form]}


def _as_leaf(rule: Rule) -> dict[str, Any] | None:
    match rule:
        case Call("has", (Path() as path,)):
            return {"field": text(path), "operator": "notNull", "value": None}
        case Binary("in", subject, Items(items)) if _is_field(subject):
            plain = [_plain(subject, item) for item in items]
            if all(known for known, _ in plain):
                return {"field": text(subject), "operator": "in", "value": [value for _, value in plain]}
        case Binary("in", Text(value), subject) if _is_field(subject) and kind(subject) == "list":
            return {"field": text(subject), "operator": "contains", "value": value}
        case Binary(op, subject, value_rule) if op in COMPARED.values() and _is_field(subject):
            operator = {cel: shown for shown, cel in COMPARED.items()}[op]
            return _with_value(subject, operator, value_rule)
        case Call(name, (subject, value_rule)) if name in TEXTUAL.values() and _is_field(subject):
            operator = {cel: shown for shown, cel in TEXTUAL.items()}[name]
            return None if kind(subject) == "list" else _with_value(subject, operator, value_rule)
    return None


def _with_value(subject: Rule, operator: str, value: Rule) -> dict[str, Any] | None:
    if isinstance(value, Path):
        return {"field": text(subject), "operator": operator, "value": text(value), "valueSource": "field"}
    known, plain = _plain(subject, value)
    return {"field": text(subject), "operator": operator, "value": plain} if known else None


def _is_field(rule: Rule) -> bool:
    return isinstance(rule, Path) or (isinstance(rule, Call) and rule.name in _FIELDS)


def _plain(subject: Rule, value: Rule) -> tuple[bool, Any]:
    """Whether a leaf can hold this value beside this field, and how."""
    match value:
        case Text(written):
            return kind(subject) not in ("instant", "duration"), written
        case Whole(number):
            return abs(number) <= _EXACT_IN_SCRIPTS, number
        case Real(real):
            return True, real
        case Truth(truth):
            return True, truth
        case Null():
            return True, None
        case Call("timestamp", (Text(written),)):
            return kind(subject) == "instant", written
        case Call("duration", (Text(written),)):
            return kind(subject) == "duration", written
    return False, None
