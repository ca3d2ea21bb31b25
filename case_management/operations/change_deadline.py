"""Change the deadline by hand; the SLA's clock goes on beside it and the earlier of the two counts."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event
from case_management.exceptions import NothingToChange
from case_management.models import Case
from case_management.operations.applying import apply, without_reading
from case_management.sla.deadlines import by_hand


def change_deadline(case: Case, *, deadline: datetime | None, by: Actor) -> Case:
    """Set the deadline (aware), or clear it with None."""
    return apply("change_deadline", case, without_reading(lambda held: _events(held, deadline)), by=by)


def _events(case: Case, deadline: datetime | None) -> list[Event]:
    if deadline == case.deadline:
        raise NothingToChange(_("The deadline is set to this moment already."))
    return by_hand(case, deadline)
