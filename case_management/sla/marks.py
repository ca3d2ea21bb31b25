"""The moments of a clock at which something is to happen: warnings at shares of it, its miss, the ladder after that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from case_management.models.sla import SlaMetric
from case_management.models.sla_clock import MarkKind
from case_management.sla.calendar import Calendar
from case_management.sla.clock import Clock, due_with
from case_management.sla.terms import Terms

#: At the due date itself a promise is still kept.
_LATER = timedelta(seconds=1)


class Mark(NamedTuple):
    """When it is due (UTC), what it is, and its share in per cent or its level."""

    at: datetime
    kind: str
    value: int

    @property
    def key(self) -> tuple[str, int]:
        """By what a clock knows whether it has reached it."""
        return self.kind, self.value


def marks_of(metric: str, clock: Clock, calendar: Calendar, terms: Terms) -> list[Mark]:
    """Every mark of a running clock, in order; a clock that stands has none.

    That a case was not resolved in time is recorded with its deadline, which may also be one by hand; so it is no mark.
    """
    if clock.due_at is None:
        return []
    found = [*_warnings(clock, calendar, terms)]
    if metric == SlaMetric.RESOLVE:
        found += _ladder(clock.due_at, calendar, terms)
    else:
        found.append(Mark(clock.due_at + _LATER, MarkKind.MISS.value, 0))
    return sorted(found)


def _warnings(clock: Clock, calendar: Calendar, terms: Terms) -> Iterator[Mark]:
    assert clock.due_at is not None  # noqa: S101 - the caller looked
    for share in terms.warnings:
        left = timedelta(seconds=int(clock.target.total_seconds()) * (100 - share) // 100)
        yield Mark(due_with(calendar, -left, at=clock.due_at), MarkKind.WARNING.value, share)


def _ladder(due_at: datetime, calendar: Calendar, terms: Terms) -> Iterator[Mark]:
    for rung in terms.ladder:
        after = calendar.add(due_at, timedelta(minutes=rung.minutes))
        yield Mark(max(after, due_at + _LATER), MarkKind.LEVEL.value, rung.level)
