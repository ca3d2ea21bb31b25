"""Reads dates and times of day in the formats that a file has them in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.intake.converters import Unfit, shown, spelled

_NEVER_SET = date(1970, 1, 1)
_FIRST_YEAR = 1900
_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True)
class Moment:
    """A date, or a date and a time of day, in one of the formats; without an offset it is local to ``zone``.

    The first of January 1970 is what programs write for "never set", so it counts as empty.
    """

    formats: tuple[str, ...]
    zone: ZoneInfo

    def __call__(self, cell: object) -> datetime | None:
        """The aware moment, or None."""
        found = self._read(cell)
        if found.date() == _NEVER_SET:
            return None
        moment = found if timezone.is_aware(found) else found.replace(tzinfo=self.zone)
        if moment.year < _FIRST_YEAR or moment > timezone.now() + _CLOCKS_DIFFER:
            raise Unfit(
                _("%s is not a time at which somebody could have said something.") % spelled(cell),
                _("Correct the date; check the order of day and month."),
            )
        return moment

    def _read(self, cell: object) -> datetime:
        if isinstance(cell, datetime):
            return cell
        if isinstance(cell, date):
            return datetime.combine(cell, time.min)
        text = spelled(cell)
        for pattern in self.formats:
            try:
                return datetime.fromisoformat(text) if pattern == "iso" else _parsed(text, pattern)
            except (ValueError, OverflowError):
                continue
        raise Unfit(
            _("“%s” is not a date in the format of the mapping.") % shown(text),
            _("Write it as %s.") % _(" or ").join(_example(pattern) for pattern in self.formats),
        )


def _parsed(text: str, pattern: str) -> datetime:
    return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller adds the zone where the text has none


def _example(pattern: str) -> str:
    moment = datetime(2026, 3, 31, 14, 30, tzinfo=ZoneInfo("UTC"))
    return moment.isoformat() if pattern == "iso" else moment.strftime(pattern)
