"""Why a rule acted: per condition the value it saw and whether it held, as the database answered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, F, QuerySet, Value, When

from case_management.rules.conditions.tree import Leaf, Node
from case_management.rules.fields import Kind


def answered(condition: Any) -> Case:
    """A boolean column that tells whether a ``Q`` holds for the row."""
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def traces(subjects: QuerySet[Any], tree: Node) -> dict[int, list[dict[str, Any]]]:
    """Subject id → one entry per comparison, in one query."""
    leaves = list(tree.leaves())
    columns: dict[str, Any] = {f"held_{n}": answered(leaf.compile()) for n, leaf in enumerate(leaves)}
    columns |= {f"saw_{n}": F(_seen_path(leaf)) for n, leaf in enumerate(leaves) if _is_shown(leaf)}
    rows = subjects.annotate(**columns).values("pk", *columns)
    return {row["pk"]: [_entry(n, leaf, row) for n, leaf in enumerate(leaves)] for row in rows}


def _is_shown(leaf: Leaf) -> bool:
    return not leaf.field.personal and leaf.field.kind is not Kind.MANY


def _seen_path(leaf: Leaf) -> str:
    if leaf.field.kind is not Kind.BRANCH:
        return leaf.field.path
    return f"{leaf.field.path}__key" if leaf.field.path.endswith("topic") else f"{leaf.field.path}__number"


def _entry(n: int, leaf: Leaf, row: dict[str, Any]) -> dict[str, Any]:
    entry = {"field": leaf.name, "op": leaf.op, "value": _plain(leaf.value), "held": row[f"held_{n}"]}
    if _is_shown(leaf):
        entry["saw"] = _plain(row[f"saw_{n}"])
    return entry


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, datetime) else value
