"""What a text finds: exactly what it names, else every case with all of its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db.models import Exists

from case_management.domain.words import words_of
from case_management.filters.search.matching import scored, with_words
from case_management.filters.search.naming import by_name
from case_management.filters.search.wanted import Wanted
from case_management.models.case_text import NAME_MARK
from case_management.models.together import together

#: So many hits are ranked, and kept by their ids so that counts and pages need not look again. Of more, any one fits
#: about as well as the next, and only the list's own orders say something.
MOST_RANKED = 1000
#: Characters of a text that are read.
LONGEST = 500
#: A case merged into one that was merged into … is followed so far; each ranks so much lower than what was merged.
DEEPEST, BEHIND = 5, 0.99


@dataclass
class Hits:
    """What was found. ``is_named``: the text names it exactly; ``scored`` holds (id, rank, head), None of too many."""

    cases: Any
    wanted: Wanted
    is_named: bool
    scored: list[tuple[int, float, str]] | None

    @property
    def is_ranked(self) -> bool:
        """Whether "best match" can be an order; else say that more than :data:`MOST_RANKED` cases were found."""
        return self.scored is not None

    @cached_property
    def best_first(self) -> list[int] | None:
        """Ids, the best match first: titles that say just this, then by how often and how near the words stand.

        None when there are too many.
        """
        if self.scored is None:
            return None
        asked = sorted([*self.wanted.words, *(word for phrase in self.wanted.phrases for word in phrase)])
        ranked = sorted(self.scored, key=lambda row: (-row[1], -row[0]))
        return [pk for pk, _rank, _head in sorted(ranked, key=lambda row: sorted(_title(row[2])) != asked)]


def _title(head: str) -> list[str]:
    return words_of(head.partition(NAME_MARK)[0])


def find(cases: Any, text: str) -> Hits:
    """What ``text`` finds among ``cases``, a queryset that is scoped to the reader; one query.

    A merged case brings the one in which it goes on along, which takes a query more.
    """
    # No database keeps this character, and PostgreSQL does not even look for it.
    text, wanted = text.replace("\0", " ").strip()[:LONGEST], Wanted.of(text[:LONGEST])
    if not text:
        return Hits(cases, wanted, is_named=False, scored=None)
    called = by_name(cases, text).order_by()
    # Words are looked for where the text names nothing.
    by_words = scored(cases.filter(~Exists(called)), wanted).order_by()
    found = together(named=called.values_list("pk")[: MOST_RANKED + 1], said=by_words[: MOST_RANKED + 1])
    if found["named"]:
        return _hits((cases, called), wanted, [(pk, 0.0, "") for (pk,) in found["named"]], is_named=True)
    said = _carried_on(cases, found["said"]) if len(found["said"]) <= MOST_RANKED else found["said"]
    return _hits((cases, with_words(cases, wanted)), wanted, said, is_named=False)


def _carried_on(cases: Any, found: list[tuple[int, float, str, int | None]]) -> list[tuple[int, float, str]]:
    """With the cases in which merged ones go on, of those that the reader may see, just behind them.

    Another query for each step of the longest chain of merges; none where nothing that was found was merged.
    """
    rows = {pk: (pk, rank, head) for pk, rank, head, _into in found}
    goes_on = [(into, rank) for _pk, rank, _head, into in found if into is not None and into not in rows]
    for _step in range(DEEPEST):
        ranks = {into: rank * BEHIND for into, rank in sorted(goes_on, key=itemgetter(1))}
        if not ranks:
            break
        seen = cases.filter(pk__in=list(ranks)).order_by().values_list("pk", "merged_into")
        goes_on = []
        for pk, into in seen:
            rows[pk] = (pk, ranks[pk], "")
            goes_on += [(into, ranks[pk])] if into is not None and into not in rows else []
    return list(rows.values())[:MOST_RANKED]


def _hits(rows: tuple[Any, Any], wanted: Wanted, found: list[Any], *, is_named: bool) -> Hits:
    """``rows``: those that were searched, and those that were found, should they be too many for their ids."""
    cases, all_of_them = rows
    if len(found) > MOST_RANKED:
        return Hits(all_of_them, wanted, is_named, None)
    # As constants, not as a set to be joined: the planner sees how few they are.
    return Hits(cases.filter(pk__in=[pk for pk, _rank, _head in found]), wanted, is_named, found)


def search(cases: Any, text: str) -> Any:
    """Cases of ``cases`` that ``text`` names, or that hold all of its words; all of them for an empty text."""
    return find(cases, text).cases
