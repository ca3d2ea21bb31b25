"""A small office for the tests of promises: calendars, policies made in one line, and people who act at set moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from case_management import models
from case_management.domain.actor import Actor
from case_management.models.calendar import WEEKDAYS
from case_management.sla.terms import SETS
from case_management.testing import make_case, make_topic

MONDAY = datetime(2026, 10, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTE = "Called the customer."


def at(hours: float) -> Actor:
    """Somebody who acts so many hours after Monday morning."""
    return Actor.importing(None, batch="test", at=MONDAY + timedelta(hours=hours))


def make_office() -> SimpleNamespace:
    """Two branches with units below, topics below topics, three priorities; open round the clock, in UTC."""
    north = models.Unit.add_root(number="N", name="North", timezone="America/New_York")
    harbour = models.Unit.objects.get(pk=north.pk).add_child(number="N1", name="Harbour")
    seat = make_topic("seat")
    leather = models.Topic.objects.get(pk=seat.pk).add_child(name="Leather", key="leather")
    return SimpleNamespace(
        always=models.BusinessCalendar.objects.create(name="Always", **dict.fromkeys(WEEKDAYS, "24h")),
        north=north,
        harbour=harbour,
        south=models.Unit.add_root(number="S", name="South", timezone="Asia/Tokyo"),
        seat=seat,
        leather=leather,
        food=make_topic("food"),
        urgent=models.Priority.objects.create(name="Urgent", rank=1),
        normal=models.Priority.objects.create(name="Normal", key="normal", rank=3, is_default=True),
        recovery=models.CaseType.objects.create(name="Recovery"),
        survey=models.Source.objects.create(name="Survey", key="survey"),
        phone=models.Source.objects.create(name="Phone", key="phone"),
        solved=models.ClosureReason.objects.create(name="Solved"),
        again=models.ReopenReason.objects.create(name="Not solved"),
    )


def promise(office: SimpleNamespace, name: str, hours: float = 10, **facts: Any) -> models.SlaPolicy:
    """A policy: sets and further targets by their names, in lists and hours."""
    sets = {key: facts.pop(key) for key in SETS if key in facts}
    others = {key: facts.pop(key) for key in ("first_response", "next_reply") if key in facts}
    policy = models.SlaPolicy.objects.create(name=name, **{"calendar": office.always, **facts})
    for key, entries in sets.items():
        getattr(policy, key).set(entries)
    for metric, length in {"resolve": hours, **others}.items():
        models.SlaTarget.objects.create(policy=policy, metric=metric, minutes=int(length * 60))
    return policy


def open_at(office: SimpleNamespace, hours: float = 0, **facts: Any) -> models.Case:
    """A case that is opened so many hours after Monday morning."""
    defaults = {"topic": office.seat, "priority": office.normal, "source": office.survey, "by": at(hours)}
    return make_case(**{**defaults, **facts})
