"""The lines of a statement: a stretch of time between two whole seconds, what the clock did in it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from case_management.sla.calendar import as_utc
from case_management.sla.hours_kept import HoursKept


class Kind(StrEnum):
    """What a clock does in a stretch of time."""

    COUNTED = "counted"
    PAUSED = "paused"
    CLOSED = "closed"
    STOPPED = "stopped"


class Why(StrEnum):
    """The reason that stands beside a line."""

    OPEN = "open"
    BEFORE = "before"
    OUR_TURN = "our_turn"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    HELD = "held"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    CLOSED_DAY = "closed_day"
    NIGHT = "night"
    BREAK = "break"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Line:
    """From ``start`` to ``end`` (UTC, whole seconds; the end does not belong to it).

    ``name`` is the name of a holiday; ``event`` the number of the case's event by which it began to be so.
    """

    kind: Kind
    why: Why
    start: datetime
    end: datetime
    name: str = ""
    event: int | None = None

    @property
    def seconds(self) -> int:
        """How long, in real seconds."""
        return (self.end - self.start) // timedelta(seconds=1)


def open_and_closed(line: Line, hours: HoursKept) -> Iterator[Line]:
    """Cut a line in which the clock runs into what counts and the closed hours between, each with its reason."""
    at = line.start
    for start, end in hours.calendar.spans(line.start, line.end):
        yield from _closed(replace(line, start=at, end=start), hours)
        yield replace(line, start=start, end=end)
        at = end
    yield from _closed(replace(line, start=at), hours)


def _closed(gap: Line, hours: HoursKept) -> Iterator[Line]:
    """A closed stretch, day by day of the calendar's zone; neighbours with one reason become one line."""
    return joined(_named(replace(gap, start=start, end=end), hours) for start, end in _days(gap, ZoneInfo(hours.zone)))


def _days(gap: Line, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    at = gap.start
    while at < gap.end:
        tomorrow = at.astimezone(zone).date() + timedelta(days=1)
        # A midnight that a clock change skips is the moment of the change; a day that it skips has no moment at all.
        midnight = datetime.combine(tomorrow, time(), zone).astimezone(UTC)
        end = min(gap.end, midnight) if midnight > at else gap.end
        yield at, end
        at = end


def _named(piece: Line, hours: HoursKept) -> Line:
    local = piece.start.astimezone(ZoneInfo(hours.zone))
    day, minute = local.date(), local.hour * 60 + local.minute
    if day in hours.names:
        return replace(piece, kind=Kind.CLOSED, why=Why.HOLIDAY, name=hours.names[day])
    intervals = hours.calendar.hours_on(day)
    if not intervals:
        return replace(piece, kind=Kind.CLOSED, why=Why.WEEKEND if day.weekday() > 4 else Why.CLOSED_DAY)
    is_between = intervals[0][0] <= minute < intervals[-1][1]
    return replace(piece, kind=Kind.CLOSED, why=Why.BREAK if is_between else Why.NIGHT)


def joined(lines: Iterable[Line]) -> Iterator[Line]:
    """Drop empty lines, and make one of neighbours that say the same."""
    held: Line | None = None
    for line in lines:
        if line.end <= line.start:
            continue
        if held is not None and held.end == line.start and replace(held, start=line.start, end=line.end) == line:
            held = replace(held, end=line.end)
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def total(lines: Iterable[Line], *kinds: Kind) -> int:
    """Seconds of the lines of these kinds."""
    return sum(line.seconds for line in lines if line.kind in kinds)


def to_second(at: datetime) -> datetime:
    """The second in which ``at`` lies, in UTC."""
    return as_utc(at).replace(microsecond=0)
