"""What the start page of an admin says about cases: the reader's most urgent ones, and how the open ones stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.access import visible_to
from case_management.models import Case
from case_management.ui.lists.rows import for_list
from case_management.ui.timer import Timer, timer

#: So many of the reader's own cases are shown.
MOST = 5
RIGHT = "case_management.view_case"


@dataclass(frozen=True)
class Figure:
    """A number with the list of the cases behind it."""

    label: str | Promise
    count: int
    query: str
    is_bad: bool = False


@dataclass(frozen=True)
class Line:
    """One of the reader's cases with its running timer."""

    case: Case
    timer: Timer


def standing(user: Any, now: datetime) -> list[Figure]:
    """How many of the cases that ``user`` may see are open, past due and escalated; one query over them."""
    counts = (
        visible_to(user)
        .open()
        .aggregate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            escalated=Count("pk", filter=Q(escalation_level__gt=0)),
        )
    )
    return [
        Figure(_("Open cases"), counts["open"], "status=open"),
        Figure(_("Past due"), counts["overdue"], "status=overdue", counts["overdue"] > 0),
        Figure(_("Escalated"), counts["escalated"], "status=open&escalated=yes", counts["escalated"] > 0),
    ]


def my_cases(user: Any, now: datetime) -> list[Line]:
    """The most urgent open cases of ``user`` that are not snoozed; one query over them."""
    mine = visible_to(user).open().filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now), assignee=user)
    urgent = for_list(mine).order_by("urgent_at", "priority_rank", "pk")[:MOST]
    return [Line(case, timer(case, now)) for case in urgent]
