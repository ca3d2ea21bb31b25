"""Re-route: another unit or team owns an open case."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseRerouted, CaseUnassigned, Event
from case_management.exceptions import GateNotMet, NothingToChange
from case_management.models import Case, Team, Unit
from case_management.operations.applying import Outcome, apply, apply_to_each, without_reading


def reroute_case(case: Case, *, by: Actor, unit: Unit | None, team: Team | None) -> Case:
    """Give the case to ``unit`` and ``team`` (either may be None, not both); the assignee is taken off."""
    return apply("reroute", case, without_reading(lambda held: _events(held, unit, team)), by=by)


def reroute_cases(cases: Any, *, by: Actor, unit: Unit | None, team: Team | None) -> Outcome:
    """Re-route many cases at once."""
    return apply_to_each("reroute", cases, without_reading(lambda held: _events(held, unit, team)), by=by)


def _events(case: Case, unit: Unit | None, team: Team | None) -> list[Event]:
    unit_id, team_id = (unit.pk if unit else None), (team.pk if team else None)
    if unit_id is None and team_id is None:
        raise GateNotMet(_("Choose the unit or the team that the case goes to."), fields=["unit", "team"])
    if (unit_id, team_id) == (case.unit_id, case.team_id):
        raise NothingToChange(_("The case is there already."))
    moved = CaseRerouted(unit=unit_id, team=team_id, previous_unit=case.unit_id, previous_team=case.team_id)
    left = [CaseUnassigned(previous=case.assignee_id)] if case.assignee_id else []
    return [moved, *left]
