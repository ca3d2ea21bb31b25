"""Why a case was given to somebody, or to nobody, for a reader: who was considered, step by step, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from case_management.assignment import strategies
from case_management.models import AssignmentChain, AssignmentDecision, Case, CaseEvent

#: What is told of; most events of a case are of other kinds and cost no query.
_TOLD = frozenset({"assigned", "assignment_waits"})
_WHY_NOT: dict[str, str | Promise] = {
    "unavailable": gettext_lazy("not available"),
    "absent": gettext_lazy("absent"),
    "hours": gettext_lazy("outside working hours"),
    "full": gettext_lazy("has enough to do"),
    "skills": gettext_lazy("lacks a skill"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was looked at: the name, and their open cases, weight and capacity in words."""

    name: str
    load: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class StepTold:
    """One strategy: whom it looked at (``more`` are not named), whom it left, and what else it went by."""

    strategy: str
    people: list[Person]
    more: int
    left: str
    seed: str = ""


@dataclass(frozen=True, slots=True)
class DecisionTold:
    """One decision; ``chosen_by`` is the strategy that left one person, empty where nobody was left."""

    chain: str
    chosen_by: str
    steps: list[StepTold] = field(default_factory=list)
    passed_over: list[Person] = field(default_factory=list)


def decisions_in(case: Case, events: Sequence[CaseEvent]) -> dict[int, DecisionTold]:
    """Event's primary key → the decision that it goes back to; two queries, or none."""
    asked = {stored.seq: stored.pk for stored in events if stored.type in _TOLD}
    rows = list(AssignmentDecision.objects.filter(case=case, seq__in=asked)) if asked else []
    keys = {row.chain for row in rows if row.chain}
    names = dict(AssignmentChain.objects.filter(key__in=keys).values_list("key", "name")) if keys else {}
    return {asked[row.seq]: told(row, names.get(row.chain, row.chain)) for row in rows}


def told(decision: AssignmentDecision, chain: str) -> DecisionTold:
    """A decision's trace in words."""
    trace = decision.trace
    steps = [_step(step) for step in trace.get("steps", []) if step.get("strategy")]
    return DecisionTold(
        chain, _strategy(trace.get("by")), steps, [_person(entry) for entry in trace.get("passed_over", [])]
    )


def _strategy(name: str | None) -> str:
    if name == "lowest user id":
        return _("the lowest user number")
    return str(strategies.get(name).label) if name and name in strategies else name or ""


def _step(step: dict[str, Any]) -> StepTold:
    people = [_person(entry) for entry in step.get("candidates", [])]
    left = ", ".join(step.get("left", [])) or _("cannot tell")
    return StepTold(
        _strategy(step["strategy"]), people, int(step.get("count", 0)) - len(people), left, str(step.get("seed", ""))
    )


def _person(entry: dict[str, Any]) -> Person:
    return Person(str(entry.get("user", "?")), ", ".join(_load(entry)), _why_not(entry))


def _load(entry: dict[str, Any]) -> list[str]:
    words = []
    if "open_cases" in entry:
        cases = int(entry["open_cases"])
        words.append(ngettext("%d open case", "%d open cases", cases) % cases)
    if "weight" in entry:
        words.append(_("weight %d") % entry["weight"])
    if "capacity" in entry:
        words.append(_("takes %d") % entry["capacity"])
    return words


def _why_not(entry: dict[str, Any]) -> str:
    why = str(_WHY_NOT.get(entry.get("why_not", ""), entry.get("why_not", "")))
    if until := entry.get("until"):
        why = _("%(why)s until %(day)s") % {"why": why, "day": formats.date_format(date.fromisoformat(until))}
    return why
