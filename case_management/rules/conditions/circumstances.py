"""What conditions are asked about: the subjects, the moment, and the events that made somebody ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from case_management.models import BusinessCalendar, CalendarVersion, Case, CaseEvent, Topic, Unit
from case_management.rules.conditions.custom import expression_of
from case_management.rules.field_kinds import Field, Related
from case_management.sla.calendar import Calendar
from case_management.sla.policy_reading import hours_today
from case_management.sla.versions import kept_versions


@dataclass
class Circumstances:
    """One asking. ``subjects`` is the queryset that is asked about; some comparisons have to look at its rows.

    What several comparisons need to know is read once.
    """

    subjects: Any = None
    now: datetime = field(default_factory=timezone.now)
    events: Mapping[int, CaseEvent] = field(default_factory=dict)
    _seen: dict[Field, Mapping[int, Any]] = field(default_factory=dict)

    def seen(self, asked: Field) -> Mapping[int, Any]:
        """Subject's id → what the field holds; one query at most."""
        if asked not in self._seen:
            self._seen[asked] = asked.read(self) if asked.read else self._column(asked)
        return self._seen[asked]

    def _column(self, asked: Field) -> Mapping[int, Any]:
        value = F(asked.path) if asked.custom is None else expression_of(asked.custom)
        return dict(self.subjects.annotate(cm_seen=value).values_list("pk", "cm_seen"))

    def of_related(self, related: Related) -> Circumstances:
        """The same asking, about the rows that are related to the subjects."""
        if self.subjects is None:
            return Circumstances(None, self.now)
        rows = related.rows().filter(**{f"{related.link}__in": self.subjects.order_by().values(related.outer)})
        return Circumstances(rows, self.now)

    @staticmethod
    def any_related(related: Related, condition: Q | None = None) -> Q:
        """Whether a subject has a related row (for which the condition holds)."""
        rows = related.rows().filter(**{related.link: OuterRef(related.outer)})
        return Q(Exists(rows if condition is None else rows.filter(condition)))

    @cached_property
    def branches(self) -> Mapping[str, Mapping[str, str]]:
        """Key of a topic, or number of a unit, → its place in the tree."""
        return {
            "topic": dict(Topic.objects.values_list("key", "path")),
            "unit": dict(Unit.objects.values_list("number", "path")),
        }

    def by_calendar(self, condition: Callable[[Calendar], Q]) -> Q:
        """A condition that depends on open hours: each case's own, as its clock has them; else the first calendar's."""
        everybody = condition(self.first_calendar)
        if self.subjects is None or self.subjects.model is not Case or not self._kept:
            return everybody
        found = Q(sla_calendar=None) & everybody
        for version, calendar in self._kept.items():
            found |= Q(sla_calendar=version) & condition(calendar)
        return found

    @cached_property
    def first_calendar(self) -> Calendar:
        """The open hours of cases without a clock."""
        first = BusinessCalendar.objects.active().order_by("position", "pk").values_list("pk", flat=True).first()
        return hours_today({first})[first].calendar if first else Calendar.always()

    @cached_property
    def _kept(self) -> Mapping[int, Calendar]:
        versions = set(CalendarVersion.objects.values_list("pk", flat=True))
        return {version: hours.calendar for version, hours in kept_versions(versions).items()}
