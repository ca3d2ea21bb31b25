"""The slow truth about open time: walks UTC minutes one by one and asks the zone what its wall clock shows.

It shares nothing with the code under test. It is exact where UTC offsets are whole minutes, which holds in
every zone from 1973 on, because each UTC minute is then open or closed as a whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Book(NamedTuple):
    """Opening hours as entered: unsorted, overlapping, in minutes of the local day, Monday first."""

    zone: str
    weekly: tuple[tuple[tuple[int, int], ...], ...]
    holidays: Mapping[date, tuple[tuple[int, int], ...]]


@lru_cache(maxsize=2000)
def wall_minutes(zone: str, utc_day: int) -> array[int]:
    """What the wall clock shows in each minute of a UTC day: local date and minute in one number."""
    midnight, local_zone = EPOCH + timedelta(days=utc_day), ZoneInfo(zone)
    shown = array("q")
    for minute in range(1440):
        local = (midnight + minute * MINUTE).astimezone(local_zone)
        shown.append(local.toordinal() * 1440 + local.hour * 60 + local.minute)
    return shown


def minute_is_open(book: Book, number: int) -> bool:
    """Whether the UTC minute with that number since 1970 is open."""
    utc_day, minute_of_utc_day = divmod(number, 1440)
    ordinal, minute = divmod(wall_minutes(book.zone, utc_day)[minute_of_utc_day], 1440)
    local = date.fromordinal(ordinal)
    hours = book.holidays[local] if local in book.holidays else book.weekly[local.weekday()]
    return any(start <= minute < end for start, end in hours)


def is_open(book: Book, at: datetime) -> bool:
    """Whether an instant is open."""
    return minute_is_open(book, (at - EPOCH) // MINUTE)


def elapsed(book: Book, start: datetime, end: datetime) -> timedelta:
    """Open time from start to end, with end not before start."""
    total, number = timedelta(), (start - EPOCH) // MINUTE
    while EPOCH + number * MINUTE < end:
        if minute_is_open(book, number):
            begins = EPOCH + number * MINUTE
            total += min(begins + MINUTE, end) - max(begins, start)
        number += 1
    return total


def due(book: Book, start: datetime, duration: timedelta) -> datetime:
    """The first instant with that much open time since start; the caller knows that it comes."""
    left, number = duration, (start - EPOCH) // MINUTE
    at = start
    while left:
        ends = EPOCH + (number + 1) * MINUTE
        if minute_is_open(book, number):
            if ends - at >= left:
                return at + left
            left -= ends - at
        at, number = ends, number + 1
    return at
