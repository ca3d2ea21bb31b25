"""The year of a calendar in both admins: what it shows, and how holidays are taken in."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from case_management import models
from case_management.testing import make_user
from tests.ui.conftest import make_viewer

pytest.importorskip("holidays")
pytest.importorskip("icalendar")


@pytest.fixture
def office(company):
    calendar = models.BusinessCalendar.objects.create(name="Office", timezone="Europe/London")
    models.Holiday.objects.create(calendar=calendar, date=date(2026, 12, 24), name="Eve", hours="09:00-12:00")
    return calendar


@pytest.fixture
def boss(signed_in, company):
    return signed_in(make_user("boss", role="System administrator"))


def test_every_day_stands_there_with_its_reason(case_door, boss, office):
    url = case_door.url("calendar_year", office.pk)
    shown = boss.get(f"{url}?year=2026").content.decode()
    assert "261 open days, 2083 h open in all" in shown
    assert "Eve" in shown and "09:00-12:00" in shown
    assert "the day is 1 h longer" in shown and "the day is 1 h shorter" in shown
    assert "no holiday in this year" in boss.get(f"{url}?year=2027").content.decode()
    assert all(boss.get(f"{url}?year={odd}").status_code == 200 for odd in ("0001", "9999", "x", "²026"))


def test_a_countrys_holidays_are_taken_in_for_the_years_asked(case_door, boss, office):
    url = case_door.url("calendar_year", office.pk)
    assert "Scotland" not in boss.get(f"{url}?year=2026&source=country").content.decode()
    assert "Scotland" in boss.get(f"{url}?year=2026&source=country&country=GB").content.decode()
    sent = {"source": "country", "country": "GB", "region": "ENG", "from_year": 2026, "to_year": 2026}
    assert boss.post(url, {**sent, "region": "BY"}).status_code == 422
    assert boss.post(url, {**sent, "to_year": 2099}).status_code == 422
    assert boss.post(url, sent).status_code == 302
    days = dict(office.holidays.values_list("date", "name"))
    assert (len(days), days[date(2026, 4, 6)]) == (10, "Easter Monday")
    assert boss.post(url, sent).status_code == 302
    assert office.holidays.count() == 10


def test_a_file_of_holidays_is_taken_in_and_rubbish_is_refused(case_door, boss, office):
    url, sent = case_door.url("calendar_year", office.pk), {"source": "file", "from_year": 2026, "to_year": 2027}
    words = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260501\r\n"
    words += "RRULE:FREQ=YEARLY\r\nSUMMARY:<b>May</b>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    refused = boss.post(url, {**sent, "file": SimpleUploadedFile("x.ics", b"rubbish")})
    assert refused.status_code == 422 and "no iCalendar file" in refused.content.decode()
    shown = boss.post(url, {**sent, "file": SimpleUploadedFile("x.ics", words.encode())}, follow=True).content.decode()
    assert "2 days added" in shown and "&lt;b&gt;May&lt;/b&gt;" in shown and "<b>May" not in shown
    assert list(office.holidays.filter(name="<b>May</b>").values_list("date__year", flat=True)) == [2026, 2027]


def test_whoever_may_only_look_takes_nothing_in(case_door, signed_in, company, office):
    url = case_door.url("calendar_year", office.pk)
    reader = signed_in(make_viewer("reader", company.north, "view_businesscalendar"))
    shown = reader.get(url)
    assert shown.status_code == 200 and "Take holidays in" not in shown.content.decode()
    sent = {"source": "country", "country": "GB", "from_year": 2026, "to_year": 2026}
    assert reader.post(url, sent).status_code in (302, 403)
    assert office.holidays.count() == 1
    assert signed_in(make_viewer("sue", company.south)).get(url).status_code in (302, 403)
