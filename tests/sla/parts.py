"""Hours, lengths and moments that the tests of open time share."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings

from case_management.sla.calendar import CLOSED

OFFICE = ((540, 1020),)
WEEKDAYS = (OFFICE,) * 5 + (CLOSED,) * 2
TICK = timedelta.resolution
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ZERO = timedelta()


def examples(count: int) -> settings:
    """So many examples, however long they take."""
    return settings(max_examples=count, deadline=None)


def utc(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text + "Z")


def local(zone: str, text: str, fold: int = 0) -> datetime:
    """A moment on a zone's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
