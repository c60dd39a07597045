"""Conditions: one rule tree, read from text or form, meant as Python or SQL, told as trace or sentence."""

from wayfare.ground.rule.form import from_tree, tree
from wayfare.ground.rule.meaning import compile_rule
from wayfare.ground.rule.parse import parse
from wayfare.ground.rule.reads import Reads, reads
from wayfare.ground.rule.scope import UNKNOWN, Scope, Unknown, holds
from wayfare.ground.rule.sentence import sentence
from wayfare.ground.rule.sql import to_sql
from wayfare.ground.rule.text import text
from wayfare.ground.rule.trace import Part, compile_trace, trace
from wayfare.ground.rule.tree import Path, Rule

__all__ = [
    "UNKNOWN",
    "Part",
    "Path",
    "Reads",
    "Rule",
    "Scope",
    "Unknown",
    "compile_rule",
    "compile_trace",
    "from_tree",
    "holds",
    "parse",
    "reads",
    "sentence",
    "text",
    "to_sql",
    "trace",
    "tree",
]
