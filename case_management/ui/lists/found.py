"""The few cases that fit a text best, for whoever jumps to a case or names one; the same search as the list's."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from case_management.models import Case
from case_management.ui.lists.question import Question
from case_management.ui.paging import Listing

#: Shorter texts find too much to be worth looking.
SHORTEST = 2
_SHOWN = ("reference", "title", "status")


def best_cases(text: str, cases: Any, *, user: Any, most: int) -> list[Case]:
    """Up to ``most`` of ``cases``, a queryset that is scoped to the user, the best first; reference, title, status."""
    if len(text) < SHORTEST:
        return []
    asked = QueryDict(mutable=True)
    asked["q"] = text
    question = Question(asked, cases, user)
    if question.errors:
        return []
    if not question.is_ranked:
        listing = Listing(question.rows, question.uncounted_segments, "status")
        return [case for _name, case in listing.page(None, most).rows]
    ids = question.best_first[:most]
    found = question.rows.order_by().only(*_SHOWN).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
