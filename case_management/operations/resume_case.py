"""Resume: the wait is over."""

from __future__ import annotations

from case_management.domain.actor import Actor
from case_management.domain.events import CaseResumed, Event
from case_management.models import Case
from case_management.operations.applying import apply, without_reading
from case_management.sla.deadlines import Deadlines


def resume_case(case: Case, *, by: Actor) -> Case:
    """Take a waiting case up again; a standing clock runs with what was left."""
    by = by.at_this_moment()
    return apply("resume", case, without_reading(lambda held: resumption(held, by)), by=by)


def resumption(case: Case, by: Actor) -> list[Event]:
    """The events of a resumption, for every verb that ends a wait."""
    return [CaseResumed(), *Deadlines.load().on_resume(case, by.moment())]
