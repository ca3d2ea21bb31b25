"""A rule in the shadow is asked like any other, and does nothing but write down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.jobs.trials import run_trials
from case_management.rules import engine
from case_management.trying import shadow
from tests.trying.lives import BY, NOTE, START, live, settle

HIGH = {"action": "set_priority", "priority": "high"}
STEPS = [(0, "open", 0), (0, "flag", 0), (0, "topic", 1), (1, "open", 1), (1, "flag", 0)]


def watching(*actions, key="tried", **facts):
    """A stored rule in the shadow."""
    defaults = {
        "name": "Tried",
        "occasion": "case_changed",
        "conditions": {},
        "state": "shadow",
        "cadence": "every_time",
    }
    return models.Rule.objects.create(key=key, actions=list(actions), **{**defaults, **facts})


def test_it_writes_down_what_it_would_have_done_and_changes_nothing(lists, clock):
    rule = watching(HIGH, {"action": "notify", "to": ["user:ann"]})
    live(STEPS, clock)
    rows = list(models.ShadowFiring.objects.order_by("pk"))
    assert [row.event.type for row in rows] == ["flagged", "topic_changed", "flagged"]
    assert rows[0].actions == [
        {"action": "set_priority", "changes": [{"field": "priority", "before": "normal", "after": "high"}]},
        {"action": "notify", "notify": ["user:ann"], "users": ["ann"]},
    ]
    assert not models.CaseEvent.objects.filter(actor_label=rule.label).exists()
    assert not models.RuleFiring.objects.exists()
    assert not models.Notification.objects.filter(kind="rule").exists()


def test_it_takes_no_turn_from_the_live_version_and_stops_nobody(lists, clock):
    note = {"action": "note", "text": NOTE}
    live_rule = watching(note, state="published", cadence="once_per_response", position=5)
    watching(HIGH, key="tried", version=2, stop_processing=True, cadence="once_per_response")
    live(STEPS, clock)
    assert models.RuleFiring.objects.filter(rule=live_rule).count() == 2
    assert models.ShadowFiring.objects.count() == 2
    assert models.CaseNote.objects.count() == 2


def test_a_rule_that_fails_in_the_shadow_harms_nobody(lists, clock, monkeypatch):
    monkeypatch.setitem(engine.onlookers._items, "shadow", lambda happening, rules: 1 / 0)
    watching(HIGH, key="broken")
    watching({"action": "tag", "tags": ["cold"]}, key="live", state="published")
    live(STEPS[:2], clock)
    assert [tag.key for tag in models.Case.objects.get().tags.all()] == ["cold"]


def test_interactions_that_would_open_a_case_are_written_down(lists, clock):
    watching({"action": "open_case", "topic": "seat"}, {"action": "flag"}, occasion="interaction_received")
    source = models.Source.objects.get()
    models.Interaction.objects.create(
        source=source, external_id="1", occurred_at=START, available_at=START, title="Cold"
    )
    settle()
    assert not models.Case.objects.exists()
    opened, flagged = models.ShadowFiring.objects.get().actions
    assert opened["opened"] is True
    assert {"field": "topic", "before": None, "after": "seat"} in opened["changes"]
    assert flagged["changes"] == [{"field": "flagged", "before": False, "after": True}]


def test_a_rule_on_time_is_asked_in_the_shadow_too(lists, clock):
    from case_management.rules.due import run_due

    timing = {"since": "opened_at", "after": "2 hours"}
    rule = watching(HIGH, occasion="time_passed", timing=timing, cadence="once_per_response")
    run_due(clock.now)
    live([(0, "open", 0)], clock)
    for _hour in range(4):
        clock.now += timedelta(hours=1)
        run_due(clock.now)
    assert models.ShadowFiring.objects.get().rule == rule
    assert models.Case.objects.get().priority.key == "normal"


def test_old_lines_are_forgotten(lists, clock):
    watching(HIGH)
    live(STEPS, clock)
    clock.now += shadow.KEEP + timedelta(days=1)
    run_trials(clock.now)
    assert not models.ShadowFiring.objects.exists()


@pytest.mark.parametrize("state", ["draft", "awaiting", "retired"])
def test_only_the_shadow_looks_on(lists, clock, state):
    watching(HIGH, state=state)
    live(STEPS, clock)
    assert not models.ShadowFiring.objects.exists()


def test_nobody_is_told_of_their_own_deed(lists, clock, django_user_model):
    watching({"action": "notify", "to": ["user:ann"]})
    live(STEPS[:1], clock)
    operations.flag_case(models.Case.objects.get(), by=Actor.from_user(django_user_model.objects.get(username="ann")))
    settle()
    operations.unflag_case(models.Case.objects.get(), by=BY)
    settle()
    assert [row.actions[0]["users"] for row in models.ShadowFiring.objects.order_by("pk")] == [[], ["ann"]]
