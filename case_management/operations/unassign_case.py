"""Unassign: nobody is responsible for the case any more."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseUnassigned, Event
from case_management.exceptions import NothingToChange
from case_management.models import Case
from case_management.operations.applying import Outcome, apply, apply_to_each, without_reading


def unassign_case(case: Case, *, by: Actor) -> Case:
    """Take the assignee off an open case. Raises NothingToChange when there is none."""
    return apply("unassign", case, without_reading(_events), by=by)


def unassign_cases(cases: Any, *, by: Actor, check_only: bool = False) -> Outcome:
    """Take the assignees off many cases."""
    return apply_to_each("unassign", cases, without_reading(_events), by=by, check_only=check_only)


def _events(case: Case) -> list[Event]:
    if case.assignee_id is None:
        raise NothingToChange(_("Nobody is assigned to this case."))
    return [CaseUnassigned(previous=case.assignee_id)]
