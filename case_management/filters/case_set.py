"""The questions that can be asked of cases, each by one parameter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.access import visible_units
from case_management.domain.states import DONE, OPEN, Status, status_choices
from case_management.filters.fields import AssigneeFilter, KnownKeysForm, branch, day, keys, one_of
from case_management.filters.search import search
from case_management.models import Case, CaseFlag, CaseTag, CaseType, Priority, Source, Tag, Team, Topic, Unit

#: Values of ``status`` that stand for several: what people ask for without thinking of statuses.
SHORTCUTS: dict[str, tuple[Status, ...]] = {"open": OPEN, "overdue": OPEN, "done": DONE}
_YES_NO = [("yes", _("Yes")), ("no", _("No"))]
_FLAGS = [("all", _("For everybody")), ("mine", _("By me"))]


def _status_choices() -> list[tuple[str, Promise]]:
    shortcuts = [("open", _("Open")), ("overdue", _("Past due")), ("done", _("Resolved or closed"))]
    return [*status_choices(), *shortcuts]


class CaseFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """Narrows ``queryset`` (start from ``visible_to(user)``) by ``data``, a query's parameters.

    Each parameter may be left out; unknown ones, and values that are not in their list, make the set invalid, and an
    invalid set holds no rows. Days are inclusive on both ends and are days of the active time zone.

    >>> CaseFilterSet({"status": ["open"], "assignee": "me"}, visible_to(user), user=user).qs  # doctest: +SKIP
    """

    status = django_filters.MultipleChoiceFilter(method="filter_status", label=_("Status"), choices=_status_choices)
    source = keys("source", Source.objects.all(), _("Source"))
    type = keys("case_type", CaseType.objects.all(), _("Type"))
    priority = keys("priority", Priority.objects.all(), _("Priority"))
    topic = branch(Topic.objects.all(), "key", _("Topic"))
    unit = branch(Unit.objects.none(), "number", _("Unit"))
    team = keys("team", Team.objects.all(), _("Team"))
    assignee = AssigneeFilter(method="filter_assignee", label=_("Assignee"), max_length=150)
    tag = keys("tags", Tag.objects.all(), _("Tag"), method="filter_tag")
    escalated = one_of("filter_escalated", _("Escalated"), _YES_NO)
    flagged = one_of("filter_flagged", _("Flagged"), _FLAGS)
    overdue = one_of("filter_overdue", _("Past due"), _YES_NO)
    opened_after = day("opened_at", "gte", _("Opened from"))
    opened_before = day("opened_at", "lt", _("Opened to"))
    due_after = day("due_at", "gte", _("Due from"))
    due_before = day("due_at", "lt", _("Due to"))
    resolved_after = day("resolved_at", "gte", _("Resolved from"))
    resolved_before = day("resolved_at", "lt", _("Resolved to"))
    q = django_filters.CharFilter(method="filter_q", label=_("Search"), max_length=200)

    class Meta:
        model = Case
        fields: list[str] = []
        form = KnownKeysForm

    def __init__(self, data: Mapping[str, Any] | None, queryset: Any, *, user: Any) -> None:
        super().__init__(data if data is not None else {}, queryset)
        self.user, self.now = user, timezone.now()
        if self.data.get("unit"):
            self.filters["unit"].queryset = visible_units(user)

    def filter_queryset(self, queryset: Any) -> Any:
        """No rows while anything in the question is wrong."""
        return super().filter_queryset(queryset) if self.is_valid() else queryset.none()

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses that rows of this question can have, in the order of the life cycle."""
        if not self.is_valid():
            return ()
        chosen = self.form.cleaned_data["status"] or [str(status) for status in Status]
        wanted = {Status(each) for value in chosen for each in SHORTCUTS.get(value, (value,))}
        if self.form.cleaned_data["overdue"] == "yes":
            wanted &= set(OPEN)
        return tuple(status for status in Status if status in wanted)

    def filter_status(self, queryset: Any, name: str, values: list[str]) -> Any:
        """Any of the statuses or shortcuts."""
        wanted = Q(status__in=[str(each) for each in values if each not in SHORTCUTS])
        for shortcut in ("open", "done"):
            if shortcut in values:
                wanted |= Q(status__in=[str(status) for status in SHORTCUTS[shortcut]])
        if "overdue" in values:
            wanted |= self._overdue()
        return queryset.filter(wanted)

    def filter_branch(self, queryset: Any, name: str, node: Any) -> Any:
        """The node and everything below it."""
        branch = type(node).objects.branch(node).order_by().values("pk")
        return queryset.filter(**{f"{name}__in": branch})

    def filter_assignee(self, queryset: Any, name: str, who: Any) -> Any:
        """Mine, nobody's, or one person's."""
        if who == "nobody":
            return queryset.filter(assignee=None)
        return queryset.filter(assignee=self.user if who == "me" else who)

    def filter_any(self, queryset: Any, name: str, chosen: Any) -> Any:
        """Any of the entries."""
        ids = [entry.pk for entry in chosen]
        return queryset.filter(**{f"{name}__in": ids}) if ids else queryset

    def filter_tag(self, queryset: Any, name: str, chosen: Any) -> Any:
        """Cases with any of the tags."""
        ids = [tag.pk for tag in chosen]
        return queryset.filter(pk__in=CaseTag.objects.filter(tag__in=ids).values("case")) if ids else queryset

    def filter_escalated(self, queryset: Any, name: str, answer: str) -> Any:
        """Escalated at least once, or never."""
        return queryset.filter(Q(escalation_level__gt=0) if answer == "yes" else Q(escalation_level=0))

    def filter_flagged(self, queryset: Any, name: str, whose: str) -> Any:
        """With the flag that everybody sees, or with the reader's own."""
        if whose == "all":
            return queryset.filter(flagged=True)
        return queryset.filter(pk__in=CaseFlag.objects.filter(user=self.user).values("case"))

    def filter_overdue(self, queryset: Any, name: str, answer: str) -> Any:
        """Open and past the deadline, or everything else."""
        return queryset.filter(self._overdue()) if answer == "yes" else queryset.exclude(self._overdue())

    def filter_day(self, queryset: Any, name: str, day: date) -> Any:
        """From the day's first moment on, or to its last."""
        first = day + timedelta(days=1) if name.endswith("__lt") else day
        return queryset.filter(**{name: timezone.make_aware(datetime.combine(first, time.min))})

    def filter_q(self, queryset: Any, name: str, text: str) -> Any:
        """Exact answers first, see :func:`case_management.filters.search`."""
        return search(queryset, text)

    def _overdue(self) -> Q:
        return Q(status__in=[str(status) for status in OPEN], due_at__lt=self.now)
