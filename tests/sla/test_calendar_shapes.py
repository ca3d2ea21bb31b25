"""Open time told case by case: clock changes, shapes of opening hours, and what a calendar is as a value."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime

import pytest

from case_management.sla.calendar import ALL_DAY, CLOSED, Calendar, NoOpenTimeError

from .parts import HOUR, OFFICE, TICK, WEEKDAYS, ZERO, local, utc
from .situations import DAY

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
