"""Says at start-up when a database lacks what search is quick by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core import checks
from django.db import connections

from case_management.filters.search.matching import index_of
from case_management.filters.search.meant import lower_threshold


@checks.register(checks.Tags.database)
def check_words(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """W005, W006: slips can be guessed at, and words are found by an index (``check --database default``)."""
    return [found for alias in databases or () for found in _lacking(alias)]


def _lacking(alias: str) -> Iterator[checks.CheckMessage]:
    vendor = connections[alias].vendor
    if vendor == "postgresql" and not lower_threshold(alias):
        yield checks.Warning(
            f'The database "{alias}" has no pg_trgm: "did you mean" only knows beginnings.',
            hint="Let its owner run CREATE EXTENSION pg_trgm, then the statements TRIGRAMS of migration 0007.",
            id="case_management.W005",
        )
    if not index_of(alias):
        yield checks.Warning(
            f'The database "{alias}" has no index of words: search reads every text.',
            hint="Use PostgreSQL, or a build of SQLite with FTS5.",
            id="case_management.W006",
        )
