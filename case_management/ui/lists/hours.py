"""In which opening hours the clock of each line runs, read with everything else that stands beside the lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from case_management.models import BusinessCalendar, CalendarVersion, Case, Holiday, SlaPolicy
from case_management.models.calendar import WEEKDAYS
from case_management.sla.calendar import Calendar
from case_management.sla.hours_kept import HoursKept

_HOURS = ("timezone", *WEEKDAYS)


@dataclass(frozen=True)
class Hours:
    """Compiled calendars by the id of their version, and, for clocks older than versions, by the id of the policy."""

    by_version: Mapping[int, Calendar]
    by_policy: Mapping[int, Calendar]

    @staticmethod
    def lists(cases: Sequence[Case]) -> dict[str, Any]:
        """The querysets to read, for :func:`case_management.models.together.together`."""
        versions = {case.sla_calendar_id for case in cases if case.sla_calendar_id}
        old = {case.sla_policy_id for case in cases if case.sla_policy_id and not case.sla_calendar_id}
        promised = SlaPolicy.objects.filter(pk__in=old).order_by()
        of_old = Holiday.objects.filter(calendar__in=promised.values("calendar")).order_by() if old else None
        return {
            "versions": CalendarVersion.objects.filter(pk__in=versions).values_list("pk", "hours"),
            "weeks": promised.values_list("pk", "calendar_id", *(f"calendar__{name}" for name in _HOURS)),
            "holidays": (Holiday.objects.none() if of_old is None else of_old).values_list(
                "calendar_id", "date", "hours", "name"
            ),
        }

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """What the lists gave, compiled."""
        holidays: dict[int, list[Any]] = defaultdict(list)
        for calendar, *day in found["holidays"]:
            holidays[calendar].append(tuple(day))
        weeks = {
            policy: HoursKept.of(BusinessCalendar(**dict(zip(_HOURS, week, strict=True))), holidays[calendar])
            for policy, calendar, *week in found["weeks"]
        }
        return cls(
            {pk: HoursKept.from_json(hours).calendar for pk, hours in found["versions"]},
            {policy: hours.calendar for policy, hours in weeks.items()},
        )

    def of(self, case: Case) -> Calendar | None:
        """The hours that the clock of ``case`` runs on; None where no promise was made."""
        version, policy = case.sla_calendar_id, case.sla_policy_id
        if version is not None:
            return self.by_version.get(version)
        return self.by_policy.get(policy) if policy is not None else None
