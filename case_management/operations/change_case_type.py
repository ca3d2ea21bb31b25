"""Change the type of an open case."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event, TypeChanged
from case_management.exceptions import NothingToChange
from case_management.models import Case, CaseType
from case_management.operations.applying import apply, without_reading
from case_management.operations.gate import checked_choice


def change_case_type(case: Case, *, case_type: CaseType, by: Actor) -> Case:
    """Set the type. Raises ValueUnknown when it is no longer offered."""
    return apply("change_type", case, without_reading(lambda held: _events(held, case_type)), by=by)


def _events(case: Case, case_type: CaseType) -> list[Event]:
    checked_choice(case_type, "case_type")
    if case_type.pk == case.case_type_id:
        raise NothingToChange(_("The case has this type already."))
    return [TypeChanged(to=case_type.pk, previous=case.case_type_id)]
