"""A merge that is taken back leaves no trace but in the histories: every fact is what it was, clocks included."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from case_management import models, operations
from case_management.exceptions import RightMissing, StaleCase, TransitionNotAllowed
from case_management.testing import assert_no_drift, make_case, make_user
from case_management.timeline.projection import PROJECTED

pytestmark = pytest.mark.django_db

#: What every event moves on, also one that takes another back.
COUNTERS = {"version", "updated_at", "chain_head"}
NOTE = "Called the customer back."


def state(case):
    """Every projected column, tags and custom fields, as the database has them."""
    row = models.Case.objects.values().get(pk=case.pk)
    facts = {name: row[name] for name in (*PROJECTED, "custom_texts") if name not in COUNTERS}
    return facts | {"tags": set(models.CaseTag.objects.filter(case=case).values_list("tag_id", flat=True))}


def said(case, desk, hours, by):
    """The customer writes, so many hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    interaction = models.Interaction.objects.create(
        source=case.source, external_id=f"{case.pk}-{models.Interaction.objects.count()}", comment="Still broken",
        occurred_at=at, available_at=at,
    )  # fmt: skip
    operations.attach_interaction(case, interaction=interaction, by=by)


STEPS = {
    "said": lambda case, desk, hours: said(case, desk, abs(hours), desk.by),
    "deadline": lambda case, desk, hours: operations.change_deadline(
        case, deadline=timezone.now() + timedelta(hours=hours or 1), by=desk.by
    ),
    "wait": lambda case, desk, hours: operations.wait_case(case, waiting_for="customer", by=desk.by),
    "snooze": lambda case, desk, hours: operations.snooze_case(
        case, until=timezone.now() + timedelta(hours=abs(hours) + 1), by=desk.by
    ),
    "note": lambda case, desk, hours: operations.add_note(case, text=NOTE, by=desk.by),
    "escalate": lambda case, desk, hours: operations.escalate_case(case, reason=NOTE, by=desk.by),
    "flag": lambda case, desk, hours: operations.flag_case(case, by=desk.by),
    "priority": lambda case, desk, hours: operations.change_priority(case, priority=desk.urgent, by=desk.by),
}
ONCE = {"wait", "flag", "priority"}
life = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(-50, 50)), max_size=4, unique_by=lambda step: step[0]
)


def lived(desk, steps):
    """A case with a past; its missed deadlines are recorded, as the sweep does within a minute."""
    case = make_case(topic=desk.topic, priority=desk.normal, unit=desk.unit, case_type=desk.case_type)
    for name, hours in sorted(steps, key=lambda step: step[0] == "wait"):
        STEPS[name](case, desk, hours)
    operations.record_breaches([case.pk], by=desk.by)
    case.refresh_from_db()
    return case


walks = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # to shrink whole lives takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@walks
@given(lives=st.lists(life, min_size=2, max_size=4), at_once=st.booleans(), order=st.randoms(use_true_random=False))
def test_whatever_was_merged_in_whatever_order_it_is_taken_back_all_cases_are_what_they_were(
    desk, lives, at_once, order
):
    with transaction.atomic():
        target, *others = [lived(desk, steps) for steps in lives]
        before = {case.pk: state(case) for case in (target, *others)}
        if at_once:
            assert operations.merge_cases([case.pk for case in others], into=target, by=desk.by).refused == []
        else:
            for case in others:
                operations.merge_case(case, into=target, by=desk.by)
        order.shuffle(others)
        for case in others:
            operations.unmerge_case(case, by=desk.by)
        assert {case.pk: state(case) for case in (target, *others)} == before
        assert_no_drift(models.Case.objects.filter(pk__in=before))
        transaction.set_rollback(True)


@walks
@given(lives=st.tuples(life, life, life), first=st.booleans())
def test_the_target_without_one_of_two_is_the_target_with_only_the_other(desk, lives, first):
    with transaction.atomic():
        target, one, other = (lived(desk, steps) for steps in lives)
        with transaction.atomic():
            operations.merge_case(other, into=target, by=desk.by)
            expected = state(target)
            transaction.set_rollback(True)
        for case in (target, other):
            case.refresh_from_db()
        for case in (one, other) if first else (other, one):
            operations.merge_case(case, into=target, by=desk.by)
        operations.unmerge_case(one, by=desk.by)
        assert state(target) == expected
        assert other.merged_into_id == target.pk
        transaction.set_rollback(True)


def pair(desk):
    """Two open cases."""
    return lived(desk, []), lived(desk, [])


def test_what_was_changed_afterwards_is_named_with_who_and_when_and_nothing_is_written(desk):
    target, gone = pair(desk)
    said(gone, desk, 9, desk.by)
    operations.merge_case(gone, into=target, by=desk.by)
    ben = make_user("ben", role="Case manager")
    operations.wait_case(target, waiting_for="customer", by=type(desk.by).from_user(ben))
    before = state(target), state(gone)
    with pytest.raises(StaleCase, match=r"awaiting our reply since \(ben, ") as refusal:
        operations.unmerge_case(gone, by=desk.by)
    assert refusal.value.details["conflicts"][0]["fields"] == ["awaiting our reply since"]
    assert (state(target), state(gone)) == before


