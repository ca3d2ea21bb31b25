"""What the forecast would have said on past days, from what was known then, beside what happened: its calibration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from case_management.reports.forecast.breaches import HISTORY, HORIZONS
from case_management.reports.forecast.pace import Paces
from case_management.reports.forecast.past import Past, past_cases

#: Upper ends of the bands of chances.
BANDS = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
#: So many days are looked back; the pace is learned anew for each week, from what came before it.
DAYS_BACK, DAYS_A_PACE = 28, 7
#: Of more cases on one day, evenly so many.
MOST_A_DAY = 2000
#: With fewer, a share says little.
FEWEST = 50


@dataclass(frozen=True)
class Band:
    """Chances from ``low`` to ``high``: how many were given, their mean, and the share of deadlines missed."""

    low: float
    high: float
    count: int
    said: float
    happened: float


@dataclass(frozen=True)
class TrackRecord:
    """``brier`` is the mean squared error of the chances (0: always right), ``naive`` that of saying the share of all
    missed deadlines every time; both None where nothing can be checked yet.
    """

    first: datetime
    last: datetime
    count: int
    bands: tuple[Band, ...]
    brier: float | None
    naive: float | None

    @property
    def is_enough(self) -> bool:
        """Whether there is enough to go by."""
        return self.count >= FEWEST


def track_record(cases: Any, now: datetime) -> TrackRecord:
    """Over the last days whose outcome is known; two queries. A chance rests only on what came before its week.

    Deadlines are taken as they stand now: a deadline that was moved since counts as if it had always been so.
    """
    past = past_cases(cases, now - timedelta(days=HISTORY + DAYS_BACK))
    last = now - timedelta(hours=HORIZONS[-1])
    first = last - timedelta(days=DAYS_BACK - 1)
    said = [one for start in _weeks(first, last) for one in _week(past, start, last)]
    return _judged(first, last, said)


def _weeks(first: datetime, last: datetime) -> Iterator[datetime]:
    at = first
    while at <= last:
        yield at
        at += timedelta(days=DAYS_A_PACE)


def _week(past: list[Past], start: datetime, last: datetime) -> Iterator[tuple[float, bool]]:
    """(chance, whether it was missed) of each day of a week and each case that was open and due soon."""
    paces = Paces.of(past, start)
    if not paces.of_all.resolved:
        return
    for day in range(DAYS_A_PACE):
        at = start + timedelta(days=day)
        if at <= last:
            asked = [(case, case.due_at) for case in past if case.due_at and _is_asked(case, case.due_at, at)]
            for case, due_at in islice(asked, 0, None, max(1, len(asked) // MOST_A_DAY)):
                stretch = case.worked(case.opened_at, at), case.worked(case.opened_at, due_at), 1.0
                chance = paces.of_rank(case.rank).stays_open([stretch])
                yield chance, case.resolved_at is None or case.resolved_at > due_at


def _is_asked(case: Past, due_at: datetime, at: datetime) -> bool:
    return case.was_open(at) and at < due_at <= at + timedelta(hours=HORIZONS[-1])


def _judged(first: datetime, last: datetime, said: list[tuple[float, bool]]) -> TrackRecord:
    if not said:
        return TrackRecord(first, last, 0, (), None, None)
    share = sum(missed for _chance, missed in said) / len(said)
    brier = sum((chance - missed) ** 2 for chance, missed in said) / len(said)
    return TrackRecord(first, last, len(said), tuple(_bands(said)), brier, share * (1 - share))


def _bands(said: Iterable[tuple[float, bool]]) -> Iterator[Band]:
    rest, low = sorted(said), 0.0
    for high in BANDS:
        held = [one for one in rest if one[0] <= high]
        rest = rest[len(held) :]
        if held:
            chances, missed = zip(*held, strict=True)
            yield Band(low, high, len(held), sum(chances) / len(held), sum(missed) / len(held))
        low = high
