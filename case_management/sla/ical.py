"""Days off from an iCalendar file (RFC 5545): whole days, also of several, also those that come again every year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from itertools import islice, takewhile
from typing import Any

from django.utils.translation import gettext as _

from case_management.sla.days_off import DayOff, HolidaysUnreadable

#: A year's holidays are some kilobytes; more than this is no file of holidays.
MOST_BYTES = 1_000_000
MOST_DAYS = 5_000
#: One event that closes longer than this is a mistake.
LONGEST = timedelta(days=366)
#: What a yearly rule may say; anything else could ask for millions of moments.
_RULE_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYEASTER", "WKST"})


def is_installed() -> bool:
    """Whether the library is there (``pip install "django-case-management[calendars]"``)."""
    return find_spec("icalendar") is not None


def days_in_ical(content: bytes, years: range) -> list[DayOff]:
    """Every whole day that an event of the file takes in one of these years; timed events are left out.

    Raises HolidaysUnreadable for what is no iCalendar file, for rules that do not come once a year, and for a file
    that is too large.
    """
    if not is_installed():
        message = _("iCalendar files need the extra “calendars”: pip install django-case-management[calendars].")
        raise HolidaysUnreadable(message)
    if len(content) > MOST_BYTES:
        raise HolidaysUnreadable(_("The file is larger than 1 MB; export the holidays alone."))
    found = list(islice((day for event in _events(content) for day in _days(event, years)), MOST_DAYS + 1))
    if len(found) > MOST_DAYS:
        raise HolidaysUnreadable(_("The file closes more than %d days; export the holidays alone.") % MOST_DAYS)
    return sorted(set(found))


def _events(content: bytes) -> Iterator[Any]:
    from icalendar import Calendar  # noqa: PLC0415 - an optional extra

    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except (ValueError, IndexError, KeyError) as error:
        raise HolidaysUnreadable(_("This is no iCalendar file (.ics).")) from error
    if not calendars:
        raise HolidaysUnreadable(_("This is no iCalendar file (.ics)."))
    for calendar in calendars:
        yield from calendar.walk("VEVENT")


def _days(event: Any, years: range) -> Iterator[DayOff]:
    starts, ends = (_moment(event, name) for name in ("DTSTART", "DTEND"))
    if isinstance(starts, datetime) or not isinstance(starts, date) or str(event.get("STATUS", "")) == "CANCELLED":
        return
    length = _length(event, starts, ends)
    name = " ".join(str(event.get("SUMMARY", "")).split()) or _("Holiday")
    for first in _occurrences(event, starts, years):
        for offset in range(length.days):
            day = first + timedelta(days=offset)
            if day.year in years:
                yield DayOff(day, name[:120])


def _moment(event: Any, name: str) -> Any:
    found = event.get(name)
    return getattr(found, "dt", None)


def _length(event: Any, starts: date, ends: Any) -> timedelta:
    """At least a day; the end is the first day that no longer belongs to it."""
    given = getattr(event.get("DURATION"), "dt", None)
    if given is None:
        given = ends - starts if type(ends) is date else timedelta(days=1)
    if given > LONGEST:
        raise HolidaysUnreadable(_("“%s” lasts longer than a year; mend its end.") % event.get("SUMMARY", ""))
    return max(given, timedelta(days=1))


def _occurrences(event: Any, starts: date, years: range) -> Iterator[date]:
    rule = event.get("RRULE")
    if rule is None:
        yield starts
        return
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - comes with the optional extra

    words = rule.to_ical().decode()
    asked = {part.partition("=")[0].upper() for part in words.split(";")}
    if not asked <= _RULE_PARTS or "FREQ=YEARLY" not in words.upper().split(";"):
        message = _("“%(name)s” comes again by a rule that is not yearly (%(rule)s); give its days one by one.")
        raise HolidaysUnreadable(message % {"name": event.get("SUMMARY", ""), "rule": words})
    moments = rrulestr(words, dtstart=datetime.combine(starts, time()), ignoretz=True)
    # A day before the first year may reach into it.
    over = datetime(years.stop, 1, 1)  # noqa: DTZ001 - whole days have no zone
    days = (moment.date() for moment in takewhile(lambda moment: moment < over, islice(moments, MOST_DAYS)))
    yield from (day for day in days if day not in _exceptions(event))


def _exceptions(event: Any) -> set[date]:
    lists = event.get("EXDATE", [])
    entries = [entry for one in (lists if isinstance(lists, list) else [lists]) for entry in one.dts]
    return {entry.dt.date() if isinstance(entry.dt, datetime) else entry.dt for entry in entries}
