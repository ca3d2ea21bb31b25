"""A customer with a case, somebody who answers, and the sink as the site's mail server."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from case_management import models
from case_management.domain.actor import Actor
from case_management.notifications.customer_mail import deliver_messages
from case_management.operations import InboundMail, MessageDraft
from case_management.testing import make_case, make_user
from tests.notifications.conftest import sink  # noqa: F401 - the same server

CUSTOMER, FRIEND = "cora@customer.example", "fred@friend.example"
POST = Actor.system("intake")


def draft(**facts) -> MessageDraft:
    """A short reply to the customer."""
    return MessageDraft(**{"to": (CUSTOMER,), "subject": "Re: Cold coffee", "text": "We are sorry.", **facts})


def mail(**facts) -> InboundMail:
    """What the customer writes."""
    number = models.Message.objects.count()
    defaults = {
        "sender": CUSTOMER, "to": ("cases@example.org",), "message_id": f"<{number}@customer.example>",
        "sent_at": timezone.now(), "subject": "Cold coffee", "text": "It was cold again.",
    }  # fmt: skip
    return InboundMail(**{**defaults, **facts})


def deliver_now() -> int:
    """As if every pause were over."""
    models.Delivery.objects.filter(state="pending").update(
        available_at=timezone.now() - timedelta(seconds=1), lease_until=None
    )
    return deliver_messages()


def kinds(case) -> list[str]:
    """The case's events."""
    return list(case.events.order_by("seq").values_list("type", flat=True))


@pytest.fixture
def desk(db) -> SimpleNamespace:
    """An agent who may do all, one who may not write, a customer with an address, and their case."""
    sender = {"sender_name": "Harbour Café", "sender_address": "bay@example.org"}
    unit = models.Unit.add_root(number="1", name="Harbour", **sender)
    contact = models.Contact.objects.create(name="Cora Miles")
    contact.points.create(kind="email", value=CUSTOMER)
    agent = make_user("agent", role="Case manager")
    return SimpleNamespace(
        unit=unit,
        contact=contact,
        agent=agent,
        by=Actor.from_user(agent),
        reader=Actor.from_user(make_user("reader", role="Sales agent")),
        reason=models.ClosureReason.objects.create(name="Solved"),
    )


@pytest.fixture
def case(desk):
    """A new case of the customer."""
    return make_case(title="Cold coffee", unit=desk.unit, contact=desk.contact)
