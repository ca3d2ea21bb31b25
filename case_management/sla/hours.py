"""Reads, writes and checks the opening hours of one day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

Hours = tuple[tuple[int, int], ...]
"""Open intervals of a local day as (start, end) in minutes after midnight; 1440 is 24:00, none is closed."""

CLOSED: Final[Hours] = ()
ALL_DAY: Final[Hours] = ((0, 1440),)

# People paste typographic dashes from letters and web pages.
_PART = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?[-\u2013] ?([0-9]{1,2}):([0-9]{2})")


class InvalidHoursError(ValueError):
    """Opening hours that cannot be used.

    ``code`` is ``hours_format``, ``hours_range`` or ``hours_order`` and never changes; ``part`` is the piece
    at fault. A form that speaks another language than English builds its own sentence from the two.
    """

    def __init__(self, code: str, part: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.part = part


def normal_hours(hours: Iterable[Iterable[int]]) -> Hours:
    """Sort the intervals of one day and merge those that overlap or touch.

    Raises ``InvalidHoursError`` unless each is a pair of whole minutes with 0 <= start < end <= 1440.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_checked(tuple(interval)) for interval in hours):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _checked(interval: tuple[int, ...]) -> tuple[int, int]:
    part = repr(interval)
    if len(interval) != 2 or not all(isinstance(minute, int) for minute in interval):
        raise InvalidHoursError(
            "hours_format", part, f"{part} is not an interval; give (start, end) in minutes after midnight."
        )
    start, end = interval
    if start < 0 or end > 1440:
        raise InvalidHoursError("hours_range", part, f"{part} leaves the day; minutes run from 0 to 1440.")
    if start >= end:
        raise InvalidHoursError("hours_order", part, f"{part} must end later than it starts.")
    return start, end


def parse_hours(text: str) -> Hours:
    """Read a day's hours as people write them: ``09:00-12:30, 13:00-17:00``, ``24h``, or nothing for closed.

    Raises ``InvalidHoursError`` naming the part at fault and the mend.
    """
    if not text.strip():
        return CLOSED
    return normal_hours(_parse_part(" ".join(part.split())) for part in text.split(","))


def _parse_part(part: str) -> tuple[int, int]:
    if part.lower() == "24h":
        return ALL_DAY[0]
    match = _PART.fullmatch(part)
    if match is None:
        raise InvalidHoursError(
            "hours_format", part, f"“{part}” is not a time range; write it as 09:00-17:00, or as 24h."
        )
    h1, m1, h2, m2 = map(int, match.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if max(m1, m2) > 59 or max(start, end) > 1440:
        raise InvalidHoursError("hours_range", part, f"“{part}” is not on the clock, which runs to 24:00.")
    if start >= end:
        raise InvalidHoursError(
            "hours_order",
            part,
            f"“{part}” must end later than it starts; hours past midnight go on two days, "
            "such as 22:00-24:00 and, on the next day, 00:00-06:00.",
        )
    return start, end


def format_hours(hours: Iterable[Iterable[int]]) -> str:
    """Write a day's hours so that ``parse_hours`` reads the same (merged) intervals back."""
    normal = normal_hours(hours)
    if normal == ALL_DAY:
        return "24h"
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in normal)
