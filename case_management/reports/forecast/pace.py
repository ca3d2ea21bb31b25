"""How fast cases are resolved: the chance to go on being open, learned from those that were resolved or were not."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from case_management.reports.forecast.past import Past

#: A priority with fewer resolved cases than this goes by the pace of all.
ENOUGH = 30
#: Beyond the longest case that was resolved, the pace of the slowest tenth goes on.
_TAIL = 0.9


class Pace:
    """The Nelson–Aalen estimate over lengths of work: seconds, and whether the case was resolved then or still open."""

    def __init__(self, lengths: Iterable[tuple[float, bool]]) -> None:
        rows = sorted(lengths, key=lambda row: (row[0], not row[1]))
        self._ends: list[float] = []
        self._sums: list[float] = []
        total = 0.0
        for passed, (length, is_resolved) in enumerate(rows):
            if is_resolved:
                total += 1 / (len(rows) - passed)
                self._ends.append(length)
                self._sums.append(total)
        self._rate_beyond = self._slowest(rows)

    @property
    def resolved(self) -> int:
        """How many resolved cases it rests on."""
        return len(self._ends)

    def hazard(self, worked: float) -> float:
        """The cumulative hazard of being resolved within ``worked`` seconds; grows without bound, from 0."""
        if worked <= 0 or not self._ends:
            return 0.0
        if worked > self._ends[-1]:
            return self._sums[-1] + self._rate_beyond * (worked - self._ends[-1])
        before = bisect_right(self._ends, worked)
        return self._sums[before - 1] if before else 0.0

    def stays_open(self, stretches: Iterable[tuple[float, float, float]]) -> float:
        """The chance, 0 to 1, not to be resolved in stretches of (from, to, share of the people at work)."""
        return math.exp(-sum(share * (self.hazard(end) - self.hazard(start)) for start, end, share in stretches))

    def _slowest(self, rows: Sequence[tuple[float, bool]]) -> float:
        """Resolved cases per second of work among those that took longest."""
        if not self._ends:
            return 0.0
        start = self._ends[int(_TAIL * (len(self._ends) - 1))]
        worked = sum(length - start for length, _is_resolved in rows if length > start)
        return sum(1 for end in self._ends if end > start) / worked if worked else 0.0


class Paces:
    """A pace for each priority (by rank) that has enough history, and one of all cases."""

    def __init__(self, by_rank: dict[int, Pace], of_all: Pace) -> None:
        self._by_rank, self.of_all = by_rank, of_all

    @classmethod
    def of(cls, past: Iterable[Past], at: datetime) -> Paces:
        """What was known at this moment: cases opened later do not count, cases resolved later were open."""
        by_rank: dict[int, list[tuple[float, bool]]] = defaultdict(list)
        for case in past:
            if case.opened_at < at:
                by_rank[case.rank].append(case.worked_until(at))
        paces = {rank: Pace(lengths) for rank, lengths in by_rank.items()}
        everything = Pace(length for lengths in by_rank.values() for length in lengths)
        return cls({rank: pace for rank, pace in paces.items() if pace.resolved >= ENOUGH}, everything)

    def of_rank(self, rank: int) -> Pace:
        """The pace of a priority."""
        return self._by_rank.get(rank, self.of_all)
