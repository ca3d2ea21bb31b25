"""Why a rule acted, for a reader: each condition with the value it saw, and how the assignee was chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from case_management.models import RuleFiring
from case_management.registry import Registry
from case_management.rules.custom_fields import fields_of
from case_management.rules.fields import Field
from case_management.rules.told import asked_in_words, plain


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
    #: Its details are forgotten by now.
    is_thinned: bool = False


def why(firing: RuleFiring) -> Why:
    """Read a firing's trace; what a trace does not hold is left out."""
    trace: dict[str, Any] = firing.trace or {}
    fields = fields_of(firing.rule.occasion)
    conditions = [_condition(entry, fields) for entry in trace.get("conditions", [])]
    actions = [entry for entry in trace.get("actions", []) if entry.get("action") == "assign"]
    steps = [_step(entry) for action in actions for entry in action.get("steps", [])]
    return Why(firing.rule.name, firing.rule.version, conditions, steps, bool(trace.get("thinned")))


def _condition(entry: dict[str, Any], fields: Registry[Field]) -> Condition:
    asked = asked_in_words(str(entry.get("field", "")), str(entry.get("op", "")), entry.get("value"), fields)
    return Condition(asked, plain(entry["saw"]) if "saw" in entry else None, bool(entry.get("held")))


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
