"""Rules on time: found when their moment comes, once for each, made up for after a standstill, never retroactive."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration
from case_management.models import Case, Rule, RuleClock
from case_management.rules import authoring
from case_management.rules.due import run_due
from case_management.rules.timing import Schedule, read_schedule
from case_management.testing import make_case
from tests.rules.conftest import settle, write

SYSTEM = Actor.system("test")
NOTE = {"action": "note", "text": "Nobody has answered."}
pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _the_moment_of_the_test(monkeypatch):
    """Now, anew: cases are opened by the clock, perhaps hours after this file was read."""
    monkeypatch.setitem(globals(), "NOW", timezone.now())


def waits(key="waits", *, since="opened_at", after="2 hours", **facts):
    """A rule on time that notes, switched on a day ago."""
    timing = facts.pop("timing", {"since": since, "after": after})
    rule = write(key, facts.pop("action", NOTE), occasion="time_passed", timing=timing, **facts)
    RuleClock.objects.create(rule=rule, started_at=NOW, asked_until=NOW, next_at=NOW)
    return rule


def opened(desk, **facts):
    return make_case(topic=desk.topic, by=SYSTEM, **facts)


def test_a_case_is_found_when_its_time_has_come_and_only_once(desk):
    waits()
    case = opened(desk)
    run_due(NOW + timedelta(hours=1))
    assert case.notes.count() == 0
    for hours in (3, 4, 30):
        while run_due(NOW + timedelta(hours=hours)):
            continue
    assert case.notes.count() == 1


def test_what_was_due_before_the_rule_was_switched_on_is_none_of_its_business(desk):
    rule = waits()
    RuleClock.objects.filter(rule=rule).update(
        started_at=NOW + timedelta(hours=5), asked_until=NOW + timedelta(hours=5)
    )
    case = opened(desk)
    while run_due(NOW + timedelta(hours=30)):
        continue
    assert case.notes.count() == 0


def test_time_that_was_missed_is_made_up_for_in_order(desk):
    waits(cadence="every_time")
    case = opened(desk)
    rounds = 0
    while run_due(NOW + timedelta(days=3)):
        rounds += 1
    assert rounds >= 11, "in steps of six hours"
    assert case.notes.count() == 1
    assert RuleClock.objects.get().asked_until == NOW + timedelta(days=3)


def test_two_schedulers_do_not_double(desk):
    waits(cadence="every_time")
    case = opened(desk)
    later = NOW + timedelta(hours=3)
    clock = RuleClock.objects.get()
    assert run_due(later) > 0
    RuleClock.objects.filter(pk=clock.pk).update(asked_until=clock.asked_until, next_at=clock.next_at)
    run_due(later)
    assert case.notes.count() == 1, "asked twice for the same moment, it acts once"


def test_a_moment_that_comes_again_is_another_one_where_the_rule_acts_every_time(desk):
    rule = waits(since="updated_at", cadence="every_time", action={"action": "flag"})
    case = opened(desk)
    run_due(NOW + timedelta(hours=3))
    assert rule.firings.filter(case=case).count() == 1


def test_conditions_are_asked_when_the_time_has_come(desk):
    waits(conditions={"field": "flagged", "op": "is", "value": True})
    plain, flagged = opened(desk), opened(desk)
    operations.flag_case(flagged, by=SYSTEM)
    while run_due(NOW + timedelta(hours=3)):
        continue
    assert (plain.notes.count(), flagged.notes.count()) == (0, 1)


def test_a_resolved_case_waits_no_longer(desk):
    waits()
    case = opened(desk)
    reason = models.ClosureReason.objects.create(name="Solved")
    operations.resolve_case(case, operations.Resolution(reason, "Called the customer."), by=SYSTEM)
    while run_due(NOW + timedelta(hours=3)):
        continue
    assert case.notes.count() == 1, "the note of the resolving"


def test_a_rule_before_a_deadline_finds_a_deadline_that_was_moved_behind_its_back(desk):
    waits(timing={"since": "due_at", "before": "4 hours"})
    case = opened(desk, deadline=NOW + timedelta(days=9))
    RuleClock.objects.update(asked_until=NOW + timedelta(minutes=10))
    operations.change_deadline(case, deadline=NOW + timedelta(hours=4, minutes=5), by=SYSTEM)
    settle()
    assert case.notes.count() == 1


def test_a_deadline_that_comes_near_is_found_before_it_is_missed(desk):
    waits(timing={"since": "due_at", "before": "4 hours"})
    case = opened(desk, deadline=NOW + timedelta(hours=10))
    run_due(NOW + timedelta(hours=5))
    assert case.notes.count() == 0
    run_due(NOW + timedelta(hours=6, minutes=1))
    while run_due(NOW + timedelta(hours=6, minutes=2)):
        continue
    assert case.notes.count() == 1


def test_a_clock_is_made_when_a_rule_is_switched_on_and_goes_when_it_is_switched_off(desk):
    rule = write("waits", NOTE, occasion="time_passed", timing={"since": "opened_at", "after": "1 hours"})
    run_due(NOW)
    assert RuleClock.objects.get().rule == rule
    Rule.objects.update(state="retired", is_active=False)
    run_due(NOW)
    assert not RuleClock.objects.exists()


def test_nothing_is_read_of_the_cases_that_are_not_due(desk, django_assert_max_num_queries):
    waits()
    for _case in range(3):
        opened(desk)
    with django_assert_max_num_queries(9):
        assert run_due(NOW + timedelta(hours=1)) == 0


# --- at set times ---


def scheduled(**timing):
    rule = write(
        "daily", NOTE, occasion="schedule", cadence="every_time", timing={"every": "day", "timezone": "UTC", **timing},
        conditions={"field": "flagged", "op": "is", "value": True},
    )  # fmt: skip
    run_due(NOW)
    return rule


def test_a_rule_at_set_times_acts_at_each_of_them_on_what_holds_then(desk):
    rule = scheduled(at="08:00")
    case, other = opened(desk), opened(desk)
    operations.flag_case(case, by=SYSTEM)
    first = rule.clock.next_at
    assert first > NOW and first.astimezone(ZoneInfo("UTC")).time() == time(8)
    for day in range(2):
        for _twice in range(2):
            run_due(first + timedelta(days=day))
    assert (case.notes.count(), other.notes.count()) == (2, 0)


def test_several_missed_times_are_made_up_for_by_one_asking(desk):
    rule = scheduled(at="08:00")
    case = opened(desk)
    operations.flag_case(case, by=SYSTEM)
    while run_due(rule.clock.next_at + timedelta(days=5)):
        continue
    assert case.notes.count() == 1


@pytest.mark.parametrize(
    ("schedule", "after", "comes"),
    [
        (Schedule("day", time(8), 0, 1, "Europe/London"), "2026-11-23T07:59", "2026-11-23T08:00"),
        (Schedule("day", time(8), 0, 1, "Europe/London"), "2026-11-23T08:00", "2026-11-24T08:00"),
        (Schedule("week", time(8), 4, 1, "Europe/London"), "2026-11-23T09:00", "2026-11-27T08:00"),
        (Schedule("month", time(0), 0, 28, "Europe/London"), "2027-01-29T00:00", "2027-02-28T00:00"),
        (Schedule("hour", time(0, 30), 0, 1, "Europe/London"), "2026-11-23T09:30", "2026-11-23T10:30"),
        # The night in which the clocks go forward and back: the same time of day, an hour apart in UTC.
        (Schedule("day", time(8), 0, 1, "Europe/London"), "2026-03-28T08:00", "2026-03-29T08:00"),
        (Schedule("day", time(8), 0, 1, "Europe/London"), "2026-10-24T08:00", "2026-10-25T08:00"),
    ],
)
def test_the_next_set_time_is_that_of_the_wall_clock(schedule, after, comes):
    zone = ZoneInfo("Europe/London")
    found = schedule.next_after(datetime.fromisoformat(after).replace(tzinfo=zone))
    assert found == datetime.fromisoformat(comes).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("occasion", "timing", "named"),
    [
        ("time_passed", {}, "since when"),
        ("time_passed", {"since": "opened_at"}, "how much"),
        ("time_passed", {"since": "opened_at", "after": "soon"}, "length of time"),
        ("time_passed", {"since": "opened_at", "before": "1 hours"}, "due"),
        ("schedule", {"every": "decade"}, "how often"),
        ("schedule", {"every": "day", "at": "25:00"}, "cannot be read"),
        ("schedule", {"every": "day", "timezone": "Mars/Olympus"}, "cannot be read"),
        ("schedule", {"every": "month", "day": 31}, "28"),
        ("case_opened", {"every": "day"}, "Only rules on time"),
    ],
)
def test_a_timing_that_cannot_be_kept_is_refused(occasion, timing, named):
    with pytest.raises(InvalidConfiguration) as refusal:
        authoring.validate_when(occasion, timing, {})
    assert named in refusal.value.message


def test_timings_are_said_in_words():
    assert str(read_schedule({"every": "week", "weekday": 0, "at": "08:00", "timezone": "UTC"}).at) == "08:00:00"
    rule = Rule(occasion="time_passed", timing={"since": "awaiting_since", "after": "2 business days"}, actions=[NOTE])
    assert authoring.in_words(rule).startswith(
        "When the customer has had no answer for 2 business days, then: Add a note"
    )


# --- for whom ---


def test_a_rule_is_restricted_to_units_teams_and_people(desk):
    north = models.Unit.add_root(number="N", name="North")
    below = models.Unit.objects.get(pk=north.pk).add_child(number="N1", name="Harbour")
    team = models.Team.objects.create(name="Care", key="care")
    scope = {"units": ["N"], "teams": ["care"]}
    write("mine", {"action": "flag"}, occasion="case_opened", scope=scope)
    cases = [opened(desk, unit=below, team=team), opened(desk, unit=below), opened(desk, team=team)]
    settle()
    assert [Case.objects.get(pk=case.pk).flagged for case in cases] == [True, False, False]


@pytest.mark.parametrize("scope", [{"countries": ["x"]}, {"units": "N"}, ["N"], {"units": [1]}])
def test_a_restriction_that_cannot_be_read_is_refused(scope):
    with pytest.raises(InvalidConfiguration, match="restriction"):
        authoring.validate_when("case_opened", {}, scope)


def test_interactions_have_no_team_to_be_restricted_to():
    with pytest.raises(InvalidConfiguration, match="team"):
        authoring.validate_when("interaction_received", {}, {"teams": ["care"]})


def test_once_per_case_waits_for_the_days_to_pass(desk):
    rule = write(
        "rare",
        {"action": "note", "text": "Looked at again."},
        occasion="case_changed",
        cadence="once_per_case",
        cadence_days=7,
    )
    case, other = opened(desk), opened(desk)
    for _time in range(2):
        operations.flag_case(case, by=SYSTEM)
        operations.unflag_case(case, by=SYSTEM)
        settle()
    operations.flag_case(other, by=SYSTEM)
    settle()
    assert (case.notes.count(), other.notes.count()) == (1, 1)
    rule.firings.update(about_at=NOW - timedelta(days=8))
    operations.flag_case(case, by=SYSTEM)
    settle()
    assert case.notes.count() == 2
