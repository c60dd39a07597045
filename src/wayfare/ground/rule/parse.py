"""Reading: the text of a condition, a subset of CEL, becomes a rule tree; every error tells its column."""

from __future__ import annotations

from typing import Final

from wayfare.ground.errors import Malformed
from wayfare.ground.rule.arguments import checked_call
from wayfare.ground.rule.limits import DEPTH, ENTRIES, NESTING, TEXT_BYTES, within_limits
from wayfare.ground.rule.names import EVENT, FUNCTIONS, PROFILE, ROOTS, kind, nearest
from wayfare.ground.rule.token import KEYWORDS, LOOKALIKES, Token, tokens
from wayfare.ground.rule.tree import (
    Binary,
    Call,
    Choice,
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
    either,
    every,
)

# how tightly each operator binds, loosest first; all of them from left to right
BINDING: Final = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}
_APART: Final = frozenset({"instant", "duration", "local"})


def parse(text: str, where: str = "") -> Rule:
    """The rule that a text says.

    `where` names the place of the text (a file, a pointer) in errors. Raises Malformed WF13xx: what was expected, the
    column, and how to mend it; more than 4 kB, 200 entries or depth 8 is refused.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > TEXT_BYTES:
        raise Malformed("WF1302", where, size=size, limit=TEXT_BYTES)
    reader = _Reader(tokens(text, where), where)
    rule = reader.choice()
    reader.finish()
    return within_limits(rule, where)


class _Reader:
    """One pass over the tokens, operators by how tightly they bind."""

    def __init__(self, found: list[Token], where: str) -> None:
        self.tokens = found
        self.where = where
        self.at = 0
        self.nesting = 0
        self.operations = 0

    # --- tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def sees(self, sign: str) -> bool:
        return self.token.sort == "sign" and self.token.written == sign

    def takes(self, sign: str) -> bool:
        if self.sees(sign):
            self.at += 1
            return True
        return False

    def needs(self, sign: str) -> None:
        if not self.takes(sign):
            raise self.unexpected("WF1306", expected=sign)

    def unexpected(self, code: str, **values: object) -> Malformed:
        token = self.token
        if token.sort == "end":
            return Malformed("WF1307", self.where, column=token.column, expected=values.get("expected", "…"))
        if token.written in LOOKALIKES:
            instead = LOOKALIKES[token.written]
            return Malformed("WF1305", self.where, found=token.written, instead=instead, column=token.column)
        return Malformed(code, self.where, found=token.written, column=token.column, **values)

    def finish(self) -> None:
        if self.token.sort != "end":
            raise self.unexpected("WF1308")

    def deeper(self) -> None:
        self.nesting += 1
        if self.nesting > NESTING:
            raise Malformed("WF1304", self.where, limit=DEPTH)

    # --- the grammar

    def choice(self) -> Rule:
        """`test ? yes : test ? yes : no`, read in a loop so that long chains do not nest."""
        self.deeper()
        tests: list[tuple[Rule, Rule, int]] = []
        while True:
            rule = self.operation(1)
            column = self.token.column
            if not self.takes("?"):
                break
            yes = self.operation(1)  # as in CEL: a choice in here needs brackets
            self.needs(":")
            tests.append((rule, yes, column))
        for test, yes, column in reversed(tests):
            kinds = {kind(yes), kind(rule)} - {"nothing"}
            if len(kinds) > 1 and kinds & _APART:
                raise Malformed("WF1312", self.where, column=column)
            rule = Choice(test, yes, rule)
        self.nesting -= 1
        return rule

    def operation(self, loosest: int) -> Rule:
        left = self.signed()
        while True:
            op = self.token.written if self.token.sort == "sign" or self.token.written == "in" else ""
            binding = BINDING.get(op, 0)
            if binding < loosest:
                return left
            self.at += 1
            if op in ("&&", "||"):
                parts = [left, self.operation(binding + 1)]
                while self.takes(op):
                    parts.append(self.operation(binding + 1))
                left = (every if op == "&&" else either)(tuple(parts))
                continue
            self.operations += 1
            if self.operations > 2 * ENTRIES:
                raise Malformed("WF1303", self.where, count=f"> {2 * ENTRIES}", limit=ENTRIES)
            left = Binary(op, left, self.operation(binding + 1))

    def signed(self) -> Rule:
        self.deeper()
        if self.takes("!"):
            rule: Rule = Not(self.signed())
        elif self.takes("-"):
            token = self.token
            if token.sort in ("whole", "real"):
                self.at += 1
                rule = self.members(
                    Real(-token.value) if isinstance(token.value, float) else Whole(-int(token.value))
                )
            else:
                rule = Minus(self.signed())
        else:
            rule = self.members(self.primary())
        self.nesting -= 1
        return rule

    def primary(self) -> Rule:
        token = self.token
        self.at += 1
        match token.sort:
            case "text":
                return Text(str(token.value))
            case "whole":
                return Whole(int(token.value))
            case "real":
                return Real(float(token.value))
            case "name":
                return self.named(token)
            case "sign" if token.written == "(":
                rule = self.choice()
                self.needs(")")
                return rule
            case "sign" if token.written == "[":
                return Items(self.listed("]"))
        self.at -= 1
        raise self.unexpected("WF1301")

    def named(self, token: Token) -> Rule:
        match token.written:
            case "true" | "false":
                return Truth(token.written == "true")
            case "null":
                return Null()
            case "in":
                self.at -= 1
                raise self.unexpected("WF1301")
        if self.takes("("):
            signature = FUNCTIONS.get(token.written)
            if signature is None or signature.method:
                raise self.no_function(token, method=False)
            return checked_call(token.written, self.listed(")"), token.column, self.where)
        if token.written in LOOKALIKES:
            self.at -= 1
            raise self.unexpected("WF1301")
        return self.path(token)

    def path(self, token: Token) -> Path:
        """A root and all that follows it, up to a method call."""
        root = token.written
        if root not in ROOTS:
            suggestion = nearest(root, list(ROOTS))
            raise Malformed("WF1313", self.where, found=root, nearest=suggestion, column=token.column)
        keys: list[str | int] = []
        while True:
            column = self.token.column
            key = self.key()
            if key is None:
                break
            parts = ROOTS[root]
            if parts is not None and (
                (len(keys) >= 1 and parts[str(keys[0])] not in ("map", "list")) or not parts
            ):
                written = ".".join([root, *map(str, keys)])
                raise Malformed("WF1315", self.where, found=written, column=column)
            if parts is not None and not keys and key not in parts:
                near = nearest(str(key), list(parts))
                raise Malformed("WF1314", self.where, root=root, found=key, nearest=near, column=column)
            keys.append(key)
        if not keys and ROOTS[root] in (PROFILE, EVENT):
            names = ", ".join(ROOTS[root] or ())
            raise Malformed("WF1317", self.where, root=root, names=names, column=token.column)
        return Path(root, tuple(keys))

    def key(self) -> str | int | None:
        """The next `.name` or `[…]` of a path; None when there is none, or a method call follows."""
        if self.sees("."):
            name, after = self.tokens[self.at + 1], self.tokens[min(self.at + 2, len(self.tokens) - 1)]
            if after.sort == "sign" and after.written == "(":
                return None
            self.at += 1
            if name.sort != "name" or name.written in KEYWORDS:
                raise self.unexpected("WF1318")
            self.at += 1
            return name.written
        if self.takes("["):
            token = self.token
            if token.sort not in ("text", "whole"):
                raise self.unexpected("WF1318")
            self.at += 1
            self.needs("]")
            return int(token.value) if isinstance(token.value, int) else str(token.value)
        return None

    def members(self, rule: Rule) -> Rule:
        """The method calls behind a value."""
        while self.takes("."):
            token = self.token
            if token.sort != "name":
                raise self.unexpected("WF1318")
            self.at += 1
            if not self.sees("("):
                raise Malformed("WF1319", self.where, found=token.written, column=token.column)
            signature = FUNCTIONS.get(token.written)
            if signature is None or not (signature.method or token.written == "size"):
                raise self.no_function(token, method=True)
            self.at += 1
            rule = checked_call(token.written, (rule, *self.listed(")")), token.column, self.where)
        if self.sees("["):
            raise Malformed("WF1319", self.where, found="[", column=self.token.column)
        if isinstance(rule, Call) and rule.name == "local":
            raise Malformed("WF1320", self.where, column=self.token.column)
        return rule

    def listed(self, closing: str) -> tuple[Rule, ...]:
        """Rules between commas, up to the closing sign; a comma may stand before it. Calls may take fields too."""
        items: list[Rule] = []
        while not self.takes(closing):
            if items:
                self.needs(",")
                if self.takes(closing):
                    break
            items.append(self.fields() if closing == ")" and self.sees("{") else self.choice())
        return tuple(items)

    def fields(self) -> Fields:
        self.needs("{")
        pairs: list[tuple[str, str]] = []
        while not self.takes("}"):
            if pairs:
                self.needs(",")
            key = self.literal_text()
            self.needs(":")
            pairs.append((key, self.literal_text()))
        return Fields(tuple(pairs))

    def literal_text(self) -> str:
        token = self.token
        if token.sort != "text":
            raise self.unexpected("WF1306", expected='"…"')
        self.at += 1
        return str(token.value)

    def no_function(self, token: Token, *, method: bool) -> Malformed:
        known = [name for name, signature in FUNCTIONS.items() if signature.method == method]
        suggestion = nearest(token.written, known)
        return Malformed("WF1321", self.where, found=token.written, nearest=suggestion, column=token.column)
