"""Open time agrees with a minute-by-minute oracle and keeps its laws in every zone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from case_management.sla.calendar import Calendar

from . import oracle
from .parts import MINUTE, TICK, ZERO, examples
from .situations import DAY, Situation, durations, situations

# --- against the oracle


@examples(300)
@given(situations(), durations(4 * DAY))
def test_between_counts_what_the_minute_walk_counts(situation: Situation, length: timedelta) -> None:
    book, at = situation
    assert situation.calendar.between(at, at + length) == oracle.elapsed(book, at, at + length)


@examples(300)
@given(situations(), durations(4 * DAY), st.integers(1, 1000))
def test_add_finds_the_first_instant_the_minute_walk_finds(situation: Situation, window: timedelta, share: int) -> None:
    book, at = situation
    reachable = oracle.elapsed(book, at, at + window)
    duration = reachable * share // 1000
    assert situation.calendar.add(at, duration) == oracle.due(book, at, duration)


@examples(100)
@given(situations())
def test_is_open_says_what_the_wall_clock_says(situation: Situation) -> None:
    book, at = situation
    calendar = situation.calendar
    for step in range(0, 48 * 60, 15):
        moment = at + step * MINUTE
        assert calendar.is_open(moment) == oracle.is_open(book, moment)


# --- laws


@examples(120)
@given(situations(), durations(700 * DAY), durations(700 * DAY))
def test_open_time_of_two_adjoining_stretches_adds_up(situation: Situation, one: timedelta, two: timedelta) -> None:
    calendar, at = situation.calendar, situation.at
    middle, end = at + one, at + one + two
    assert calendar.between(at, end) == calendar.between(at, middle) + calendar.between(middle, end)
    assert calendar.between(end, at) == -calendar.between(at, end)


@examples(150)
@given(situations(ever_open=True), durations(10 * DAY).filter(bool))
def test_due_is_the_least_inverse_of_elapsed(situation: Situation, duration: timedelta) -> None:
    calendar, at = situation.calendar, situation.at
    due = calendar.add(at, duration)
    assert calendar.between(at, due) == duration
    assert calendar.between(at, due - TICK) == duration - TICK


@examples(150)
@given(situations(ever_open=True), durations(10 * DAY).filter(bool))
def test_going_back_is_the_greatest_inverse_of_elapsed(situation: Situation, duration: timedelta) -> None:
    calendar, at = situation.calendar, situation.at
    begun = calendar.add(at, -duration)
    assert calendar.between(begun, at) == duration
    assert calendar.between(begun + TICK, at) == duration - TICK


@examples(100)
@given(situations(ever_open=True), durations(9 * DAY), durations(10 * DAY))
def test_a_later_start_is_never_due_earlier(situation: Situation, delay: timedelta, duration: timedelta) -> None:
    calendar, at = situation.calendar, situation.at
    assert calendar.add(at, duration) <= calendar.add(at + delay, duration)


@examples(100)
@given(situations(), durations(20 * DAY))
def test_spans_are_apart_in_order_and_sum_to_the_open_time(situation: Situation, length: timedelta) -> None:
    calendar, at = situation.calendar, situation.at
    spans = list(calendar.spans(at, at + length))
    assert sum((end - start for start, end in spans), ZERO) == calendar.between(at, at + length)
    assert all(at <= start < end <= at + length for start, end in spans)
    assert all(one[1] < two[0] for one, two in pairwise(spans))
    assert all(calendar.is_open(start) and calendar.is_open(end - TICK) for start, end in spans)
    assert not any(calendar.is_open(end) for _, end in spans[:-1])


@examples(100)
@given(situations(ever_open=True))
def test_the_next_opening_is_open_with_only_closed_time_before_it(situation: Situation) -> None:
    calendar, at = situation.calendar, situation.at
    opening = calendar.next_open(at)
    assert opening >= at
    assert calendar.is_open(opening)
    assert calendar.between(at, opening) == ZERO


@examples(100)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
    st.integers(0, 10_000_000),
)
def test_round_the_clock_a_due_date_is_a_plain_sum(at: datetime, minutes: int) -> None:
    always, duration = Calendar.always(), timedelta(minutes=minutes)
    assert always.add(at, duration) == at.astimezone(UTC) + duration
    assert always.between(at, always.add(at, duration)) == duration


@contextmanager
def process_zone(name: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


@examples(40)
@given(situations(ever_open=True), durations(9 * DAY))
def test_the_zone_of_the_process_changes_nothing(situation: Situation, duration: timedelta) -> None:
    answers = []
    for name in ("UTC", "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe"):
        with process_zone(name):
            calendar, at = situation.calendar, situation.at
            answers.append((calendar.add(at, duration), calendar.between(at, at + duration), calendar.next_open(at)))
    assert len(set(answers)) == 1


@examples(60)
@given(situations(ever_open=True), durations(9 * DAY), st.timezones())
def test_the_zone_of_the_arguments_changes_nothing(situation: Situation, duration: timedelta, zone: ZoneInfo) -> None:
    calendar, at = situation.calendar, situation.at
    elsewhere, end = at.astimezone(zone), (at + duration).astimezone(zone)
    assert calendar.between(elsewhere, end) == calendar.between(at, at + duration)
    assert calendar.add(elsewhere, duration) == calendar.add(at, duration)
