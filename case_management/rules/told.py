"""Conditions of a rule for a reader: what each comparison asked, what it saw, and whether it and its group held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from case_management.models import Rule
from case_management.registry import Registry
from case_management.rules.conditions.operators import OPERATORS
from case_management.rules.field_kinds import Field
from case_management.rules.scope import whole_conditions
from case_management.rules.trace import seen_as

#: How groups are joined.
_HOLD = {"all": all, "any": any}


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison (``how`` is empty) or a group of them: all, any or not.

    ``seen`` is None where the value is personal, or is not for the reader. ``is_scope`` marks what says for whom the
    rule is.
    """

    held: bool
    how: str = ""
    parts: tuple[Told, ...] = ()
    asked: str = ""
    seen: str | None = None
    is_scope: bool = False

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        if self.how:
            return {"held": self.held, self.how: [part.as_json() for part in self.parts]}
        return {"held": self.held, "asked": self.asked} | ({"saw": self.seen} if self.seen is not None else {})

    def lines(self, depth: int = 0) -> Iterator[tuple[bool, str]]:
        """One line per group and comparison, those in a group further in."""
        seen = "" if self.seen is None else f" (was: {self.seen})"
        yield self.held, f"{'  ' * depth}{self.how or self.asked}{seen}"
        for part in self.parts:
            yield from part.lines(depth + 1)


@dataclass(frozen=True)
class Shown:
    """What one asking saw, as far as the reader may know it; ``fields`` are those of the occasion."""

    fields: Registry[Field]
    seen: Mapping[str, Any]
    hidden: frozenset[str] = frozenset()

    def value(self, name: str, value: Any) -> str | None:
        """In words; None where there is nothing to tell."""
        key = seen_as(name, value)
        return plain(self.seen[key]) if key in self.seen and name not in self.hidden else None


def conditions_told(rule: Rule, marks: str, shown: Shown) -> Told:
    """The conditions of a rule with the answers of its comparisons, in the order of its tree."""
    scope = whole_conditions({}, rule.scope)
    restricting = len(list(_leaves(scope)))
    answers = iter([(mark == "1", place < restricting) for place, mark in enumerate(marks)])
    return _told(whole_conditions(rule.conditions, rule.scope) or {"all": []}, answers, shown)


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Mapping) and "field" in tree:
        yield tree
    elif isinstance(tree, Mapping):
        for parts in tree.values():
            for part in parts if isinstance(parts, list) else [parts]:
                yield from _leaves(part)


def _told(tree: Mapping[str, Any], answers: Iterator[tuple[bool, bool]], shown: Shown) -> Told:
    if "field" in tree:
        held, is_scope = next(answers, (False, False))
        name, value = str(tree["field"]), tree.get("value")
        asked = asked_in_words(name, str(tree.get("op", "")), value, shown.fields)
        return Told(held, asked=asked, seen=shown.value(name, value), is_scope=is_scope)
    how, parts = next(iter(tree.items()), ("all", []))
    told = tuple(_told(part, answers, shown) for part in (parts if isinstance(parts, list) else [parts]))
    if how == "not":
        return Told(not told[0].held, "not", told)
    return Told(_HOLD[how](part.held for part in told), how, told)


def asked_in_words(name: str, op: str, value: Any, fields: Registry[Field]) -> str:
    """Field, comparison and value; what is not known any more stands as it is stored."""
    label, comparison = name, op
    if name in fields:
        asked = fields.get(name)
        operator = OPERATORS[asked.kind].get(op)
        label, comparison = str(asked.label), str(operator.label) if operator else op
    return " ".join([label, comparison, *([plain(value)] if value is not None else [])])


def plain(value: Any) -> str:
    """A value that was kept, in words."""
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    return str(value)
