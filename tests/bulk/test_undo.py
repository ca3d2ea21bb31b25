"""Undo of a verb: the row is again what it was, history has grown, and what others changed since is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.events import projected_fields
from case_management.exceptions import CaseManagementError, StaleCase, TransitionNotAllowed
from case_management.operations import Resolution
from case_management.testing import make_case

pytestmark = pytest.mark.django_db

LATER = timezone.now() + timedelta(days=3)


def state(case) -> dict:
    """Every projected fact and the tags."""
    case.refresh_from_db()
    facts = {name: getattr(case, name) for name in projected_fields()}
    return {**facts, "tags": set(case.tags.values_list("key", flat=True))}


def single_steps(world, by):
    """Steps of one case by which lives differ before the wide change and after it."""
    return {
        "start": lambda case: operations.start_case(case, by=by),
        "wait": lambda case: operations.wait_case(case, waiting_for="customer", by=by),
        "resume": lambda case: operations.resume_case(case, by=by),
        "assign": lambda case: operations.assign_case(case, to=world.ann, by=by),
        "tag": lambda case: operations.tag_case(case, add=[world.broken], by=by),
        "deadline": lambda case: operations.change_deadline(case, deadline=LATER, by=by),
        "past": lambda case: operations.change_deadline(case, deadline=LATER - timedelta(days=9), by=by),
        "escalate": lambda case: operations.escalate_case(case, reason="Angry customer, twice.", by=by),
        "snooze": lambda case: operations.snooze_case(case, until=LATER, by=by),
        "resolve": lambda case: operations.resolve_case(case, resolution(world), by=by),
        "close": lambda case: operations.close_case(case, by=by),
        "reopen": lambda case: operations.reopen_case(case, reason=world.again, note="It broke again.", by=by),
        "flag": lambda case: operations.flag_case(case, by=by),
    }


def resolution(world, **more):
    facts = {"method": world.apology, "tags": (world.broken,), **more}
    return Resolution(reason=world.solved, note="Seat was repaired.", **facts)


def wide_steps(world, by):
    """The batch forms."""
    return {
        "assign": lambda ids: operations.assign_cases(dict.fromkeys(ids, world.ben.pk), by=by),
        "unassign": lambda ids: operations.unassign_cases(ids, by=by),
        "reroute": lambda ids: operations.reroute_cases(ids, unit=world.south, team=None, by=by),
        "topic": lambda ids: operations.change_topics(ids, topic=world.food, by=by),
        "type": lambda ids: operations.change_case_types(ids, case_type=world.recovery, by=by),
        "priority": lambda ids: operations.change_priorities(ids, priority=world.urgent, by=by),
        "tag": lambda ids: operations.tag_cases(ids, add=[world.angry], remove=[world.broken], by=by),
        "flag": lambda ids: operations.flag_cases(ids, by=by),
        "unflag": lambda ids: operations.unflag_cases(ids, by=by),
        "snooze": lambda ids: operations.snooze_cases(ids, until=LATER + timedelta(days=1), by=by),
        "resolve": lambda ids: operations.resolve_cases(ids, resolution(world), by=by),
        "reopen": lambda ids: operations.reopen_cases(ids, reason=world.again, note="It broke again.", by=by),
        "close": lambda ids: operations.close_cases(ids, by=by),
    }


LIVES = (
    "start", "wait", "resume", "assign", "tag", "deadline", "past", "escalate", "snooze", "resolve", "close", "reopen",
    "flag",
)  # fmt: skip
WIDE = (
    "assign", "unassign", "reroute", "topic", "type", "priority", "tag", "flag", "unflag", "snooze", "resolve",
    "reopen", "close",
)  # fmt: skip


@given(life=st.lists(st.sampled_from(LIVES), max_size=6), wide=st.sampled_from(WIDE), typed=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_case_has_lived_through_undo_makes_it_what_it_was(company, life, wide, typed):
    by = Actor.system("test")
    case_type = company.recovery if typed else None
    case = make_case(topic=company.seat, priority=company.normal, unit=company.harbour, case_type=case_type)
    for step in life:
        try:
            single_steps(company, by)[step](case)
        except CaseManagementError:
            case.refresh_from_db()
    before = state(case)
    outcome = wide_steps(company, by)[wide]([case.pk])
    if outcome.refused:
        assert state(case) == before
        return
    first, last = outcome.spans[case.pk]
    assert [event.seq for event in case.events.filter(seq__gte=first)] == list(range(first, last + 1))
    undone = operations.undo_changes(outcome.spans, change_set=1, right="change_case", by=by)
    assert undone.refused == []
    assert state(case) == before
    assert case.events.filter(type="undone").count() == 1


def test_a_later_change_of_the_same_fact_is_left_alone_and_named(company, cases):
    by, ben = Actor.from_user(company.ann), Actor.from_user(company.ben)
    ids = [case.pk for case in cases[:3]]
    outcome = operations.change_topics(ids, topic=company.food, by=by)
    cases[0].refresh_from_db()
    operations.change_topic(cases[0], topic=company.seat, by=ben)
    cases[1].refresh_from_db()
    operations.change_priority(cases[1], priority=company.urgent, by=ben)
    undone = operations.undo_changes(outcome.spans, change_set=1, right="change_case", by=by)
    assert sorted(undone.done) == sorted(ids[1:])
    (refusal,) = undone.refused
    assert isinstance(refusal.error, StaleCase)
    assert "ben" in refusal.error.message
    assert "topic" in refusal.error.message
    assert state(cases[1])["topic_id"] == company.seat.pk
    assert state(cases[1])["priority_id"] == company.urgent.pk


def test_a_tag_that_somebody_took_off_meanwhile_is_a_conflict_and_another_tag_is_not(company, cases):
    by, ben = Actor.from_user(company.ann), Actor.from_user(company.ben)
    outcome = operations.tag_cases([case.pk for case in cases[:2]], add=[company.angry], by=by)
    operations.tag_case(models.Case.objects.get(pk=cases[0].pk), remove=[company.angry], by=ben)
    operations.tag_case(models.Case.objects.get(pk=cases[1].pk), add=[company.calm], by=ben)
    undone = operations.undo_changes(outcome.spans, change_set=1, right="tag_case", by=by)
    assert undone.done == [cases[1].pk]
    assert state(cases[1])["tags"] == {"calm"}
    assert "tags" in undone.refused[0].error.message


def test_only_who_holds_the_right_of_the_change_takes_it_back(company, cases):
    outcome = operations.change_topics([cases[0].pk], topic=company.food, by=Actor.from_user(company.ann))
    undone = operations.undo_changes(outcome.spans, change_set=1, right="change_case", by=Actor.from_user(company.vera))
    assert [refusal.error.code for refusal in undone.refused] == ["right_missing"]


def test_who_sent_cases_to_another_unit_may_fetch_them_back_and_nobody_else(company, cases):
    ann, ben = Actor.from_user(company.ann), Actor.from_user(company.ben)
    outcome = operations.reroute_cases([cases[0].pk], unit=company.south, team=None, by=ann)
    undo = {"change_set": 1, "right": "reroute_case"}
    assert operations.undo_changes(outcome.spans, by=ben, **undo).done == []
    assert operations.undo_changes(outcome.spans, by=ann, **undo).done == [cases[0].pk]
    assert state(cases[0])["unit_id"] == company.harbour.pk


def test_merged_cases_are_closed_and_the_target_keeps_the_earliest_deadline_and_breach(company, cases):
    by = Actor.from_user(company.ann)
    target, source, late = cases[:3]
    soon, past = timezone.now() + timedelta(minutes=5), timezone.now() - timedelta(hours=2)
    operations.change_deadline(source, deadline=soon, by=by)
    operations.change_deadline(late, deadline=past, by=by)
    before = [state(case) for case in (target, source, late)]
    outcome = operations.merge_cases([source.pk, late.pk], into=target, by=by)
    assert sorted(outcome.done) == sorted([source.pk, late.pk])
    assert state(target)["due_at"] == past
    assert state(target)["breached_at"] == past
    assert (state(source)["status"], state(source)["merged_into_id"]) == ("closed", target.pk)
    assert list(target.events.filter(type="merge_received").values_list("payload__merged", "payload__due_at")) == [
        (source.pk, soon.isoformat()), (late.pk, past.isoformat()),
    ]  # fmt: skip
    undone = operations.undo_changes(outcome.spans, change_set=1, right="merge_case", by=by)
    assert len(undone.done) == 3
    assert [state(case) for case in (target, source, late)] == before


def test_a_case_is_not_merged_into_itself_into_a_closed_one_or_in_a_ring(company, cases, elsewhere):
    by = Actor.from_user(company.ann)
    first, second = cases[:2]
    with pytest.raises(CaseManagementError, match="itself"):
        operations.merge_case(first, into=first, by=by)
    operations.merge_case(first, into=second, by=by)
    with pytest.raises(TransitionNotAllowed, match=second.reference):
        operations.merge_case(second, into=first, by=by)
    with pytest.raises(CaseManagementError) as refusal:
        operations.merge_case(second, into=elsewhere, by=by)
    assert refusal.value.code == "right_missing"
    operations.reopen_case(first, reason=company.again, note="Two matters after all.", by=by)
    assert first.merged_into_id is None


def test_checking_finds_the_same_refusals_and_writes_nothing(company, cases):
    by = Actor.from_user(company.ann)
    operations.resolve_case(cases[0], resolution(company), by=by)
    ids = [case.pk for case in cases]
    events = models.CaseEvent.objects.count()
    checked = operations.resolve_cases(ids, resolution(company), by=by, check_only=True)
    assert models.CaseEvent.objects.count() == events
    done = operations.resolve_cases(ids, resolution(company), by=by)
    assert checked.done == done.done
    assert [refusal.error.message for refusal in checked.refused] == [refusal.error.message for refusal in done.refused]


def test_tags_of_a_resolution_go_only_to_cases_that_lack_one_of_a_required_category(company):
    by = Actor.from_user(company.ann)
    facts = {"topic": company.seat, "priority": company.normal, "unit": company.harbour}
    needs, has, free = (make_case(**facts, case_type=kind) for kind in (company.recovery, company.recovery, None))
    loose = models.Tag.objects.create(name="Loose screw", category=company.cause)
    operations.tag_case(has, add=[loose], by=by)
    outcome = operations.resolve_cases([needs.pk, has.pk, free.pk], resolution(company), by=by)
    assert outcome.refused == []
    assert [state(case)["tags"] for case in (needs, has, free)] == [{"broken-seat"}, {"loose-screw"}, set()]
