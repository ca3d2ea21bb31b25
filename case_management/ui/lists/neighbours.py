"""The way through a list from inside a case: the one before, the one after, and back to the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from case_management.access import visible_to
from case_management.models import Case
from case_management.ui.lists.question import Question
from case_management.ui.lists.sorting import BEST
from case_management.ui.paging import Cursor, Listing

#: The parameter of a case's address that carries the list from which the reader came.
LIST = "list"
#: Longer queries are cut; no list of ours has one.
MOST_QUERY = 2000
#: In longer lists nobody counts how far they are.
MOST_COUNTED = 500


@dataclass(frozen=True)
class Neighbours:
    """References of the cases beside a case in a list; empty at its ends. ``query`` is the list's."""

    previous: str
    following: str
    query: str
    #: "3 of 40", where the list is short enough to be counted.
    position: int = 0
    total: int = 0

    @property
    def suffix(self) -> str:
        """What the addresses of the neighbours carry on."""
        return f"?{urlencode({LIST: self.query})}"


def neighbours(case: Case, query: str, user: Any) -> Neighbours:
    """The neighbours of ``case`` in the list with the parameters ``query``, as ``user`` sees it.

    A case that has left the list, as a resolved one leaves the open ones, is followed by the list's first.
    """
    question = Question(QueryDict(query[:MOST_QUERY]), visible_to(user), user)
    listing = Listing(question.rows.only("reference", "status"), question.uncounted_segments, "status")
    if not question.rows.filter(pk=case.pk).exists():
        return Neighbours("", _first(listing), question.query())
    if question.sort is BEST:
        return _among_matches(case, question)
    values = question.sort.order(case.state).values(case)
    return Neighbours(
        _beside(listing, Cursor(case.status, values, backwards=True)),
        _beside(listing, Cursor(case.status, values)),
        question.query(),
        *_progress(case, question, listing),
    )


def _progress(case: Case, question: Question, listing: Listing) -> tuple[int, int]:
    """The case's place and how many there are; three queries at most, and zeros for a long list."""
    rows = question.rows.order_by()
    total = rows[: MOST_COUNTED + 1].count()
    if total > MOST_COUNTED:
        return 0, 0
    segments = listing.segments
    names = [segment.name for segment in segments]
    at = names.index(case.status)
    order = segments[at].order
    before = order.beyond(rows.filter(status=case.status), order.values(case), backwards=True).count()
    above = rows.filter(status__in=names[:at]).count() if at else 0
    return above + before + 1, total


def _among_matches(case: Case, question: Question) -> Neighbours:
    ids = question.best_first
    at = ids.index(case.pk)
    before, after = ids[at - 1] if at else None, next(iter(ids[at + 1 : at + 2]), None)
    found: dict[int | None, str] = dict(
        Case.objects.filter(pk__in=[pk for pk in (before, after) if pk]).values_list("pk", "reference")
    )
    return Neighbours(found.get(before, ""), found.get(after, ""), question.query(), at + 1, len(ids))


def _beside(listing: Listing, cursor: Cursor) -> str:
    return next((case.reference for _, case in listing.beside(cursor)), "")


def _first(listing: Listing) -> str:
    return next((case.reference for _, case in listing.page(None, 1).rows), "")
