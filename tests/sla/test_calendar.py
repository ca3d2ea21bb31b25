"""Open time agrees with a minute-by-minute oracle and keeps its laws in every zone."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case_management.sla.calendar import (
    ALL_DAY,
    CLOSED,
    Calendar,
    InvalidHoursError,
    NoOpenTimeError,
    format_hours,
    normal_hours,
    parse_hours,
)

from . import oracle
from .situations import DAY, Situation, durations, hours, situations

OFFICE = ((540, 1020),)
WEEKDAYS = (OFFICE,) * 5 + (CLOSED,) * 2
TICK = timedelta.resolution
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ZERO = timedelta()


def examples(count: int) -> settings:
    return settings(max_examples=count, deadline=None)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


def local(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


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


# --- clock changes, told one by one


def test_an_hour_that_the_spring_night_skips_does_not_count() -> None:
    night = Calendar("Europe/Berlin", (((120, 180),),) * 7)
    assert night.between(utc("2027-03-27T12:00"), utc("2027-03-28T12:00")) == ZERO


def test_an_hour_that_the_autumn_night_repeats_counts_twice() -> None:
    night = Calendar("Europe/Berlin", (((120, 180),),) * 7)
    assert night.between(utc("2027-10-30T12:00"), utc("2027-10-31T12:00")) == 2 * HOUR
    first, second = (local("Europe/Berlin", "2027-10-31T02:30", fold) for fold in (0, 1))
    assert night.between(first, second) == HOUR


def test_lord_howe_moves_its_clock_by_half_an_hour() -> None:
    day = Calendar("Australia/Lord_Howe", (ALL_DAY,) * 7)
    spring = day.between(*(local("Australia/Lord_Howe", f"2027-10-0{n}T00:00") for n in (3, 4)))
    autumn = day.between(*(local("Australia/Lord_Howe", f"2027-04-0{n}T00:00") for n in (4, 5)))
    assert (spring, autumn) == (23.5 * HOUR, 24.5 * HOUR)


def test_the_friday_that_samoa_skipped_has_no_office_hours() -> None:
    week = Calendar("Pacific/Apia", (OFFICE,) * 7)
    thursday, saturday = local("Pacific/Apia", "2011-12-29T16:00"), local("Pacific/Apia", "2011-12-31T10:00")
    assert week.between(thursday, saturday) == 2 * HOUR
    assert week.add(thursday, 2 * HOUR) == saturday


def test_an_offset_with_seconds_is_left_at_its_very_second() -> None:
    late = Calendar("Africa/Monrovia", (((30, 60),),) * 7)
    morning = list(late.spans(utc("1972-01-07T00:40:00"), utc("1972-01-07T02:00:00")))
    assert morning == [(utc("1972-01-07T00:44:30"), utc("1972-01-07T01:00:00"))]


# --- shapes of opening hours


def test_work_that_fills_friday_is_due_at_closing_time_and_not_on_monday() -> None:
    week = Calendar("UTC", WEEKDAYS)
    assert week.add(utc("2026-10-02T09:00"), 8 * HOUR) == utc("2026-10-02T17:00")
    assert week.add(utc("2026-10-02T09:00"), 8 * HOUR + TICK) == utc("2026-10-05T09:00") + TICK


def test_going_back_over_the_weekend_stops_at_the_opening_on_monday() -> None:
    week = Calendar("UTC", WEEKDAYS)
    assert week.add(utc("2026-10-05T11:00"), -2 * HOUR) == utc("2026-10-05T09:00")
    assert week.add(utc("2026-10-05T11:00"), -2 * HOUR - TICK) == utc("2026-10-02T17:00") - TICK


def test_sums_that_end_with_a_year_stay_in_it() -> None:
    week, new_year_of = Calendar("UTC", (OFFICE,) * 7), "{}-01-01T00:00".format
    for years in (1, 2, 3):
        start, end = utc(new_year_of(2026)), utc(new_year_of(2026 + years))
        opened = week.between(start, end)
        assert week.add(start, opened) == end - 7 * HOUR
        assert week.add(end, -opened) == start + 9 * HOUR


def test_going_back_to_the_first_opening_of_a_year_stays_in_it() -> None:
    week, noon = Calendar("UTC", (OFFICE,) * 7), utc("2026-01-02T12:00")
    assert week.add(noon, -11 * HOUR) == utc("2026-01-01T09:00")


@pytest.mark.parametrize("days", [400, -400])
def test_a_sum_beyond_the_years_of_calendars_is_refused(days: int) -> None:
    with pytest.raises(NoOpenTimeError, match="the years 1900 to 2199"):
        Calendar.always().add(utc("2199-06-01T00:00" if days > 0 else "1900-06-01T00:00"), days * DAY)


def test_adding_nothing_stays_even_where_it_is_closed() -> None:
    sunday = utc("2026-10-04T12:00")
    assert Calendar("UTC", WEEKDAYS).add(sunday, ZERO) == sunday


def test_a_holiday_closes_the_local_day_only() -> None:
    week = Calendar("Asia/Kolkata", WEEKDAYS, {date(2026, 10, 2): CLOSED})
    open_time = [
        week.between(local("Asia/Kolkata", f"2026-10-0{n}T00:00"), local("Asia/Kolkata", f"2026-10-0{n + 1}T00:00"))
        for n in (1, 2, 5)
    ]
    assert open_time == [8 * HOUR, ZERO, 8 * HOUR]


def test_special_hours_replace_those_of_the_week() -> None:
    week = Calendar("UTC", WEEKDAYS, {date(2026, 12, 24): ((540, 720),), date(2026, 12, 26): ((600, 660),)})
    assert list(week.spans(utc("2026-12-24T00:00"), utc("2026-12-27T00:00"))) == [
        (utc("2026-12-24T09:00"), utc("2026-12-24T12:00")),
        (utc("2026-12-25T09:00"), utc("2026-12-25T17:00")),
        (utc("2026-12-26T10:00"), utc("2026-12-26T11:00")),
    ]


def test_hours_to_midnight_join_those_of_the_next_morning_even_over_new_year() -> None:
    nights = Calendar("UTC", (((0, 360), (1320, 1440)),) * 7)
    assert list(nights.spans(utc("2026-12-31T12:00"), utc("2027-01-01T12:00"))) == [
        (utc("2026-12-31T22:00"), utc("2027-01-01T06:00"))
    ]
    assert nights.is_open(utc("2026-12-31T23:59"))


def test_overlapping_intervals_count_once() -> None:
    entered = Calendar("UTC", (((780, 1020), (540, 800), (600, 700)),) * 7)
    assert entered == Calendar("UTC", (OFFICE,) * 7)
    assert entered.between(utc("2026-10-01T00:00"), utc("2026-10-02T00:00")) == 8 * HOUR


def test_a_calendar_that_never_opens_counts_nothing_and_says_so_when_asked_for_time() -> None:
    never, at = Calendar("UTC", (CLOSED,) * 7), utc("2026-10-01T00:00")
    assert never.between(at, at + 900 * DAY) == ZERO
    assert not never.is_open(at)
    assert list(never.spans(at, at + 900 * DAY)) == []
    with pytest.raises(NoOpenTimeError, match="Give the calendar open hours"):
        never.add(at, TICK)
    with pytest.raises(NoOpenTimeError):
        never.add(at, -TICK)
    with pytest.raises(NoOpenTimeError):
        never.next_open(at)


def test_time_is_found_years_ahead_if_the_calendar_opens_within_ten() -> None:
    opening = Calendar("UTC", (CLOSED,) * 7, {date(2034, 5, 5): OFFICE, date(2050, 5, 5): OFFICE})
    assert opening.next_open(utc("2026-10-01T00:00")) == utc("2034-05-05T09:00")
    assert opening.add(utc("2026-10-01T00:00"), HOUR) == utc("2034-05-05T10:00")
    assert opening.add(utc("2042-10-01T00:00"), -HOUR) == utc("2034-05-05T16:00")
    with pytest.raises(NoOpenTimeError):
        opening.add(utc("2026-10-01T00:00"), 9 * HOUR)
    with pytest.raises(NoOpenTimeError):
        opening.add(utc("2026-10-01T00:00"), -TICK)


def test_spans_of_a_reversed_stretch_are_none() -> None:
    at = utc("2026-10-01T12:00")
    assert list(Calendar.always().spans(at, at - DAY)) == []
    assert list(Calendar.always().spans(at, at)) == []


# --- a value


def test_equal_opening_hours_are_equal_values_that_hash_copy_and_pickle() -> None:
    one = Calendar("UTC", WEEKDAYS, {date(2026, 12, 25): CLOSED})
    one.next_open(utc("2026-10-01T00:00"))
    other = Calendar("UTC", WEEKDAYS, {date(2026, 12, 25): CLOSED})
    assert one == other == pickle.loads(pickle.dumps(one))  # noqa: S301
    assert len({one, other, Calendar("UTC", WEEKDAYS), Calendar("Europe/Paris", WEEKDAYS)}) == 3


def test_changing_the_mapping_afterwards_does_not_change_the_calendar() -> None:
    holidays = {date(2026, 12, 25): CLOSED}
    calendar = Calendar("UTC", WEEKDAYS, holidays)
    holidays.clear()
    assert calendar.hours_on(date(2026, 12, 25)) == CLOSED


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe", "a\0b"])
def test_a_zone_that_does_not_exist_is_refused_by_name(zone: str) -> None:
    with pytest.raises(ValueError, match="is no time zone; give a name like"):
        Calendar(zone, WEEKDAYS)


def test_a_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match="seven days, Monday to Sunday, not 5"):
        Calendar("UTC", (OFFICE,) * 5)


def test_a_holiday_is_a_date_without_a_time() -> None:
    with pytest.raises(ValueError, match="keyed by date"):
        Calendar("UTC", WEEKDAYS, {utc("2026-12-25T00:00"): CLOSED})


@pytest.mark.parametrize("method", ["between", "add", "is_open", "next_open", "spans"])
def test_a_naive_datetime_is_refused(method: str) -> None:
    naive = datetime(2026, 10, 1)  # noqa: DTZ001
    rest = {"between": (utc("2026-10-01T00:00"),), "spans": (naive,), "add": (HOUR,)}.get(method, ())
    with pytest.raises(ValueError, match="pass an aware datetime"):
        getattr(Calendar.always(), method)(naive, *rest)


@pytest.mark.parametrize("year", [1899, 2200, 9999])
def test_years_outside_the_calendars_are_refused(year: int) -> None:
    with pytest.raises(ValueError, match=f"1900 to 2199, not {year}"):
        Calendar.always().is_open(datetime(year, 6, 1, tzinfo=UTC))


# --- text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00-12:30, 13:00-17:00", ((540, 750), (780, 1020))),
        ("13:00-17:00,9:00 - 12:30", ((540, 750), (780, 1020))),
        ("09:00\u201317:00", OFFICE),
        ("09:00-12:00, 12:00-15:00, 14:00-17:00", OFFICE),
        ("22:00-24:00", ((1320, 1440),)),
        ("24h", ALL_DAY),
        (" 24H ", ALL_DAY),
        ("00:00-24:00", ALL_DAY),
        ("", CLOSED),
        ("  ", CLOSED),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, expected: object) -> None:
    assert parse_hours(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "part", "mend"),
    [
        ("nine to five", "hours_format", "nine to five", "write it as 09:00-17:00, or as 24h"),
        ("9-17", "hours_format", "9-17", "write it as"),
        ("09:00-12:00,", "hours_format", "", "write it as"),
        ("09:00-12:00 13:00-17:00", "hours_format", "09:00-12:00 13:00-17:00", "write it as"),
        ("\u0660\u0669:00-17:00", "hours_format", "\u0660\u0669:00-17:00", "write it as"),
        ("09:60-17:00", "hours_range", "09:60-17:00", "runs to 24:00"),
        ("09:00-24:01", "hours_range", "09:00-24:01", "runs to 24:00"),
        ("25:00-26:00", "hours_range", "25:00-26:00", "runs to 24:00"),
        ("08:00-12:00, 22:00-06:00", "hours_order", "22:00-06:00", "go on two days"),
        ("09:00-09:00", "hours_order", "09:00-09:00", "must end later than it starts"),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_the_part_and_the_mend(
    text: str, code: str, part: str, mend: str
) -> None:
    with pytest.raises(InvalidHoursError, match=mend) as caught:
        parse_hours(text)
    assert (caught.value.code, caught.value.part) == (code, part)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("interval", "code"),
    [
        ((540, 540), "hours_order"),
        ((600, 540), "hours_order"),
        ((-1, 540), "hours_range"),
        ((540, 1441), "hours_range"),
        ((540,), "hours_format"),
        ((540.5, 600), "hours_format"),
        (("09:00", "17:00"), "hours_format"),
    ],
)
def test_intervals_outside_the_day_are_refused(interval: tuple[int, int], code: str) -> None:
    with pytest.raises(InvalidHoursError) as caught:
        Calendar("UTC", ((interval,),) * 7)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["", "24h", "22:00-24:00", "09:00-12:30, 13:00-17:00"])
def test_hours_are_written_in_the_form_that_the_help_text_shows(text: str) -> None:
    assert format_hours(parse_hours(text)) == text


@examples(150)
@given(hours)
def test_written_hours_read_back_the_same(entered: tuple[tuple[int, int], ...]) -> None:
    assert parse_hours(format_hours(entered)) == normal_hours(entered)
    assert format_hours(parse_hours(format_hours(entered))) == format_hours(entered)
