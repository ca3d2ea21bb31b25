"""Trying an SLA policy from its page in both admins: as saved or as the form has it, with files, and for oneself."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from case_management import models
from case_management.domain.actor import Actor
from case_management.testing import make_case, make_user
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.fixture
def strict(company):
    """A policy that is switched off: urgent cases in two hours, round the clock."""
    calendar = models.BusinessCalendar.objects.get()
    policy = models.SlaPolicy.objects.create(
        name="Strict", key="strict", calendar=calendar, is_active=False, position=0
    )
    models.SlaPolicy.objects.exclude(pk=policy.pk).update(position=5)
    policy.priorities.add(company.urgent)
    models.SlaTarget.objects.create(policy=policy, minutes=120)
    models.SlaTarget.objects.create(policy=policy, metric="first_response", minutes=30)
    return policy


@pytest.fixture
def opened(company):
    """An urgent case and one that is not."""
    facts = {"topic": company.seat, "unit": company.harbour, "by": SYSTEM}
    return [make_case(priority=priority, **facts) for priority in (company.urgent, company.normal)]


@pytest.fixture
def boss(signed_in, company):
    return signed_in(make_user("boss", role="System administrator"))


def text(answer):
    """The page."""
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_trial_shows_the_case_with_its_promises_before_and_after(case_door, boss, strict, opened):
    page = text(boss.get(case_door.url("policy_try", strict.pk)))
    assert "switched off" in page
    page = text(boss.post(case_door.url("policy_try", strict.pk), {"days": "7"}, follow=True))
    assert opened[0].reference in page
    assert opened[1].reference not in page
    assert re.search(r"promised <bdi>10 h</bdi>.*?<bdi>2 h</bdi>", page)
    assert "First response" in page
    opened[0].refresh_from_db()
    assert opened[0].sla_target == 36000
    assert not models.SlaTerms.objects.filter(policy=strict).exists()


def test_the_files_hold_every_clock(case_door, boss, strict, opened):
    boss.post(case_door.url("policy_try", strict.pk), {"days": "30"})
    trial = models.Backtest.objects.get()
    url = case_door.url("policy_trial_file", strict.pk, trial.pk)
    lines = list(csv.reader(io.StringIO(b"".join(boss.get(url, {"format": "csv"})).decode("utf-8-sig"))))
    assert {tuple(line[2:]) for line in lines[1:]} >= {
        ("resolve", "1", "policy", "standard", "strict"),
        ("resolve", "1", "target", "36000", "7200"),
        ("first_response", "1", "kept", "none", "running"),
    }
    found = json.loads(b"".join(boss.get(url, {"format": "json"})))
    assert found["counts"]["total"] == {"subjects": 2, "cases": 1, "changed": 1}
    assert [line["case"] for line in found["cases"]] == [opened[0].reference]
    assert found["terms"]["targets"] == {"first_response": 30, "resolve": 120}


def test_what_stands_in_the_form_is_tried_without_being_saved(case_door, boss, strict, opened):
    names = {"wagtail": "case_setup_slapolicy:edit", "django": "admin:case_management_slapolicy_change"}
    url = case_door.url("policy_try", strict.pk)
    form = text(boss.get(reverse(names[case_door.name], args=[strict.pk]))).split('name="minutes"')[1]
    # The enter key presses the first button of a form: that one saves.
    assert form.index(f'formaction="{url}"') > form.index('type="submit"')
    sent = {
        "name": "Stricter", "calendar": str(strict.calendar_id), "minutes": "60", "reopening": "restart",
        "position": "0", "priorities": [], "warnings": "",
    }  # fmt: skip
    page = text(boss.post(url, sent, follow=True))
    assert "Stricter" in page
    assert all(case.reference in page for case in opened)
    strict.refresh_from_db()
    assert (strict.name, strict.targets.get(metric="resolve").minutes) == ("Strict", 120)
    refused = text(boss.post(url, {**sent, "minutes": "0"}, follow=True))
    assert "Time to resolve" in refused
    assert models.Backtest.objects.count() == 1


def test_cases_of_other_branches_are_counted_and_not_named(case_door, signed_in, company, strict, opened):
    setter = make_viewer("setter", company.south)
    models.Membership.objects.create(user=setter, role=_role("change_slapolicy"), unit=None)
    browser = signed_in(setter)
    page = text(browser.post(case_door.url("policy_try", strict.pk), {"days": "7"}, follow=True))
    assert opened[0].reference not in page
    assert "counted but not named" in page
    trial = models.Backtest.objects.get()
    found = b"".join(browser.get(case_door.url("policy_trial_file", strict.pk, trial.pk), {"format": "json"}))
    assert json.loads(found)["counts"]["total"]["unseen"] == 1
    assert json.loads(found)["cases"] == []


def _role(*rights):
    role = Group.objects.create(name="Sets policies up")
    role.permissions.set(Permission.objects.filter(codename__in=rights))
    return role


def test_a_trial_belongs_to_who_asked_for_it(case_door, boss, signed_in, strict, opened):
    boss.post(case_door.url("policy_try", strict.pk), {"days": "7"})
    other = signed_in(make_user("other", role="System administrator"))
    trial = models.Backtest.objects.get()
    assert other.get(case_door.url("policy_trial", strict.pk, trial.pk)).status_code == 404


def test_who_may_not_change_policies_may_not_try_them(case_door, signed_in, company, strict):
    viewer = signed_in(make_viewer("looks", company.north, "view_slapolicy"))
    assert viewer.post(case_door.url("policy_try", strict.pk), {"days": "7"}).status_code in (302, 403)
    branch = signed_in(make_viewer("branch", company.north, "change_slapolicy"))
    assert branch.post(case_door.url("policy_try", strict.pk), {"days": "7"}).status_code in (302, 403)
    assert not models.Backtest.objects.exists()


def test_a_policy_that_was_tried_can_be_deleted(boss, strict, opened, case_door):
    boss.post(case_door.url("policy_try", strict.pk), {"days": "7"})
    strict.delete()
    assert not models.Backtest.objects.exists()
