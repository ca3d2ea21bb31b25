"""Re-route: another unit or team owns an open case."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseRerouted, CaseUnassigned, Event
from case_management.exceptions import GateNotMet, NothingToChange
from case_management.models import Case, Team, Unit
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.sla.deadlines import Deadlines


def reroute_case(case: Case, *, by: Actor, unit: Unit | None, team: Team | None) -> Case:
    """Give the case to ``unit`` and ``team`` (either may be None, not both); the assignee is taken off."""
    by = by.at_this_moment()
    return apply("reroute", case, lambda ids: _decide(unit, team, by), by=by)


def reroute_cases(cases: Any, *, by: Actor, unit: Unit | None, team: Team | None, check_only: bool = False) -> Outcome:
    """Re-route many cases at once."""
    by = by.at_this_moment()
    return apply_to_each("reroute", cases, lambda ids: _decide(unit, team, by), by=by, check_only=check_only)


def _decide(unit: Unit | None, team: Team | None, by: Actor) -> Decide:
    unit_id, team_id = (unit.pk if unit else None), (team.pk if team else None)
    deadlines = Deadlines.load()

    def decide(case: Case) -> list[Event]:
        if unit_id is None and team_id is None:
            raise GateNotMet(_("Choose the unit or the team that the case goes to."), fields=["unit", "team"])
        if (unit_id, team_id) == (case.unit_id, case.team_id):
            raise NothingToChange(_("The case is there already."))
        moved = CaseRerouted(unit=unit_id, team=team_id, previous_unit=case.unit_id, previous_team=case.team_id)
        left = [CaseUnassigned(previous=case.assignee_id)] if case.assignee_id else []
        return [moved, *left, *deadlines.on_change(case, by.moment(), unit_id=unit_id)]

    return decide
