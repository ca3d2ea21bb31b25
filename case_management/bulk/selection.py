"""Which cases a wide change is about: those ticked, or all that match a filter; always among what the person sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from case_management.access import visible_to
from case_management.exceptions import ValueUnknown
from case_management.filters import CaseFilterSet
from case_management.models import Case

#: More boxes than this nobody ticks, and Django takes no form of more than a thousand fields; whoever wants more cases
#: takes all that match a filter.
MOST_REFERENCES = 900


@dataclass(frozen=True)
class Selection:
    """``query`` (a filter's parameters) stands for all that match; without it ``references`` were chosen."""

    user: Any
    references: tuple[str, ...] = ()
    query: str | None = None

    @property
    def is_all(self) -> bool:
        """Whether it is a filter and not a choice."""
        return self.query is not None

    def cases(self) -> Any:
        """The cases, asked anew each time: filter, references and rights as they are now; each case once.

        Raises ValueUnknown when the filter cannot be read or too many references were sent.
        """
        seen = visible_to(self.user)
        if self.query is None:
            if len(self.references) > MOST_REFERENCES:
                raise ValueUnknown(_("Choose at most %d cases, or all that match a filter.") % MOST_REFERENCES)
            return seen.filter(reference__in=self.references)
        found = CaseFilterSet(QueryDict(self.query), seen, user=self.user)
        if not found.is_valid():
            raise ValueUnknown(_("These filters cannot be read; go back to the list and mend them."), fields=["query"])
        return Case.objects.filter(pk__in=found.qs.order_by().values("pk"))

    def cases_with(self, beside: list[int]) -> Any:
        """The same and the cases with these keys."""
        if not beside:
            return self.cases()
        return Case.objects.filter(Q(pk__in=self.cases().values("pk")) | Q(pk__in=beside))

    @cached_property
    def ignored(self) -> int:
        """How many of the chosen references are of no case that the person may see."""
        return 0 if self.is_all else len(set(self.references)) - self.cases().count()
