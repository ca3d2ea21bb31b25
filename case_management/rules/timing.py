"""When rules on time are due: so long since or before a moment of the case, or at set times of day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.states import DONE, OPEN
from case_management.exceptions import InvalidConfiguration
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.spans import checked_span, read_span, span_in_words
from case_management.sla.calendar import Calendar

#: Moments of a case that an index leads to, and what they are called.
ANCHORS: dict[str, str | Promise] = {
    "awaiting_since": gettext_lazy("the customer has had no answer"),
    "opened_at": gettext_lazy("the case was opened"),
    "updated_at": gettext_lazy("the case was last changed"),
    "due_at": gettext_lazy("the case is due"),
    "resolved_at": gettext_lazy("the case was resolved"),
}
EVERY: dict[str, str | Promise] = {
    "hour": gettext_lazy("every hour"),
    "day": gettext_lazy("every day"),
    "week": gettext_lazy("every week"),
    "month": gettext_lazy("every month"),
}


@dataclass(frozen=True)
class Delay:
    """So much time after (or before) a moment of the case."""

    anchor: str
    span: str
    is_before: bool = False

    def window(self, about: Circumstances, start: datetime, end: datetime) -> Q:
        """Cases whose time comes after ``start`` and not after ``end``; a range of the anchor's index per calendar."""
        return Q(status__in=self.statuses) & about.by_calendar(lambda calendar: self._between(calendar, start, end))

    @property
    def statuses(self) -> list[str]:
        """Of the cases for which the time passes."""
        return [status.value for status in (DONE if self.anchor == "resolved_at" else OPEN)]

    def comes(self, held: datetime, calendar: Calendar) -> datetime:
        """When the time comes for a case that has this moment."""
        span = read_span(self.span)
        return span.before(held, calendar) if self.is_before else span.after(held, calendar)

    def _between(self, calendar: Calendar, start: datetime, end: datetime) -> Q:
        span = read_span(self.span)
        lead = span.after if self.is_before else span.before
        return Q(**{f"{self.anchor}__gt": lead(start, calendar), f"{self.anchor}__lte": lead(end, calendar)})


@dataclass(frozen=True)
class Schedule:
    """Set times in one time zone; ``weekday`` counts from Monday, 0."""

    every: str
    at: time
    weekday: int
    day: int
    zone: str

    def next_after(self, moment: datetime) -> datetime:
        """The first such time after ``moment``; a time of day that a clock change skips comes when it is over."""
        local = moment.astimezone(ZoneInfo(self.zone))
        if self.every == "hour":
            found = local.replace(minute=self.at.minute, second=0, microsecond=0)
            return (found if found > local else found + timedelta(hours=1)).astimezone(timezone.get_default_timezone())
        day = local.date()
        while not (self._fits(day) and (found := self._on(day)) > moment):
            day += timedelta(days=1)
        return found

    def _fits(self, day: date) -> bool:
        return self.every == "day" or (day.weekday() == self.weekday if self.every == "week" else day.day == self.day)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, tzinfo=ZoneInfo(self.zone)).astimezone(timezone.get_default_timezone())


def read_delay(stored: Any) -> Delay:
    """``{"since": …, "after": …}`` or ``{"since": …, "before": …}``. Raises InvalidConfiguration."""
    if not isinstance(stored, Mapping) or stored.get("since") not in ANCHORS:
        raise InvalidConfiguration(_("Say since when time passes; known: %s.") % ", ".join(ANCHORS))
    spans = {name: stored[name] for name in ("after", "before") if stored.get(name)}
    if len(spans) != 1 or set(stored) - {"since", "after", "before"}:
        raise InvalidConfiguration(_("Say how much time passes: “after” or “before”, such as “2 business days”."))
    (name, written), anchor = next(iter(spans.items())), str(stored["since"])
    if name == "before" and anchor != "due_at":
        raise InvalidConfiguration(_("Only before the moment at which a case is due can anything be known."))
    return Delay(anchor, checked_span(written), name == "before")


def read_schedule(stored: Any) -> Schedule:
    """``{"every": "week", "weekday": 0, "at": "08:00", "timezone": …}``. Raises InvalidConfiguration."""
    if not isinstance(stored, Mapping) or stored.get("every") not in EVERY:
        raise InvalidConfiguration(_("Say how often; known: %s.") % ", ".join(EVERY))
    zone = str(stored.get("timezone") or timezone.get_default_timezone_name())
    try:
        ZoneInfo(zone)
        at = time.fromisoformat(str(stored.get("at") or "00:00"))
        weekday, day = int(stored.get("weekday") or 0), int(stored.get("day") or 1)
    except (LookupError, ValueError, TypeError, OSError) as error:
        raise InvalidConfiguration(_("The timing cannot be read: %s.") % error) from None
    if not 0 <= weekday <= 6 or not 1 <= day <= 28 or at.tzinfo is not None:
        raise InvalidConfiguration(_("Weekdays are 0 (Monday) to 6, days of the month 1 to 28, times such as 08:00."))
    return Schedule(str(stored["every"]), at, weekday, day, zone)


def timing_in_words(occasion: str, stored: Any) -> str:
    """When, as a part of a sentence."""
    if occasion == "schedule":
        schedule = read_schedule(stored)
        at = schedule.at.strftime("%H:%M")
        days = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
        return {
            "hour": _("every hour at minute %d") % schedule.at.minute,
            "day": _("every day at %s") % at,
            "week": _("every %(day)s at %(at)s") % {"day": days[schedule.weekday], "at": at},
            "month": _("on day %(day)d of every month at %(at)s") % {"day": schedule.day, "at": at},
        }[schedule.every]
    delay = read_delay(stored)
    wording = _("it is %(span)s until %(anchor)s") if delay.is_before else _("%(span)s have passed since %(anchor)s")
    if delay.anchor == "awaiting_since":
        wording = _("%(anchor)s for %(span)s")
    return wording % {"span": span_in_words(delay.span), "anchor": ANCHORS[delay.anchor]}
