"""How every verb is carried out: lock → check the table and the rights → decide → record; one case or ten thousand.

A verb's module gives a plan: from the ids of a chunk it reads, set-based, what it needs to know and returns a
``decide`` function, which looks at one locked case and returns the events, or raises the reason why not. :func:`apply`
runs it for one case, :func:`apply_to_each` for many, with a number of queries that does not depend on how many cases
there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from case_management import conf
from case_management.domain import transitions
from case_management.domain.actor import Actor
from case_management.domain.events import Event
from case_management.exceptions import CaseManagementError, RightMissing
from case_management.models import Case
from case_management.models.among import among
from case_management.timeline.conflicts import require_fresh
from case_management.timeline.recorder import Entry, record

Decide = Callable[[Case], list[Event]]
Plan = Callable[[list[int]], Decide]


def without_reading(decide: Decide) -> Plan:
    """The plan of a verb that decides from the case's own row."""
    return lambda case_ids: decide


@dataclass(frozen=True)
class Refusal:
    """One case that was left as it was, and why."""

    case_id: int
    reference: str
    error: CaseManagementError


@dataclass
class Outcome:
    """The receipt of a batch: what was done, what was refused."""

    done: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


@transaction.atomic
def apply(verb: str, case: Case, plan: Plan, *, by: Actor) -> Case:
    """Carry out ``verb`` on ``case`` as the actor saw it; the same object comes back, refreshed and changed.

    Raises TransitionNotAllowed, RightMissing, StaleCase, or what the plan raises; then nothing was written.
    """
    by, seen_version = by.at_this_moment(), case.version
    case.refresh_from_db(from_queryset=Case.objects.select_for_update())
    step = transitions.require(verb, case.state)
    by.require(step.permission, case)
    events = plan([case.pk])(case)
    if case.version != seen_version:
        require_fresh(case, seen_version, events)
    record([Entry(case, events, by)])
    return case


def apply_to_each(verb: str, cases: Any, plan: Plan, *, by: Actor) -> Outcome:
    """Carry out ``verb`` on every case of a queryset (or list of ids), chunk by chunk, each chunk in its transaction.

    A case that cannot take the step is refused with its reason and the others go on.
    """
    by, outcome = by.at_this_moment(), Outcome()
    for ids in _chunks(cases):
        _apply_chunk(verb, ids, (plan, by), outcome)
    return outcome


def _chunks(cases: Any) -> Iterator[list[int]]:
    ids: list[int] = sorted(cases if isinstance(cases, (list, set, tuple)) else cases.values_list("pk", flat=True))
    for start in range(0, len(ids), conf.chunk_size()):
        yield ids[start : start + conf.chunk_size()]


@transaction.atomic
def _apply_chunk(verb: str, ids: list[int], how: tuple[Plan, Actor], outcome: Outcome) -> None:
    plan, by = how
    step = transitions.TABLE[verb]
    allowed, decide = by.allowed_among(step.permission, ids), plan(ids)
    entries: list[Entry] = []
    for case in Case.objects.filter(pk__in=among(Case, ids)).order_by("pk").select_for_update():
        try:
            transitions.require(verb, case.state)
            if case.pk not in allowed:
                raise RightMissing(permission=step.permission)
            entries.append(Entry(case, decide(case), by))
        except CaseManagementError as error:
            outcome.refused.append(Refusal(case.pk, case.reference, error))
    record(entries)
    outcome.done += [entry.case.pk for entry in entries]
