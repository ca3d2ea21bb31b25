"""Running clocks go over to the hours of today when somebody says so; what was used up stays used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.bulk.entries import OnOlderHours
from case_management.bulk.run import run_now
from case_management.bulk.start import start, start_undo
from case_management.domain.actor import Actor
from case_management.operations.recount_clocks import on_older_hours
from case_management.sla.account import account_of
from case_management.testing import make_user

from .office import HOUR, MONDAY, NOTE, at, make_office, open_at, promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(db):
    office = make_office()
    office.day = models.BusinessCalendar.objects.create(name="Day")
    promise(office, "Standard", 10, calendar=office.day)
    return office


def close_tuesday(office):
    models.Holiday.objects.create(calendar=office.day, date=date(2026, 10, 6), name="Flood")
    return models.BusinessCalendar.objects.get(pk=office.day.pk)


def test_what_was_used_up_stays_used_and_the_rest_is_counted_anew(office):
    case = open_at(office)
    assert case.sla_due_at == datetime(2026, 10, 6, 11, tzinfo=UTC)
    day = close_tuesday(office)
    assert list(on_older_hours(day)) == [case]
    operations.recount_clocks(on_older_hours(day), by=at(3))
    case.refresh_from_db()
    assert case.sla_due_at == datetime(2026, 10, 7, 11, tzinfo=UTC)
    (run,) = account_of(case, until=MONDAY + 50 * HOUR).statement.runs
    assert (run.counted, run.is_consistent) == (10 * 3600, True)
    assert "Flood" in {line.name for line in run.lines}
    assert not on_older_hours(day).exists()
    (refused,) = operations.recount_clocks([case.pk], by=at(4)).refused
    assert "already" in refused.error.message


def test_a_clock_that_stands_keeps_what_is_left(office):
    case = open_at(office)
    operations.wait_case(case, waiting_for="customer", by=at(2))
    operations.recount_clocks(on_older_hours(close_tuesday(office)), by=at(3))
    case.refresh_from_db()
    assert (case.sla_due_at, case.sla_remaining) == (None, 8 * 3600)
    operations.resume_case(case, by=at(23))
    assert case.sla_due_at == datetime(2026, 10, 7, 17, tzinfo=UTC)


def test_resolved_cases_and_other_calendars_are_left_alone(office):
    case = open_at(office)
    operations.resolve_case(case, operations.Resolution(office.solved, NOTE), by=at(1))
    day = close_tuesday(office)
    assert not on_older_hours(day).exists()
    open_at(office, 2)
    assert not on_older_hours(day).exists()
    assert not on_older_hours(office.always).exists()


def test_each_unit_has_its_own_hours_of_today(office):
    models.BusinessCalendar.objects.filter(pk=office.day.pk).update(follows_unit=True)
    cases = [open_at(office, 8, unit=unit) for unit in (office.harbour, office.south, None)]
    day = models.BusinessCalendar.objects.get(pk=office.day.pk)
    assert not on_older_hours(day).exists()
    day = close_tuesday(office)
    assert set(on_older_hours(day)) == set(cases)
    operations.recount_clocks(on_older_hours(day), by=at(8))
    assert not on_older_hours(day).exists()


def test_a_clock_from_before_versions_was_counted_in_the_calendars_own_zone(office):
    case = open_at(office, unit=office.south)
    models.Case.objects.filter(pk=case.pk).update(sla_calendar=None)
    models.BusinessCalendar.objects.filter(pk=office.day.pk).update(follows_unit=True)
    case.refresh_from_db()
    operations.wait_case(case, waiting_for="customer", by=at(2))
    assert case.sla_remaining == 8 * 3600


def test_as_a_wide_change_it_is_done_in_chunks_and_taken_back(office, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "BACKGROUND": "manual", "CHUNK_SIZE": 2}
    dues = {case.pk: case.sla_due_at for case in (open_at(office, by=Actor.system("test")) for _ in range(5))}
    for day_ahead in (1, 2, 3, 4):
        closed = timezone.now().date() + timedelta(days=day_ahead)
        models.Holiday.objects.create(calendar=office.day, date=closed, name="Flood")
    day, boss = models.BusinessCalendar.objects.get(pk=office.day.pk), make_user("boss", is_superuser=True)
    change = start("recount", {}, OnOlderHours(boss, query="", calendar=day), expected=5)
    run_now(change)
    assert (change.done, change.refused) == (5, 0)
    assert all(case.sla_due_at > dues[case.pk] for case in models.Case.objects.all())
    undo = start_undo(change, boss)
    run_now(undo)
    assert {case.pk: case.sla_due_at for case in models.Case.objects.all()} == dues
