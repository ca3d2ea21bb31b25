"""Change the priority of an open case; the time to resolve follows, minus what was used up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event, PriorityChanged
from case_management.exceptions import NothingToChange
from case_management.models import Case, Priority
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.operations.gate import checked_choice
from case_management.sla.deadlines import Deadlines


def change_priority(case: Case, *, priority: Priority, by: Actor) -> Case:
    """Set the priority. Raises ValueUnknown when it is no longer offered."""
    by = by.at_this_moment()
    return apply("change_priority", case, lambda ids: _decide(priority, by), by=by)


def change_priorities(cases: Any, *, priority: Priority, by: Actor, check_only: bool = False) -> Outcome:
    """Set the priority of many cases."""
    by = by.at_this_moment()
    return apply_to_each("change_priority", cases, lambda ids: _decide(priority, by), by=by, check_only=check_only)


def _decide(priority: Priority, by: Actor) -> Decide:
    checked_choice(priority, "priority")
    deadlines = Deadlines.load()

    def decide(case: Case) -> list[Event]:
        if priority.pk == case.priority_id:
            raise NothingToChange(_("The case has this priority already."))
        changed = PriorityChanged(to=priority.pk, rank=priority.rank, previous=case.priority_id)
        return [changed, *deadlines.on_change(case, by.moment(), priority_id=priority.pk)]

    return decide
