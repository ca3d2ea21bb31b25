"""A year of a calendar, day by day, as a person checks it: what is open, what is closed, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from case_management.sla.hours import format_hours
from case_management.sla.hours_kept import HoursKept

_SECOND = timedelta(seconds=1)


class DayKind(StrEnum):
    """What sort of day it is."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    SPECIAL = "special"


@dataclass(frozen=True)
class Day:
    """A local date: its opening hours as people write them, its name where it has one, and open seconds.

    ``seconds`` is what clocks count on this day, so it is not the sum of the hours where a clock change falls into
    them; ``clock_change`` is by how many seconds the day is longer (positive) or shorter than 24 hours.
    """

    date: date
    kind: DayKind
    hours: str
    name: str
    seconds: int
    clock_change: int


@dataclass(frozen=True)
class Month:
    """The days of one month."""

    first: date
    days: tuple[Day, ...]

    @property
    def seconds(self) -> int:
        """Open seconds."""
        return sum(day.seconds for day in self.days)

    @property
    def open_days(self) -> int:
        """Days with any open time."""
        return sum(1 for day in self.days if day.seconds)

    def weeks(self) -> Iterator[list[Day | None]]:
        """Rows of seven, Monday first, with gaps where the month begins and ends."""
        cells: list[Day | None] = [*[None] * self.first.weekday(), *self.days]
        cells += [None] * (-len(cells) % 7)
        return (cells[at : at + 7] for at in range(0, len(cells), 7))


def months_of(hours: HoursKept, year: int) -> list[Month]:
    """The twelve months of a local year. Raises ``ValueError`` outside the years that calendars cover."""
    zone = ZoneInfo(hours.zone)
    days = [_day(hours, zone, date(year, 1, 1) + timedelta(days=number)) for number in range(_length(year))]
    return [
        Month(date(year, month, 1), tuple(day for day in days if day.date.month == month)) for month in range(1, 13)
    ]


def _length(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def _day(hours: HoursKept, zone: ZoneInfo, day: date) -> Day:
    starts, ends = (datetime.combine(at, time(), zone).astimezone(UTC) for at in (day, day + timedelta(days=1)))
    intervals = hours.calendar.hours_on(day)
    seconds = hours.calendar.between(starts, ends) // _SECOND if ends > starts else 0
    name = hours.names.get(day)
    if name is not None:
        kind = DayKind.SPECIAL if intervals else DayKind.HOLIDAY
    else:
        kind = DayKind.OPEN if intervals else DayKind.CLOSED
    change = (ends - starts - timedelta(days=1)) // _SECOND
    return Day(day, kind, format_hours(intervals), name or "", seconds, change)
