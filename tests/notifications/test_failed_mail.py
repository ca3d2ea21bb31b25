"""Whoever wrote a letter that will not arrive is told so by mail, with what the mail server said."""

from __future__ import annotations

import pytest

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.models import Notification
from case_management.notifications.customer_mail import deliver_messages
from case_management.operations import MessageDraft, record_failed
from case_management.testing import make_case, make_user
from tests.notifications.conftest import deliver_now, react_all

SAID = "550 5.1.1 <b>no such</b> mailbox"


@pytest.fixture
def case(desk):
    return make_case(unit=desk.unit, by=Actor.system("test"))


@pytest.fixture
def ann(desk):
    return make_user("ann", role="Customer service agent", unit=desk.unit)


def failed(case, by, error=SAID):
    """A reply that was given up."""
    draft = MessageDraft(to=("cora@customer.example",), subject="Your {{ stay }}", text="We are sorry.")
    message = operations.reply_to_case(case, draft, by=by)
    record_failed(message.delivery, error, by=Actor.system("mail"))
    react_all()
    return message


def test_the_writer_is_mailed_why_their_reply_did_not_arrive(case, ann, mailoutbox):
    failed(case, Actor.from_user(ann))
    deliver_now()
    (letter,) = mailoutbox
    subject = "Your {{ stay }}"
    assert (letter.to, letter.subject) == (["ann@example.org"], f"[{case.reference}] not delivered: {subject}")
    assert "A message that you wrote could not be delivered." in letter.body
    assert "cora@customer.example" in letter.body and SAID in letter.body
    html = letter.alternatives[0][0]
    assert "&lt;b&gt;no such&lt;/b&gt;" in html and "<b>no such" not in html


def test_of_a_letter_without_a_writer_the_assignee_is_told(case, ann, mailoutbox):
    operations.assign_case(case, to=ann, by=Actor.from_user(ann))
    failed(case, Actor.system("rule"))
    deliver_now()
    (letter,) = mailoutbox
    assert letter.to == ["ann@example.org"]
    assert "of a case that is assigned to you could not be delivered" in letter.body


def test_of_a_letter_without_a_writer_nobody_is_told_where_nobody_is_responsible(case):
    failed(case, Actor.system("rule"))
    assert not Notification.objects.exists()


def test_whoever_does_not_want_to_know_or_may_not_see_the_case_gets_nothing(case, ann, mailoutbox):
    models.Preferences.objects.create(user=ann, muted=["message_failed"])
    failed(case, Actor.from_user(ann))
    models.Preferences.objects.all().delete()
    failed(case, Actor.from_user(ann))
    models.Membership.objects.filter(user=ann).delete()
    deliver_now()
    rows = Notification.objects.filter(kind="message_failed").order_by("pk")
    assert ([row.reason for row in rows], mailoutbox) == (["muted", "no_right"], [])


def test_a_real_refusal_leads_to_a_real_letter(case, ann, sink):
    draft = MessageDraft(to=("refused@customer.example",), text="We are sorry.")
    operations.reply_to_case(case, draft, by=Actor.from_user(ann))
    models.Delivery.objects.update(available_at=case.opened_at)
    assert deliver_messages() == 1
    react_all()
    deliver_now()
    (letter,) = sink.messages()
    assert letter.recipients == ["ann@example.org"]
    assert "550" in letter.content.get_body(("plain",)).get_content()
