"""The orders in which the list can be read; inside the headings of the statuses, which never change places."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.domain.states import Status
from case_management.ui.paging import Order

_NEWEST = Order(("opened_at", "id"), descending=True)
_OLDEST = Order(("opened_at", "id"))
_UPDATED = Order(("updated_at", "id"), descending=True)
_RESOLVED = Order(("resolved_at", "id"), descending=True)
#: Past due first, then the least time left; no deadline at all comes last.
_URGENT = Order(("urgent_at", "priority_rank", "id"))
_PRESSING = Order(("priority_rank", "urgent_at", "id"))


@dataclass(frozen=True)
class Sort:
    """One choice of the sort menu: how open cases are ordered, and how finished ones are."""

    key: str
    label: str | Promise
    open: Order
    done: Order

    def order(self, status: Status) -> Order:
        """The order under the heading of ``status``."""
        return self.open if status.is_open else self.done


SORTS: dict[str, Sort] = {
    sort.key: sort
    for sort in (
        Sort("urgency", _("Urgency"), _URGENT, _RESOLVED),
        Sort("newest", _("Newest"), _NEWEST, _NEWEST),
        Sort("oldest", _("Oldest"), _OLDEST, _OLDEST),
        Sort("updated", _("Recently updated"), _UPDATED, _UPDATED),
        Sort("priority", _("Priority"), _PRESSING, _RESOLVED),
    )
}
#: The order of a search: over all statuses, so it has no order of columns; beside a case, urgency stands in for it.
BEST = Sort("best", _("Best match"), _URGENT, _RESOLVED)
DEFAULT_SORT = SORTS["urgency"]
