"""A clock for one promise on a case: it runs in open time, pauses, and can be given another target.

Nothing here reads the time of day: ``at`` is always passed in, aware, and everything is a value. A clock
holds no start: what was consumed follows from the target and from what is left of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from case_management.sla.calendar import Calendar, Span, as_utc

_ZERO = timedelta()
_TICK = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise of ``target`` open time.

    It either runs, and is due at ``due_at`` (UTC), or is paused, with ``remaining`` open time (not negative)
    left. A clock past its due date cannot be paused, so a paused clock is never overdue and the overdue ones
    are exactly those with ``due_at`` in the past. Raises ``ValueError`` for any other combination, a target
    that is not longer than zero, and a naive ``due_at``.
    """

    target: timedelta
    due_at: datetime | None
    remaining: timedelta | None

    def __post_init__(self) -> None:
        """Refuse states that mean nothing."""
        if self.target <= _ZERO:
            raise ValueError(f"The target must be longer than zero, not {self.target}.")
        if (self.due_at is None) == (self.remaining is None):
            raise ValueError("A clock has either a due date (it runs) or remaining time (it is paused).")
        if self.remaining is not None and self.remaining < _ZERO:
            raise ValueError(f"The remaining time of a paused clock cannot be {self.remaining}.")
        if self.due_at is not None:
            object.__setattr__(self, "due_at", as_utc(self.due_at))


def start(calendar: Calendar, target: timedelta, *, at: datetime) -> Clock:
    """A running clock that is due at the least instant with ``target`` open time since ``at``.

    Raises ``ValueError`` unless the target is longer than zero, and ``NoOpenTimeError`` if the calendar never
    has so much open time.
    """
    return Clock(target, calendar.add(at, target), None)


def pause(clock: Clock, calendar: Calendar, *, at: datetime) -> Clock:
    """Stop the clock and keep the open time that is left.

    A clock that is paused already, or past its due date, stays as it is: a breach is final.
    """
    if clock.due_at is None or is_overdue(clock, at=at):
        return clock
    return replace(clock, due_at=None, remaining=calendar.between(at, clock.due_at))


def resume(clock: Clock, calendar: Calendar, *, at: datetime) -> Clock:
    """Let the clock run again with what is left; a running clock stays as it is.

    Raises ``NoOpenTimeError`` if the calendar never has so much open time.
    """
    if clock.remaining is None:
        return clock
    return replace(clock, due_at=calendar.add(at, clock.remaining), remaining=None)


def retarget(
    clock: Clock,
    calendar: Calendar,
    *,
    target: timedelta,
    at: datetime,
    new_calendar: Calendar | None = None,
) -> Clock:
    """Give the clock another target, another calendar, or both, and keep the open time consumed so far.

    ``calendar`` is the one the clock ran on until ``at``; what was consumed on it stays, only the rest is
    counted on ``new_calendar``. A running clock stays running and a paused one paused, with one exception:
    when more than the new target is consumed already, the clock runs and is past due, since a breach cannot
    be paused. Its ``due_at`` then lies before ``at`` by the open time in excess. Raises as ``start`` does.
    """
    coming = calendar if new_calendar is None else new_calendar
    if target == clock.target and coming == calendar:
        return clock
    left = target - consumed(clock, calendar, at=at)
    if clock.remaining is not None and left >= _ZERO:
        return Clock(target, None, left)
    return Clock(target, due_with(coming, left, at=at), None)


def due_with(calendar: Calendar, left: timedelta, *, at: datetime) -> datetime:
    """When a clock is due that has ``left`` at ``at``; where it is nothing or less, the least such moment before."""
    return calendar.add(at, left) if left > _ZERO else _least_before(calendar, at, -left)


def _least_before(calendar: Calendar, at: datetime, opened: timedelta) -> datetime:
    """The least instant with ``opened`` until ``at``: a due date is a closing rather than an opening."""
    return calendar.add(calendar.add(at, -opened - _TICK), _TICK)


def consumed(clock: Clock, calendar: Calendar, *, at: datetime) -> timedelta:
    """Open time counted so far; more than the target once the clock is overdue in open time."""
    if clock.due_at is None:
        return clock.target - (clock.remaining or _ZERO)
    return clock.target - calendar.between(at, clock.due_at)


def is_overdue(clock: Clock, *, at: datetime) -> bool:
    """Whether the clock ran past its due date; at the due date itself the promise is still kept."""
    return clock.due_at is not None and clock.due_at < as_utc(at)


def elapsed(calendar: Calendar, spans: Iterable[Span]) -> timedelta:
    """Open time in the spans during which a clock ran, pauses left out.

    Raises ``ValueError`` for a span that ends before it starts.
    """
    total = _ZERO
    for begin, end in spans:
        counted = calendar.between(begin, end)
        if as_utc(end) < as_utc(begin):
            raise ValueError(f"A span cannot end ({end.isoformat()}) before it starts ({begin.isoformat()}).")
        total += counted
    return total
