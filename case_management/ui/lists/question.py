"""What an address asks of the list: filters, order and place; for the page and for a case's neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict

from case_management import conf
from case_management.filters import CaseFilterSet
from case_management.models import Case
from case_management.ui.lists.sorting import DEFAULT_SORT, SORTS, Sort
from case_management.ui.paging import Cursor, Segment

#: Parameters that are about the page and not about the cases.
PAGE_KEYS = ("sort", "after", "before", "panel")


class Question:
    """The list that ``data`` (an address's parameters) asks for, over ``cases`` that ``user`` may see."""

    def __init__(self, data: QueryDict, cases: Any, user: Any) -> None:
        self.data = data
        self.filters = CaseFilterSet(self._without(PAGE_KEYS), cases, user=user)

    @property
    def sort(self) -> Sort:
        """The chosen order; an unknown one is the default."""
        return SORTS.get(self.data.get("sort", ""), DEFAULT_SORT)

    @cached_property
    def rows(self) -> Any:
        """The cases asked for, in no order yet."""
        return self.filters.qs

    @cached_property
    def counts(self) -> dict[str, int] | None:
        """Cases per status, or None when there are more than are worth counting."""
        cap = conf.list_count_cap()
        parts = {str(status): Count("pk", filter=Q(status=status)) for status in self.filters.statuses}
        if not parts:
            return {}
        found: dict[str, int] = self.rows.order_by()[: cap + 1].aggregate(**parts)
        return found if sum(found.values()) <= cap else None

    @property
    def segments(self) -> Sequence[Segment]:
        """One per status that the rows can have, each with its order and, where counted, its size."""
        counts = self.counts
        return [
            Segment(segment.name, segment.order, counts.get(segment.name, 0) if counts is not None else None)
            for segment in self.uncounted_segments
        ]

    @property
    def uncounted_segments(self) -> Sequence[Segment]:
        """The same without sizes, and without a query."""
        return [Segment(str(status), self.sort.order(status)) for status in self.filters.statuses]

    @property
    def cursor(self) -> Cursor | None:
        """The place that ``after`` or ``before`` names; None is the beginning, and so is what is not ours."""
        backwards = "before" in self.data
        text = self.data.get("before" if backwards else "after", "")
        found = Cursor.decode(text, self.sort.key, Case, self.uncounted_segments) if text else None
        return Cursor(found.segment, found.values, backwards) if found else None

    @cached_property
    def form(self) -> Any:
        """The filters' form, cleaned."""
        self.filters.is_valid()
        return self.filters.form

    @property
    def errors(self) -> list[str]:
        """What is wrong with the question, in sentences that name the filter."""
        form = self.form
        return [
            f"{form.fields[name].label}: {error}" if name in form.fields else str(error)
            for name, found in form.errors.items()
            for error in found
        ]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The filters in force, for the form that changes only text and order."""
        kept = self._without(("q", *PAGE_KEYS))
        return [(key, value) for key, values in kept.lists() for value in values]

    def query(self, **changes: str | None) -> str:
        """The address's parameters from its first page on, with ``changes`` (None takes one away)."""
        wanted = self._without(("after", "before", *changes))
        for key, value in changes.items():
            if value is not None:
                wanted[key] = value
        return wanted.urlencode()

    def without(self, key: str, value: str | None = None) -> str:
        """The parameters without ``key``, or without just one of its values."""
        wanted = self._without(("after", "before"))
        wanted.setlist(key, [each for each in wanted.getlist(key) if value is not None and each != value])
        if not wanted.getlist(key):
            wanted.pop(key, None)
        return wanted.urlencode()

    def _without(self, keys: Sequence[str]) -> QueryDict:
        kept = QueryDict(mutable=True)
        for key in self.data:
            if key not in keys:
                kept.setlist(key, [value for value in self.data.getlist(key) if value != ""])
                if not kept.getlist(key):
                    kept.pop(key)
        return kept
