"""The same figures source by source and unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from case_management.reports.facts import UNRESOLVED, measures, opened, resolved
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
    rows = _grouped(cases, period, ("source__key", "source__name")).order_by("-unresolved", "-opened", "source__name")
    return [Line(key, name, *figures) for key, name, *figures in rows]


def by_unit(cases: Any, period: Period, most: int) -> list[Line]:
    """The ``most`` units with the most open cases."""
    rows = _grouped(cases, period, ("unit__number", "unit__name")).order_by("-unresolved", "-opened", "unit__number")
    return [
        Line(number or "", f"{number} {name}" if number else "", *figures) for number, name, *figures in rows[:most]
    ]


def _grouped(cases: Any, period: Period, columns: Sequence[str]) -> Any:
    looked_at = cases.filter(UNRESOLVED | opened(period) | resolved(period))
    return looked_at.order_by().values_list(*columns).annotate(**measures(period))
