"""Inserts and rewrites many rows of one model at once, by what PostgreSQL is quickest at; by the ORM elsewhere.

COPY spares the client nine tenths of the work of an insert; keys are drawn from the sequence first, so that what
follows can point at the rows. An UPDATE from one JSON parameter does the same for rows that are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db import connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

#: Below this, one INSERT is as quick.
FEW = 50
#: Fields whose values the driver writes as they stand in the instance.
_AS_THEY_ARE = (
    models.CharField,
    models.TextField,
    models.BooleanField,
    models.IntegerField,
    models.DateTimeField,
    models.DecimalField,
    models.ForeignKey,
)


def insert(rows: Sequence[models.Model]) -> None:
    """Insert the rows and give each its primary key, unless they have them; no signals, as with ``bulk_create``."""
    if not rows:
        return
    model: Any = type(rows[0])
    using = router.db_for_write(model)
    connection = connections[using]
    if len(rows) < FEW or not _can_copy(connection, model):
        model._base_manager.using(using).bulk_create(rows)
        return
    with transaction.atomic(using=using, savepoint=False), connection.wrap_database_errors:
        _copy(connection, model, rows)
    for row in rows:
        row._state.adding, row._state.db = False, using


def rewrite(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write the named columns (attribute names) of rows that are there already and locked."""
    if not rows:
        return
    model: Any = type(rows[0])
    using = router.db_for_write(model)
    connection = connections[using]
    if len(rows) < FEW or not _can_copy(connection, model):
        # An upsert on the primary key is about twenty times cheaper than bulk_update.
        model._base_manager.using(using).bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=list(names)
        )
        return
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        cursor.execute(*_update(connection, model, rows, names))


def _update(
    connection: BaseDatabaseWrapper, model: Any, rows: Sequence[models.Model], names: Sequence[str]
) -> tuple[str, list[str]]:
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    fields = [model._meta.pk, *(by_attribute[name] for name in names)]
    quote = connection.ops.quote_name
    columns = [quote(str(field.column)) for field in fields]
    types = [field.rel_db_type(connection) if field.primary_key else field.db_type(connection) for field in fields]
    told = ", ".join(f"c{place} {kind}" for place, kind in enumerate(types))
    set_to = ", ".join(f"{column} = fresh.c{place}" for place, column in enumerate(columns) if place)
    # Every name is quoted and comes from the model; values go through the one parameter.
    sql = f"UPDATE {quote(model._meta.db_table)} AS kept SET {set_to}"  # noqa: S608
    sql += f" FROM jsonb_to_recordset(%s::jsonb) AS fresh ({told})"
    values = itemgetter(*(field.attname for field in fields))
    keys = [f"c{place}" for place in range(len(fields))]
    content = [dict(zip(keys, values(row.__dict__), strict=True)) for row in rows]
    return f"{sql} WHERE kept.{columns[0]} = fresh.c0", [json.dumps(content, default=_plain)]


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _can_copy(connection: BaseDatabaseWrapper, model: type[models.Model]) -> bool:
    return connection.vendor == "postgresql" and _has_psycopg_3() and _columns(model) is not None


@lru_cache
def _has_psycopg_3() -> bool:
    from django.db.backends.postgresql.psycopg_any import is_psycopg3  # noqa: PLC0415 - the driver is the host's choice

    return bool(is_psycopg3)


@lru_cache
def _columns(model: type[models.Model]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]] | None:
    """Attributes, columns and places of JSON values; None for a model with fields that we do not know."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    if not all(isinstance(field, (*_AS_THEY_ARE, models.JSONField)) for field in fields):
        return None
    places = tuple(place for place, field in enumerate(fields, 1) if isinstance(field, models.JSONField))
    return tuple(field.attname for field in fields), tuple(str(field.column) for field in fields), places


def _copy(connection: BaseDatabaseWrapper, model: type[models.Model], rows: Sequence[models.Model]) -> None:
    attributes, columns, json_places = _columns(model) or ((), (), ())
    quote, table = connection.ops.quote_name, model._meta.db_table
    key = str(model._meta.pk.column)
    names = ", ".join(quote(name) for name in (key, *columns))
    values = itemgetter(*attributes)
    with connection.cursor() as cursor:
        if rows[0].pk is None:
            for row, pk in zip(rows, _keys(cursor, (quote(table), key), len(rows)), strict=True):
                row.pk = pk
        statement = f"COPY {quote(table)} ({names}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for row in rows:
                line = (row.pk, *values(row.__dict__))
                copy.write_row(_with_json(line, json_places) if json_places else line)


def _with_json(line: tuple[Any, ...], places: tuple[int, ...]) -> list[Any]:
    changed = list(line)
    for place in places:
        changed[place] = json.dumps(changed[place])
    return changed


def _keys(cursor: Any, where: tuple[str, str], count: int) -> Iterator[int]:
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [*where, count])
    return (key for (key,) in cursor.fetchall())
