"""Where the words stand in what a page shows: texts in segments, from the originals, never as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models.functions import Left

from case_management.domain.words import words_of
from case_management.filters.search.wanted import Wanted
from case_management.models import Case, CaseNote, Interaction, Message
from case_management.models.together import together

#: Characters of a snippet, and how many of them stand before the hit.
SNIPPET, BEFORE = 160, 50
#: Hits are looked for in so many characters of each text.
LOOKED_AT = 20_000
#: A run of characters without spaces and common punctuation: a word, or, in odd company, several.
_RUN = re.compile(r"[^\s!-/:-@\[-`{-~“”„‘’«»–—…·•|]+")


class Segment(NamedTuple):
    """A piece of a text, and whether it answers the question: templates wrap those pieces in ``<mark>``."""

    text: str
    is_hit: bool


Segments = tuple[Segment, ...]
#: Where else than in a case's own row words stand.
_SAID: dict[str, tuple[Any, str]] = {
    "notes": (CaseNote, "text"),
    "messages": (Message, "text"),
    "interactions": (Interaction, "comment"),
}


@dataclass(frozen=True)
class Highlight:
    """One row of a page; ``snippet`` is empty when only title and customer's name hold what was asked for."""

    title: Segments
    customer: Segments
    snippet: Segments = ()


class Marker:
    """Marks where the words of ``text`` stand in the rows of a page, whose contacts and descriptions are loaded."""

    def __init__(self, rows: Sequence[Case], text: str) -> None:
        self._wanted = Wanted.of(text)
        self._rows = rows if self._wanted else ()
        pieces = ((case.pk, snippet(case.description[:LOOKED_AT], self._wanted)) for case in self._rows)
        self._found = {pk: piece for pk, piece in pieces if piece}

    def lists(self) -> dict[str, Any]:
        """What was said on cases whose title and description do not say everything, to be read for the page."""
        silent = [case.pk for case in self._rows if case.pk not in self._found and not _says_all(case, self._wanted)]
        return {
            name: model._default_manager.filter(case__in=silent)
            .order_by("pk")
            .values_list("case_id", Left(field, LOOKED_AT))
            for name, (model, field) in _SAID.items()
        }

    def highlights(self, read: Mapping[str, Any]) -> dict[int, Highlight]:
        """Highlights by case id; ``read`` are the rows of :meth:`lists`."""
        said = dict(self._found)
        for pk, text in (row for name in _SAID for row in read[name]):
            if pk not in said and (piece := snippet(text, self._wanted)):
                said[pk] = piece
        return {
            case.pk: Highlight(
                marked(case.title, self._wanted), marked(_customer(case), self._wanted), said.get(case.pk, ())
            )
            for case in self._rows
        }


def highlights(rows: Sequence[Case], text: str) -> dict[int, Highlight]:
    """Highlights by case id for the rows of a page; one query at most."""
    marker = Marker(rows, text)
    return marker.highlights(together(**marker.lists()))


def marked(text: str, wanted: Wanted) -> Segments:
    """The whole text in segments; joined they are the text."""
    found, end = list[Segment](), 0
    for start, stop in _places(text, wanted):
        if start > end:
            found.append(Segment(text[end:start], is_hit=False))
        found.append(Segment(text[start:stop], is_hit=True))
        end = stop
    return (*found, Segment(text[end:], is_hit=False)) if end < len(text) else tuple(found)


def snippet(text: str, wanted: Wanted) -> Segments:
    """The words around the first hit, in one line; empty without a hit."""
    place = next(_places(text, wanted), None)
    if place is None:
        return ()
    start = max(0, place[0] - BEFORE)
    if start:
        start = min(text.find(" ", start, place[0]) + 1 or start, place[0])
    stop = start + SNIPPET
    if stop < len(text):
        stop = max(text.rfind(" ", place[1], stop), place[1]) if " " in text[place[1] : stop] else stop
    words = " ".join(text[start:stop].split())
    return marked(("… " if start else "") + words + (" …" if stop < len(text) else ""), wanted)


def _places(text: str, wanted: Wanted) -> Iterator[tuple[int, int]]:
    for run in _RUN.finditer(text):
        if any(wanted.hits(word) for word in words_of(run.group()[:200])):
            yield run.span()


def _says_all(case: Case, wanted: Wanted) -> bool:
    words = words_of(f"{case.title} {_customer(case)}")
    asked = [Wanted((word,)) for word in wanted.words] + [Wanted((), (phrase,)) for phrase in wanted.phrases]
    return all(any(part.hits(word) for word in words) for part in asked)


def _customer(case: Case) -> str:
    return case.contact.name if case.contact else ""
