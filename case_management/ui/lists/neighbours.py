"""The way through a list from inside a case: the one before, the one after, and back to the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from case_management.access import visible_to
from case_management.models import Case
from case_management.ui.lists.question import Question
from case_management.ui.paging import Cursor, Listing


@dataclass(frozen=True)
class Neighbours:
    """References of the cases beside a case in a list; empty at its ends. ``query`` is the list's."""

    previous: str
    following: str
    query: str


def neighbours(case: Case, query: str, user: Any) -> Neighbours:
    """The neighbours of ``case`` in the list with the parameters ``query``, as ``user`` sees it."""
    question = Question(QueryDict(query[:2000]), visible_to(user), user)
    if case.state not in question.filters.statuses:
        return Neighbours("", "", question.query())
    listing = Listing(question.rows.only("reference", "status"), question.uncounted_segments, "status")
    values = question.sort.order(case.state).values(case)
    return Neighbours(
        _beside(listing, Cursor(case.status, values, backwards=True)),
        _beside(listing, Cursor(case.status, values)),
        question.query(),
    )


def _beside(listing: Listing, cursor: Cursor) -> str:
    return next((case.reference for _, case in listing.beside(cursor)), "")
