"""The pipeline: what happened → which rules hold, in one query → which may fire → act → keep the trace.

Rules of one occasion all look at things as they were when it happened, and act in order. What their actions change is
an event of its own, on which the rules for changed cases are asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from case_management import conf
from case_management.domain.actor import Actor, Cause
from case_management.models import Case, CaseEvent, Interaction, Rule, RuleFiring
from case_management.models.rule import Occasion, RuleState
from case_management.registry import Registry
from case_management.rules import cadence
from case_management.rules.actions import Firing
from case_management.rules.actions.base import checked_parameters
from case_management.rules.asked import Record
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.index import worth_asking
from case_management.rules.scope import whole_conditions
from case_management.rules.trace import Asked

logger = logging.getLogger(__name__)


#: Who writes down what rules in the shadow would do: given what happened and those rules. apps.py fills it.
onlookers: Registry[Callable[[Any, Sequence[Rule]], None]] = Registry("onlooker")


def _now() -> datetime:
    """The time, looked up when it is asked for: histories that are lived again move the clock."""
    return timezone.now()


@dataclass(frozen=True)
class Happening:
    """One occasion for a set of subjects (interactions or cases), by primary key; cases come with their events."""

    occasion: str
    subjects: Mapping[int, Any]
    events: Mapping[int, CaseEvent] = field(default_factory=dict)
    now: datetime = field(default_factory=_now)
    #: For rules on time, case id → what makes this occasion another one than the last.
    marks: Mapping[int, str] = field(default_factory=dict)

    def circumstances(self) -> Circumstances:
        """What conditions are asked about."""
        model = Interaction if self.occasion == Occasion.INTERACTION_RECEIVED else Case
        return Circumstances(model._default_manager.filter(pk__in=list(self.subjects)), self.now, self.events)

    def causes(self) -> dict[int, Cause]:
        """For whoever acts: which event led to it, one level deeper than that event."""
        return {case_id: Cause(event.pk, event.depth + 1) for case_id, event in self.events.items()}


def interactions_received(interactions: Sequence[Interaction]) -> list[RuleFiring]:
    """Ask the rules about new interactions; call inside a transaction."""
    return happen(Happening(Occasion.INTERACTION_RECEIVED, {row.pk: row for row in interactions}))


def happen(happening: Happening, rules: Sequence[Rule] | None = None) -> list[RuleFiring]:
    """Ask these rules, or every live one of the occasion, in order; returns the firings with their traces saved."""
    fields, about = fields_of(happening.occasion), happening.circumstances()
    asked_now = Rule.objects.asked().filter(occasion=happening.occasion) if rules is None else rules
    live = [rule for rule in asked_now if rule.state != RuleState.SHADOW]
    _tell_onlookers(happening, [rule for rule in asked_now if rule.state == RuleState.SHADOW])
    whole = [(rule, parse(whole_conditions(rule.conditions, rule.scope), fields)) for rule in live]
    asking = worth_asking(whole, about)
    asked = Asked([tree for _rule, tree in asking], about)
    record, stopped = Record(happening, asking, asked, len(whole) - len(asking)), dict[int, int]()
    fired: list[RuleFiring] = []
    for rule, tree in asking:
        held = [pk for pk in asked.holders(tree) if pk in happening.subjects]
        record.stopped(rule, {pk: stopped[pk] for pk in held if pk in stopped})
        subjects = [happening.subjects[pk] for pk in held if pk not in stopped]
        if not subjects:
            continue
        admission = cadence.admit(rule, subjects, happening.events, happening.marks)
        record.admitted(rule, admission)
        _act(rule, admission.firings, happening, {pk: asked.entries(tree, pk) for pk in admission.by_subject()})
        fired += admission.rows
        if rule.stops:
            stopped |= dict.fromkeys(cadence.acted_on(rule, subjects, happening.events), rule.pk)
    record.save()
    return fired


def _tell_onlookers(happening: Happening, shadows: Sequence[Rule]) -> None:
    """Rules in the shadow look on before anything is done; whatever goes wrong there, nobody else notices."""
    for key, look in onlookers.items() if shadows else ():
        try:
            with transaction.atomic():
                look(happening, shadows)
        except Exception:
            logger.exception("The onlooker %s failed on %s.", key, happening.occasion)


def _act(rule: Rule, firings: list[Firing], happening: Happening, explained: dict[int, Any]) -> None:
    if not firings:
        return
    for firing in firings:
        firing.row.trace["conditions"] = explained.get(firing.subject_id, [])
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
