"""How every verb is carried out: lock → check the table and the rights → decide → record; one case or ten thousand.

A verb's module gives a plan: from the ids of a chunk it reads, set-based, what it needs to know and returns a
``decide`` function, which looks at one locked case and returns the events, or raises the reason why not. :func:`apply`
runs it for one case, :func:`apply_to_each` for many, with a number of queries that does not depend on how many cases
there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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


#: Where verbs leave their plans while nothing is to be carried out.
_caught: ContextVar[list[tuple[str, Plan]] | None] = ContextVar("caught", default=None)


def without_reading(decide: Decide) -> Plan:
    """The plan of a verb that decides from the case's own row."""
    return lambda case_ids: decide


@contextmanager
def caught_plans() -> Iterator[list[tuple[str, Plan]]]:
    """Inside, verbs are not carried out but leave (verb, plan), for whoever asks what they would decide."""
    plans: list[tuple[str, Plan]] = []
    token = _caught.set(plans)
    try:
        yield plans
    finally:
        _caught.reset(token)


@dataclass(frozen=True)
class Refusal:
    """One case that was left as it was, and why."""

    case_id: int
    reference: str
    error: CaseManagementError


@dataclass
class Outcome:
    """The receipt of a batch: what was done, what was refused; per case done, its first and last event of it."""

    done: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)

    def refuse(self, case: Case, error: CaseManagementError) -> None:
        """Leave a case as it is."""
        self.refused.append(Refusal(case.pk, case.reference, error))

    def settle(self, entries: list[Entry], *, check_only: bool = False) -> None:
        """Record what was decided, or only count it."""
        self.done += [entry.case.pk for entry in entries]
        if check_only:
            return
        record(entries)
        for entry in entries:
            case = entry.case
            self.spans[case.pk] = (case.version - len(entry.events) + 1, case.version)


@transaction.atomic
def apply(verb: str, case: Case, plan: Plan, *, by: Actor) -> Case:
    """Carry out ``verb`` on ``case`` as the actor saw it; the same object comes back, refreshed and changed.

    Raises TransitionNotAllowed, RightMissing, StaleCase, or what the plan raises; then nothing was written.
    """
    if (caught := _caught.get()) is not None:
        caught.append((verb, plan))
        return case
    by, seen_version = by.at_this_moment(), case.version
    case.refresh_from_db(from_queryset=Case.objects.select_for_update())
    step = transitions.require(verb, case.state)
    by.require(step.permission, case)
    events = plan([case.pk])(case)
    if case.version != seen_version:
        require_fresh(case, seen_version, events)
    record([Entry(case, events, by)])
    return case


def apply_to_each(verb: str, cases: Any, plan: Plan, *, by: Actor, check_only: bool = False) -> Outcome:
    """Carry out ``verb`` on every case of a queryset (or list of ids), chunk by chunk, each chunk in its transaction.

    A case that cannot take the step is refused with its reason and the others go on. ``check_only`` finds out the same
    and writes nothing.
    """
    by, right = by.at_this_moment(), transitions.TABLE[verb].permission

    def entitled(ids: list[int]) -> Decide:
        allowed, decide = by.allowed_among(right, ids), plan(ids)

        def decide_where_allowed(case: Case) -> list[Event]:
            if case.pk not in allowed:
                raise RightMissing(by.refusal(right), permission=right)
            return decide(case)

        return decide_where_allowed

    return decide_each(verb, cases, entitled, by=by, check_only=check_only)


def decide_each(verb: str, cases: Any, plan: Plan, *, by: Actor, check_only: bool = False) -> Outcome:
    """The same for a plan that looks after the rights itself."""
    by, outcome = by.at_this_moment(), Outcome()
    if (caught := _caught.get()) is not None:
        caught.append((verb, plan))
        return outcome
    for ids in chunks(cases):
        with transaction.atomic():
            decide, rows = plan(ids), rows_of(ids, lock=not check_only)
            outcome.settle(entries_of(verb, rows, decide, outcome, by=by), check_only=check_only)
    return outcome


def chunks(cases: Any) -> Iterator[list[int]]:
    """Primary keys in their order, some thousand at a time."""
    ids: list[int] = sorted(cases if isinstance(cases, (list, set, tuple)) else cases.values_list("pk", flat=True))
    for start in range(0, len(ids), conf.chunk_size()):
        yield ids[start : start + conf.chunk_size()]


def rows_of(ids: list[int], *, lock: bool) -> Any:
    """The cases in the order of their keys, so that no two batches wait for each other in a ring."""
    rows = Case.objects.filter(pk__in=among(Case, ids)).order_by("pk")
    return rows.select_for_update() if lock else rows.defer("description")


def entries_of(verb: str, cases: Iterable[Case], decide: Decide, outcome: Outcome, *, by: Actor) -> list[Entry]:
    """What happens to the cases of a batch; those that were refused stand in ``outcome``."""
    pairs = ((case, _decided(verb, case, decide, outcome)) for case in cases)
    return [Entry(case, events, by) for case, events in pairs if events is not None]


def _decided(verb: str, case: Case, decide: Decide, outcome: Outcome) -> list[Event] | None:
    try:
        transitions.require(verb, case.state)
        return decide(case)
    except CaseManagementError as error:
        outcome.refuse(case, error)
        return None
