"""Miss the deadline: recorded once per clock, by the sweep."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event
from case_management.exceptions import NothingToChange
from case_management.models import Case
from case_management.operations.applying import Outcome, apply_to_each, without_reading
from case_management.sla.deadlines import missed


def record_breaches(cases: Any, *, by: Actor) -> Outcome:
    """Record on each case that its deadline has passed; one that has no new breach is refused, not changed."""
    by = by.at_this_moment()
    return apply_to_each("breach", cases, without_reading(lambda held: _events(held, by)), by=by)


def _events(case: Case, by: Actor) -> list[Event]:
    events = missed(case, by.moment())
    if not events:
        raise NothingToChange(_("The deadline has not passed, or its passing is recorded already."))
    return events
