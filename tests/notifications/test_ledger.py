"""Who is told, who is not and why: one row each, however often anybody looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.models import Notification
from case_management.notifications import dispatch
from case_management.testing import make_case, make_user
from tests.notifications.conftest import SYSTEM, deliver_now, react_all, told


def ledger():
    return sorted(Notification.objects.values_list("kind", "recipient__username", "state", "reason"))


def test_the_ledger_has_one_row_per_event_and_person_however_often_the_reactor_runs(desk):
    case = told(to=desk.agent, unit=desk.unit)
    operations.escalate_case(case, reason="Nobody has answered.", by=SYSTEM)
    for _ in range(3):
        models.ReactionReceipt.objects.update(state="pending", lease_until=None)
        react_all()
        dispatch.react(list(case.events.filter(type__in=dispatch.event_types())))
    assert ledger() == [
        ("assigned", "agent", "pending", ""),
        ("escalated", "agent", "pending", ""),
        ("escalated", "manager", "pending", ""),
    ]


def test_a_letter_that_went_out_is_not_owed_again(desk, mailoutbox):
    case = told(to=desk.agent)
    assert deliver_now() == 1
    dispatch.react(list(case.events.filter(type="assigned")))
    assert deliver_now() == 0
    assert len(mailoutbox) == 1


def test_nobody_is_told_of_what_they_did_themselves(desk, mailoutbox):
    case = make_case(unit=desk.unit, by=SYSTEM)
    operations.assign_case(case, to=desk.agent, by=Actor.from_user(desk.agent))
    react_all()
    deliver_now()
    assert ledger() == [("assigned", "agent", "suppressed", "own_action")]
    assert mailoutbox == []


def test_what_is_switched_off_is_written_down_and_not_sent(desk, mailoutbox):
    models.Settings(notify_assignee=False, notify_escalation=False).save()
    case = told(to=desk.agent, unit=desk.unit)
    operations.escalate_case(case, reason="Nobody has answered.", by=SYSTEM)
    react_all()
    deliver_now()
    assert {(state, reason) for _, _, state, reason in ledger()} == {("suppressed", "switched_off")}
    assert mailoutbox == []


def test_a_missed_deadline_is_told_to_the_assignee(desk, mailoutbox):
    case = told(to=desk.agent, deadline=timezone.now() + timedelta(milliseconds=1))
    deliver_now()
    operations.record_breaches([case.pk], by=SYSTEM)
    react_all()
    assert deliver_now() == 1
    assert [letter.subject for letter in mailoutbox][1:] == [f"[{case.reference}] past due: Cold coffee"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda user: type(user).objects.filter(pk=user.pk).update(is_active=False), "inactive"),
        (lambda user: models.Membership.objects.filter(user=user).delete(), "no_right"),
        (lambda user: type(user).objects.filter(pk=user.pk).update(email=""), "no_address"),
    ],
)
def test_whoever_may_not_read_the_case_any_more_when_the_letter_leaves_gets_none(desk, mailoutbox, change, reason):
    told(to=desk.agent)
    other = told(to=desk.manager, unit=desk.unit)
    change(desk.agent)
    deliver_now()
    assert ("assigned", "agent", "suppressed", reason) in ledger()
    assert [letter.to for letter in mailoutbox] == [[desk.manager.email]]
    assert other.reference in mailoutbox[0].subject
    models.Notification.objects.update(lease_until=None)
    assert deliver_now() == 0


def test_a_field_manager_of_another_branch_hears_nothing_of_an_escalation(desk):
    elsewhere = models.Unit.add_root(number="2", name="Mill")
    make_user("other", role="Field manager", unit=elsewhere)
    case = make_case(unit=desk.unit, by=SYSTEM)
    operations.escalate_case(case, reason="Nobody has answered.", by=SYSTEM)
    react_all()
    assert "other" not in {name for _, name, _, _ in ledger()}


def test_the_letter_has_the_title_as_it_was_written(desk, mailoutbox):
    told('Tom & Jerry\'s <b>"soup"</b>', to=desk.agent)
    deliver_now()
    (letter,) = mailoutbox
    assert letter.subject.endswith('Tom & Jerry\'s <b>"soup"</b>')
    assert 'Tom & Jerry\'s <b>"soup"</b>' in letter.body
    html = letter.alternatives[0][0]
    assert "<b>" not in html
    assert "Tom &amp; Jerry&#x27;s &lt;b&gt;" in html
