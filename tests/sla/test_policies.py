"""Which policy applies: all its conditions hold; what a clock started under stays; what was used up stays used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from case_management import models, operations
from case_management.models.sla_terms import TermsFixed
from case_management.sla import policy_reading
from case_management.sla.account import account_of
from case_management.sla.terms import shares_of

from .office import HOUR, MONDAY, NOTE, at, make_office, open_at, promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(db):
    return make_office()


def policy_of(case):
    return case.sla_policy and case.sla_policy.name


def test_all_conditions_hold_and_of_each_set_one_entry(office):
    promise(
        office, "Special", priorities=[office.urgent, office.normal], sources=[office.phone], topics=[office.seat],
        units=[office.north], case_types=[office.recovery],
    )  # fmt: skip
    promise(office, "Everybody", position=1)
    fits = {
        "source": office.phone, "topic": office.seat, "unit": office.north, "case_type": office.recovery,
        "priority": office.urgent,
    }  # fmt: skip
    assert policy_of(open_at(office, **fits)) == "Special"
    assert policy_of(open_at(office, **{**fits, "priority": office.normal})) == "Special"
    assert policy_of(open_at(office, **{**fits, "topic": office.leather, "unit": office.harbour})) == "Special"
    low = models.Priority.objects.create(name="Low", rank=4)
    for other in ({"source": office.survey}, {"topic": office.food}, {"unit": office.south}, {"unit": None},
                  {"case_type": None}, {"priority": low}):  # fmt: skip
        assert policy_of(open_at(office, **{**fits, **other})) == "Everybody", other


@pytest.mark.parametrize("at_once", [0, 2_000])
def test_a_policy_may_ask_for_a_tag_of_the_contact(office, monkeypatch, at_once):
    monkeypatch.setattr(policy_reading, "MOST_TAGGED", at_once)
    category = models.TagCategory.objects.create(name="Standing")
    gold, silver, new = (models.Tag.objects.create(name=name, category=category) for name in ("Gold", "Silver", "New"))
    promise(office, "Guests of honour", contact_tags=[gold, silver])
    promise(office, "Everybody", position=1)
    guests = {tag: models.Contact.objects.create(name=tag.name) for tag in (gold, silver, new)}
    for tag, guest in guests.items():
        guest.tags.add(tag)
    applied = [policy_of(open_at(office, contact=guest)) for guest in (*guests.values(), None)]
    assert applied == ["Guests of honour", "Guests of honour", "Everybody", "Everybody"]


def test_a_signpost_is_asked_for_the_tags_of_who_stands_for_it(office):
    category = models.TagCategory.objects.create(name="Standing")
    gold = models.Tag.objects.create(name="Gold", category=category)
    promise(office, "Guests of honour", contact_tags=[gold])
    survivor = models.Contact.objects.create(name="Ada")
    survivor.tags.add(gold)
    signpost = models.Contact.objects.create(name="A.", merged_into=survivor)
    assert policy_of(open_at(office, contact=signpost)) == "Guests of honour"


def test_the_first_active_one_by_position_applies(office):
    promise(office, "Second", position=2)
    first = promise(office, "First", position=1)
    promise(office, "Off", position=0, is_active=False)
    assert policy_of(open_at(office)) == "First"
    first.is_active = False
    first.save()
    assert policy_of(open_at(office)) == "Second"


def test_a_single_priority_of_before_is_one_of_the_set(office):
    promise(office, "Urgent ones", priority=office.urgent)
    assert policy_of(open_at(office, priority=office.urgent)) == "Urgent ones"
    assert policy_of(open_at(office)) is None


def test_a_clock_keeps_the_terms_of_its_start(office):
    policy = promise(office, "Standard", 10)
    old = open_at(office)
    policy.pauses_for_customer = False
    policy.save()
    policy.targets.update(minutes=60)
    new = open_at(office)
    for case in (old, new):
        operations.wait_case(case, waiting_for="customer", by=at(1))
    assert (old.sla_remaining, new.sla_remaining) == (9 * 3600, None)
    assert (old.sla_target, new.sla_target) == (36_000, 3600)
    assert [terms.number for terms in models.SlaTerms.objects.order_by("number")] == [1, 2]
    assert open_at(office).sla_terms == new.sla_terms
    with pytest.raises(TermsFixed):
        new.sla_terms.save()


@pytest.mark.parametrize("fact", ["topic", "case_type", "unit", "priority"])
def test_another_policy_takes_what_was_used_up_along(office, fact):
    entry = {
        "topic": office.leather, "case_type": office.recovery, "unit": office.harbour, "priority": office.urgent
    }[fact]  # fmt: skip
    sets = {"topic": "topics", "case_type": "case_types", "unit": "units", "priority": "priorities"}
    promise(office, "Quick", 4, **{sets[fact]: [entry]})
    promise(office, "Standard", 10, position=1)
    case = open_at(office)
    change = {
        "topic": lambda: operations.change_topic(case, topic=entry, by=at(3)),
        "case_type": lambda: operations.change_case_type(case, case_type=entry, by=at(3)),
        "unit": lambda: operations.reroute_case(case, unit=entry, team=None, by=at(3)),
        "priority": lambda: operations.change_priority(case, priority=entry, by=at(3)),
    }[fact]
    change()
    assert (policy_of(case), case.sla_due_at) == ("Quick", MONDAY + 4 * HOUR)
    (run,) = account_of(case, until=MONDAY + 3.5 * HOUR).statement.runs
    assert (run.counted, run.left, run.is_consistent) == (3.5 * 3600, 1800, True)


def test_where_the_same_policy_still_fits_the_clock_just_runs_on(office):
    policy = promise(office, "Standard", 10)
    case = open_at(office)
    policy.targets.update(minutes=60)
    operations.change_topic(case, topic=office.food, by=at(1))
    operations.change_priority(case, priority=office.urgent, by=at(2))
    assert case.sla_due_at == MONDAY + 10 * HOUR
    assert case.events.filter(type="sla_applied").count() == 1


def test_where_no_policy_fits_any_more_nothing_is_promised(office):
    promise(office, "Seats", 10, topics=[office.seat])
    case = open_at(office)
    operations.change_topic(case, topic=office.food, by=at(1))
    assert (case.sla_policy, case.sla_target, case.due_at) == (None, None, None)


def test_hours_are_those_of_the_units_own_clock(office):
    day = models.BusinessCalendar.objects.create(name="Day", timezone="UTC", follows_unit=True, saturday="09:00-17:00")
    promise(office, "Standard", 1, calendar=day)
    early = {"by": at(-9)}
    dues = [open_at(office, unit=unit, **early).sla_due_at for unit in (office.harbour, office.south, None)]
    assert dues == [datetime(2026, 10, 5, hour, tzinfo=UTC) for hour in (14, 1, 10)]
    names = {version.hours["zone"] for version in models.CalendarVersion.objects.all()}
    assert names == {"America/New_York", "Asia/Tokyo", "UTC"}


def test_a_case_that_goes_to_another_zone_keeps_what_it_used(office):
    day = models.BusinessCalendar.objects.create(name="Day", timezone="UTC", follows_unit=True)
    promise(office, "Standard", 2, calendar=day)
    case = open_at(office, 4, unit=office.harbour)
    operations.reroute_case(case, unit=office.south, team=None, by=at(5))
    assert case.sla_due_at == datetime(2026, 10, 6, 1, tzinfo=UTC)
    (run,) = account_of(case, until=MONDAY + 20 * HOUR).statement.runs
    assert run.is_consistent and run.counted == 6 * 3600


@pytest.mark.parametrize(("reopening", "left"), [("restart", 10), ("continue", 6)])
def test_a_reopened_case_starts_anew_or_goes_on_as_its_policy_says(office, reopening, left):
    promise(office, "Standard", 10, reopening=reopening)
    case = open_at(office)
    operations.resolve_case(case, operations.Resolution(office.solved, NOTE), by=at(4))
    operations.reopen_case(case, reason=office.again, note=NOTE, by=at(50))
    assert case.sla_due_at == MONDAY + (50 + left) * HOUR
    runs = account_of(case, until=MONDAY + 51 * HOUR).statement.runs
    assert len(runs) == (1 if reopening == "continue" else 2)
    assert (runs[-1].left, all(run.is_consistent for run in runs)) == ((left - 1) * 3600, True)


def test_a_clock_that_goes_on_stays_missed_and_one_that_waited_goes_on_with_what_was_left(office):
    promise(office, "Standard", 10, reopening="continue")
    late, waiting = open_at(office), open_at(office)
    operations.record_breaches([late.pk], by=at(11))
    late.refresh_from_db()
    operations.wait_case(waiting, waiting_for="customer", by=at(3))
    for case in (late, waiting):
        operations.resolve_case(case, operations.Resolution(office.solved, NOTE), by=at(12))
        operations.reopen_case(case, reason=office.again, note=NOTE, by=at(20))
    assert late.breached_at == MONDAY + 10 * HOUR
    assert late.sla_due_at == MONDAY + 18 * HOUR
    assert (waiting.breached_at, waiting.sla_due_at) == (None, MONDAY + 27 * HOUR)
    for case in (late, waiting):
        (run,) = account_of(case, until=MONDAY + 21 * HOUR).statement.runs
        assert run.is_consistent


@pytest.mark.parametrize(("text", "shares"), [("", ()), ("90, 50,75", (50, 75, 90)), ("75 % 75", (75,))])
def test_warnings_are_read_as_people_write_them(text, shares):
    assert shares_of(text) == shares


@pytest.mark.parametrize("text", ["0", "100", "50;60", "half", "-5"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(ValueError, match=r"1 to 99|invalid literal"):
        shares_of(text)
