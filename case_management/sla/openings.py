"""Compiles local opening hours to the open UTC spans of one year, ready for bisection."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from case_management.sla.hours import Hours

Span = tuple[datetime, datetime]
"""A stretch of UTC time; its start belongs to it, its end does not."""

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_ZERO = timedelta()
_SECOND = timedelta(seconds=1)
# Since 1900 no zone has changed its offset to and fro within six days: probes three days apart miss nothing.
_PROBE = timedelta(days=3)


class OpenYear:
    """The open spans of one UTC year, with the open time before each: every question is one bisection."""

    __slots__ = ("_before", "_ends", "_starts", "total")

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._before: list[timedelta] = []
        self.total = _ZERO
        for start, end in spans:
            self._starts.append(start)
            self._ends.append(end)
            self._before.append(self.total)
            self.total += end - start

    def open_before(self, at: datetime) -> timedelta:
        """Open time from New Year to ``at``."""
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return _ZERO
        end = self._ends[index]
        return self._before[index] + ((at if at < end else end) - self._starts[index])

    def least(self, opened: timedelta) -> datetime:
        """The least instant with that open time before it; 0 < ``opened`` <= ``total``."""
        index = bisect_left(self._before, opened) - 1
        return self._starts[index] + (opened - self._before[index])

    def greatest(self, opened: timedelta) -> datetime:
        """The greatest instant with that open time before it; 0 <= ``opened`` < ``total``."""
        index = bisect_right(self._before, opened) - 1
        return self._starts[index] + (opened - self._before[index])

    def next_open(self, at: datetime) -> datetime | None:
        """The least open instant of this year that is not before ``at``."""
        index = bisect_right(self._ends, at)
        return max(at, self._starts[index]) if index < len(self._ends) else None

    def touching(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The spans that share time with start-end, uncut."""
        chosen = slice(bisect_right(self._ends, start), bisect_left(self._starts, end))
        return zip(self._starts[chosen], self._ends[chosen], strict=True)


def compile_year(number: int, zone: ZoneInfo, hours_on: Callable[[date], Hours]) -> OpenYear:
    """Find the open spans of a UTC year, in milliseconds; ``ValueError`` outside the years 1900 to 2199."""
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise ValueError(f"Calendars cover the years {FIRST_YEAR} to {LAST_YEAR}, not {number}.")
    start, end = datetime(number, 1, 1, tzinfo=UTC), datetime(number + 1, 1, 1, tzinfo=UTC)
    probes = [*(start + _PROBE * n for n in range((end - start) // _PROBE + 1)), end]
    changes = (at for low, high in pairwise(probes) for at in _offset_changes(zone, low, high))
    stretches = pairwise([start, *changes, end])
    return OpenYear(joined(span for stretch in stretches for span in _open_spans(stretch, zone, hours_on)))


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).replace(tzinfo=UTC) - at


def _offset_changes(zone: ZoneInfo, low: datetime, high: datetime) -> list[datetime]:
    """The instants in (low, high] from which another UTC offset holds, found by halving."""
    if _offset(zone, low) == _offset(zone, high):
        return []
    if high - low == _SECOND:
        return [high]
    middle = low + _SECOND * ((high - low) // _SECOND // 2)
    return _offset_changes(zone, low, middle) + _offset_changes(zone, middle, high)


def _open_spans(stretch: Span, zone: ZoneInfo, hours_on: Callable[[date], Hours]) -> Iterator[Span]:
    """Open spans, in order, of a stretch with one UTC offset; those outside the stretch come out empty."""
    low, high = stretch
    offset = _offset(zone, low)
    first, last = (low + offset).toordinal(), (high + offset).toordinal()
    for day in map(date.fromordinal, range(first, last + 1)):
        midnight = datetime.combine(day, time(), UTC) - offset
        for opens, closes in hours_on(day):
            start, end = midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes)
            yield max(low, start), min(high, end)


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Drop empty spans and join touching ones: midnight, an offset change or New Year end no open time."""
    held: Span | None = None
    for start, end in spans:
        if start >= end:
            continue
        if held is not None and held[1] == start:
            held = (held[0], end)
            continue
        if held is not None:
            yield held
        held = (start, end)
    if held is not None:
        yield held