def test_what_was_changed_afterwards_stays_where_somebody_says_so_and_all_else_comes_back(desk):
    target, gone = pair(desk)
    said(gone, desk, 9, desk.by)
    soon = timezone.now() + timedelta(hours=1)
    operations.change_deadline(gone, deadline=soon, by=desk.by)
    due, waits = target.due_at, gone.awaiting_since
    operations.merge_case(gone, into=target, by=desk.by)
    assert target.due_at is not None
    operations.wait_case(target, waiting_for="customer", by=desk.by)
    operations.resume_case(target, by=desk.by)
    operations.unmerge_case(gone, by=desk.by, keep_later=True)
    target.refresh_from_db()
    assert (target.awaiting_since, target.deadline) == (None, None)
    assert target.due_at >= due
    assert (gone.status, gone.awaiting_since, gone.due_at) == ("new", waits, soon)


def test_a_message_that_came_after_the_merge_is_the_targets_own(desk):
    target, gone = pair(desk)
    said(gone, desk, 9, desk.by)
    operations.merge_case(gone, into=target, by=desk.by)
    said(target, desk, 2, desk.by)
    last = target.interactions.get()
    assert target.awaiting_since == gone.events.get(type="interaction_attached").decoded().awaiting_since
    operations.unmerge_case(gone, by=desk.by)
    target.refresh_from_db()
    assert target.awaiting_since == last.occurred_at


def test_a_deadline_that_passes_while_merged_is_missed_by_the_case_whose_it_was(desk):
    target, gone = pair(desk)
    soon = timezone.now() + timedelta(milliseconds=40)
    operations.change_deadline(gone, deadline=soon, by=desk.by)
    own = target.due_at
    operations.merge_case(gone, into=target, by=desk.by)
    while timezone.now() <= soon:
        continue
    operations.record_breaches([target.pk], by=desk.by)
    target.refresh_from_db()
    assert target.breached_at == soon
    operations.unmerge_case(gone, by=desk.by)
    target.refresh_from_db()
    assert (target.breached_at, target.due_at) == (None, own)
    assert (gone.breached_at, gone.due_at, gone.status) == (soon, soon, "new")


def test_a_deadline_of_its_own_that_the_target_missed_behind_an_earlier_one_comes_to_light(desk):
    target, gone = pair(desk)
    past, later = timezone.now() - timedelta(hours=5), timezone.now() + timedelta(milliseconds=60)
    operations.change_deadline(target, deadline=later, by=desk.by)
    operations.change_deadline(gone, deadline=past, by=desk.by)
    operations.merge_case(gone, into=target, by=desk.by)
    assert target.breached_at == past
    while timezone.now() <= later:
        continue
    operations.unmerge_case(gone, by=desk.by)
    target.refresh_from_db()
    assert (target.breached_at, gone.breached_at) == (later, past)


def test_a_chain_is_taken_back_from_its_end(desk):
    last, middle, first = (lived(desk, []) for _each in range(3))
    before = [state(case) for case in (last, middle, first)]
    operations.merge_case(first, into=middle, by=desk.by)
    operations.merge_case(middle, into=last, by=desk.by)
    with pytest.raises(TransitionNotAllowed, match=f"{middle.reference} was itself merged"):
        operations.unmerge_case(first, by=desk.by)
    operations.unmerge_case(middle, by=desk.by)
    operations.unmerge_case(first, by=desk.by)
    assert [state(case) for case in (last, middle, first)] == before


def test_only_a_merged_case_is_unmerged_by_whoever_may_merge_on_both_ends(desk):
    target, gone = pair(desk)
    with pytest.raises(TransitionNotAllowed):
        operations.unmerge_case(gone, by=desk.by)
    chief = make_user("chief", role="Case manager")
    operations.merge_case(gone, into=target, by=type(desk.by).from_user(chief))
    elsewhere = models.Unit.add_root(number="2", name="Mill")
    operations.reroute_case(target, unit=elsewhere, team=None, by=desk.by)
    field = type(desk.by).from_user(make_user("field", role="Field manager", unit=desk.unit))
    with pytest.raises(RightMissing):
        operations.unmerge_case(gone, by=field)
    gone.refresh_from_db()
    assert gone.merged_into_id == target.pk


def test_both_histories_say_that_it_was_taken_back(desk):
    target, gone = pair(desk)
    operations.merge_case(gone, into=target, by=desk.by)
    operations.unmerge_case(gone, by=desk.by)
    assert list(gone.events.order_by("seq").values_list("type", flat=True))[-2:] == ["merged", "unmerged"]
    assert "merge_taken_back" in target.events.values_list("type", flat=True)
    again = operations.merge_case(gone, into=target, by=desk.by)
    assert again.merged_into_id == target.pk
