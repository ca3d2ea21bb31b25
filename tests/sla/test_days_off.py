"""Holidays by country agree with the official lists; files give exactly their whole days; what is there stays."""

from __future__ import annotations

import json
from datetime import date

import pytest

from case_management import models
from case_management.sla.days_off import Added, DayOff, HolidaysUnreadable, add_days_off
from case_management.sla.hours_kept import HoursKept
from case_management.sla.ical import days_in_ical
from case_management.sla.public_holidays import countries, public_holidays, regions
from case_management.sla.year import DayKind, months_of

pytest.importorskip("holidays")
pytest.importorskip("icalendar")

OFFICIAL = "holidays_govuk/govuk_bank_holidays/bank-holidays.json"
NATIONS = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}
YEARS = range(2012, 2029)
#: Proclaimed after the official list of the test data was taken.
LATER = {"SCT": {date(2026, 6, 15)}}


@pytest.mark.data
@pytest.mark.parametrize("nation", NATIONS)
def test_every_official_bank_holiday_is_known_and_what_else_is_closed_is_a_weekend(shared_data, nation) -> None:
    official = json.loads((shared_data / OFFICIAL).read_text())[nation]["events"]
    listed = {date.fromisoformat(event["date"]) for event in official}
    found = {day.date for day in public_holidays("GB", NATIONS[nation], YEARS)}
    assert listed - found == set()
    # The library also has the day itself where a weekend moves the day off.
    assert {day for day in found - listed if day.weekday() < 5} == LATER.get(NATIONS[nation], set())


def test_countries_and_regions_have_names_and_unknown_ones_are_refused() -> None:
    assert ("GB", "United Kingdom") in countries()
    assert ("SCT", "Scotland") in regions("GB")
    for place in (("XX", ""), ("GB", "BY")):
        with pytest.raises(HolidaysUnreadable, match="choose from the list"):
            public_holidays(*place, [2026])


def test_holidays_are_named_in_the_language_that_is_asked_for_where_it_is_spoken() -> None:
    names = {language: public_holidays("DE", "BY", [2026], language=language)[0].name for language in ("de", "en-gb")}
    assert names == {"de": "Neujahr", "en-gb": "New Year's Day"}
    assert public_holidays("DE", "BY", [2026], language="xx")[0].name == "Neujahr"


def ics(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{number}\r\n{event}\r\nEND:VEVENT\r\n" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}END:VCALENDAR\r\n".encode()


def test_whole_days_of_a_file_are_days_off_and_the_end_is_not_one() -> None:
    found = days_in_ical(
        ics(
            "DTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas  Day",
            "DTSTART;VALUE=DATE:20261230\r\nDTEND;VALUE=DATE:20270102\r\nSUMMARY:Turn of the year",
            "DTSTART:20260101T090000Z\r\nDTEND:20260101T100000Z\r\nSUMMARY:A meeting",
            "DTSTART;VALUE=DATE:20260504\r\nSTATUS:CANCELLED\r\nSUMMARY:Not any more",
            "DTSTART;VALUE=DATE:20250101\r\nSUMMARY:Another year",
        ),
        range(2026, 2027),
    )
    assert [(day.date.isoformat(), day.name) for day in found] == [
        ("2026-12-25", "Christmas Day"),
        ("2026-12-30", "Turn of the year"),
        ("2026-12-31", "Turn of the year"),
    ]


def test_yearly_days_come_again_but_for_their_exceptions() -> None:
    event = "DTSTART;VALUE=DATE:20200501\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20270501\r\nSUMMARY:May Day"
    fourth_thursday = "DTSTART;VALUE=DATE:20201126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\nSUMMARY:Thanks"
    assert [day.date.isoformat() for day in days_in_ical(ics(event, fourth_thursday), range(2026, 2029))] == [
        "2026-05-01", "2026-11-26", "2027-11-25", "2028-05-01", "2028-11-23",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "mend"),
    [
        (b"name,date\nx,2026-01-01\n", "no iCalendar file"),
        (b"", "no iCalendar file"),
        (b"\xff\xfe\x00rubbish", "no iCalendar file"),
        (ics("DTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:Bomb"), "not yearly"),
        (ics("DTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=YEARLY;BYHOUR=1,2\r\nSUMMARY:Bomb"), "not yearly"),
        (ics("DTSTART;VALUE=DATE:20200101\r\nDTEND;VALUE=DATE:20990101\r\nSUMMARY:Ages"), "longer than a year"),
        (b"x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_what_cannot_be_holidays_is_refused_with_the_mend(content: bytes, mend: str) -> None:
    with pytest.raises(HolidaysUnreadable, match=mend):
        days_in_ical(content, range(2026, 2030))


@pytest.mark.django_db
def test_a_day_that_the_calendar_has_keeps_its_hours_and_all_new_ones_are_one_version() -> None:
    calendar = models.BusinessCalendar.objects.create(name="Office")
    models.Holiday.objects.create(calendar=calendar, date=date(2026, 12, 24), name="Eve", hours="09:00-12:00")
    before = models.BusinessCalendar.objects.get(pk=calendar.pk).version
    days = [DayOff(date(2026, 12, day), f"Day {day}") for day in (24, 25, 26)]
    assert add_days_off(calendar, days) == Added(new=2, kept=1)
    assert add_days_off(calendar, days) == Added(new=0, kept=3)
    calendar.refresh_from_db()
    assert calendar.version == before + 1
    days_now = list(calendar.holidays.values_list("name", "hours"))
    assert days_now == [("Eve", "09:00-12:00"), ("Day 25", ""), ("Day 26", "")]


def test_the_year_counts_what_clocks_count_also_where_the_clock_changes() -> None:
    nights = HoursKept(
        "Europe/Berlin", ("00:00-06:00",) * 7, (("2026-12-24", "09:00-12:00", "Eve"), ("2026-12-25", "", "Christmas"))
    )
    months = months_of(nights, 2026)
    days = {day.date: day for month in months for day in month.days}
    assert len(days) == 365
    assert (days[date(2026, 3, 29)].seconds, days[date(2026, 3, 29)].clock_change) == (5 * 3600, -3600)
    assert (days[date(2026, 10, 25)].seconds, days[date(2026, 10, 25)].clock_change) == (7 * 3600, 3600)
    assert [days[date(2026, 12, day)].kind for day in (23, 24, 25)] == [DayKind.OPEN, DayKind.SPECIAL, DayKind.HOLIDAY]
    assert sum(month.seconds for month in months) == 363 * 6 * 3600 + 3 * 3600
    assert all(len(week) == 7 for month in months for week in month.weeks())


def test_the_day_that_samoa_skipped_has_no_time() -> None:
    days = {day.date: day for month in months_of(HoursKept("Pacific/Apia", ("24h",) * 7), 2011) for day in month.days}
    assert days[date(2011, 12, 30)].seconds == 0
    assert days[date(2011, 12, 31)].seconds == 86_400
