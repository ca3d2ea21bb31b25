"""Trying a rule from its page in both admins: at once or in the background, with files, and each for themselves."""

from __future__ import annotations

import csv
import io
import json

import pytest

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.jobs import drain
from case_management.testing import make_case, make_user
from case_management.trying import kept
from tests.ui.conftest import make_viewer
from tests.ui.rules.test_builder import press

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.fixture
def rule(company):
    """A draft that makes flagged cases urgent."""
    urgent = {"action": "set_priority", "priority": company.urgent.key}
    return models.Rule.objects.create(
        key="flagged", name="Flagged", occasion="case_changed", actions=[urgent], state="draft",
        conditions={"field": "flagged", "op": "is", "value": True},
    )  # fmt: skip


@pytest.fixture
def flagged(company):
    """Two cases, of which one was flagged."""
    cases = [make_case(topic=company.seat, unit=company.harbour, priority=company.normal, by=SYSTEM) for _ in range(2)]
    operations.flag_case(cases[0], by=SYSTEM)
    return cases


@pytest.fixture
def boss(signed_in, company):
    return signed_in(make_user("boss", role="System administrator"))


def text(answer):
    """The page."""
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_short_trial_is_shown_at_once_with_case_and_change(case_door, boss, rule, flagged, company):
    page = text(boss.get(case_door.url("rule_try", rule.pk)))
    assert "Flagged" in page
    page = text(boss.post(case_door.url("rule_try", rule.pk), {"days": "7"}, follow=True))
    assert flagged[0].reference in page
    assert flagged[1].reference not in page
    assert f"normal → {company.urgent.key}" in page
    flagged[0].refresh_from_db()
    assert flagged[0].priority == company.normal


def test_the_files_hold_every_change(case_door, boss, rule, flagged, company):
    boss.post(case_door.url("rule_try", rule.pk), {"days": "30"})
    trial = models.Backtest.objects.get()
    url = case_door.url("rule_trial_file", rule.pk, trial.pk)
    read = b"".join(boss.get(url, {"format": "csv"})).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(read)))
    assert [lines[1][place] for place in (0, 4, 5, 6)] == [
        flagged[0].reference, "priority", "normal", company.urgent.key,
    ]  # fmt: skip
    found = json.loads(b"".join(boss.get(url, {"format": "json"})))
    assert found["counts"]["total"]["acted"] == 1
    assert [line["case"] for line in found["lines"]] == [flagged[0].reference]


def test_what_stands_in_the_builder_is_tried_without_being_saved(case_door, boss, rule, flagged):
    url = case_door.url("rule_build", rule.pk)
    page = text(boss.get(url))
    answer, _page = press(boss, url, page, "try", name="Another name")
    trial = models.Backtest.objects.get()
    assert answer.url == case_door.url("rule_trial", rule.pk, trial.pk)
    assert "Another name" in text(boss.get(answer.url))
    assert models.Rule.objects.get().name == "Flagged"


def test_a_long_trial_runs_in_the_background_is_stopped_and_goes_on(case_door, boss, rule, flagged, monkeypatch):
    monkeypatch.setattr(kept, "FEW", 0)
    boss.post(case_door.url("rule_try", rule.pk), {"days": "7"})
    trial = models.Backtest.objects.get()
    url = case_door.url("rule_trial", rule.pk, trial.pk)
    assert "Waiting" in text(boss.get(url))
    assert "Stopped" in text(boss.post(url, {"do": "cancel"}, follow=True))
    drain.drain_all()
    trial.refresh_from_db()
    assert (trial.state, trial.done) == ("cancelled", 0)
    boss.post(url, {"do": "resume"})
    drain.drain_all()
    trial.refresh_from_db()
    assert (trial.state, trial.done, trial.rows.count()) == ("done", 2, 1)


def test_a_trial_belongs_to_who_asked_for_it(case_door, boss, signed_in, rule, flagged):
    boss.post(case_door.url("rule_try", rule.pk), {"days": "7"})
    other = signed_in(make_user("other", role="System administrator"))
    trial = models.Backtest.objects.get()
    assert other.get(case_door.url("rule_trial", rule.pk, trial.pk)).status_code == 404


def test_who_may_not_change_rules_may_not_try_them(case_door, signed_in, company, rule):
    viewer = signed_in(make_viewer("looks", company.north, "view_rule"))
    assert viewer.get(case_door.url("rule_try", rule.pk)).status_code in (302, 403)
    assert not models.Backtest.objects.exists()
