"""What somebody may have meant whose words nobody has written: "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.db import connections, transaction
from django.db.models.expressions import RawSQL

from case_management.filters.search.matching import with_words
from case_management.filters.search.wanted import Wanted, is_found
from case_management.models import CaseText
from case_management.models.together import together

_TABLE = CaseText._meta.db_table
#: The most alike of those that are alike enough; so many that what is common does not hide what is near.
_ALIKE = (
    f"SELECT case_id FROM (SELECT case_id, head FROM {_TABLE} WHERE %s <%% head LIMIT 3000) AS alike"  # noqa: S608
    " ORDER BY word_similarity(%s, head) DESC LIMIT 300"
)
#: Shorter words are near to too many others.
SHORTEST = 4
#: How like two words must be, from 0 to 1: one letter missing, added or swapped in six.
LIKENESS = 0.75
#: The share of its trigrams that a word must have in common with a title to be looked at.
TRIGRAMS_SHARED = 0.4
#: Titles that are looked at for words like the ones that were asked for.
CANDIDATES = 300
#: Cases that are suggested.
MOST = 10


@dataclass(frozen=True)
class Meant:
    """Another wording that finds something, and the first few cases that it finds."""

    text: str
    ids: list[int]


def meant(cases: Any, text: str) -> Meant | None:
    """The wording nearest to ``text`` whose words stand in titles or customers' names of ``cases``; None without any.

    Ask only when ``text`` has found nothing: it takes up to three queries.
    """
    wanted = Wanted.of(text)
    asked = [*wanted.words, *(word for phrase in wanted.phrases for word in phrase)]
    with transaction.atomic(using=cases.db):
        by_trigrams = lower_threshold(cases.db)
        long = {word: _heads(cases, word, by_trigrams=by_trigrams) for word in asked if len(word) >= SHORTEST}
        heads = together(**long)
    better = [_nearest(word, heads[word]) if word in heads else word for word in asked]
    if better == asked:
        return None
    near = Wanted(tuple(dict.fromkeys(better)))
    ids = list(with_words(cases, near).order_by("-pk").values_list("pk", flat=True)[:MOST])
    return Meant(" ".join(near.words), ids) if ids else None


def _nearest(word: str, heads: Iterable[tuple[str]]) -> str:
    """The word of a title that is most like this one; the word itself when there is none, or when it is known."""
    known = {each for (head,) in heads for each in head.split()}
    if any(is_found(each, word) for each in known):
        return word
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=LIKENESS)), word)


def _heads(cases: Any, word: str, *, by_trigrams: bool) -> Any:
    """Titles and names with words like this one, by trigrams; without them, with words that begin like it."""
    near = with_words(cases, Wanted((word[:2],)))
    if by_trigrams:
        near = cases.filter(pk__in=RawSQL(_ALIKE, [word, word]))  # noqa: S611 - parameters
    return near.order_by().values_list("words__head")[:CANDIDATES]


def lower_threshold(using: str) -> bool:
    """Let PostgreSQL's ``<%`` find slips in short words until the transaction ends; False without pg_trgm."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)"
            " FROM pg_extension WHERE extname = 'pg_trgm'",
            [str(TRIGRAMS_SHARED)],
        )
        return cursor.fetchone() is not None
