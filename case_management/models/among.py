"""``__in`` for thousands of values: one parameter instead of a placeholder each, which drivers take long to fill in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connections, router
from django.db.models import Model
from django.db.models.expressions import RawSQL

_SQL = {
    ("postgresql", str): "SELECT jsonb_array_elements_text(%s::jsonb)",
    ("postgresql", int): "SELECT jsonb_array_elements_text(%s::jsonb)::bigint",
    ("sqlite", str): "SELECT value FROM json_each(%s)",
    ("sqlite", int): "SELECT value FROM json_each(%s)",
}
#: Below this, placeholders are as quick and plans are better.
FEW = 100


def among(model: type[Model], values: Iterable[int] | Iterable[str]) -> Any:
    """The right-hand side of ``filter(field__in=among(Model, values))``; all texts, or all whole numbers."""
    wanted: list[Any] = list(values)
    if len(wanted) < FEW:
        return wanted
    sql = _SQL.get((connections[router.db_for_read(model)].vendor, type(wanted[0])))
    return RawSQL(sql, [json.dumps(wanted)]) if sql else wanted  # noqa: S611 - the values are one parameter
