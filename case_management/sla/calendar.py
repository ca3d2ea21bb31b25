"""Counts open time on a business calendar, exact to the microsecond in every time zone.

The law: an instant is open when a local wall clock at that instant shows a time inside an open interval.
Local hours that a clock change skips therefore never count, and hours that it repeats count twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from case_management.sla.hours import (
    ALL_DAY,
    CLOSED,
    Hours,
    InvalidHoursError,
    format_hours,
    normal_hours,
    parse_hours,
)
from case_management.sla.openings import FIRST_YEAR, LAST_YEAR, OpenYear, Span, compile_year, joined

__all__ = [
    "ALL_DAY",
    "CLOSED",
    "Calendar",
    "Hours",
    "InvalidHoursError",
    "NoOpenTimeError",
    "Span",
    "as_utc",
    "format_hours",
    "normal_hours",
    "parse_hours",
]

CLOSED_YEARS: Final = 10
"""So many calendar years without open time, one after the other, end a search."""

_ZERO = timedelta()


class NoOpenTimeError(ValueError):
    """The open time asked for is not there: ten closed years in a row, or the years 1900 to 2199 end."""

    code = "no_open_time"

    def __init__(self, zone: str, at: datetime) -> None:
        super().__init__(
            f"The calendar ({zone}) has too little open time around {at.isoformat()}: the search met "
            f"{CLOSED_YEARS} closed years in a row or left the years {FIRST_YEAR} to {LAST_YEAR}. "
            "Give the calendar open hours on at least one day of the week."
        )
        self.at = at


def as_utc(at: datetime) -> datetime:
    """The same instant in UTC; raises ``ValueError`` for a datetime without a time zone."""
    if at.tzinfo is UTC:
        return at
    if at.utcoffset() is None:
        raise ValueError(f"{at!r} has no time zone; pass an aware datetime.")
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an organisation is open: a value that compares and hashes by zone, weekly hours and holidays.

    ``zone`` is an IANA name and ``weekly`` the hours from Monday to Sunday. ``holidays`` replaces the hours
    of single local dates: empty hours close the day, others are its special hours. Invalid parts raise
    ``ValueError``.

    Methods take aware datetimes in any zone and answer in UTC; naive datetimes and years outside 1900 to 2199
    raise ``ValueError``. An instance compiles each year it is asked about once, in milliseconds: keep it,
    rather than build one per call. Threads may share it.
    """

    zone: str
    weekly: tuple[Hours, ...]
    holidays: Mapping[date, Hours] = field(default_factory=dict, hash=False)
    _years: dict[int, OpenYear] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check and normalise, so that equal opening hours are equal values."""
        try:
            ZoneInfo(self.zone)
        except (LookupError, ValueError, OSError) as error:
            raise ValueError(f"{self.zone!r} is no time zone; give a name like Europe/Paris.") from error
        if len(self.weekly) != 7:
            raise ValueError(f"A week has seven days, Monday to Sunday, not {len(self.weekly)}.")
        if any(not isinstance(day, date) or isinstance(day, datetime) for day in self.holidays):
            raise ValueError("Holidays are keyed by date, without a time of day.")
        holidays = {day: normal_hours(hours) for day, hours in sorted(self.holidays.items())}
        object.__setattr__(self, "weekly", tuple(normal_hours(hours) for hours in self.weekly))
        object.__setattr__(self, "holidays", MappingProxyType(holidays))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the value without the compiled years."""
        return Calendar, (self.zone, self.weekly, dict(self.holidays))

    @classmethod
    def always(cls) -> Calendar:
        """Open all the time: a due date is a plain sum."""
        return cls("UTC", (ALL_DAY,) * 7)

    def hours_on(self, day: date) -> Hours:
        """The open intervals of a local date."""
        special = self.holidays.get(day)
        return self.weekly[day.weekday()] if special is None else special

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from ``start`` to ``end``; negative when ``end`` is the earlier one."""
        first, last = as_utc(start), as_utc(end)
        if last < first:
            return -self.between(last, first)
        opened = self._year(last.year).open_before(last) - self._year(first.year).open_before(first)
        for number in range(first.year, last.year):
            opened += self._year(number).total
        return opened

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The instant that lies ``duration`` of open time after ``start``.

        Forwards it is the least instant with ``between(start, instant) == duration``: work that fills the day
        exactly is due at closing time, not at the next opening. Backwards (negative ``duration``) it is the
        greatest such instant: the opening, not the closing before it. Zero gives ``start``, open or not.
        Raises ``NoOpenTimeError`` when ten closed years in a row come before the sum is reached.
        """
        at = as_utc(start)
        if duration < _ZERO:
            return self._subtract(at, -duration)
        if not duration:
            return at
        year = self._year(at.year)
        missing = year.open_before(at) + duration
        if missing <= year.total:
            return year.least(missing)
        missing -= year.total
        for later in self._years_from(at.year + 1, 1):
            if missing <= later.total:
                return later.least(missing)
            missing -= later.total
        raise NoOpenTimeError(self.zone, at)

    def _subtract(self, at: datetime, duration: timedelta) -> datetime:
        year = self._year(at.year)
        reached = year.open_before(at) - duration
        if reached >= _ZERO:
            return year.greatest(reached)
        for earlier in self._years_from(at.year - 1, -1):
            reached += earlier.total
            if reached >= _ZERO:
                return earlier.greatest(reached)
        raise NoOpenTimeError(self.zone, at)

    def is_open(self, at: datetime) -> bool:
        """Whether ``at`` is open: the instant of opening is, the instant of closing is not."""
        instant = as_utc(at)
        return self._year(instant.year).next_open(instant) == instant

    def next_open(self, at: datetime) -> datetime:
        """The least open instant not before ``at``; raises ``NoOpenTimeError`` after ten closed years."""
        instant = as_utc(at)
        for year in self._years_from(instant.year, 1):
            found = year.next_open(instant)
            if found is not None:
                return found
        raise NoOpenTimeError(self.zone, instant)

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The open stretches between two instants, each as long as it can be; none when ``end <= start``."""
        first, last = as_utc(start), as_utc(end)
        years = (self._year(number) for number in range(first.year, last.year + 1))
        return joined((max(a, first), min(b, last)) for year in years for a, b in year.touching(first, last))

    def _years_from(self, number: int, step: int) -> Iterator[OpenYear]:
        """Walk the years, forwards or backwards, until ten in a row were closed."""
        closed = 0
        while closed < CLOSED_YEARS and FIRST_YEAR <= number <= LAST_YEAR:
            year = self._year(number)
            yield year
            closed = 0 if year.total else closed + 1
            number += step

    def _year(self, number: int) -> OpenYear:
        try:
            return self._years[number]
        except KeyError:
            # Threads that compile the same year at once get equal results, so this needs no lock.
            return self._years.setdefault(number, compile_year(number, ZoneInfo(self.zone), self.hours_on))
