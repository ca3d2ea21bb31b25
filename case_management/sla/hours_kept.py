"""A calendar's hours as one value that can be stored as JSON, recognised by its digest and compiled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from case_management.models import BusinessCalendar
from case_management.models.calendar import WEEKDAYS
from case_management.sla.calendar import Calendar
from case_management.sla.hours import parse_hours

#: A day that differs: ISO date, hours as people write them (empty when closed), name.
Special = tuple[str, str, str]


@dataclass(frozen=True)
class HoursKept:
    """IANA zone, hours of Monday to Sunday, and the days that differ, by date."""

    zone: str
    weekly: tuple[str, ...]
    holidays: tuple[Special, ...] = ()

    @classmethod
    def of(cls, row: BusinessCalendar, holidays: Iterable[tuple[date, str, str]]) -> HoursKept:
        """The calendar's row as it is, and its holidays (day, hours, name)."""
        special = sorted((day.isoformat(), hours, name) for day, hours, name in holidays)
        return cls(row.timezone, tuple(getattr(row, day) for day in WEEKDAYS), tuple(special))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> HoursKept:
        """What :meth:`as_json` stored."""
        return cls(stored["zone"], tuple(stored["weekly"]), tuple((a, b, c) for a, b, c in stored["holidays"]))

    def in_zone(self, zone: str) -> HoursKept:
        """The same hours on the wall clock of another zone; an empty one changes nothing."""
        return replace(self, zone=zone) if zone else self

    def as_json(self) -> dict[str, Any]:
        """The value as it is stored."""
        return {"zone": self.zone, "weekly": list(self.weekly), "holidays": [list(day) for day in self.holidays]}

    @cached_property
    def digest(self) -> str:
        """Equal hours have equal digests, in every process and release."""
        text = json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def names(self) -> dict[date, str]:
        """The names of the days that differ."""
        return {date.fromisoformat(day): name for day, _hours, name in self.holidays}

    @cached_property
    def calendar(self) -> Calendar:
        """The hours, compiled; once per process and content."""
        return _compile(self.zone, self.weekly, tuple((day, hours) for day, hours, _name in self.holidays))


@lru_cache(maxsize=256)
def _compile(zone: str, weekly: tuple[str, ...], holidays: tuple[tuple[str, str], ...]) -> Calendar:
    return Calendar(
        zone,
        tuple(parse_hours(text) for text in weekly),
        {date.fromisoformat(day): parse_hours(text) for day, text in holidays},
    )
