"""The trial of a policy: its place in the order, its reader, its cost, and that it writes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models
from case_management.exceptions import InvalidConfiguration, RightMissing
from case_management.jobs.trials import run_trials
from case_management.testing import make_user
from case_management.trying import kept
from case_management.trying.outcomes import on_time
from case_management.trying.over_policy import PolicyTrial
from case_management.trying.tried_policy import TriedPolicy
from tests.sla.office import promise
from tests.trying.lives import START
from tests.trying.policy_lives import live, make_world, reported

#: Three cases of an hour, one of which is answered at once; all are resolved a day later.
STEPS = [
    (0, "open", 0, 0), (1, "open", 0, 0), (2, "open", 0, 0), (0, "reply", 0, 0.25),
    (0, "resolve", 0, 24), (1, "resolve", 0, 0), (2, "resolve", 0, 0),
]  # fmt: skip


@pytest.fixture
def office(db, clock):
    return make_world()


@pytest.fixture
def tried(office, clock):
    """Switched off, before all others; six hours round the clock and an hour to the first reply."""
    live(office, STEPS, clock)
    return promise(office, "Tried", 6, position=0, first_response=1, key="tried", is_active=False)


def test_shares_count_what_was_kept_before_and_after(tried, clock):
    told, result = reported(tried, clock.now)
    assert set(told) == {"c0", "c1", "c2"}
    shares = {metric: (before, after) for metric, before, after in on_time(result.tally)}
    assert shares == {"resolve": (1.0, 0.0), "first_response": (None, 0.3333)}


def test_a_policy_that_stands_before_it_in_the_order_wins(tried, office, clock):
    promise(office, "First", 1, position=0, key="first")
    models.SlaPolicy.objects.filter(pk=tried.pk).update(position=1)
    assert reported(tried, clock.now)[0] == {}


def test_a_policy_in_force_is_tried_as_it_is_now(office, clock):
    live(office, STEPS, clock)
    standard = models.SlaPolicy.objects.get(name="Standard")
    standard.topics.set([office.food])
    told, _result = reported(standard, clock.now)
    assert told["c0"]["resolve", 1]["policy"] == ("standard", None)
    assert told["c0"]["resolve", 1]["kept"] == ("kept", "none")


def test_cases_of_before_the_span_are_not_looked_at(tried, clock):
    _told, result = reported(tried, clock.now, since=START + timedelta(hours=1))
    assert result.tally.as_json() == {}


def test_nothing_is_written(tried, clock):
    def counts():
        return [model._base_manager.count() for model in (models.CaseEvent, models.SlaTerms, models.SlaClock,
                                                          models.CalendarVersion, models.SlaMark)]  # fmt: skip

    before, rows = counts(), list(models.Case.objects.order_by("pk").values())
    reported(tried, clock.now)
    assert counts() == before
    assert list(models.Case.objects.order_by("pk").values()) == rows


def test_a_chunk_takes_the_same_queries_however_many_cases_it_has(tried, office, clock):
    def queries():
        trial = PolicyTrial(TriedPolicy.saved(tried), START, clock.now)
        with CaptureQueriesContext(
            connection,
        ) as found:
            (chunk,) = [chunk for share in trial.shares() for chunk, _place in trial.chunks(share)]
        return len(found), chunk.tally.get("total", "cases")

    first = queries()
    for number in range(3, 23):
        live(office, [(number, "open", 0, 0), (number, "reply", 0, 1), (number, "resolve", 0, 30)], clock)
    assert queries() == (first[0], 23)
    assert first[1] == 3


def test_only_who_may_change_policies_may_try_them(tried, clock):
    viewer = make_user("viewer")
    with pytest.raises(RightMissing) as refusal:
        reported(tried, clock.now, reader=viewer)
    assert refusal.value.details["permission"] == "change_slapolicy"


def test_cases_that_the_reader_may_not_see_are_counted_and_not_named(tried, office, clock):
    role = Group.objects.create(name="Sets policies up")
    role.permissions.set(Permission.objects.filter(codename__in=["change_slapolicy"]))
    setter = make_user("setter")
    models.Membership.objects.create(user=setter, role=role, unit=None)
    told, result = reported(tried, clock.now, reader=setter)
    assert told == {}
    assert (result.tally.get("total", "cases"), result.tally.get("total", "unseen")) == (3, 3)


def test_a_policy_without_a_time_to_resolve_is_refused(office):
    empty = models.SlaPolicy.objects.create(name="Empty", calendar=office.always)
    with pytest.raises(InvalidConfiguration, match="no time to resolve"):
        TriedPolicy.saved(empty)


def test_a_kept_trial_goes_on_where_it_stood_and_finds_the_same(tried, clock, settings, monkeypatch):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 2}
    boss = models.Membership._meta.get_field("user").related_model.objects.get(username="boss")
    trials = [kept.start(TriedPolicy.saved(tried), boss, days=30, stored=tried) for _time in range(2)]
    kept.run_now(trials[0])
    monkeypatch.setattr(kept, "BUDGET", -1)
    rounds = 0
    while models.Backtest.objects.filter(state="pending").exists():
        rounds += run_trials(clock.now)
    for trial in trials:
        trial.refresh_from_db()
    assert rounds > 1
    assert trials[0].tally == trials[1].tally != {}
    assert trials[0].rows.count() == trials[1].rows.count() == 3


def test_the_command_says_the_same_in_three_forms(tried, clock):
    def said(*args):
        out = StringIO()
        call_command("backtest_policy", *args, stdout=out)
        return out.getvalue()

    assert "resolve: 100.0 % → 0.0 % in time" in said("tried")
    found = json.loads(said(str(tried.pk), "--days", "90", "--format", "json"))
    assert found["counts"]["kept.first_response"] == {"none → missed": 2, "none → kept": 1}
    assert found["on_time"]["resolve"] == {"before": 1.0, "after": 0.0}
    assert len(found["cases"]) == 3
    lines = said("tried", "--format", "csv").splitlines()
    assert sum(",resolve,1,kept,kept,missed" in line for line in lines) == 3
    with pytest.raises(CommandError):
        said("nobody")
