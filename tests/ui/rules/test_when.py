"""Rules on time and for whom a rule is, in the builder."""

from __future__ import annotations

import pytest

from case_management import models
from case_management.testing import make_user
from tests.ui.rules.test_builder import press

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(company):
    return models.Rule.objects.create(key="waits", name="Waits", occasion="case_opened", actions=[{"action": "flag"}])


@pytest.fixture
def boss(signed_in, company):
    return signed_in(make_user("boss", role="System administrator"))


def test_a_rule_waits_for_time_to_pass(case_door, boss, rule):
    url = case_door.url("rule_build", rule.pk)
    _answer, page = press(boss, url, boss.get(url).content.decode(), "look", occasion="time_passed")
    sent = {"ttime_passed-since": "awaiting_since", "ttime_passed-amount": "0"}
    answer, page = press(boss, url, page, "save", **sent)
    assert answer.status_code == 422
    answer, page = press(boss, url, page, "look", **{"ttime_passed-amount": "3"})
    assert "the customer has had no answer for 3 business days" in page
    answer, page = press(boss, url, page, "save")
    assert answer.status_code == 302, page
    rule.refresh_from_db()
    assert (rule.occasion, rule.timing) == ("time_passed", {"since": "awaiting_since", "after": "3 business days"})


def test_a_rule_acts_at_set_times(case_door, boss, rule):
    url = case_door.url("rule_build", rule.pk)
    _answer, page = press(boss, url, boss.get(url).content.decode(), "look", occasion="schedule")
    sent = {"tschedule-every": "week", "tschedule-weekday": "4", "tschedule-at": "17:30"}
    answer, page = press(boss, url, page, "save", **sent)
    assert answer.status_code == 302, page
    rule.refresh_from_db()
    assert {**rule.timing, "timezone": ""} == {"every": "week", "weekday": 4, "at": "17:30", "timezone": ""}
    assert "every Friday at 17:30" in boss.get(url).content.decode()


def test_a_rule_is_for_a_unit_and_a_person(case_door, boss, rule, company):
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    answer, page = press(boss, url, page, "save", **{"s-units": ["N"], "s-users": ["ann"]})
    assert answer.status_code == 302, page
    rule.refresh_from_db()
    assert rule.scope == {"units": ["N"], "users": ["ann"]}
    assert "unit is or lies below N North" in boss.get(url).content.decode()
