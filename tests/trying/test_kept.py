"""Kept trials go on where they stood, give the same as in one go, and are forgotten."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from case_management import models
from case_management.jobs.trials import run_trials
from case_management.models.due import LeaseLost
from case_management.testing import make_user
from case_management.trying import kept
from tests.trying.lives import live

STEPS = [(number, verb, 0) for verb in ("open", "flag", "topic") for number in range(5)]


@pytest.fixture
def trial(lists, clock, settings):
    """Five cases in chunks of two, tried over by somebody."""
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 2}
    live(STEPS, clock)
    rule = models.Rule.objects.create(
        key="tried", name="Tried", occasion="case_changed", state="draft", cadence="once_per_contact",
        actions=[{"action": "set_priority", "priority": "high"}],
    )  # fmt: skip
    return kept.start(rule, make_user("boss", is_superuser=True), days=30)


def claimed(trial, clock):
    """The trial in the hands of a worker."""
    clock.now += timedelta(hours=1)
    return models.Backtest.objects.filter(pk=trial.pk).select_related("requested_by").claim(clock.now, 1)[0]


def test_a_trial_that_was_interrupted_goes_on_and_finds_the_same(trial, clock, monkeypatch):
    monkeypatch.setattr(kept, "BUDGET", -1)
    rounds = 0
    while models.Backtest.objects.get().state == "pending":
        rounds += run_trials(clock.now)
    again = kept.start(trial.rule, trial.requested_by, days=30)
    monkeypatch.setattr(kept, "BUDGET", 60)
    while run_trials(clock.now):
        continue
    first, second = models.Backtest.objects.order_by("pk")
    assert rounds > 1
    assert first.tally == second.tally != {}
    assert again.rows.count() == trial.rows.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_idle_worker_helps_with_the_shares_that_nobody_has_in_hand(trial, clock, settings, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("skipped: needs PostgreSQL (pytest --database postgres)")
    alone = in_one_go(trial)
    monkeypatch.setattr(kept, "FEW", 0)
    led = kept.start(trial.rule, trial.requested_by, days=30)
    shares = led.shares.count()
    (mine,) = models.Backtest.objects.select_related("requested_by").claim(clock.now, 1)
    real, helped = kept._count, []

    def help_once():
        helped.append(kept.help_trials(clock.now))
        connection.close()

    def while_the_other_helps(pk, counted):
        if not helped:
            monkeypatch.setattr(kept, "_count", real)
            helper = threading.Thread(target=help_once)
            helper.start()
            helper.join(timeout=30)
        real(pk, counted)

    monkeypatch.setattr(kept, "_count", while_the_other_helps)
    kept.run_trial(mine)
    led.refresh_from_db()
    # Each share takes a look at its chunk and one that finds no other; the leader had one of the shares in hand.
    assert shares > 1
    assert helped == [2 * (shares - 1)]
    assert (led.state, led.tally, led.done) == ("done", alone.tally, alone.done)
    assert lines(led) == lines(alone)


def in_one_go(trial):
    """The same trial, done by one worker."""
    kept.run_now(trial)
    assert trial.state == "done"
    return trial


def lines(trial):
    """What was found, in order."""
    return list(trial.rows.order_by("at", "pk").values_list("at", "case_id", "actions", "conflicts"))


def test_nobody_helps_with_what_nobody_leads_or_one_does_quickly_alone(trial, clock, monkeypatch):
    assert kept.help_trials(clock.now) == 0
    models.Backtest.objects.claim(clock.now, 1)
    assert kept.help_trials(clock.now) == 0
    assert not trial.rows.exists()


def test_a_cancelled_trial_writes_nothing_more(trial, clock):
    mine = claimed(trial, clock)
    kept.cancel(mine)
    with pytest.raises(LeaseLost):
        kept.run_trial(mine)
    assert not trial.rows.exists()


def test_old_trials_are_forgotten(trial, clock):
    kept.run_now(trial)
    assert trial.rows.exists()
    clock.now += kept.KEEP + timedelta(days=1)
    for _round in range(4):
        run_trials(clock.now)
    assert not models.Backtest.objects.exists()


def test_the_command_says_the_same_in_three_forms(trial):
    out = StringIO()
    call_command("backtest_rule", "tried", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert found["counts"]["total"]["acted"] == len(found["lines"]) == 2
    out = StringIO()
    call_command("backtest_rule", "tried.v1", "--csv", stdout=out)
    assert len(out.getvalue().splitlines()) == 3
    out = StringIO()
    call_command("backtest_rule", "tried", stdout=out)
    assert "field.priority: normal → high" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("backtest_rule", "nobody")
