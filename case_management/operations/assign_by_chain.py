"""Assign by a chain of strategies: under a lock, so that nobody gets more than they take, whoever else chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from case_management.access import Coverage
from case_management.assignment import Chain, Choice, Roster, Setting, choose
from case_management.domain.actor import Actor
from case_management.domain.events import AssignmentWaits, Event
from case_management.exceptions import NobodyAvailable, NothingToChange
from case_management.models import AgentProfile, AssignmentChain, AssignmentDecision, Case, WaitingCase
from case_management.operations.applying import Decide, Outcome, apply_to_each, chunks, rows_of
from case_management.operations.assign_case import decide_assignees
from case_management.sla.policy_reading import hours_today

#: The right that makes somebody a candidate.
WORKS_CASES = "resolve_case"


@dataclass
class Assigned:
    """The receipt: what was recorded, and the choice for each case that was asked about; ``waiting`` are queued now."""

    outcome: Outcome = field(default_factory=Outcome)
    choices: dict[int, Choice] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)


@transaction.atomic
def assign_by_chain(cases: Any, *, chain: Chain, by: Actor) -> Assigned:
    """Give each open case (a queryset or ids) that nobody has to whom the chain chooses, the most pressing first.

    Where nobody can take a case it waits, if the chain says so, until :func:`assign_waiting` finds somebody. Each
    decision is kept beside its event. Whoever chooses holds the lock of the chain and of all agent profiles, so no
    capacity is exceeded and turns are kept, however many workers choose at once.
    """
    by, found = by.at_this_moment(), Assigned()

    def plan(ids: list[int]) -> Decide:
        # Cases first, then the chain and the people: everybody who locks does so in this order.
        rows = [case for case in rows_of(ids, lock=True) if case.is_open and case.assignee_id is None]
        _take_turns(chain)
        rows.sort(key=lambda case: (case.priority_rank, case.opened_at, case.pk))
        setting = Setting(chain, _roster(by))
        choices = choose(rows, chain.strategies, Coverage.load(WORKS_CASES, rows), setting)
        found.choices |= choices
        return _decide(choices, chain)

    for ids in chunks(cases):
        outcome = apply_to_each("assign", ids, plan, by=by)
        _keep(outcome, found, chain, by)
        found.outcome.done += outcome.done
        found.outcome.refused += outcome.refused
        found.outcome.spans |= outcome.spans
    return found


def _take_turns(chain: Chain) -> None:
    if chain.row is not None:
        list(AssignmentChain.objects.filter(pk=chain.row.pk).order_by().select_for_update().values_list("pk"))
    list(AgentProfile.objects.order_by("pk").select_for_update().values_list("pk"))


def _roster(by: Actor) -> Roster:
    """Who is there; whether calendars are open is asked here, because assignment and time do not know each other."""
    used = AgentProfile.objects.filter(calendar__isnull=False).order_by().values_list("calendar_id").distinct()
    hours = hours_today({calendar for (calendar,) in used if calendar})
    return Roster.load(by.moment(), {pk: kept.calendar.is_open(by.moment()) for pk, kept in hours.items()})


def _decide(choices: Mapping[int, Choice], chain: Chain) -> Decide:
    chosen = {case_id: choice.user_id for case_id, choice in choices.items() if choice.user_id is not None}
    users = get_user_model()._default_manager.in_bulk(set(chosen.values()))
    assign = decide_assignees(chosen, users, chain.label)
    nobody = choices.keys() - chosen.keys()
    waiting = set(WaitingCase.objects.filter(case__in=nobody).values_list("case_id", flat=True)) if nobody else set()

    def decide(case: Case) -> list[Event]:
        if case.pk not in choices:
            raise NothingToChange(_("Somebody has the case already."))
        if case.pk in chosen:
            return assign(case)
        if chain.row is None or not chain.row.waits or case.pk in waiting:
            raise NobodyAvailable(_("Nobody who covers the case can take it now."))
        return [AssignmentWaits(chain=chain.key)]

    return decide


def _keep(outcome: Outcome, found: Assigned, chain: Chain, by: Actor) -> None:
    """The decisions beside their events, and who waits now."""
    done, at = outcome.spans, by.moment()
    AssignmentDecision.objects.bulk_create(
        AssignmentDecision(
            case_id=case_id,
            seq=last,
            chain=chain.key,
            user_id=found.choices[case_id].user_id,
            trace=found.choices[case_id].as_json(),
            decided_at=at,
        )
        for case_id, (_first, last) in done.items()
    )
    given = {case_id for case_id in done if found.choices[case_id].user_id is not None}
    WaitingCase.objects.filter(case__in=given).delete()
    waiting = done.keys() - given
    WaitingCase.objects.bulk_create(WaitingCase(case_id=pk, chain=chain.row, since=at) for pk in sorted(waiting))
    found.waiting |= waiting
