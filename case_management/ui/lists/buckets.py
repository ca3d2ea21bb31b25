"""The headings inside a status: by what the list is sorted, in the words in which people think of dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from case_management.models import Case
from case_management.ui.paging import Order


@dataclass(frozen=True)
class Bucket:
    """A heading; ``key`` tells headings apart, ``tone`` says how loudly it speaks."""

    key: str
    label: str
    tone: str = ""


def bucket(case: Case, order: Order, now: datetime) -> Bucket:
    """The heading under which ``case`` stands when rows are in ``order``."""
    leading = order.fields[0]
    if leading == "urgent_at":
        return _due(case, now)
    if leading == "priority_rank":
        return Bucket(f"priority-{case.priority_rank}", str(case.priority or _("No priority")))
    moment: Any = getattr(case, leading)
    return _past(timezone.localtime(moment).date(), timezone.localtime(now).date())


def _due(case: Case, now: datetime) -> Bucket:
    """Coming days: nobody plans a week by dates."""
    if case.due_at is None:
        return Bucket("none", _("No deadline running"))
    if case.due_at < now:
        return Bucket("late", _("Past due"), "danger")
    day, today = timezone.localtime(case.due_at).date(), timezone.localtime(now).date()
    sunday = today + timedelta(days=6 - today.weekday())
    coming = (
        (today, Bucket("today", _("Due today"), "warn")),
        (today + timedelta(days=1), Bucket("tomorrow", _("Due tomorrow"))),
        (sunday, Bucket("week", _("Due this week"))),
        (sunday + timedelta(days=7), Bucket("next-week", _("Due next week"))),
    )
    return next((head for last, head in coming if day <= last), Bucket("later", _("Due later")))


def _past(day: date, today: date) -> Bucket:
    """Days gone by: near ones one by one, then weeks, then months."""
    if day >= today:
        return Bucket("today", _("Today"))
    if day == today - timedelta(days=1):
        return Bucket("yesterday", _("Yesterday"))
    monday = today - timedelta(days=today.weekday())
    if day >= monday:
        return Bucket(day.isoformat(), date_format(day, "l"))
    if day >= monday - timedelta(days=7):
        return Bucket("last-week", _("Last week"))
    return Bucket(f"{day:%Y-%m}", date_format(day, "F Y"))
