"""Words in each database's own full-text index: PostgreSQL's tsvector, SQLite's FTS5; elsewhere by comparing texts.

Words are letters and digits (see :mod:`case_management.domain.words`) and travel as parameters, so that nothing a
person types is ever syntax.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.models import FloatField, TextField, Value
from django.db.models.expressions import F, RawSQL
from django.db.models.functions import Concat, Replace

from case_management.filters.search.wanted import Wanted
from case_management.models import Case, CaseText
from case_management.models.case_text import NAME_MARK

_TABLE = CaseText._meta.db_table
_FTS = f"{_TABLE}_fts"
#: A title weighs more than a description, and that more than what was said; as the rows' order has it: D, C, B, A.
_WEIGHTS = "{0.05, 0.1, 0.3, 1.0}"


def with_words(cases: Any, wanted: Wanted, *, through_index: bool = False) -> Any:
    """Those of ``cases`` that hold everything that is wanted.

    ``through_index`` keeps PostgreSQL from reading along another index in the hope of meeting a hit soon.
    """
    if not wanted:
        return cases.none()
    kind = index_of(cases.db)
    if kind == "tsvector":
        query = "(SELECT to_tsquery('simple', %s))" if through_index else "to_tsquery('simple', %s)"
        sql = f"SELECT case_id FROM {_TABLE} WHERE vector @@ {query}"  # noqa: S608 - the table's name is ours
        return cases.filter(pk__in=RawSQL(sql, [tsquery(wanted)]))  # noqa: S611 - a parameter
    if kind == "fts5":
        sql = f"SELECT rowid FROM {_FTS} WHERE {_FTS} MATCH %s"  # noqa: S608 - the table's name is ours
        return cases.filter(pk__in=RawSQL(sql, [fts_query(wanted)]))  # noqa: S611 - a parameter
    return cases.filter(pk__in=_by_comparing(wanted).using(cases.db).values("pk"))


def scored(cases: Any, wanted: Wanted) -> Any:
    """(id, rank, head, id of the case that it was merged into) of those of ``cases`` that hold what is wanted.

    The higher the rank, the better the match.
    """
    kind, found = index_of(cases.db), with_words(cases, wanted, through_index=True)
    rank: Any = Value(0.0, FloatField())
    if kind == "tsvector":
        sql = f"ts_rank_cd('{_WEIGHTS}', {_TABLE}.vector, to_tsquery('simple', %s))"
        rank = RawSQL(sql, [tsquery(wanted)], FloatField())  # noqa: S611 - a parameter
    elif kind == "fts5" and wanted:
        found = _met_by_fts(cases, wanted)
        rank = RawSQL(f"-bm25({_FTS}, 10.0, 3.0, 1.0)", [], FloatField())  # noqa: S611 - a name of ours
    return found.annotate(cm_rank=rank).values_list("pk", "cm_rank", "words__head", "merged_into")


def _met_by_fts(cases: Any, wanted: Wanted) -> Any:
    """FTS5 ranks what it finds, so it must be asked first: the sign keeps it from being asked case by case."""
    where = [f"{_FTS} MATCH %s", f"{Case._meta.db_table}.id = +{_FTS}.rowid"]
    return cases.extra(tables=[_FTS], where=where, params=[fts_query(wanted)])  # noqa: S610 - names of ours


def tsquery(wanted: Wanted) -> str:
    """For ``to_tsquery('simple', …)``; a phrase stands in one column, not across two."""
    words = [_lexeme(word) + (":*" if len(word) > 1 else "") for word in wanted.words]
    phrases = [
        "("
        + " | ".join("(" + " <-> ".join(f"{_lexeme(word)}:{weight}" for word in phrase) + ")" for weight in "ABC")
        + ")"
        for phrase in wanted.phrases
    ]
    return " & ".join([*words, *phrases])


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def fts_query(wanted: Wanted) -> str:
    """For FTS5's MATCH."""
    words = [_string(word) + ("*" if len(word) > 1 else "") for word in wanted.words]
    return " AND ".join([*words, *(_string(" ".join(phrase)) for phrase in wanted.phrases)])


def _string(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _by_comparing(wanted: Wanted) -> Any:
    """For databases without an index of words; one pass over all texts."""
    gap, space, kind = Value(f" {NAME_MARK} "), Value(" "), TextField()
    head = Replace(F("head"), gap, space, output_field=kind)
    text = Concat(space, head, gap, F("body"), gap, F("said"), space, output_field=kind)
    rows = CaseText.objects.annotate(all_words=text)
    for word in wanted.words:
        rows = rows.filter(all_words__contains=f" {word}" + (" " if len(word) == 1 else ""))
    for phrase in wanted.phrases:
        rows = rows.filter(all_words__contains=f" {' '.join(phrase)} ")
    return rows


def index_of(using: str) -> str:
    """``tsvector``, ``fts5`` or an empty string: what the database of this alias finds words by."""
    vendor = connections[using].vendor
    if vendor == "postgresql":
        return "tsvector"
    return "fts5" if vendor == "sqlite" and has_fts5() else ""


@lru_cache
def has_fts5() -> bool:
    """Whether this build of SQLite has it; nearly all have."""
    try:
        with sqlite3.connect(":memory:") as connection:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5 (words)")
    except sqlite3.OperationalError:
        return False
    return True
