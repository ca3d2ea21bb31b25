"""The chance of each open case to miss its deadline, and how many will, by team and by unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from case_management.reports.facts import UNRESOLVED
from case_management.reports.forecast.pace import Paces
from case_management.reports.forecast.past import Work, past_cases
from case_management.reports.forecast.staffing import Staffing

#: Hours ahead.
HORIZONS = (4, 24, 72)
#: Days of history.
HISTORY = 180
_COLUMNS = (
    "pk", "reference", "title", "opened_at", "due_at", "priority_rank", "sla_calendar_id",
    "team", "team__name", "unit", "unit__number", "unit__name",
)  # fmt: skip


@dataclass(frozen=True)
class Risk:
    """One open case; ``chance``, 0 to 1, is that of missing ``due_at``. ``team`` and ``unit`` are (id, label)."""

    pk: int
    reference: str
    title: str
    due_at: datetime
    chance: float
    team: tuple[int | None, str]
    unit: tuple[int | None, str]


@dataclass
class Sum:
    """One team, one unit or all; ``expected`` is how many cases will probably be missed, by hours ahead."""

    label: str
    pk: int | None = None
    due: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HORIZONS, 0))
    expected: dict[int, float] = field(default_factory=lambda: dict.fromkeys(HORIZONS, 0.0))

    def add(self, hours: int, chance: float) -> None:
        """A case that is due within so many hours."""
        self.due[hours] += 1
        self.expected[hours] += chance


@dataclass(frozen=True)
class Forecast:
    """Of one moment: ``risks``, the greatest chance first; ``missed`` are past due already, ``resting`` have no running
    deadline; ``history`` is how many resolved cases it rests on.
    """

    at: datetime
    risks: tuple[Risk, ...]
    total: Sum
    teams: tuple[Sum, ...]
    units: tuple[Sum, ...]
    missed: int
    resting: int
    history: int

    @classmethod
    def of(cls, cases: Any, now: datetime, staffing: Staffing | None = None) -> Forecast:
        """Of the open ones among ``cases``, a queryset scoped to the reader; nine queries at most."""
        staffing = staffing or Staffing.now()
        paces = Paces.of(past_cases(cases, now - timedelta(days=HISTORY)), now)
        live = cases.filter(UNRESOLVED).order_by()
        last = now + timedelta(hours=HORIZONS[-1])
        rows = list(live.filter(due_at__gt=now, due_at__lte=last).values_list(*_COLUMNS))
        risks = tuple(sorted(_risks(rows, paces, staffing, now), key=lambda risk: (-risk.chance, risk.due_at)))
        return cls(
            now,
            risks,
            *_sums(risks, now),
            missed=live.filter(due_at__lte=now).count(),
            resting=live.filter(due_at=None).count(),
            history=paces.of_all.resolved,
        )


def _risks(rows: list[tuple[Any, ...]], paces: Paces, staffing: Staffing, now: datetime) -> Iterable[Risk]:
    work = Work({row[6] for row in rows if row[6] is not None})
    for pk, reference, title, opened, due, rank, version, team, team_name, unit, number, unit_name in rows:
        worked = work.on(version)
        stretches = [
            (worked(opened, start), worked(opened, end), share) for start, end, share in staffing.days(team, now, due)
        ]
        chance = paces.of_rank(rank).stays_open(stretches)
        unit_label = f"{number} {unit_name}" if number else ""
        yield Risk(pk, reference, title, due, chance, (team, team_name or ""), (unit, unit_label))


def _sums(risks: Iterable[Risk], now: datetime) -> tuple[Sum, tuple[Sum, ...], tuple[Sum, ...]]:
    total, teams, units = Sum(""), dict[int | None, Sum](), dict[int | None, Sum]()
    for risk in risks:
        team = teams.setdefault(risk.team[0], Sum(risk.team[1], risk.team[0]))
        unit = units.setdefault(risk.unit[0], Sum(risk.unit[1], risk.unit[0]))
        for hours in HORIZONS:
            if risk.due_at <= now + timedelta(hours=hours):
                for one in (total, team, unit):
                    one.add(hours, risk.chance)
    return total, _worst_first(teams), _worst_first(units)


def _worst_first(sums: dict[int | None, Sum]) -> tuple[Sum, ...]:
    return tuple(sorted(sums.values(), key=lambda one: (-one.expected[HORIZONS[-1]], one.label)))
