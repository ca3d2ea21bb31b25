"""Workers that are killed in the middle of a trial find, when they go on, what one finds in one go."""

from __future__ import annotations

import pytest

from case_management import models
from case_management.testing import make_user
from case_management.trying import kept
from case_management.trying.backtest import RuleTrial
from example_project.processes import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

#: Small enough that a kill falls into the middle of the work and not behind it.
CHUNK = 20


def test_two_workers_that_are_killed_in_a_trial_go_on_and_find_what_one_finds_in_one_go(clockwork, many_cases):
    rule = models.Rule.objects.create(
        key="tried", name="Tried", occasion="case_opened", state="draft", is_active=False,
        conditions={"all": [{"field": "title", "op": "contains", "value": "7"}]}, actions=[{"action": "flag"}],
    )  # fmt: skip
    clockwork.work_in_chunks_of(CHUNK)
    led = kept.start(rule, make_user("boss", is_superuser=True), days=30)
    trial = models.Backtest.objects.filter(pk=led.pk)
    killed_at = clockwork.kill_two_workers_at((500, 4000), lambda: trial.get().done)
    assert killed_at < many_cases, "the kill came too late to show anything"
    clockwork.start_two_workers()
    wait_until(trial.filter(state="done").exists, seconds=120, what="the end of the trial")
    found, whole = trial.get(), RuleTrial(rule, led.since, led.until).whole()
    assert found.tally == whole.tally.as_json()
    assert found.done == many_cases
    rows = found.rows.order_by("case_id").values_list("case_id", "at", "actions")
    assert list(rows) == sorted((row.case_id, row.at, row.actions) for row in whole.rows)
    assert len(rows) > 1000
