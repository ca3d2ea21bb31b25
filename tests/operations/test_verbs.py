"""Each verb: what it writes, what it asks for, and what it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import (
    GateNotMet,
    NotAssignable,
    NothingToChange,
    RightMissing,
    StaleCase,
    TransitionNotAllowed,
    ValueUnknown,
)
from case_management.jobs.sweep import run_sweep
from case_management.operations import Resolution
from case_management.testing import make_case, make_user

WORDS = "Called the customer."


def kinds(case):
    return list(case.events.order_by("seq").values_list("type", flat=True))


def test_a_new_case_has_a_reference_a_clock_and_two_events(desk, case):
    assert case.status == "new"
    assert len(case.reference) == 8
    assert case.due_at - case.opened_at.replace(microsecond=0) == timedelta(minutes=600)
    assert kinds(case) == ["opened", "sla_applied"]


def test_opening_needs_a_title_and_an_active_topic(desk):
    with pytest.raises(GateNotMet, match="title"):
        make_case(title="  ", topic=desk.topic)
    desk.topic.is_active = False
    desk.topic.save()
    with pytest.raises(ValueUnknown, match="no longer offered"):
        make_case(topic=desk.topic)


def test_the_first_note_starts_a_new_case_and_a_second_one_does_not(desk, case):
    operations.add_note(case, text=WORDS, by=desk.by)
    assert case.status == "in_progress"
    operations.add_note(case, text=WORDS, by=desk.by)
    assert kinds(case)[2:] == ["started", "note_added", "note_added"]
    assert [note.text for note in case.notes.all()] == [WORDS, WORDS]


@pytest.mark.parametrize("text", ["", "too short", "   123456789   "])
def test_a_note_under_ten_characters_is_refused_and_nothing_is_written(desk, case, text):
    with pytest.raises(GateNotMet, match="at least 10 characters"):
        operations.add_note(case, text=text, by=desk.by)
    assert case.notes.count() == 0
    assert models.Case.objects.get().status == "new"


def test_assigning_asks_whether_the_person_may_see_the_case(desk, case):
    stranger = make_user("stranger")
    with pytest.raises(NotAssignable, match="stranger"):
        operations.assign_case(case, to=stranger, by=desk.by)
    operations.assign_case(case, to=desk.agent, by=desk.by)
    assert case.assignee == desk.agent
    with pytest.raises(NothingToChange):
        operations.assign_case(case, to=desk.agent, by=desk.by)
    operations.unassign_case(case, by=desk.by)
    assert case.assignee is None


def test_rerouting_takes_the_assignee_off(desk, case):
    elsewhere = models.Unit.add_root(number="2", name="Mill")
    operations.assign_case(case, to=desk.agent, by=desk.by)
    operations.reroute_case(case, unit=elsewhere, team=None, by=desk.by)
    assert (case.unit, case.assignee) == (elsewhere, None)
    with pytest.raises(GateNotMet, match="unit or the team"):
        operations.reroute_case(case, unit=None, team=None, by=desk.by)


def test_another_priority_keeps_the_time_that_was_used(desk, case):
    before = case.due_at
    operations.change_priority(case, priority=desk.urgent, by=desk.by)
    assert (case.priority, case.priority_rank) == (desk.urgent, 1)
    assert before - case.due_at == timedelta(minutes=540)


def test_waiting_for_the_customer_stops_the_clock_and_resuming_starts_it(desk, case):
    operations.wait_case(case, waiting_for="customer", by=desk.by)
    assert (case.status, case.due_at) == ("waiting", None)
    assert 35_900 < case.sla_remaining <= 36_000
    operations.resume_case(case, by=desk.by)
    assert case.status == "in_progress"
    assert case.sla_remaining is None
    assert abs(case.due_at - timezone.now() - timedelta(minutes=600)) < timedelta(seconds=30)


def test_waiting_for_a_third_party_lets_the_clock_run_as_the_policy_says(desk, case):
    due = case.due_at
    operations.wait_case(case, waiting_for="third_party", by=desk.by)
    assert case.due_at == due


def test_a_deadline_by_hand_counts_when_it_is_the_earlier_one(desk, case):
    soon = timezone.now() + timedelta(minutes=5)
    operations.change_deadline(case, deadline=soon, by=desk.by)
    assert case.due_at == soon
    operations.change_deadline(case, deadline=None, by=desk.by)
    assert case.due_at == case.sla_due_at


def test_resolving_needs_a_reason_and_a_note(desk, case):
    with pytest.raises(GateNotMet, match="closure reason"):
        operations.resolve_case(case, Resolution(None, WORDS), by=desk.by)
    with pytest.raises(GateNotMet, match="at least 10"):
        operations.resolve_case(case, Resolution(desk.reason, "done"), by=desk.by)
    operations.resolve_case(case, Resolution(desk.reason, WORDS), by=desk.by)
    assert (case.status, case.closure_reason) == ("resolved", desk.reason)


def test_resolving_names_everything_that_the_case_type_still_asks_for(desk, case):
    models.CaseType.objects.update(requires_resolution_method=True, requires_close_channel=True)
    category = models.TagCategory.objects.create(name="Cause")
    category.required_for.add(desk.case_type)
    tag = models.Tag.objects.create(name="Supplier", category=category)
    with pytest.raises(GateNotMet) as gate:
        operations.resolve_case(case, Resolution(desk.reason, WORDS), by=desk.by)
    assert gate.value.details["fields"] == ["method", "channel", f"tag:{category.pk}"]
    operations.tag_case(case, add=[tag], by=desk.by)
    operations.resolve_case(case, Resolution(desk.reason, WORDS, desk.method, desk.channel), by=desk.by)
    assert (case.resolution_method, case.close_channel) == (desk.method, desk.channel)


def test_tags_may_change_after_resolving_and_not_after_closing(desk, case):
    tag = models.Tag.objects.create(name="Supplier", category=models.TagCategory.objects.create(name="Cause"))
    operations.resolve_case(case, Resolution(desk.reason, WORDS), by=desk.by)
    operations.tag_case(case, add=[tag], by=desk.by)
    assert [entry.name for entry in case.tags.all()] == ["Supplier"]
    operations.tag_case(case, remove=[tag], by=desk.by)
    assert case.tags.count() == 0
    operations.close_case(case, by=desk.by)
    with pytest.raises(TransitionNotAllowed):
        operations.tag_case(case, add=[tag], by=desk.by)


def test_reopening_needs_a_reason_and_a_note_and_starts_the_clock_anew(desk, case):
    operations.resolve_case(case, Resolution(desk.reason, WORDS), by=desk.by)
    with pytest.raises(GateNotMet):
        operations.reopen_case(case, reason=None, note=WORDS, by=desk.by)
    operations.reopen_case(case, reason=desk.again, note=WORDS, by=desk.by)
    assert (case.status, case.reopen_count, case.resolved_at) == ("in_progress", 1, None)
    assert case.due_at > timezone.now()


def test_escalating_climbs_one_step_and_keeps_the_reason(desk, case):
    operations.escalate_case(case, reason="Third complaint.", by=desk.by)
    operations.escalate_case(case, reason="Fourth complaint.", by=desk.by)
    assert case.escalation_level == 2
    assert [note.text for note in case.notes.order_by("pk")] == ["Third complaint.", "Fourth complaint."]


def test_flags_for_all_are_events_and_my_own_flag_is_nobodys_business(desk, case):
    operations.flag_case(case, by=desk.by)
    assert case.flagged
    with pytest.raises(NothingToChange):
        operations.flag_case(case, by=desk.by)
    operations.unflag_case(case, by=desk.by)
    seen = kinds(case)
    assert operations.flag_for_me(case, by=desk.by) is True
    assert operations.flag_for_me(case, by=desk.by) is False
    assert kinds(case) == seen


def test_a_customers_message_ends_a_wait_for_the_customer(desk, case):
    operations.wait_case(case, waiting_for="customer", by=desk.by)
    said = models.Interaction.objects.create(
        source=case.source, external_id="1", occurred_at=timezone.now(), available_at=timezone.now()
    )
    operations.attach_interaction(case, interaction=said, by=Actor.system("intake"))
    said.refresh_from_db()
    assert (case.status, said.case) == ("in_progress", case)


def test_a_missed_deadline_is_recorded_once_per_clock(desk, case):
    operations.change_deadline(case, deadline=timezone.now() - timedelta(hours=1), by=desk.by)
    sweep = Actor.system("sweep")
    assert operations.record_breaches([case.pk], by=sweep).done == [case.pk]
    assert operations.record_breaches([case.pk], by=sweep).done == []
    case.refresh_from_db()
    assert case.breached_at == case.due_at


def test_resolving_late_records_the_breach_that_the_sweep_had_not_seen(desk, case):
    operations.change_deadline(case, deadline=timezone.now() - timedelta(hours=1), by=desk.by)
    operations.resolve_case(case, Resolution(desk.reason, WORDS), by=desk.by)
    assert kinds(case)[-2:] == ["sla_breached", "resolved"]


@pytest.mark.parametrize("verb", ["note", "resolve", "assign"])
def test_without_the_right_nothing_happens(desk, case, verb):
    by = Actor.from_user(make_user("nobody"))
    acts = {
        "note": lambda: operations.add_note(case, text=WORDS, by=by),
        "resolve": lambda: operations.resolve_case(case, Resolution(desk.reason, WORDS), by=by),
        "assign": lambda: operations.assign_case(case, to=desk.agent, by=by),
    }
    with pytest.raises(RightMissing):
        acts[verb]()
    assert kinds(case) == ["opened", "sla_applied"]


def test_two_people_may_change_different_fields_of_what_both_saw(desk, case):
    mine, yours = models.Case.objects.get(), models.Case.objects.get()
    operations.change_topic(mine, topic=desk.other_topic, by=desk.by)
    operations.assign_case(yours, to=desk.agent, by=desk.by)
    case.refresh_from_db()
    assert (case.topic, case.assignee) == (desk.other_topic, desk.agent)


def test_the_same_field_changed_since_is_shown_not_overwritten(desk, case):
    mine, yours = models.Case.objects.get(), models.Case.objects.get()
    operations.change_priority(mine, priority=desk.urgent, by=desk.by)
    other = models.Priority.objects.create(name="Low", rank=4)
    with pytest.raises(StaleCase) as conflict:
        operations.change_priority(yours, priority=other, by=desk.by)
    assert conflict.value.details["conflicts"][0]["by"] == "agent"
    assert "priority_id" in conflict.value.details["conflicts"][0]["fields"]
    case.refresh_from_db()
    assert case.priority == desk.urgent


def test_a_snoozed_case_comes_back_when_its_time_has_come(desk, case):
    later, passed = make_case(topic=desk.topic), timezone.now() - timedelta(minutes=1)
    operations.snooze_case(later, until=timezone.now() + timedelta(hours=2), by=desk.by)
    operations.snooze_case(case, until=passed, by=desk.by.backdated(passed - timedelta(hours=2)))
    assert (case.snoozed_until, case.status) == (passed, "new")
    run_sweep()
    case.refresh_from_db()
    later.refresh_from_db()
    assert (case.snoozed_until, later.snoozed_until is None) == (None, False)
    assert kinds(case)[-2:] == ["snoozed", "woke"]


def test_a_case_is_snoozed_into_the_future_only_and_woken_only_when_snoozed(desk, case):
    with pytest.raises(ValueUnknown, match="future"):
        operations.snooze_case(case, until=timezone.now(), by=desk.by)
    with pytest.raises(NothingToChange):
        operations.wake_case(case, by=desk.by)


def test_the_customers_message_wakes_a_snoozed_case_and_waits_for_an_answer(desk, case):
    said = models.Interaction.objects.create(
        source=case.source, external_id="again", occurred_at=timezone.now(), available_at=timezone.now(), score=3
    )
    operations.snooze_case(case, until=timezone.now() + timedelta(days=1), by=desk.by)
    operations.attach_interaction(case, interaction=said, by=Actor.system("test"))
    assert (case.snoozed_until, case.awaiting_since, case.score) == (None, said.occurred_at, 3)
    operations.resolve_case(case, Resolution(desk.reason, WORDS), by=desk.by)
    assert case.awaiting_since is None, "nobody owes an answer any more"
