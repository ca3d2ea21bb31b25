"""What time alone makes due, how a topic is worked off, and what the check says when something is wrong."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.jobs import drain, health, sweep
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
NOTE = "Called the customer."


@pytest.fixture(autouse=True)
def by_hand(settings):
    """No queue: the tests are the workers."""
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "BACKGROUND": "manual"}


@pytest.fixture
def agent(db):
    return make_user("agent", role="Case manager")


def resolved(*, days_ago):
    """A case that was resolved so many days ago."""
    by = Actor.importing(None, batch="old system", at=timezone.now() - timedelta(days=days_ago))
    case = make_case(by=by)
    reason, _ = models.ClosureReason.objects.get_or_create(name="Solved")
    return operations.resolve_case(case, operations.Resolution(reason, NOTE), by=by)


def status(case):
    return models.Case.objects.get(pk=case.pk).status


# --- drain ---


def test_a_topic_is_worked_until_nothing_is_due(monkeypatch):
    batches = iter([3, 2, 0, 99])
    monkeypatch.setitem(drain.WORK, "sweep", lambda: next(batches))
    assert drain.drain("sweep") == 5


def test_a_job_stops_when_its_time_is_up_and_asks_for_another(monkeypatch):
    woken = []
    monkeypatch.setattr(drain, "BUDGET", -1)
    monkeypatch.setattr(drain.background, "wake", woken.append)
    monkeypatch.setitem(drain.WORK, "sweep", lambda: 1)
    assert drain.drain("sweep") == 1
    assert woken == ["sweep"]


def test_one_round_over_every_topic_takes_a_matter_from_the_answer_to_the_letter(agent, mailoutbox):
    models.Priority.objects.create(name="Normal", rank=3, is_default=True)
    models.Topic.add_root(name="Service", key="service")
    for key, occasion, action in (
        ("open", "interaction_received", {"action": "open_case", "topic": "service"}),
        ("assign", "case_opened", {"action": "assign"}),
    ):
        models.Rule.objects.create(key=key, name=key, occasion=occasion, actions=[action])
    source, now = models.Source.objects.create(name="Survey"), timezone.now()
    models.Interaction.objects.create(
        source=source, external_id="1", occurred_at=now, available_at=now, comment="Cold."
    )
    while drain.drain_all():
        continue
    assert models.Case.objects.get().assignee == agent
    assert [letter.to for letter in mailoutbox] == [[agent.email]]
    assert drain.drain_all() == 0


# --- sweep ---


def test_resolved_cases_are_closed_when_the_days_of_grace_are_over_and_not_before(agent):
    models.Settings(close_after_days=14).save()
    old, young = resolved(days_ago=15), resolved(days_ago=13)
    assert sweep.run_sweep() == 1
    assert (status(old), status(young)) == ("closed", "resolved")
    assert sweep.run_sweep() == 0
    assert old.events.latest("seq").actor_label == "sweep"
    models.Settings(close_after_days=5).save()
    assert sweep.run_sweep() == 1
    assert status(young) == "closed"


def test_a_missed_deadline_is_recorded_once_and_again_only_after_reopening(agent):
    case = make_case(deadline=timezone.now() - timedelta(minutes=1), by=SYSTEM)
    later = make_case(deadline=timezone.now() + timedelta(hours=1), by=SYSTEM)
    assert [sweep.run_sweep() for _ in range(3)] == [1, 0, 0]
    assert case.events.filter(type="sla_breached").count() == 1
    assert models.Case.objects.get(pk=case.pk).breached_at == case.due_at
    assert not later.events.filter(type="sla_breached").exists()
    case.refresh_from_db()
    reason, again = models.ClosureReason.objects.create(name="Solved"), models.ReopenReason.objects.create(name="No")
    operations.resolve_case(case, operations.Resolution(reason, NOTE), by=SYSTEM)
    operations.reopen_case(case, reason=again, note=NOTE, by=SYSTEM)
    assert case.breached_at is None
    operations.change_deadline(case, deadline=timezone.now() - timedelta(seconds=1), by=SYSTEM)
    assert sweep.run_sweep() == 1
    assert case.events.filter(type="sla_breached").count() == 2


def test_more_than_one_chunk_is_swept_to_the_end(settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 3}
    for _ in range(7):
        make_case(deadline=timezone.now() - timedelta(minutes=1), by=SYSTEM)
    assert drain.drain_until("sweep", time.monotonic() + 60) == 7
    assert models.CaseEvent.objects.filter(type="sla_breached").count() == 7


def test_the_sweep_forgets_old_keys_and_old_receipts_but_nothing_that_is_owed(agent):
    case = make_case(by=SYSTEM)
    operations.assign_case(case, to=agent, by=SYSTEM)
    receipt, old = models.ReactionReceipt.objects.get(), timezone.now() - timedelta(days=31)
    models.ReactionReceipt.objects.update(available_at=old)
    sweep.run_sweep()
    assert models.ReactionReceipt.objects.filter(pk=receipt.pk).exists()
    models.ReactionReceipt.objects.update(state="done")
    sweep.run_sweep()
    assert not models.ReactionReceipt.objects.exists()
    assert models.Heartbeat.objects.get(name="sweep").at > old


def test_the_sweep_forgets_what_was_spared_long_ago_and_never_what_was_sent_or_is_owed(agent):
    old, new = timezone.now() - timedelta(days=91), timezone.now()
    for at in (old, new):
        for state in ("suppressed", "done", "pending", "dead"):
            row = models.Notification.objects.create(
                key=f"{state}:{at}", kind="assigned", recipient=agent, state=state, available_at=new
            )
            models.Notification.objects.filter(pk=row.pk).update(created_at=at)
    sweep.run_sweep()
    left = models.Notification.objects.values_list("state", "created_at")
    assert sorted(left) == sorted([
        ("suppressed", new), *((state, at) for at in (old, new) for state in ("done", "pending", "dead"))
    ])  # fmt: skip


# --- health ---


def problems(*, full=False):
    return health.report(full=full)["problems"]


def test_a_healthy_site_has_no_problems_and_the_command_ends_well(agent):
    make_case(by=SYSTEM)
    assert problems() == []
    said = StringIO()
    call_command("case_check", "--json", stdout=said)
    assert json.loads(said.getvalue())["problems"] == []


def test_dead_letters_and_old_work_are_problems_and_young_or_paused_work_is_not(agent):
    case = make_case(by=SYSTEM)
    operations.assign_case(case, to=agent, by=SYSTEM)
    assert problems() == []
    hour = timedelta(hours=1)
    models.ReactionReceipt.objects.update(available_at=timezone.now() + hour)
    assert problems() == []
    models.ReactionReceipt.objects.update(available_at=timezone.now() - hour)
    (problem,) = problems()
    assert problem.startswith("reactions: 1 due, the oldest for 360")
    assert "is a worker running?" in problem
    models.ReactionReceipt.objects.get().bury("for ever")
    assert problems() == ["reactions: 1 failed for good"]


@pytest.mark.drifts_on_purpose
def test_a_row_that_differs_from_its_events_is_a_problem_and_the_command_fails(agent):
    case = make_case(by=SYSTEM)
    models.Case.objects.filter(pk=case.pk).update(escalation_level=3)
    assert problems() == ["drift: 1 differences between rows and events"]
    assert case.reference in health.report()["drift"]["first"][0]
    with pytest.raises(SystemExit) as end:
        call_command("case_check", stdout=StringIO())
    assert end.value.code == 1


@pytest.mark.drifts_on_purpose
def test_a_full_check_sees_what_changed_long_ago(agent, monkeypatch):
    monkeypatch.setattr(health, "RECENT", 2)
    old = make_case(by=SYSTEM)
    models.Case.objects.filter(pk=old.pk).update(flagged=True)
    for _ in range(2):
        make_case(by=SYSTEM)
    assert problems() == []
    assert problems(full=True) == ["drift: 1 differences between rows and events"]


@pytest.mark.drifts_on_purpose
def test_a_gap_in_a_timeline_and_a_case_without_events_are_problems(agent):
    case = make_case(by=SYSTEM)
    operations.flag_case(case, by=SYSTEM)
    operations.unflag_case(case, by=SYSTEM)
    case.events.filter(type="flagged").delete()
    found = problems()
    assert "gaps_in_timelines: 1" in found
    bare = make_case(by=SYSTEM)
    bare.events.all().delete()
    assert "cases_without_events: 1" in problems()
