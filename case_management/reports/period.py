"""The days that a report looks at, as days of the active time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone


@dataclass(frozen=True)
class Period:
    """Whole days, both ends included."""

    first: date
    last: date

    @classmethod
    def last_days(cls, days: int, today: date | None = None) -> Period:
        """The ``days`` days that end today."""
        last = today or timezone.localdate()
        return cls(last - timedelta(days=days - 1), last)

    @property
    def start(self) -> datetime:
        """The first moment."""
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))

    def holds(self, field: str) -> Q:
        """Rows whose ``field`` falls into the period."""
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})
