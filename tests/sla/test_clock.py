"""A clock's due date is what its running time says, whatever pauses and new targets it went through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from case_management.sla import clock as clocks
from case_management.sla.calendar import CLOSED, Calendar, NoOpenTimeError
from case_management.sla.clock import Clock

from . import oracle
from .situations import DAY, Situation, durations, situations

WEEK = Calendar("UTC", (((540, 1020),),) * 5 + (CLOSED,) * 2)
TICK = timedelta.resolution
HOUR = timedelta(hours=1)
ZERO = timedelta()
FRIDAY_15 = datetime(2026, 10, 2, 15, tzinfo=UTC)
MONDAY = datetime(2026, 10, 5, tzinfo=UTC)

targets = durations(5 * DAY).filter(bool)
waits = st.lists(durations(DAY), min_size=1, max_size=5)


def examples(count: int) -> settings:
    return settings(max_examples=count, deadline=None)


def run_and_pause(calendar: Calendar, clock: Clock, moments: list[datetime]) -> Clock:
    """Pause at the second moment, resume at the third, and so on; the first one is the start."""
    for turn, moment in enumerate(moments[1:]):
        clock = (clocks.resume if turn % 2 else clocks.pause)(clock, calendar, at=moment)
    return clock


def moments_after(at: datetime, steps: list[timedelta]) -> list[datetime]:
    moments = [at]
    for step in steps:
        moments.append(moments[-1] + step)
    return moments


def running_spans(moments: list[datetime]) -> list[tuple[datetime, datetime]]:
    return list(pairwise(moments))[::2]


# --- laws


@examples(150)
@given(situations(ever_open=True), waits, st.integers(1, 100))
def test_consumed_time_is_the_minute_walk_over_the_spans_that_ran(
    situation: Situation, steps: list[timedelta], percent: int
) -> None:
    book, at = situation
    calendar, moments = situation.calendar, moments_after(at, steps)
    ran = sum((oracle.elapsed(book, *span) for span in running_spans(moments)), ZERO)
    target = ran * 100 // percent + TICK
    clock = run_and_pause(calendar, clocks.start(calendar, target, at=at), moments)
    assert clocks.consumed(clock, calendar, at=moments[-1]) == ran
    assert clocks.elapsed(calendar, running_spans(moments)) == ran


@examples(100)
@given(situations(ever_open=True), durations(DAY), durations(DAY), st.integers(1, 1000))
def test_after_a_pause_the_clock_is_due_where_the_minute_walk_ends(
    situation: Situation, before: timedelta, pause: timedelta, share: int
) -> None:
    book, at = situation
    calendar, paused, resumed = situation.calendar, at + before, at + before + pause
    ran = oracle.elapsed(book, at, paused)
    left = oracle.elapsed(book, resumed, resumed + 2 * DAY) * share // 1000
    assume(left)
    clock = run_and_pause(calendar, clocks.start(calendar, ran + left, at=at), [at, paused, resumed])
    assert clock == Clock(ran + left, oracle.due(book, resumed, left), None)


@examples(100)
@given(situations(ever_open=True), targets, durations(9 * DAY))
def test_a_pause_of_no_length_changes_nothing(situation: Situation, target: timedelta, after: timedelta) -> None:
    calendar, at = situation.calendar, situation.at
    clock = clocks.start(calendar, target, at=at)
    paused = clocks.pause(clock, calendar, at=at + after)
    assert clocks.resume(paused, calendar, at=at + after) == clock


@examples(100)
@given(situations(ever_open=True), targets, targets, durations(9 * DAY))
def test_a_new_target_gives_the_due_date_it_would_have_given_from_the_start(
    situation: Situation, old: timedelta, new: timedelta, after: timedelta
) -> None:
    calendar, at = situation.calendar, situation.at
    clock = clocks.retarget(clocks.start(calendar, old, at=at), calendar, target=new, at=at + after)
    assert clock == clocks.start(calendar, new, at=at)


@examples(100)
@given(situations(ever_open=True), waits, targets, targets)
def test_a_new_target_keeps_what_was_consumed(
    situation: Situation, steps: list[timedelta], old: timedelta, new: timedelta
) -> None:
    calendar, moments = situation.calendar, moments_after(situation.at, steps)
    now = moments[-1]
    clock = run_and_pause(calendar, clocks.start(calendar, old, at=situation.at), moments)
    other = clocks.retarget(clock, calendar, target=new, at=now)
    used = clocks.consumed(clock, calendar, at=now)
    assert clocks.consumed(other, calendar, at=now) == used
    assert (other.remaining is not None) == (clock.remaining is not None and used <= new)


@examples(60)
@given(situations(ever_open=True), situations(ever_open=True), targets, durations(9 * DAY))
def test_on_another_calendar_only_the_rest_is_counted(
    one: Situation, two: Situation, target: timedelta, after: timedelta
) -> None:
    old, new, now = one.calendar, Calendar(*two.book), one.at + after
    clock = clocks.start(old, target, at=one.at)
    left = target - old.between(one.at, now)
    assume(left > ZERO)
    moved = clocks.retarget(clock, old, target=target, at=now, new_calendar=new)
    assert moved == Clock(target, new.add(now, left), None)


@examples(60)
@given(st.lists(st.tuples(durations(DAY), durations(30 * DAY)), max_size=6))
def test_round_the_clock_every_pause_moves_the_due_date_by_its_length(
    steps: list[tuple[timedelta, timedelta]],
) -> None:
    always, target = Calendar.always(), 7 * DAY
    clock, now = clocks.start(always, target, at=MONDAY), MONDAY
    for ran, waited in steps:
        clock = clocks.pause(clock, always, at=now + ran)
        now += ran + waited
        clock = clocks.resume(clock, always, at=now)
    assert clock.due_at == MONDAY + target + sum((waited for _, waited in steps), ZERO)


# --- states


def test_a_started_clock_is_due_when_its_open_time_has_passed() -> None:
    assert clocks.start(WEEK, 4 * HOUR, at=FRIDAY_15) == Clock(4 * HOUR, MONDAY + 11 * HOUR, None)


def test_a_paused_clock_keeps_its_open_time_and_has_no_due_date() -> None:
    clock = clocks.pause(clocks.start(WEEK, 4 * HOUR, at=FRIDAY_15), WEEK, at=FRIDAY_15 + HOUR)
    assert clock == Clock(4 * HOUR, None, 3 * HOUR)
    assert not clocks.is_overdue(clock, at=MONDAY + 300 * DAY)


def test_pausing_and_resuming_twice_is_pausing_and_resuming_once() -> None:
    running = clocks.start(WEEK, 4 * HOUR, at=FRIDAY_15)
    paused = clocks.pause(running, WEEK, at=FRIDAY_15)
    assert clocks.pause(paused, WEEK, at=MONDAY) is paused
    assert clocks.resume(running, WEEK, at=MONDAY) is running


def test_a_promise_is_kept_at_its_due_date_and_broken_one_tick_later() -> None:
    clock = Clock(HOUR, MONDAY, None)
    assert not clocks.is_overdue(clock, at=MONDAY)
    assert clocks.is_overdue(clock, at=MONDAY + TICK)


def test_a_breach_is_final_so_an_overdue_clock_cannot_be_paused() -> None:
    clock = clocks.start(WEEK, 2 * HOUR, at=FRIDAY_15)
    saturday = FRIDAY_15 + DAY
    assert clocks.pause(clock, WEEK, at=saturday) is clock
    assert clocks.consumed(clock, WEEK, at=saturday) == 2 * HOUR
    assert clocks.consumed(clock, WEEK, at=MONDAY + 10 * HOUR) == 3 * HOUR


def test_a_paused_clock_stays_paused_under_a_target_that_it_can_still_keep() -> None:
    clock = Clock(4 * HOUR, None, 3 * HOUR)
    assert clocks.retarget(clock, WEEK, target=8 * HOUR, at=MONDAY) == Clock(8 * HOUR, None, 7 * HOUR)
    assert clocks.retarget(clock, WEEK, target=HOUR, at=MONDAY) == Clock(HOUR, None, ZERO)


def test_a_paused_clock_that_has_used_more_than_its_new_target_is_overdue_at_once() -> None:
    noon = MONDAY + 12 * HOUR
    clock = clocks.retarget(Clock(4 * HOUR, None, HOUR), WEEK, target=2 * HOUR, at=noon)
    assert clock == Clock(2 * HOUR, noon - HOUR, None)
    assert clocks.is_overdue(clock, at=noon)


def test_a_due_date_in_the_past_is_a_closing_and_not_the_opening_after_it() -> None:
    clock = clocks.start(WEEK, 8 * HOUR, at=FRIDAY_15)
    shorter = clocks.retarget(clock, WEEK, target=2 * HOUR, at=MONDAY + 12 * HOUR)
    assert shorter.due_at == FRIDAY_15 + 2 * HOUR


def test_the_same_target_on_the_same_calendar_is_the_same_clock() -> None:
    clock = clocks.start(WEEK, 2 * HOUR, at=FRIDAY_15)
    assert clocks.retarget(clock, WEEK, target=2 * HOUR, at=MONDAY + DAY) is clock


def test_a_due_date_is_kept_in_utc() -> None:
    east = datetime.fromisoformat("2026-10-05T12:00+05:45")
    due = Clock(HOUR, east, None).due_at
    assert due is not None
    assert (due, due.tzinfo) == (east, UTC)


# --- refusals


@pytest.mark.parametrize(
    ("target", "due_at", "remaining", "message"),
    [
        (ZERO, MONDAY, None, "longer than zero"),
        (HOUR, None, None, "either a due date"),
        (HOUR, MONDAY, HOUR, "either a due date"),
        (HOUR, None, -TICK, "remaining time of a paused clock"),
        (HOUR, MONDAY.replace(tzinfo=None), None, "pass an aware datetime"),
    ],
)
def test_a_clock_that_means_nothing_cannot_be_made(
    target: timedelta, due_at: datetime | None, remaining: timedelta | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Clock(target, due_at, remaining)


@pytest.mark.parametrize("target", [ZERO, -HOUR])
def test_a_target_is_longer_than_zero(target: timedelta) -> None:
    clock = clocks.start(WEEK, HOUR, at=MONDAY)
    with pytest.raises(ValueError, match="longer than zero"):
        clocks.start(WEEK, target, at=MONDAY)
    with pytest.raises(ValueError, match="longer than zero"):
        clocks.retarget(clock, WEEK, target=target, at=MONDAY)


def test_a_clock_without_open_time_ahead_cannot_start_or_resume() -> None:
    never = Calendar("UTC", (CLOSED,) * 7)
    with pytest.raises(NoOpenTimeError):
        clocks.start(never, HOUR, at=MONDAY)
    with pytest.raises(NoOpenTimeError):
        clocks.resume(Clock(HOUR, None, HOUR), never, at=MONDAY)


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        clocks.elapsed(WEEK, [(MONDAY, MONDAY - HOUR)])


def test_no_spans_are_no_time() -> None:
    assert clocks.elapsed(WEEK, []) == ZERO
