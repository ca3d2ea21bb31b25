"""Several short lists in one statement: what a page shows of many tables is worth one trip to the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet


def together(**lists: QuerySet[Any, Any]) -> dict[str, list[Any]]:
    """The rows of each queryset under its name, in one query; none where nothing can be found.

    A ``values_list`` gives tuples, anything else instances with their annotations and without the joins of
    ``select_related``. All lists are of one database; each has its own columns, order and limit.
    """
    found: dict[str, list[Any]] = {name: [] for name in lists}
    parts = list(_compiled(lists))
    if not parts:
        return found
    connection = connections[parts[0].rows.db]
    ends = list(accumulate((len(part.columns) for part in parts), initial=1))
    with connection.cursor() as cursor:
        cursor.execute(_statement(parts, connection), [value for part in parts for value in part.params])
        for row in cursor.fetchall():
            at = row[0]
            found[parts[at].name].append(row[ends[at] : ends[at + 1]])
    return found | {part.name: part.read(found[part.name]) for part in parts}


@dataclass(frozen=True)
class _Part:
    """One list as SQL; ``columns`` are what the ORM selects."""

    name: str
    rows: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]

    @property
    def columns(self) -> list[Any]:
        """Expressions in the order in which they are selected."""
        return [expression for expression, _sql, _alias in self.compiler.select]

    def read(self, found: list[Any]) -> list[Any]:
        """Rows of the database as Python has them."""
        converted = self.compiler.apply_converters(found, self.compiler.get_converters(self.columns))
        is_whole = self.rows.query.default_cols
        return [self._instance(row) if is_whole else tuple(row) for row in converted]

    def _instance(self, row: Any) -> Any:
        plain = [field.attname for field in self.rows.model._meta.concrete_fields]
        found = self.rows.model.from_db(self.rows.db, plain, row[: len(plain)])
        for name, value in zip(self.rows.query.annotation_select, row[len(plain) :], strict=True):
            setattr(found, name, value)
        return found


def _compiled(lists: dict[str, QuerySet[Any, Any]]) -> Iterator[_Part]:
    for name, rows in lists.items():
        compiler = rows.query.get_compiler(using=rows.db)
        try:
            sql, params = compiler.as_sql(with_col_aliases=True)
        except EmptyResultSet:
            continue
        yield _Part(name, rows, compiler, sql, tuple(params))


def _statement(parts: list[_Part], connection: Any) -> str:
    """Each list beside the empty columns of all others; what the ORM compiled, and our own numbers."""
    empty = [", ".join(_nothing(column, connection) for column in part.columns) for part in parts]
    selected = (
        ", ".join([str(at), *empty[:at], f"part{at}.*", *empty[at + 1 :]]) + f" FROM ({part.sql}) part{at}"
        for at, part in enumerate(parts)
    )
    return " UNION ALL ".join(f"SELECT {columns}" for columns in selected)


def _nothing(column: Any, connection: Any) -> str:
    """PostgreSQL wants to know of which type nothing is."""
    return f"NULL::{column.output_field.db_type(connection)}" if connection.vendor == "postgresql" else "NULL"
