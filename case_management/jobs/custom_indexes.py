"""Indexes of the custom fields that lists are filtered by: built and dropped while people work.

What should be there is compared with what the database has, so a worker that was killed is made up for by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connections, router

from case_management.models import Case, CustomField
from case_management.models.custom_field import FieldKind
from case_management.models.custom_lookup import value_sql

logger = logging.getLogger(__name__)

PREFIX = "cm_custom_"
#: The number of our lock among the advisory locks of PostgreSQL: one builder at a time.
LOCK = 0x636D_6378
_PRESENT = {
    "postgresql": "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE i.indrelid = %s::regclass AND c.relname LIKE 'cm\\_custom\\_%%'",
    "sqlite": "SELECT name, 1 FROM sqlite_master WHERE type = 'index' AND tbl_name = %s"
    " AND name LIKE 'cm\\_custom\\_%%' ESCAPE '\\'",
}


def index_name(field: CustomField) -> str:
    """Its number and kind: a field whose kind was changed while it was empty gets another index."""
    return f"{PREFIX}{field.pk}_{field.kind}"


def build_custom_indexes() -> int:
    """Drop what nobody wants any more, then build one index; returns how many were touched, 0: all is as it should be.

    On PostgreSQL both go on beside reads and writes (CONCURRENTLY). Other databases than PostgreSQL and SQLite filter
    without indexes. Inside a transaction nothing is done: the next round is.
    """
    connection: Any = connections[router.db_for_write(Case)]
    if connection.vendor not in _PRESENT or connection.in_atomic_block:
        return 0
    wanted = {index_name(field): field for field in _filterable(connection.vendor)}
    present = _present(connection)
    if wanted.keys() == present.keys() and all(present.values()):
        return 0
    with _alone(connection) as is_alone:
        return _settle(connection, wanted) if is_alone else 0


def _filterable(vendor: str) -> list[CustomField]:
    """Free texts are looked through; SQLite has no index for lists of choices."""
    without = [FieldKind.TEXT] if vendor == "postgresql" else [FieldKind.TEXT, FieldKind.CHOICES]
    return list(CustomField.objects.active().filter(is_filterable=True).exclude(kind__in=without))


def _present(connection: Any) -> dict[str, bool]:
    """Name → whether it is usable; one that a killed builder left is not."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT[connection.vendor], [Case._meta.db_table])
        return {name: bool(is_valid) for name, is_valid in cursor.fetchall()}


@contextmanager
def _alone(connection: Any) -> Iterator[bool]:
    """Hold the builders' lock; it goes with the connection if we are killed."""
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (is_alone,) = cursor.fetchone()
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _settle(connection: Any, wanted: dict[str, CustomField]) -> int:
    present, touched = _present(connection), 0
    for name, is_valid in present.items():
        if name not in wanted or not is_valid:
            _run(connection, f"DROP INDEX {_beside(connection)} IF EXISTS {connection.ops.quote_name(name)}")
            touched += 1
    missing = next((name for name in wanted if not present.get(name)), None)
    if missing is not None:
        try:
            _run(connection, _create(connection, missing, wanted[missing]))
        except DatabaseError:
            logger.exception("The index %s could not be built; lists are filtered without it.", missing)
            return touched
        touched += 1
    return touched


def _create(connection: Any, name: str, field: CustomField) -> str:
    quote = connection.ops.quote_name
    value = value_sql(connection.vendor, quote("custom"), (field.key, field.kind))
    how = "USING gin" if field.kind == FieldKind.CHOICES else ""
    return f"CREATE INDEX {_beside(connection)} {quote(name)} ON {quote(Case._meta.db_table)} {how} ({value})"


def _beside(connection: Any) -> str:
    """Beside reads and writes, where the database can."""
    return "CONCURRENTLY" if connection.vendor == "postgresql" else ""


def _run(connection: Any, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
