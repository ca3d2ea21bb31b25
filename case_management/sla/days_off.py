"""Days that come to a calendar from elsewhere: what one is, and how they are written without losing what is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db import transaction
from django.db.models import F

from case_management.exceptions import CaseManagementError
from case_management.models import BusinessCalendar, Holiday


class HolidaysUnreadable(CaseManagementError):
    """Holidays cannot be taken from where they were looked for; the message names the mend."""

    code: ClassVar[str] = "holidays_unreadable"


@dataclass(frozen=True, order=True)
class DayOff:
    """A local date and what it is called."""

    date: date
    name: str


@dataclass(frozen=True)
class Added:
    """The receipt: days that are new, and days that the calendar had already."""

    new: int
    kept: int


@transaction.atomic
def add_days_off(calendar: BusinessCalendar, days: Iterable[DayOff]) -> Added:
    """Close the calendar on these days; a date that it has already keeps its name and its hours.

    All of them are one new version of the calendar. Adding the same days again changes nothing.
    """
    # The lock makes two additions take turns, so that the second one finds what the first one wrote.
    BusinessCalendar.objects.select_for_update().order_by().get(pk=calendar.pk)
    wanted = {day.date: day for day in sorted(days, reverse=True)}
    known = set(Holiday.objects.filter(calendar=calendar, date__in=wanted).values_list("date", flat=True))
    fresh = [wanted[day] for day in sorted(wanted.keys() - known)]
    Holiday.objects.bulk_create(Holiday(calendar=calendar, date=day.date, name=day.name[:120]) for day in fresh)
    if fresh:
        BusinessCalendar.objects.filter(pk=calendar.pk).update(version=F("version") + 1)
    return Added(len(fresh), len(wanted) - len(fresh))
