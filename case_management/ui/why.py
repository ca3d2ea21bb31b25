"""Why a rule acted, for a reader: each condition with the value it saw, and how the assignee was chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from case_management.models import RuleFiring
from case_management.rules.conditions.operators import OPERATORS
from case_management.rules.fields import fields_of


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: what was asked, what was seen, and whether it held. ``seen`` is None where it is personal."""

    asked: str
    seen: str | None
    held: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One strategy of an assignment: who was looked at, and who was left."""

    strategy: str
    considered: str
    left: str


@dataclass(frozen=True, slots=True)
class Why:
    """One firing of a rule."""

    rule: str
    version: int
    conditions: list[Condition] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def why(firing: RuleFiring) -> Why:
    """Read a firing's trace; what a trace does not hold is left out."""
    trace: dict[str, Any] = firing.trace or {}
    conditions = [_condition(entry, firing.rule.occasion) for entry in trace.get("conditions", [])]
    actions = [entry for entry in trace.get("actions", []) if entry.get("action") == "assign"]
    steps = [_step(entry) for action in actions for entry in action.get("steps", [])]
    return Why(firing.rule.name, firing.rule.version, conditions, steps)


def _condition(entry: dict[str, Any], occasion: str) -> Condition:
    name, op = str(entry.get("field", "")), str(entry.get("op", ""))
    known, label = fields_of(occasion), name
    if name in known:
        asked = known.get(name)
        label = str(asked.label)
        operator = OPERATORS[asked.kind].get(op)
        op = str(operator.label) if operator else op
    words = [label, op, *([_plain(entry["value"])] if entry.get("value") is not None else [])]
    return Condition(" ".join(words), _plain(entry["saw"]) if "saw" in entry else None, bool(entry.get("held")))


def _plain(value: Any) -> str:
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return str(value)


def _step(entry: dict[str, Any]) -> Step:
    people = [_candidate(candidate) for candidate in entry.get("candidates", [])]
    unnamed = int(entry.get("count", 0)) - len(people)
    if unnamed > 0:
        people.append(ngettext("%d more", "%d more", unnamed) % unnamed)
    strategy = entry.get("strategy") or _("nobody available")
    return Step(str(strategy), ", ".join(people), ", ".join(entry.get("left", [])))


def _candidate(candidate: dict[str, Any]) -> str:
    cases = int(candidate.get("open_cases", 0))
    load = ngettext("%d open case", "%d open cases", cases) % cases
    return f"{candidate.get('user', '?')} ({load})"
