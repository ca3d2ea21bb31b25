"""How the database is asked about custom fields: expressions that read exactly as the indexes which jobs build.

Keys are slugs, checked before they are put into SQL; values are always parameters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, CharField, F, Field, FloatField, Func, IntegerField, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import Exact, IContains, IsNull

from case_management.exceptions import InvalidConfiguration
from case_management.models.custom_field import CustomField, FieldKind

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,60}")
#: Kind → the cast on PostgreSQL, immutable so that an index may hold it, and the type in Django.
_TYPES: dict[str, tuple[str, Field[Any, Any]]] = {
    FieldKind.NUMBER: ("::double precision", FloatField()),
    FieldKind.DATE: ("", CharField()),
    FieldKind.CHOICE: ("", CharField()),
    FieldKind.YES_NO: ("::boolean::integer", IntegerField()),
    FieldKind.USER: ("::bigint", IntegerField()),
}


def checked_key(key: str) -> str:
    """The key, if it may stand in SQL as it is. Raises InvalidConfiguration."""
    if not _SLUG.fullmatch(key):
        raise InvalidConfiguration(f"“{key[:60]}” is no key: letters, digits, hyphens and underscores only.")
    return key


class CustomValue(Func):
    """The value of one field of a case as the database sees it: a number, a text, 1 or 0 for yes or no.

    >>> Case.objects.filter(Exact(CustomValue("amount", "number"), 12.5))  # doctest: +SKIP
    """

    arity = 1

    def __init__(self, key: str, kind: str, column: Any = "custom", **extra: Any) -> None:
        self.key, self.kind = checked_key(key), kind
        extra.setdefault("output_field", _TYPES[kind][1])
        super().__init__(F(column) if isinstance(column, str) else column, **extra)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """The function of SQLite; PostgreSQL has operators."""
        column, params = compiler.compile(self.get_source_expressions()[0])
        return value_sql(connection.vendor, column, (self.key, self.kind)), params


class AnyChoice(Func):
    """Whether a field of several choices holds any of ``keys``; a condition that a filter takes as it is."""

    arity = 1
    conditional = True

    def __init__(self, key: str, keys: Sequence[str], column: Any = "custom", **extra: Any) -> None:
        self.key, self.keys = checked_key(key), tuple(keys)
        extra.setdefault("output_field", BooleanField())
        super().__init__(F(column) if isinstance(column, str) else column, **extra)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """A look into the list with ``json_each``; on PostgreSQL the operator that GIN indexes answer."""
        column, params = compiler.compile(self.get_source_expressions()[0])
        value = value_sql(connection.vendor, column, (self.key, FieldKind.CHOICES))
        if connection.vendor == "postgresql":
            return f"{value} ?| %s", [*params, list(self.keys)]
        marks = ", ".join(["%s"] * len(self.keys))
        # The column and the key are ours; the values are parameters.
        path = f"""'$."{self.key}"'"""
        return f"EXISTS (SELECT 1 FROM json_each({column}, {path}) WHERE value IN ({marks}))", [*params, *self.keys]  # noqa: S608


def value_sql(vendor: str, column: str, field: tuple[str, str]) -> str:
    """The SQL of a field's value in ``column``; ``field`` is its key and kind. Indexes are built from the same text."""
    key, kind = checked_key(field[0]), field[1]
    if vendor != "postgresql":
        return f"""JSON_EXTRACT({column}, '$."{key}"')"""
    if kind == FieldKind.CHOICES:
        return f"({column} -> '{key}')"
    return f"(({column} ->> '{key}'){_TYPES[kind][0]})"


def is_filled(field: CustomField) -> Q:
    """Cases that have a value."""
    if field.is_free_text:
        return Q(IsNull(KeyTextTransform(field.key, "custom_texts"), False))
    return Q(IsNull(KeyTextTransform(field.key, "custom"), False))


def holds_option(field: CustomField, key: str) -> Q:
    """Cases for which the option was chosen."""
    if field.kind == FieldKind.CHOICES:
        return Q(AnyChoice(field.key, [key]))
    return Q(Exact(CustomValue(field.key, FieldKind.CHOICE), key))


def text_contains(field: CustomField, text: str) -> Q:
    """Cases in whose free text ``text`` stands, in any case of letters."""
    return Q(IContains(KeyTextTransform(field.key, "custom_texts"), text))
