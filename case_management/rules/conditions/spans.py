"""Lengths of time in rules, plain or in business hours: “4 hours”, “2 business days”; and where they lead from now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import InvalidConfiguration
from case_management.sla.calendar import Calendar, NoOpenTimeError

#: Unit as it is stored → what a person reads.
UNITS: dict[str, str | Promise] = {
    "minutes": gettext_lazy("minutes"),
    "hours": gettext_lazy("hours"),
    "days": gettext_lazy("days"),
    "business minutes": gettext_lazy("business minutes"),
    "business hours": gettext_lazy("business hours"),
    "business days": gettext_lazy("business days"),
}
#: Nobody waits longer for anything that a rule could still help with.
MOST_DAYS = 3660
_WRITTEN = re.compile(r"(\d{1,7}) (business )?(minute|hour|day)s?")
_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_BUSINESS = "business "


@dataclass(frozen=True, slots=True)
class Span:
    """So many units of time."""

    amount: int
    unit: str

    @property
    def is_business(self) -> bool:
        """Whether only open hours, or open days, count."""
        return self.unit.startswith(_BUSINESS)

    @property
    def length(self) -> timedelta:
        """The time itself, of whatever hours."""
        return self.amount * _LENGTHS[self.unit.removeprefix(_BUSINESS).removesuffix("s")]

    def before(self, at: datetime, calendar: Calendar) -> datetime:
        """The latest moment of which at least this much lies behind ``at``."""
        return self._shifted(at, calendar, -1)

    def after(self, at: datetime, calendar: Calendar) -> datetime:
        """The earliest moment at which this much has passed since ``at``."""
        return self._shifted(at, calendar, 1)

    def _shifted(self, at: datetime, calendar: Calendar, sign: int) -> datetime:
        if not self.is_business:
            return at + sign * self.length
        try:
            if self.unit == "business days":
                return _by_open_days(at, calendar, sign * self.amount)
            return calendar.add(at, sign * self.length)
        except NoOpenTimeError:
            # Hours that never open let no business time pass: nothing is ever long enough ago, or soon.
            return at + sign * timedelta(days=MOST_DAYS)

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


def _by_open_days(at: datetime, calendar: Calendar, days: int) -> datetime:
    """The same time of day so many open days away; a closed day counts as the end of the open one before it.

    Going forwards it counts as the beginning of the one after it, so that both ways agree.
    """
    zone, step = ZoneInfo(calendar.zone), 1 if days > 0 else -1
    local = at.astimezone(zone)
    day, clock = local.date(), local.time()
    if not calendar.hours_on(day):
        day = _next_open_day(day, calendar, step, at)
        # The last moment of the open day before, or the first one of the day after.
        clock = time(0) if step > 0 else time.max
    for _day in range(abs(days)):
        day = _next_open_day(day, calendar, step, at)
    return datetime.combine(day, clock, tzinfo=zone)


def _next_open_day(day: date, calendar: Calendar, step: int, at: datetime) -> date:
    for _day in range(MOST_DAYS):
        day += timedelta(days=step)
        if calendar.hours_on(day):
            return day
    raise NoOpenTimeError(calendar.zone, at)


@lru_cache(maxsize=1024)
def read_span(written: str) -> Span:
    """The span. Raises InvalidConfiguration with an example."""
    found = _WRITTEN.fullmatch(" ".join(written.lower().split()))
    if found is None:
        raise InvalidConfiguration(
            _("“%s” is no length of time, such as “4 hours” or “2 business days”.") % written[:80]
        )
    span = Span(int(found[1]), f"{found[2] or ''}{found[3]}s")
    if not timedelta() < span.length <= timedelta(days=MOST_DAYS):
        raise InvalidConfiguration(_("“%s” is no length of time that a rule can wait.") % written[:80])
    return span


def checked_span(value: Any) -> str:
    """The value of a comparison, as it is stored."""
    return str(read_span(str(value)))


def span_in_words(written: str) -> str:
    """How a person reads it."""
    span = read_span(written)
    return f"{span.amount} {UNITS[span.unit]}"
