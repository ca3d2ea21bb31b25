"""Recount: running clocks go over to the hours that their calendar has today; what was used up stays used."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event
from case_management.exceptions import NothingToChange
from case_management.models import BusinessCalendar, CalendarVersion, Case
from case_management.operations.applying import Decide, Outcome, apply_to_each
from case_management.sla.deadlines import Deadlines
from case_management.sla.policy_reading import hours_today, zones_of_units


def recount_clocks(cases: Any, *, by: Actor, check_only: bool = False) -> Outcome:
    """Let the clocks of many open cases go on in the hours of today; one that does so already is refused."""
    by = by.at_this_moment()
    return apply_to_each("recount", cases, lambda ids: _decide(by), by=by, check_only=check_only)


def on_older_hours(calendar: BusinessCalendar) -> Any:
    """Open cases whose clock runs on hours that ``calendar`` no longer has."""
    today = hours_today({calendar.pk})[calendar.pk]
    zones = {today.zone, *(zones_of_units().values() if calendar.follows_unit else ())}
    current = CalendarVersion.objects.filter(
        calendar=calendar, digest__in=[today.in_zone(zone).digest for zone in zones]
    )
    running = Case.objects.open().filter(sla_target__isnull=False, sla_calendar__calendar=calendar)
    return running.exclude(sla_calendar__in=current)


def _decide(by: Actor) -> Decide:
    deadlines = Deadlines.load()

    def decide(case: Case) -> list[Event]:
        events = deadlines.on_new_hours(case, by.moment())
        if not events:
            raise NothingToChange(_("The clock of this case runs on the hours of today already."))
        return events

    return decide
