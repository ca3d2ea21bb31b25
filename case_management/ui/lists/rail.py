"""The rail beside the list: where the reader's open cases are, counted in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.domain.states import OPEN
from case_management.models import CaseFlag

#: The gauge looks at the cases opened in these days.
GAUGE_DAYS = 30


@dataclass(frozen=True)
class Entry:
    """One link of the rail: a query of the list and how many cases it finds."""

    label: str | Promise
    query: str
    count: int


@dataclass(frozen=True)
class Gauge:
    """How many of the cases opened lately are resolved."""

    resolved: int
    total: int

    @property
    def percent(self) -> int:
        """The share, rounded down so that 100 means all."""
        return 100 * self.resolved // self.total if self.total else 0


@dataclass(frozen=True)
class Rail:
    """Everything in the rail but the saved views."""

    queues: list[Entry]
    sources: list[Entry]
    gauge: Gauge
    gauge_days: int = GAUGE_DAYS


def rail(cases: Any, user: Any, now: datetime) -> Rail:
    """The rail over ``cases``, all that the reader may see; the counts are those of the lists behind the links."""
    by_source = list(_by_source(cases, user, now))
    sums = {key: sum(row[key] for row in by_source) for key in _counts(user, now)}
    queues = [Entry(label, query, sums[key]) for label, key, query in _QUEUES]
    sources = [
        Entry(row["source__name"], f"status=open&source={row['source__key']}", row["total"])
        for row in by_source
        if row["total"]
    ]
    return Rail(queues, sources, Gauge(sums["lately_resolved"], sums["lately"]))


def _by_source(cases: Any, user: Any, now: datetime) -> Any:
    """One row per source: what is open, and what was opened lately."""
    seen = cases.filter(_OPEN | Q(opened_at__gte=now - timedelta(days=GAUGE_DAYS)))
    return (
        seen.values("source__key", "source__name", "source__position")
        .annotate(**_counts(user, now))
        .order_by("source__position", "source__name")
    )


def _counts(user: Any, now: datetime) -> dict[str, Count]:
    lately = Q(opened_at__gte=now - timedelta(days=GAUGE_DAYS))
    open_ones = {
        "total": Q(),
        "mine": Q(assignee=user),
        "unassigned": Q(assignee=None),
        "overdue": Q(due_at__lt=now),
        "escalated": Q(escalation_level__gt=0),
        "flagged_all": Q(flagged=True),
        "flagged_mine": Q(pk__in=CaseFlag.objects.filter(user=user).values("case")),
    }
    wanted = {key: _OPEN & fact for key, fact in open_ones.items()}
    wanted |= {"lately": lately, "lately_resolved": lately & ~_OPEN}
    return {key: Count("pk", filter=fact) for key, fact in wanted.items()}


_OPEN = Q(status__in=[str(status) for status in OPEN])
_QUEUES = (
    (_("All open"), "total", "status=open"),
    (_("My cases"), "mine", "status=open&assignee=me"),
    (_("Unassigned"), "unassigned", "status=open&assignee=nobody"),
    (_("Past due"), "overdue", "status=overdue"),
    (_("Escalated"), "escalated", "status=open&escalated=yes"),
    (_("All flagged"), "flagged_all", "status=open&flagged=all"),
    (_("Flagged by me"), "flagged_mine", "status=open&flagged=mine"),
)
