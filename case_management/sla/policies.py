"""Which promise applies to a case, and the compiled calendars it is counted in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from case_management.models import BusinessCalendar, Holiday, SlaPolicy
from case_management.models.calendar import WEEKDAYS
from case_management.models.sla import SlaMetric
from case_management.sla.calendar import Calendar
from case_management.sla.hours import parse_hours


@dataclass(frozen=True)
class Promise:
    """The time to resolve of one policy."""

    policy_id: int
    priority_id: int | None
    target: timedelta
    calendar: Calendar
    pauses_for: frozenset[str]


class PolicyBook:
    """The active promises, read once per operation or batch: three queries, however many policies there are."""

    def __init__(self, promises: list[Promise]) -> None:
        self._promises = promises
        self._by_id = {promise.policy_id: promise for promise in promises}

    @classmethod
    def load(cls) -> PolicyBook:
        """Read policies, targets and holidays; calendars are compiled once per process and content."""
        policies = (
            SlaPolicy.objects.select_related("calendar")
            .filter(targets__metric=SlaMetric.RESOLVE)
            .values_list("pk", "priority_id", "targets__minutes", "calendar_id", "is_active", *_PAUSES)
            .order_by("position", "pk")
        )
        rows = list(policies)
        calendars = compiled_calendars({row[3] for row in rows})
        active = [_promise(row, calendars) for row in rows if row[4]]
        retired = [_promise(row, calendars) for row in rows if not row[4]]
        book = cls(active)
        book._by_id.update({promise.policy_id: promise for promise in retired})
        return book

    def promise_for(self, priority_id: int | None) -> Promise | None:
        """The first active promise, by position, that fits; None when no policy applies."""
        fitting = (promise for promise in self._promises if promise.priority_id in (None, priority_id))
        return next(fitting, None)

    def get(self, policy_id: int | None) -> Promise | None:
        """The promise that a clock runs on, also when its policy is no longer offered."""
        return self._by_id.get(policy_id) if policy_id else None


_PAUSES = ("pauses_for_customer", "pauses_for_third_party")


def _promise(row: tuple[int, int | None, int, int, bool, bool, bool], calendars: dict[int, Calendar]) -> Promise:
    policy_id, priority_id, minutes, calendar_id, _active, customer, third_party = row
    pauses = {"customer": customer, "third_party": third_party}
    return Promise(
        policy_id,
        priority_id,
        timedelta(minutes=minutes),
        calendars[calendar_id],
        frozenset(reason for reason, stands in pauses.items() if stands),
    )


def compiled_calendars(calendar_ids: set[int]) -> dict[int, Calendar]:
    """Pure calendars for the rows with these ids; two queries."""
    holidays: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for calendar_id, day, hours in Holiday.objects.filter(calendar_id__in=calendar_ids).values_list(
        "calendar_id", "date", "hours"
    ):
        holidays[calendar_id].append((day, hours))
    return {
        row.pk: _compile(row.timezone, tuple(getattr(row, day) for day in WEEKDAYS), tuple(holidays[row.pk]))
        for row in BusinessCalendar.objects.filter(pk__in=calendar_ids)
    }


@lru_cache(maxsize=256)
def _compile(zone: str, weekly: tuple[str, ...], holidays: tuple[tuple[date, str], ...]) -> Calendar:
    return Calendar(
        zone, tuple(parse_hours(text) for text in weekly), {day: parse_hours(text) for day, text in holidays}
    )
