"""What one line of the list shows, read without further queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.functional import Promise

from case_management.domain.states import Status
from case_management.models import Case
from case_management.ui.people import display_name, initials
from case_management.ui.timer import Timer, timer

#: The long texts of a case stay in the database.
_NOT_SHOWN = ("description", "chain_head")
_LABELS = ("case_type", "priority", "source", "unit", "assignee", "contact")


def for_list(cases: Any) -> Any:
    """``cases`` with everything that a line shows but the tags, which :func:`groups` reads for all lines at once."""
    return cases.select_related(*_LABELS).defer(*_NOT_SHOWN)


@dataclass(frozen=True)
class Row:
    """One line."""

    case: Case
    timer: Timer
    assignee: str
    initials: str


@dataclass(frozen=True)
class Group:
    """Lines under one heading; ``count`` is the whole group's, where it was counted."""

    key: str
    label: str | Promise
    rows: list[Row]
    count: int | None


def groups(found: list[tuple[str, Case]], counts: dict[str, int] | None, now: datetime) -> list[Group]:
    """The rows of a page under the headings of their statuses."""
    prefetch_related_objects([case for _, case in found], "tags")
    return [
        Group(key, Status(key).label, [_row(case, now) for _, case in pairs], counts.get(key) if counts else None)
        for key, pairs in groupby(found, key=lambda pair: pair[0])
    ]


def _row(case: Case, now: datetime) -> Row:
    name = display_name(case.assignee) if case.assignee else ""
    return Row(case, timer(case, now), name, initials(name))
