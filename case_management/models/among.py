"""``__in`` for thousands of texts: one parameter instead of a placeholder each, which drivers take long to fill in."""

from __future__ import annotations

import json
from collections.abc import Collection

from django.db import connections, router
from django.db.models import Model
from django.db.models.expressions import RawSQL

_SQL = {
    "postgresql": "SELECT jsonb_array_elements_text(%s::jsonb)",
    "sqlite": "SELECT value FROM json_each(%s)",
}


def among(model: type[Model], texts: Collection[str]) -> RawSQL | Collection[str]:
    """The right-hand side of ``filter(field__in=among(Model, texts))``; on other databases the texts themselves."""
    sql = _SQL.get(connections[router.db_for_read(model)].vendor)
    return RawSQL(sql, [json.dumps(list(texts))]) if sql else texts  # noqa: S611 - the texts are a parameter
