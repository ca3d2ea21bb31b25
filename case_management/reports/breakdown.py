"""The same figures source by source and unit by unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import CharField, Count, DurationField, Sum, Value
from django.db.models.functions import Cast

from case_management.reports.facts import TIME_TO_RESOLVE, UNRESOLVED, opened, resolved
from case_management.reports.period import Period


@dataclass(frozen=True)
class Line:
    """One source or unit; ``key`` is what the list is filtered by, empty for cases without one."""

    key: str
    label: str
    opened: int
    resolved: int
    unresolved: int
    average: timedelta | None


def by_source(cases: Any, period: Period) -> list[Line]:
    """Every source with something open, or opened or resolved in the period."""
    found = _grouped(cases, period, ("source__key", "source__name"))
    lines = [Line(key, name, *figures) for (key, name), figures in found.items()]
    return sorted(lines, key=lambda line: (-line.unresolved, -line.opened, line.label))


def by_unit(cases: Any, period: Period, most: int) -> list[Line]:
    """The ``most`` units with the most open cases."""
    found = _grouped(cases, period, ("unit__number", "unit__name"))
    lines = [
        Line(number or "", f"{number} {name}" if number else "", *figures) for (number, name), figures in found.items()
    ]
    return sorted(lines, key=lambda line: (-line.unresolved, -line.opened, line.key == "", line.key))[:most]


def _grouped(cases: Any, period: Period, columns: Sequence[str]) -> dict[Any, tuple[int, int, int, timedelta | None]]:
    """Key and label → opened, resolved, unresolved, average; one query of three parts, each along an index of its own.

    One part over "opened or resolved or open" would read every case.
    """
    nothing, spent = Cast(Value(None), DurationField()), Sum(TIME_TO_RESOLVE)
    parts = (
        ("opened", opened(period), nothing),
        ("resolved", resolved(period), spent),
        ("unresolved", UNRESOLVED, nothing),
    )
    queries = [_part(cases.filter(wanted), name, columns, length) for name, wanted, length in parts]
    counts: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("opened", "resolved", "unresolved"), 0))
    lengths: dict[Any, timedelta] = {}
    for name, *key, count, length in queries[0].union(*queries[1:], all=True):
        counts[tuple(key)][name] = count
        if name == "resolved":
            lengths[tuple(key)] = length / count
    return {key: (*found.values(), lengths.get(key)) for key, found in counts.items()}  # type: ignore[misc]


def _part(cases: Any, name: str, columns: Sequence[str], length: Any) -> Any:
    counted = cases.order_by().values(*columns).annotate(cm_part=Value(name, CharField()), cm_count=Count("pk"))
    return counted.annotate(cm_length=length).values_list("cm_part", *columns, "cm_count", "cm_length")
