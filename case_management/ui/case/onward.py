"""Where one goes on: the next of the list, the most urgent of one's own, the next that nobody has taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.access import visible_to
from case_management.domain.reference import tidy_reference
from case_management.models import Case
from case_management.ui.lists.neighbours import Neighbours
from case_management.ui.lists.sorting import DEFAULT_SORT
from case_management.ui.shell import Page

#: The parameter that names the case from which one goes on.
AFTER = "after"


def _awake(cases: Any, now: datetime) -> Any:
    return cases.open().filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now))


def _most_urgent(cases: Any, beyond: Case | None = None) -> str:
    order = DEFAULT_SORT.open
    rows = order.beyond(cases, order.values(beyond)) if beyond else cases
    return order.sort(rows).values_list("reference", flat=True).first() or ""


def next_of_mine(user: Any, case: Case, now: datetime) -> str:
    """The reference of the most urgent open case of ``user`` beside ``case``, or nothing; one query over them."""
    return _most_urgent(_awake(visible_to(user), now).filter(assignee=user).exclude(pk=case.pk))


def next_unassigned(user: Any, after: str, now: datetime) -> str:
    """The most urgent open case that nobody has and ``user`` may take: the one after ``after``, else the first."""
    free = _awake(visible_to(user, "assign_case"), now).filter(assignee=None)
    free = free.filter(pk__in=visible_to(user).values("pk"))
    here = free.filter(reference=tidy_reference(after)).first() if after else None
    return (here and _most_urgent(free, here)) or _most_urgent(free)


def next_after(case: Case, way: Neighbours | None, user: Any) -> tuple[str, str]:
    """(reference, parameters of its address) of the case that comes when ``case`` is off the desk; empty: none."""
    if way is not None and way.following:
        return way.following, way.suffix
    return next_of_mine(user, case, timezone.now()), way.suffix if way else ""


class NextPage(Page):
    """Leads to the next case that nobody has taken."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """To the case, or to the list where there is none."""
        after = request.GET.get(AFTER, "")[:20]
        found = next_unassigned(request.user, after, timezone.now())
        if found and found != tidy_reference(after):
            return redirect(self.shell.reverse("case", found))
        messages.info(request, _("There is no other case without an assignee that you may take."))
        return redirect(self.shell.reverse("case", after) if found else self.shell.reverse("list"))
