"""Measures business time: rates of ``Calendar`` beside the plainest bisection over the same spans.

Run ``python -m benchmarks.business_time [--json]``. The floor has all open spans of the years in one list and
takes UTC datetimes of the right years on trust. Rates are calls per second of processor time, the best of
several rounds in which the cases take turns, so ratios hold on a busy machine too. Exits with 1 if a goal is
missed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from case_management.sla.calendar import CLOSED, Calendar, parse_hours

OFFICE = parse_hours("09:00-12:30, 13:00-17:00")
YEARS = range(2024, 2030)
ZONE = "Australia/Lord_Howe"
GOAL = 200_000
CALLS, ROUNDS = 20_000, 9

Moment = tuple[datetime, datetime, timedelta]
Case = tuple[Callable[[datetime, Any], object], Sequence[tuple[datetime, Any]]]


def office_calendar() -> Calendar:
    """A five-day week with a lunch break, ten holidays and one short day a year."""
    closed = {date(year, month, day): CLOSED for year in YEARS for month in (1, 4, 5, 10, 12) for day in (1, 26)}
    short = {date(year, 12, 24): parse_hours("09:00-12:00") for year in YEARS}
    return Calendar(ZONE, (OFFICE,) * 5 + (CLOSED,) * 2, closed | short)


class Floor:
    """Bisection over one list of all spans: no zones, no years, no checks."""

    def __init__(self, calendar: Calendar) -> None:
        first, last = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1] + 1, 1, 1, tzinfo=UTC)
        spans = list(calendar.spans(first, last))
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.before = list(accumulate((end - start for start, end in spans), initial=timedelta()))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Two bisections and a difference."""
        starts, ends, before = self.starts, self.ends, self.before
        i, j = bisect_right(starts, start) - 1, bisect_right(starts, end) - 1
        opened = before[j] + (min(end, ends[j]) - starts[j])
        return opened - (before[i] + (min(start, ends[i]) - starts[i]))

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """A bisection there and one back."""
        i = bisect_right(self.starts, start) - 1
        opened = self.before[i] + (min(start, self.ends[i]) - self.starts[i]) + duration
        j = bisect_left(self.before, opened) - 1
        return self.starts[j] + (opened - self.before[j])


def moments(longest: timedelta) -> list[Moment]:
    """Random starts, ends up to ``longest`` later, and targets of one minute to 40 hours."""
    dice, first = random.Random(1), datetime(YEARS[0], 2, 1, tzinfo=UTC)
    made = []
    for _ in range(CALLS):
        start = first + timedelta(seconds=dice.randrange(4 * 365 * 86400))
        end = start + longest * dice.random()
        made.append((start, end, timedelta(minutes=dice.randrange(1, 2400))))
    return made


def in_zone(made: Sequence[Moment]) -> list[Moment]:
    """The same instants as local datetimes."""
    zone = ZoneInfo(ZONE)
    return [(start.astimezone(zone), end.astimezone(zone), target) for start, end, target in made]


def seconds(call: Callable[[datetime, Any], object], arguments: Sequence[tuple[datetime, Any]]) -> float:
    """Processor time for one pass over the arguments."""
    begun = time.process_time()
    for one, two in arguments:
        call(one, two)
    return time.process_time() - begun


def check(calendar: Calendar, floor: Floor, made: Sequence[Moment]) -> None:
    """The floor must give the same answers, or the comparison means nothing."""
    for start, end, target in made:
        assert calendar.between(start, end) == floor.between(start, end)
        assert calendar.add(start, target) == floor.add(start, target)


def cold_milliseconds() -> float:
    """The first question to a new calendar, which compiles a year."""
    calendars = [office_calendar() for _ in range(ROUNDS)]
    at = datetime(2026, 6, 1, tzinfo=UTC)
    return 1000 * min(seconds(calendar.between, [(at, at)]) for calendar in calendars)


def cases(calendar: Calendar, floor: Floor) -> dict[str, Case]:
    """What is timed, the floors first."""
    near, far = moments(timedelta(days=14)), moments(timedelta(days=700))
    check(calendar, floor, near + far)
    local = in_zone(near)
    return {
        "floor between": (floor.between, [(start, end) for start, end, _ in near]),
        "floor add": (floor.add, [(start, target) for start, _, target in near]),
        "between, up to 14 days": (calendar.between, [(start, end) for start, end, _ in near]),
        "between, up to 700 days": (calendar.between, [(start, end) for start, end, _ in far]),
        "between, local datetimes": (calendar.between, [(start, end) for start, end, _ in local]),
        "add, up to 40 hours": (calendar.add, [(start, target) for start, _, target in near]),
        "add, going back": (calendar.add, [(start, -target) for start, _, target in near]),
        "add, local datetimes": (calendar.add, [(start, target) for start, _, target in local]),
    }


def measure() -> list[dict[str, Any]]:
    """The best round of each case; rounds take turns, so that a busy minute hits them all."""
    calendar = office_calendar()
    timed = cases(calendar, Floor(calendar))
    best = dict.fromkeys(timed, float("inf"))
    for _ in range(ROUNDS):
        for name, (call, arguments) in timed.items():
            best[name] = min(best[name], seconds(call, arguments))
    rows = []
    for name, taken in best.items():
        floor = best["floor between" if "between" in name else "floor add"]
        rows.append({"case": name, "per_second": round(CALLS / taken), "of_floor": round(floor / taken, 2)})
    return rows


def main() -> int:
    """Print a table, or JSON for other programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    as_json = parser.parse_args().json
    rows, cold = measure(), round(cold_milliseconds(), 2)
    missed = [row["case"] for row in rows if row["per_second"] < GOAL]
    if as_json:
        print(json.dumps({"goal": GOAL, "rows": rows, "cold_year_ms": cold, "missed": missed}, indent=2))
        return bool(missed)
    print(f"{'case':28}{'calls/s':>12}{'of floor':>10}")
    for row in rows:
        print(f"{row['case']:28}{row['per_second']:>12,}{row['of_floor']:>10.2f}")
    print(f"first question to a new calendar: {cold} ms")
    print(f"goal {GOAL:,}/s: " + (f"missed by {', '.join(missed)}" if missed else "met by all"))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
