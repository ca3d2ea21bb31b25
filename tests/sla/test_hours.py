"""A day's opening hours are read as people write them, refused with the mend, and written so that they read back."""

from __future__ import annotations

import pytest
from hypothesis import given

from case_management.sla.calendar import (
    ALL_DAY,
    CLOSED,
    Calendar,
    InvalidHoursError,
    format_hours,
    normal_hours,
    parse_hours,
)

from .parts import OFFICE, examples
from .situations import hours


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
