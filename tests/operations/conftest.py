"""Lists and people that the verbs need."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from case_management import models
from case_management.domain.actor import Actor
from case_management.testing import make_case, make_topic, make_user


@pytest.fixture
def desk(db):
    """A small desk: one of everything, an agent who may do all, and the agent as an actor."""
    unit = models.Unit.add_root(number="1", name="Harbour")
    calendar = models.BusinessCalendar.objects.create(name="Always", **dict.fromkeys(models.calendar.WEEKDAYS, "24h"))
    urgent = models.Priority.objects.create(name="Urgent", rank=1)
    normal = models.Priority.objects.create(name="Normal", key="normal", rank=3, is_default=True)
    for priority, minutes in ((urgent, 60), (normal, 600)):
        policy = models.SlaPolicy.objects.create(name=priority.name, priority=priority, calendar=calendar)
        models.SlaTarget.objects.create(policy=policy, minutes=minutes)
    agent = make_user("agent", role="Case manager")
    return SimpleNamespace(
        unit=unit,
        topic=make_topic(),
        other_topic=make_topic("other"),
        urgent=urgent,
        normal=normal,
        case_type=models.CaseType.objects.create(name="Recovery"),
        reason=models.ClosureReason.objects.create(name="Solved"),
        again=models.ReopenReason.objects.create(name="Not solved"),
        method=models.ResolutionMethod.objects.create(name="Apology"),
        channel=models.CloseChannel.objects.create(name="Phone"),
        agent=agent,
        by=Actor.from_user(agent),
    )


@pytest.fixture
def case(desk):
    """A new case of the desk."""
    return make_case(topic=desk.topic, priority=desk.normal, unit=desk.unit, case_type=desk.case_type)
