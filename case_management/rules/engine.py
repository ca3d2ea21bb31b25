"""The pipeline: what happened → which rules hold, in one query → which may fire → act → keep the trace.

Rules of one occasion all look at things as they were when it happened, and act in order. What their actions change is
an event of its own, on which the rules for changed cases are asked.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from case_management import conf
from case_management.domain.actor import Actor, Cause
from case_management.models import Case, CaseEvent, Interaction, Rule, RuleFiring
from case_management.models.rule import Occasion
from case_management.rules import cadence, trace
from case_management.rules.actions import Firing
from case_management.rules.actions.base import checked_parameters
from case_management.rules.conditions.tree import Node, parse
from case_management.rules.fields import fields_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Happening:
    """One occasion for a set of subjects (interactions or cases), by primary key; cases come with their events."""

    occasion: str
    subjects: Mapping[int, Any]
    events: Mapping[int, CaseEvent] = field(default_factory=dict)

    def causes(self) -> dict[int, Cause]:
        """For whoever acts: which event led to it, one level deeper than that event."""
        return {case_id: Cause(event.pk, event.depth + 1) for case_id, event in self.events.items()}


def interactions_received(interactions: Sequence[Interaction]) -> list[RuleFiring]:
    """Ask the rules about new interactions; call inside a transaction."""
    return happen(Happening(Occasion.INTERACTION_RECEIVED, {row.pk: row for row in interactions}))


def happen(happening: Happening) -> list[RuleFiring]:
    """Ask every live rule of the occasion, in order; returns the firings with their traces saved."""
    rules = [(rule, parse(rule.conditions, fields_of(rule.occasion))) for rule in Rule.objects.live(happening.occasion)]
    held, stopped, fired = _who_holds(rules, happening), set[int](), list[RuleFiring]()
    for rule, tree in rules:
        subjects = [happening.subjects[pk] for pk in sorted(held[rule.pk] - stopped)]
        if not subjects:
            continue
        firings = cadence.admit(rule, subjects, happening.events)
        _act(rule, tree, firings, happening)
        fired += [firing.row for firing in firings]
        if rule.stop_processing:
            stopped |= cadence.acted_on(rule, subjects, happening.events)
    return fired


def _subjects(happening: Happening) -> Any:
    model = Interaction if happening.occasion == Occasion.INTERACTION_RECEIVED else Case
    return model._default_manager.filter(pk__in=list(happening.subjects))


def _who_holds(rules: list[tuple[Rule, Node]], happening: Happening) -> dict[int, set[int]]:
    """Rule id → ids of the subjects for which its conditions hold; one query for a hundred rules."""
    held: dict[int, set[int]] = {rule.pk: set() for rule, _ in rules}
    for start in range(0, len(rules), 100):
        columns = {f"rule_{rule.pk}": trace.answered(tree.compile()) for rule, tree in rules[start : start + 100]}
        for row in _subjects(happening).annotate(**columns).values("pk", *columns):
            for name in columns:
                if row[name]:
                    held[int(name.removeprefix("rule_"))].add(row["pk"])
    return held


def _act(rule: Rule, tree: Node, firings: list[Firing], happening: Happening) -> None:
    if not firings:
        return
    about = {firing.subject_id: firing for firing in firings}
    for pk, conditions in trace.traces(_subjects(happening).filter(pk__in=about), tree).items():
        about[pk].row.trace["conditions"] = conditions
    by = Actor.rule(rule.label, causes=happening.causes())
    for stored in rule.actions:
        action, parameters = checked_parameters(stored)
        _look_again(firings)
        action.act(firings, parameters, by=by)
    RuleFiring.objects.bulk_update([firing.row for firing in firings], ["trace", "case"], batch_size=500)


def _look_again(firings: list[Firing]) -> None:
    """What an earlier action or rule did to a case, the next one must know."""
    fresh = Case.objects.in_bulk({firing.case.pk for firing in firings if firing.case})
    for firing in firings:
        if firing.case:
            firing.case = fresh[firing.case.pk]


def run_interactions(limit: int | None = None) -> int:
    """Claim pending interactions and ask the rules; returns how many were looked at (0: nothing is due)."""
    pending = Interaction.objects.select_related("source", "unit", "contact")
    rows = pending.claim(timezone.now(), limit or conf.chunk_size() // 2)
    settle(rows)
    return len(rows)


def settle(rows: list[Interaction]) -> None:
    """Rules and stamp in one transaction; where a batch fails, each row by itself, so that one cannot stop the rest."""
    try:
        with transaction.atomic():
            interactions_received(rows)
            Interaction.objects.finish(rows)
    except Exception as error:
        logger.exception("Rules failed on %s interactions.", len(rows))
        if len(rows) == 1:
            rows[0].postpone(f"{type(error).__name__}: {error}", timezone.now())
        else:
            for row in rows:
                settle([row])
