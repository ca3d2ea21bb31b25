"""Where do we stand: what is open and escalated now, what was resolved in the period and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count

from case_management.reports.facts import ESCALATED, TIME_TO_RESOLVE, UNRESOLVED, resolved
from case_management.reports.period import Period


@dataclass(frozen=True)
class Headline:
    """Four figures; ``average`` is None when nothing was resolved."""

    average: timedelta | None
    escalated: int
    unresolved: int
    resolved: int


def headline(cases: Any, period: Period) -> Headline:
    """The figures over ``cases``, a queryset scoped to the reader; two queries, each over what it counts."""
    now = cases.filter(UNRESOLVED).aggregate(unresolved=Count("pk"), escalated=Count("pk", filter=ESCALATED))
    done = cases.filter(resolved(period)).aggregate(resolved=Count("pk"), average=Avg(TIME_TO_RESOLVE))
    return Headline(**now, **done)
