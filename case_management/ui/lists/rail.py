"""The rail beside the list: where the reader's open cases are, counted in two queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
        Entry(row["source__name"], f"status=open&source={row['source__key']}", row["total"]) for row in by_source
    ]
    lately = cases.filter(opened_at__gte=_since(now)).count()
    return Rail(queues, sources, Gauge(lately - sums["lately"], lately))


_QUEUES = (
    (_("All open"), "total", "status=open"),
    (_("My cases"), "mine", "status=open&assignee=me"),
    (_("Unassigned"), "unassigned", "status=open&assignee=nobody"),
    (_("Past due"), "overdue", "status=overdue"),
    (_("Escalated"), "escalated", "status=open&escalated=yes"),
    (_("All flagged"), "flagged_all", "status=open&flagged=all"),
    (_("Flagged by me"), "flagged_mine", "status=open&flagged=mine"),
)


def _by_source(cases: Any, user: Any, now: datetime) -> Any:
    """One row per source with something open; every column it reads is in the index of open cases."""
    return (
        cases.open()
        .values("source__key", "source__name", "source__position")
        .annotate(**_counts(user, now))
        .order_by("source__position", "source__name")
    )


def _counts(user: Any, now: datetime) -> dict[str, Count]:
    flagged_mine = Q(pk__in=CaseFlag.objects.filter(user=user).values("case"))
    return {
        "total": Count("pk"),
        "mine": Count("pk", filter=Q(assignee=user)),
        "unassigned": Count("pk", filter=Q(assignee=None)),
        "overdue": Count("pk", filter=Q(due_at__lt=now)),
        "escalated": Count("pk", filter=Q(escalation_level__gt=0)),
        "flagged_all": Count("pk", filter=Q(flagged=True)),
        "flagged_mine": Count("pk", filter=flagged_mine),
        "lately": Count("pk", filter=Q(opened_at__gte=_since(now))),
    }


def _since(now: datetime) -> datetime:
    return now - timedelta(days=GAUGE_DAYS)
