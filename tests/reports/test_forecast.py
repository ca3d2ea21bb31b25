"""The forecast over cases in the database: chances, sums, people who are away, and its record on held-back history."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.models.calendar import WEEKDAYS
from case_management.reports.forecast import Away, Forecast, Staffing, track_record
from case_management.reports.forecast.past import Work, past_cases
from case_management.sla.hours_kept import HoursKept
from case_management.sla.versions import keep_version
from case_management.testing import make_case, make_user
from tests.sla import office as small

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
#: Hours from opening to the deadline, and how long a case takes on average.
TARGET, MEAN = 24, 20.0


@pytest.fixture
def unit(db):
    """Where every second case belongs."""
    return models.Unit.add_root(number="1", name="North")


@pytest.fixture
def history(unit):
    """Cases opened evenly over fifty days, resolved after random times of a known mean."""
    return opened_evenly(unit, 400, timedelta(hours=3))


@pytest.fixture
def few(unit):
    """The last few of them."""
    return opened_evenly(unit, 24, timedelta(hours=2))


def opened_evenly(unit, count, apart):
    """Cases up to now, each due a day after it was opened."""
    lots, reason = random.Random(3), models.ClosureReason.objects.create(name="Solved")
    for number in range(count, 0, -1):
        opened = NOW - number * apart
        case = make_case(unit=unit if number % 2 else None, by=at(opened), deadline=opened + timedelta(hours=TARGET))
        resolved = opened + timedelta(hours=lots.expovariate(1 / MEAN))
        if resolved < NOW:
            operations.resolve_case(case, operations.Resolution(reason, "Called and apologised"), by=at(resolved))
    return unit


def at(moment):
    return Actor.importing(None, batch="b", at=moment)


def test_each_case_has_the_chance_that_its_age_leaves_it(history):
    forecast = Forecast.of(models.Case.objects.all(), NOW)
    assert forecast.risks
    for risk in forecast.risks:
        left = (risk.due_at - NOW) / timedelta(hours=1)
        assert risk.chance == pytest.approx(math.exp(-left / MEAN), abs=0.15)
    chances = [risk.chance for risk in forecast.risks]
    assert chances == sorted(chances, reverse=True)


def test_sums_by_horizon_unit_and_team_add_up(few):
    forecast = Forecast.of(models.Case.objects.all(), NOW)
    assert forecast.total.expected[72] == pytest.approx(sum(risk.chance for risk in forecast.risks))
    assert forecast.total.due[72] == len(forecast.risks)
    assert forecast.total.due[4] <= forecast.total.due[24]
    for lines in (forecast.units, forecast.teams):
        assert sum(one.expected[24] for one in lines) == pytest.approx(forecast.total.expected[24])
    open_cases = models.Case.objects.filter(resolved_at=None)
    assert forecast.missed == open_cases.filter(due_at__lte=NOW).count()


def test_it_is_right_about_as_often_as_it_says(history):
    record = track_record(models.Case.objects.all(), NOW)
    assert record.is_enough
    assert record.brier < record.naive
    for band in record.bands:
        if band.count >= 40:
            assert band.happened == pytest.approx(band.said, abs=0.2)
    weighed = sum(band.count * (band.happened - band.said) for band in record.bands) / record.count
    assert abs(weighed) < 0.08


def test_people_who_are_away_slow_the_day_down_for_their_team_alone(few):
    team = models.Team.objects.create(name="Billing")
    people = [make_user(f"person{number}", role="Customer service agent") for number in range(4)]
    team.members.set(people[:2])
    cases = models.Case.objects.all()
    tomorrow = timezone.localdate(NOW + timedelta(days=1))
    usual = Forecast.of(cases, NOW, Staffing.now())
    fewer = Forecast.of(cases, NOW, Staffing.now([Away(tomorrow, 3)]))
    assert fewer.total.expected[4] == pytest.approx(usual.total.expected[4]), "today everybody is there"
    assert fewer.total.expected[72] > usual.total.expected[72]
    others = Forecast.of(cases, NOW, Staffing.now([Away(tomorrow, 2, team.pk)]))
    assert others.total.expected[72] == pytest.approx(usual.total.expected[72])
    staffing = Staffing.now([Away(tomorrow, 1, team.pk)])
    assert staffing.share(team.pk, tomorrow) == 0.5
    assert staffing.share(None, tomorrow) == 1.0
    assert Staffing.now([Away(tomorrow, 9)]).share(None, tomorrow) == 0.0


def test_recorded_absences_count_without_being_asked(db):
    today = timezone.localdate()
    team = models.Team.objects.create(name="Billing")
    first, second, _third = (make_user(f"person{number}", role="Customer service agent") for number in range(3))
    team.members.set([first, second])
    models.Absence.objects.create(user=first, first_day=today - timedelta(days=3), last_day=today + timedelta(days=1))
    staffing = Staffing.now([Away(today, 1)])
    tomorrow, later = today + timedelta(days=1), today + timedelta(days=2)
    assert staffing.share(team.pk, tomorrow) == 0.5
    assert staffing.share(None, tomorrow) == pytest.approx(2 / 3)
    assert staffing.share(team.pk, later) == 1.0
    assert staffing.share(team.pk, today) == 0.0, "one is absent, one might be away"


def test_the_time_until_the_deadline_is_cut_at_local_midnight():
    staffing = Staffing({None: frozenset({1, 2})}, away=(Away(NOW.date(), 1),))
    with timezone.override("Pacific/Auckland"):
        stretches = staffing.days(None, NOW, NOW + timedelta(days=2))
        assert stretches[0][0] == NOW
        assert stretches[-1][1] == NOW + timedelta(days=2)
        cuts = [timezone.localtime(end).time() for _start, end, _share in stretches[:-1]]
        assert cuts == [time.min] * len(cuts)
    assert [share for _start, _end, share in stretches] == [1.0, 1.0, 1.0], "it is the nineteenth there already"


def test_what_closed_hours_keep_from_being_done_is_no_reason_to_hope(db):
    office = models.BusinessCalendar.objects.create(
        name="Mornings", timezone="UTC", **{**dict.fromkeys(WEEKDAYS, ""), "monday": "09:00-10:00"}
    )
    version = keep_version(office.pk, HoursKept.of(office, []))
    worked = Work({version}).on(version)
    monday = datetime(2026, 3, 16, tzinfo=UTC)
    assert worked(monday, monday + timedelta(days=7)) == 3600
    assert worked(monday + timedelta(days=1), monday) == 0


def test_work_is_counted_on_the_clock_of_each_cases_unit(db):
    office = small.make_office()
    day = models.BusinessCalendar.objects.create(name="Day", timezone="UTC", follows_unit=True)
    small.promise(office, "Standard", 2, calendar=day)
    # From midnight to three on Tuesday, in UTC: the evening before in New York, late morning in Tokyo.
    for unit in (office.harbour, office.south):
        case = small.open_at(office, 15, unit=unit)
        operations.resolve_case(case, operations.Resolution(office.solved, small.NOTE), by=small.at(18))
    tokyo, new_york = past_cases(models.Case.objects.all(), small.MONDAY)
    found = [(past.due_at, past.worked_until(small.MONDAY + timedelta(days=2))) for past in (new_york, tokyo)]
    assert found == [
        (datetime(2026, 10, 6, 15, tzinfo=UTC), (0.0, True)),
        (datetime(2026, 10, 6, 2, tzinfo=UTC), (3 * 3600.0, True)),
    ]


def test_it_asks_the_same_number_of_times_whatever_there_is(few):
    def asked():
        with CaptureQueriesContext(connection) as found:
            Forecast.of(models.Case.objects.all(), NOW)
            track_record(models.Case.objects.all(), NOW)
        return len(found)

    before = asked()
    make_case(by=at(NOW - timedelta(hours=1)), deadline=NOW + timedelta(hours=5))
    assert asked() == before <= 10


def test_nobody_forecasts_what_they_may_not_see(few):
    bound = make_user("bound", role="Case manager", unit=few)
    forecast = Forecast.of(visible_to(bound), NOW)
    assert {one.label for one in forecast.units} == {"1 North"}
    everything = Forecast.of(models.Case.objects.all(), NOW)
    assert forecast.total.due[72] < everything.total.due[72]


def test_nothing_to_go_by_is_said_so():
    record = track_record(models.Case.objects.all(), NOW)
    assert (record.count, record.bands, record.brier, record.is_enough) == (0, (), None, False)
    assert Forecast.of(models.Case.objects.all(), NOW).risks == ()
