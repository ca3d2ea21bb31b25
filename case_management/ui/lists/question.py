"""What an address asks of the list: filters, order and place; for the page and for a case's neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import QueryDict

from case_management import conf
from case_management.filters import CaseFilterSet
from case_management.filters.search import MOST_RANKED
from case_management.models import Case
from case_management.ui.lists.sizes import Sizes
from case_management.ui.lists.sorting import BEST, DEFAULT_SORT, SORTS, Sort
from case_management.ui.paging import Cursor, Segment
from case_management.ui.reader import Reader

#: Parameters that are about the page and not about the cases.
PAGE_KEYS = ("sort", "after", "before", "panel", "view")


class Question:
    """The list that ``data`` (an address's parameters) asks for, over ``cases`` that ``user`` may see.

    ``reader`` is what is known of the user already.
    """

    def __init__(self, data: QueryDict, cases: Any, user: Any, reader: Reader | None = None) -> None:
        self.data = data
        #: Set where the filters' counts were read already: the cases per status are among them.
        self.facets: Any = None
        known = {"units": reader.reach.all_units(), "custom": reader.custom} if reader else {}
        self.filters = CaseFilterSet(self._without(PAGE_KEYS), cases, user=user, **known)

    @cached_property
    def text(self) -> str:
        """What is searched for; empty for a question that is wrong."""
        found: str = self.filters.form.cleaned_data["q"].strip() if self.filters.is_valid() else ""
        return found

    @cached_property
    def is_ranked(self) -> bool:
        """Whether words were looked for, and so few cases hold them that "best match" says something."""
        return bool(self.text) and self.filters.hits.is_ranked and not self.filters.hits.is_named

    @property
    def sorts(self) -> list[Sort]:
        """The orders to choose from."""
        return [BEST, *SORTS.values()] if self.is_ranked else list(SORTS.values())

    @property
    def default_sort(self) -> Sort:
        """The order without a choice."""
        return BEST if self.is_ranked else DEFAULT_SORT

    @property
    def sort(self) -> Sort:
        """The chosen order; an unknown one is the default."""
        asked = self.data.get("sort", "")
        return next((sort for sort in self.sorts if sort.key == asked), self.default_sort)

    @cached_property
    def best_first(self) -> list[int]:
        """Ids of the cases asked for, the best match first."""
        found = self.filters.hits.best_first or []
        if not self.filters.narrows:
            return found
        wanted = set(self.rows.order_by().values_list("pk", flat=True))
        return [pk for pk in found if pk in wanted]

    @cached_property
    def rows(self) -> Any:
        """The cases asked for, in no order yet."""
        return self.filters.qs

    @property
    def listed(self) -> Any:
        """The same cases, by their ids where they are few and were counted."""
        return self.rows if self._sizes.ids is None else Case.objects.filter(pk__in=self._sizes.ids)

    @cached_property
    def _sizes(self) -> Sizes:
        if self.facets is not None:
            return Sizes(self.facets.by_status)
        return Sizes() if self.is_unmeasured else Sizes.of(self.rows, self.filters.statuses)

    @property
    def is_unmeasured(self) -> bool:
        """Whether a text alone finds too many to be ranked: to count them would be to find them once more."""
        return bool(self.text) and not self.filters.narrows and not self.filters.hits.is_ranked

    @property
    def cap(self) -> int:
        """More cases than these are not counted."""
        return MOST_RANKED if self.is_unmeasured else conf.list_count_cap()

    @property
    def counts(self) -> dict[str, int] | None:
        """Cases per status, or None when there are more than are worth counting."""
        return self._sizes.by_status

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
        return [pair for pair in self.pairs if pair[0] not in ("q", *PAGE_KEYS)]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every parameter but the place in the list."""
        kept = self._without(("after", "before"))
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
