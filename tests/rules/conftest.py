"""A small desk for rules: what actions name, agents, and interactions to be asked about."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest
from django.utils import timezone

from case_management import models
from case_management.jobs import drain
from case_management.rules import authoring
from case_management.testing import make_topic, make_user
from tests.rules.worlds import cases, interactions  # noqa: F401 - fixtures

numbers = count(1)


def said(contact=None, *, at=None, **facts):
    """A new interaction, due for the rules."""
    now = timezone.now()
    source, _ = models.Source.objects.get_or_create(key="survey", defaults={"name": "Survey"})
    values = {"score": 2, "wants_contact": True, "comment": "Cold coffee.", **facts}
    return models.Interaction.objects.create(
        source=source,
        external_id=f"i{next(numbers)}",
        contact=contact,
        occurred_at=at or now,
        available_at=now,
        **values,
    )


def write(key, *actions, **facts):
    """A checked and stored rule; by default it is asked about interactions."""
    values = {"occasion": "interaction_received", "conditions": {}, "name": key.replace("-", " ").title(), **facts}
    authoring.validate(values["occasion"], values["conditions"], list(actions))
    return models.Rule.objects.create(key=key, actions=list(actions), **values)


def settle():
    """Every topic until nothing is due."""
    while drain.drain_all():
        continue


def again(*rows):
    """As if the wake-up had come twice and the stamp had been lost."""
    models.Interaction.objects.filter(pk__in=[row.pk for row in rows]).update(state="pending", lease_until=None)
    settle()


OPEN = {"action": "open_case", "topic": "service"}
ALERT = {"action": "alert"}
ASSIGN = {"action": "assign", "chain": ["workload", "random"]}
ESCALATE = {"action": "escalate", "reason": "Nobody has answered."}


@pytest.fixture
def desk(db):
    """A topic, a default priority and two agents."""
    return SimpleNamespace(
        topic=make_topic("service"),
        normal=models.Priority.objects.create(name="Normal", rank=3, is_default=True),
        agents=[make_user(name, role="Customer service agent") for name in ("ann", "ben")],
        contact=models.Contact.objects.create(name="Robin Reed"),
    )
