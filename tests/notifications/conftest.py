"""A case with an assignee who is told of it, and the sink as the site's mail server."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.jobs import react
from case_management.notifications.delivery import deliver_due
from case_management.testing import make_case, make_user

SYSTEM = Actor.system("test")


def react_all():
    while react.run_reactions():
        continue


def deliver_now():
    """As if every pause were over."""
    models.Notification.objects.filter(state="pending").update(available_at=timezone.now(), lease_until=None)
    return deliver_due()


def told(title="Cold coffee", to=None, **facts):
    """A case that is assigned, and so owes its assignee a letter."""
    case = make_case(title=title, by=SYSTEM, **facts)
    operations.assign_case(case, to=to, by=SYSTEM)
    react_all()
    return case


@pytest.fixture
def desk(db):
    """An agent who may do all, and a manager of the unit."""
    unit = models.Unit.add_root(number="1", name="Harbour")
    return SimpleNamespace(
        unit=unit,
        agent=make_user("agent", role="Case manager"),
        manager=make_user("manager", role="Field manager", unit=unit),
    )


@pytest.fixture
def sink(smtp_sink, settings):
    """Real mail, to the sink."""
    smtp_sink.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp_sink.host, smtp_sink.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.CASE_MANAGEMENT = {
        **settings.CASE_MANAGEMENT,
        "BASE_URL": "https://cases.example.org/",
        "EMAIL_FROM": "Cases <cases@example.org>",
        "EMAIL_TIMEOUT": 5,
    }
    yield smtp_sink
    smtp_sink.clear()
