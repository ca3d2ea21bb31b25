"""Cases as the forecast sees them: when they were opened, due and resolved, and how long they were worked on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from case_management.sla.calendar import Calendar
from case_management.sla.versions import kept_versions

#: The newest so many cases are the history; older ones say little of today.
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Past:
    """One case that was opened, whatever became of it."""

    rank: int
    opened_at: datetime
    resolved_at: datetime | None
    due_at: datetime | None
    worked: Callable[[datetime, datetime], float]

    def worked_until(self, at: datetime) -> tuple[float, bool]:
        """Seconds of work from opening to resolving, or to ``at`` if it was open then; and whether it was resolved."""
        is_resolved = self.resolved_at is not None and self.resolved_at <= at
        return self.worked(self.opened_at, self.resolved_at if is_resolved and self.resolved_at else at), is_resolved

    def was_open(self, at: datetime) -> bool:
        """Whether somebody still worked on it then."""
        return self.opened_at <= at and (self.resolved_at is None or self.resolved_at > at)


def past_cases(cases: Any, since: datetime) -> list[Past]:
    """The newest of ``cases`` that were opened since then, at most :data:`MOST`; two queries."""
    columns = ("priority_rank", "opened_at", "resolved_at", "due_at", "sla_calendar_id")
    newest = cases.filter(opened_at__gte=since, merged_into=None).order_by("-opened_at", "-pk")
    rows = list(newest.values_list(*columns)[:MOST])
    work = Work({row[-1] for row in rows if row[-1] is not None})
    return [Past(rank, opened, resolved, due, work.on(version)) for rank, opened, resolved, due, version in rows]


class Work:
    """Counts seconds of work on versions of calendars; without a calendar, work never rests."""

    def __init__(self, versions: set[int]) -> None:
        self._counts = {pk: _open_seconds(hours.calendar) for pk, hours in kept_versions(versions).items()}

    def on(self, version: int | None) -> Callable[[datetime, datetime], float]:
        """(start, end) → seconds of work between them."""
        return self._counts.get(version, _seconds) if version is not None else _seconds


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


@lru_cache(maxsize=64)
def _open_seconds(calendar: Calendar) -> Callable[[datetime, datetime], float]:
    def count(start: datetime, end: datetime) -> float:
        return calendar.between(start, end).total_seconds() if end > start else 0.0

    return count
