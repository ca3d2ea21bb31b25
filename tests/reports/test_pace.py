"""The pace of resolving against a brute-force estimate, and its laws."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_management.reports.forecast import Pace, Paces
from case_management.reports.forecast.pace import ENOUGH
from case_management.reports.forecast.past import Past

LENGTHS = st.lists(st.tuples(st.integers(1, 50).map(float), st.booleans()), min_size=1, max_size=60)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def seconds(start, end):
    return (end - start).total_seconds()


def survivors(lengths, until):
    """Nelson and Aalen by hand: for every length at which cases were resolved, those among the ones still there."""
    total = 0.0
    for length in sorted({length for length, done in lengths if done and length <= until}):
        there = sum(1 for other, _done in lengths if other >= length)
        for turn in range(sum(1 for other, done in lengths if done and other == length)):
            total += 1 / (there - turn)
    return total


@given(LENGTHS, st.integers(0, 50))
def test_the_hazard_is_that_of_the_estimate_by_hand(lengths, until):
    pace = Pace(lengths)
    longest = max((length for length, done in lengths if done), default=0.0)
    if until <= longest:
        assert pace.hazard(float(until)) == pytest.approx(survivors(lengths, until))


@given(LENGTHS, st.lists(st.integers(0, 200), min_size=2, max_size=2))
def test_the_chance_to_stay_open_only_falls_and_adds_up(lengths, ends):
    pace, (middle, end) = Pace(lengths), sorted(ends)
    first, whole = pace.stays_open([(0, middle, 1.0)]), pace.stays_open([(0, end, 1.0)])
    assert 0 <= whole <= first <= 1
    assert first * pace.stays_open([(middle, end, 1.0)]) == pytest.approx(whole)


@given(LENGTHS, st.floats(0, 1), st.floats(0, 1))
def test_fewer_people_never_make_it_faster(lengths, few, many):
    pace, (few, many) = Pace(lengths), sorted((few, many))
    assert pace.stays_open([(0, 40, few)]) >= pace.stays_open([(0, 40, many)])
    assert pace.stays_open([(0, 40, 0.0)]) == 1.0


def test_cases_that_are_resolved_at_a_steady_rate_are_foretold():
    steady = Pace([(-math.log(1 - (number + 0.5) / 1000) * 3600, True) for number in range(1000)])
    assert steady.stays_open([(0, 3600, 1.0)]) == pytest.approx(math.exp(-1), abs=0.01)
    assert steady.stays_open([(1800, 5400, 1.0)]) == pytest.approx(math.exp(-1), abs=0.02)
    assert steady.stays_open([(0, 3600, 0.5)]) == pytest.approx(math.exp(-0.5), abs=0.01)
    beyond = steady.stays_open([(8 * 3600, 9 * 3600, 1.0)])
    assert 0.2 < beyond < 0.6, "older than nearly all: the pace of the slowest goes on"


def test_nothing_is_known_without_history():
    assert Pace([]).stays_open([(0, 10_000, 1.0)]) == 1.0
    assert Pace([(5.0, False)]).stays_open([(0, 10_000, 1.0)]) == 1.0


def past(rank, hours, opened=START):
    resolved = None if hours is None else opened + timedelta(hours=hours)
    return Past(rank, opened, resolved, None, seconds)


def test_what_was_learned_is_what_was_known_at_the_time():
    cases = [past(1, 2.0), past(1, 30.0), past(1, 1.0, opened=START + timedelta(days=1))]
    pace = Paces.of(cases, at=START + timedelta(hours=10)).of_all
    assert pace.resolved == 1, "the second was still open, the third not there yet"
    assert pace.hazard(2 * 3600) == pytest.approx(1 / 2)


def test_a_priority_has_a_pace_of_its_own_when_it_has_enough_history():
    cases = [past(1, 1.0) for _ in range(ENOUGH)] + [past(2, 20.0) for _ in range(ENOUGH - 1)]
    paces = Paces.of(cases, at=START + timedelta(days=30))
    assert paces.of_rank(1).resolved == ENOUGH
    assert paces.of_rank(2) is paces.of_all
    assert paces.of_rank(3) is paces.of_all
