"""Beside the clocks of the case page: the replies that are owed, and the next warning or step of the ladder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.models import SlaClock
from case_management.models.sla import SlaMetric
from case_management.sla.calendar import Calendar
from case_management.sla.clock_rows import clock_of
from case_management.sla.hours_kept import HoursKept
from case_management.sla.lines import to_second
from case_management.sla.marks import marks_of
from case_management.sla.statement_words import mark as mark_in_words
from case_management.sla.statement_words import of_clock
from case_management.sla.terms import Terms
from case_management.timeline.durations import in_words
from case_management.ui.timer import NEAR

if TYPE_CHECKING:
    from case_management.ui.case.extras import Scene


@dataclass(frozen=True)
class Owed:
    """A reply that is owed: which clock, how it stands, in what tone, and when it is due if it runs."""

    clock: str
    says: str
    tone: str
    due_at: datetime | None


@dataclass(frozen=True)
class Coming:
    """What happens next on one of the clocks if nobody does anything."""

    clock: str
    what: str
    at: datetime


def promises(scene: Scene) -> dict[str, Any]:
    """One query where the case's policy may have such clocks, and none for any other case."""
    case, now = scene.case, to_second(timezone.now())
    if case.sla_terms_id is None or not case.is_open:
        return {}
    rows = case.clocks.filter(ended_at=None).select_related("terms", "calendar").order_by("started_at", "pk")
    found = [(row, HoursKept.from_json(row.calendar.hours).calendar) for row in rows]
    owed = [_owed(row, calendar, now) for row, calendar in found if row.metric != SlaMetric.RESOLVE]
    coming = [each for row, calendar in found if (each := _coming(row, calendar)) is not None]
    return {"replies_owed": owed, "next_mark": min(coming, key=lambda each: each.at, default=None)}


def _owed(row: SlaClock, calendar: Calendar, now: datetime) -> Owed:
    name = of_clock(row.metric, row.number)
    if row.due_at is None:
        left = in_words(timedelta(seconds=row.remaining or 0))
        return Owed(name, _("paused, %(left)s left of %(target)s") % {"left": left, "target": _target(row)}, "", None)
    words = {"left": in_words(calendar.between(now, row.due_at)), "target": _target(row)}
    if row.due_at < now:
        return Owed(name, _("%(left)s past due, promised in %(target)s") % words, "danger", row.due_at)
    tone = "warn" if row.due_at - now < NEAR else "info"
    return Owed(name, _("%(left)s left of %(target)s") % words, tone, row.due_at)


def _target(row: SlaClock) -> str:
    return in_words(timedelta(seconds=row.target))


def _coming(row: SlaClock, calendar: Calendar) -> Coming | None:
    """The mark for which the clock waits."""
    marks = marks_of(row.metric, clock_of(row), calendar, Terms.from_json(row.terms.terms))
    mark = next((mark for mark in marks if mark.at == row.next_at), None)
    return mark and Coming(of_clock(row.metric, row.number), mark_in_words(mark.kind, mark.value), mark.at)
