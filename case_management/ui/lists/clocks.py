"""Two clocks of a case: what is left of the promise in business hours, and how long the customer has waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from case_management.models import Case
from case_management.sla.calendar import Calendar
from case_management.sla.lines import to_second
from case_management.timeline.durations import in_words


@dataclass(frozen=True)
class Clocks:
    """Both clocks in words; ``business`` is empty where no promise was made."""

    business: str
    waiting: str


def clocks(case: Case, calendar: Calendar | None, now: datetime) -> Clocks:
    """The clocks of ``case`` at ``now``; ``calendar`` has the hours that its business clock runs on."""
    # Whole seconds, as the statement adds them up.
    return Clocks(_business(case, calendar, to_second(now)), _waiting(case, to_second(now)))


def _waiting(case: Case, now: datetime) -> str:
    if case.resolved_at is not None:
        return _("Customer waited %s") % in_words(to_second(case.resolved_at) - to_second(case.opened_at))
    return _("Customer has waited %s") % in_words(now - to_second(case.opened_at))


def _business(case: Case, calendar: Calendar | None, now: datetime) -> str:
    """Of a resolved case only whether the promise was kept: pauses are in its events, not in its row."""
    if case.sla_target is None or calendar is None:
        return ""
    target = in_words(timedelta(seconds=case.sla_target))
    if case.resolved_at is not None:
        if case.breached_at is None:
            return _("Promise of %s in business time: kept") % target
        return _("Promise of %s in business time: missed") % target
    words = {"target": target}
    if case.sla_due_at is None:
        words["left"] = in_words(timedelta(seconds=case.sla_remaining or 0))
        return _("Business clock paused: %(left)s left of %(target)s") % words
    left = calendar.between(now, case.sla_due_at)
    words["left"] = in_words(left)
    if case.sla_due_at < now:
        return _("Business clock: %(left)s past due, promised in %(target)s") % words
    return _("Business clock: %(left)s left of %(target)s") % words
