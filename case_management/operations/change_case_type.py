"""Change the type of an open case."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event, TypeChanged
from case_management.exceptions import NothingToChange
from case_management.models import Case, CaseType
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.operations.gate import checked_choice
from case_management.sla.deadlines import Deadlines


def change_case_type(case: Case, *, case_type: CaseType, by: Actor) -> Case:
    """Set the type. Raises ValueUnknown when it is no longer offered."""
    by = by.at_this_moment()
    return apply("change_type", case, lambda ids: _decide(case_type, by), by=by)


def change_case_types(cases: Any, *, case_type: CaseType, by: Actor, check_only: bool = False) -> Outcome:
    """Set the type of many cases."""
    by = by.at_this_moment()
    return apply_to_each("change_type", cases, lambda ids: _decide(case_type, by), by=by, check_only=check_only)


def _decide(case_type: CaseType, by: Actor) -> Decide:
    checked_choice(case_type, "case_type")
    deadlines = Deadlines.load()

    def decide(case: Case) -> list[Event]:
        if case_type.pk == case.case_type_id:
            raise NothingToChange(_("The case has this type already."))
        changed = TypeChanged(to=case_type.pk, previous=case.case_type_id)
        return [changed, *deadlines.on_change(case, by.moment(), case_type_id=case_type.pk)]

    return decide
