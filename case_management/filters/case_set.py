"""The questions that can be asked of cases, each by one parameter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from case_management.access import visible_units
from case_management.domain.states import DONE, OPEN, Status, status_choices
from case_management.filters.custom import add_custom_filters
from case_management.filters.fields import (
    ContactsFilter,
    EntriesField,
    KnownKeysForm,
    PeopleFilter,
    ReferencesFilter,
    branch,
    day,
    keys,
    one_of,
    score,
)
from case_management.filters.search import Hits, find
from case_management.models import Case, CaseFlag, CaseTag, CaseType, Contact, Priority, Source, Tag, Team, Topic, Unit
from case_management.models.among import among
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.together import together

#: Values of ``status`` that stand for several: what people ask for without thinking of statuses.
SHORTCUTS: dict[str, tuple[Status, ...]] = {"open": OPEN, "overdue": OPEN, "done": DONE}
#: So many cases can be named one by one; whoever means more asks by what they have in common.
MOST_CASES = 500
_YES_NO = [("yes", _("Yes")), ("no", _("No"))]
_FLAGS = [("all", _("For everybody")), ("mine", _("By me"))]


def _status_choices() -> list[tuple[str, Promise]]:
    shortcuts = [("open", _("Open")), ("overdue", _("Past due")), ("done", _("Resolved or closed"))]
    return [*shortcuts, *status_choices()]


class CaseFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """Narrows ``queryset`` (start from ``visible_to(user)``) by ``data``, a query's parameters.

    Each parameter may be left out; unknown ones, and values that are not in their list, make the set invalid, and an
    invalid set holds no rows. Days are inclusive on both ends and are days of the active time zone. ``units`` are those
    that ``user`` may ask for, and ``custom`` the custom fields, where the caller knows them already.

    >>> CaseFilterSet({"status": ["open"], "assignee": "me"}, visible_to(user), user=user).qs  # doctest: +SKIP
    """

    status = django_filters.MultipleChoiceFilter(method="filter_status", label=_("Status"), choices=_status_choices)
    source = keys("source", Source.objects.all(), _("Source"))
    type = keys("case_type", CaseType.objects.all(), _("Type"))
    priority = keys("priority", Priority.objects.all(), _("Priority"))
    topic = branch(Topic.objects.all(), "key", _("Topic"))
    unit = branch(Unit.objects.none(), "number", _("Unit"))
    team = keys("team", Team.objects.all(), _("Team"))
    my_teams = one_of("filter_my_teams", _("Of my teams"), _YES_NO)
    assignee = PeopleFilter(method="filter_assignee", label=_("Assignee"))
    tag = keys("tags", Tag.objects.all(), _("Tag"), method="filter_tag")
    escalated = one_of("filter_escalated", _("Escalated"), _YES_NO)
    flagged = one_of("filter_flagged", _("Flagged"), _FLAGS)
    overdue = one_of("filter_overdue", _("Past due"), _YES_NO)
    awaiting = one_of("filter_awaiting", _("Awaiting our reply"), _YES_NO)
    snoozed = one_of("filter_snoozed", _("Snoozed"), _YES_NO)
    merged = one_of("filter_merged", _("Merged into another case"), _YES_NO)
    opened_after = day("opened_at", "gte", _("Opened from"))
    opened_before = day("opened_at", "lt", _("Opened to"))
    due_after = day("due_at", "gte", _("Due from"))
    due_before = day("due_at", "lt", _("Due to"))
    resolved_after = day("resolved_at", "gte", _("Resolved from"))
    resolved_before = day("resolved_at", "lt", _("Resolved to"))
    score_from = score("gte", _("Survey score from"))
    score_to = score("lte", _("Survey score to"))
    contact = ContactsFilter(queryset=Contact.objects.none(), key="pk", method="filter_any", label=_("Customer"))
    case = ReferencesFilter(method="filter_case", label=_("Case"), most=MOST_CASES)
    q = django_filters.CharFilter(method="filter_q", label=_("Search"), max_length=200)

    class Meta:
        model = Case
        fields: list[str] = []
        form = KnownKeysForm

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        queryset: Any,
        *,
        user: Any,
        units: Any = None,
        custom: CustomCatalogue | None = None,
    ) -> None:
        super().__init__(data if data is not None else {}, queryset)
        self.user, self.now, self._custom = user, timezone.now(), custom
        add_custom_filters(self)
        if self.data.get("unit"):
            self.filters["unit"].field.queryset = visible_units(user) if units is None else units
        if self.data.get("contact"):
            seen = self.queryset.order_by().filter(contact=OuterRef("pk"))
            self.filters["contact"].field.queryset = Contact.objects.filter(Exists(seen))
        for name, field in self._lists().items():
            field.read = partial(self._entries_of, name)

    @cached_property
    def custom(self) -> CustomCatalogue:
        """The custom fields as they stand; read once, where somebody asks and nobody knew."""
        return CustomCatalogue.load() if self._custom is None else self._custom

    def _lists(self) -> dict[str, EntriesField]:
        """The fields whose values are looked up."""
        return {name: one.field for name, one in self.filters.items() if issubclass(one.field_class, EntriesField)}

    @cached_property
    def _entries(self) -> dict[str, dict[str, Any]]:
        """The entries asked for by key, list by list; one query for all lists."""
        lists = self._lists()
        asked = {name: field.rows(self._asked(name)) for name, field in lists.items()}
        found = together(**{name: rows for name, rows in asked.items() if rows is not None})
        return {name: {str(getattr(row, lists[name].key)): row for row in rows} for name, rows in found.items()}

    def _entries_of(self, name: str) -> dict[str, Any]:
        return self._entries.get(name, {})

    def _asked(self, name: str) -> list[str]:
        """The values of a parameter."""
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else self.data.get(name) or []
        return [str(value) for value in values]

    def filter_queryset(self, queryset: Any) -> Any:
        """No rows while anything in the question is wrong."""
        return self.without("") if self.is_valid() else queryset.none()

    @cached_property
    def hits(self) -> Hits:
        """What the text of a valid set finds, before any other filter; read once, because looking takes queries."""
        return find(self.queryset.all(), self.form.cleaned_data["q"])

    def without(self, name: str) -> Any:
        """The rows of a valid set if the filter ``name`` were not asked: what its other values are counted over."""
        rows = self.hits.cases
        for key, value in self.form.cleaned_data.items():
            if key not in ("q", name):
                rows = self.filters[key].filter(rows, value)
        return rows

    @property
    def narrows(self) -> bool:
        """Whether a valid set asks for anything but a text."""
        asked = (value for key, value in self.form.cleaned_data.items() if key != "q")
        return any(value not in (None, "", []) for value in asked)

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
            wanted |= self.past_due()
        return queryset.filter(wanted)

    def filter_branch(self, queryset: Any, name: str, nodes: Any) -> Any:
        """The nodes and everything below them."""
        below = Q()
        for node in nodes:
            below |= Q(path__startswith=node.path)
        if not below:
            return queryset
        branch = _related(name).filter(below).order_by().values("pk")
        return queryset.filter(**{f"{name}__in": branch})

    def filter_assignee(self, queryset: Any, name: str, people: list[Any]) -> Any:
        """Mine, nobody's, or those of some people."""
        wanted = Q(assignee__in=[self.user if who == "me" else who for who in people if who != "nobody"])
        if "nobody" in people:
            wanted |= Q(assignee=None)
        return queryset.filter(wanted) if people else queryset

    def filter_my_teams(self, queryset: Any, name: str, answer: str) -> Any:
        """Given to a team of the reader, or not."""
        theirs = Q(team__in=Team.objects.filter(members=self.user).order_by().values("pk"))
        return queryset.filter(theirs if answer == "yes" else ~theirs | Q(team=None))

    def filter_case(self, queryset: Any, name: str, references: list[str]) -> Any:
        """The cases named one by one."""
        return queryset.filter(reference__in=among(Case, references)) if references else queryset

    def filter_awaiting(self, queryset: Any, name: str, answer: str) -> Any:
        """The customer wrote last, or we did."""
        return queryset.filter(awaiting_since__isnull=answer != "yes")

    def filter_snoozed(self, queryset: Any, name: str, answer: str) -> Any:
        """Out of sight until later, or not."""
        asleep = Q(snoozed_until__gt=self.now)
        return queryset.filter(asleep if answer == "yes" else ~asleep | Q(snoozed_until=None))

    def filter_merged(self, queryset: Any, name: str, answer: str) -> Any:
        """Continued in another case, or standing for itself."""
        return queryset.filter(merged_into__isnull=answer != "yes")

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
        return queryset.filter(self.past_due()) if answer == "yes" else queryset.exclude(self.past_due())

    def filter_day(self, queryset: Any, name: str, day: date) -> Any:
        """From the day's first moment on, or to its last."""
        first = day + timedelta(days=1) if name.endswith("__lt") else day
        return queryset.filter(**{name: timezone.make_aware(datetime.combine(first, time.min))})

    def filter_q(self, queryset: Any, name: str, text: str) -> Any:
        """Exact answers first, see :func:`case_management.filters.search`."""
        return find(queryset, text).cases

    def past_due(self) -> Q:
        """Open, and the deadline has passed."""
        return Q(status__in=[str(status) for status in OPEN], due_at__lt=self.now)


def _related(name: str) -> Any:
    """The rows of the table that the field ``name`` of a case points to."""
    return Case._meta.get_field(name).related_model._default_manager  # type: ignore[union-attr]
