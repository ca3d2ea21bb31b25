"""What the measures of the reports count, each as one condition or one aggregate on cases."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from case_management.domain.states import DONE, OPEN
from case_management.reports.period import Period

#: Cases that somebody still works on, now.
UNRESOLVED = Q(status__in=[str(status) for status in OPEN])
#: Of those, the ones that were escalated.
ESCALATED = UNRESOLVED & Q(escalation_level__gt=0)
#: From opening to resolving, in the customer's time.
TIME_TO_RESOLVE = ExpressionWrapper(F("resolved_at") - F("opened_at"), output_field=DurationField())


def opened(period: Period) -> Q:
    """Cases opened in the period."""
    return period.holds("opened_at")


def resolved(period: Period) -> Q:
    """Cases whose (last) resolving falls into the period; the status lets an index find them."""
    return Q(status__in=[str(status) for status in DONE]) & period.holds("resolved_at")


def measures(period: Period) -> dict[str, Any]:
    """The aggregates of every line and tile."""
    return {
        "opened": Count("pk", filter=opened(period)),
        "resolved": Count("pk", filter=resolved(period)),
        "unresolved": Count("pk", filter=UNRESOLVED),
        "average": Avg(TIME_TO_RESOLVE, filter=resolved(period)),
    }
