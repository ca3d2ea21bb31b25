"""A field of each kind, a case type that has them, and the people."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from case_management import models
from case_management.domain.actor import Actor
from case_management.testing import make_case, make_topic, make_user

LABELS = {"lost": "Lost", "late": "Delayed; found", "torn": "Torn"}
OPTIONS = [{"key": key, "label": label} for key, label in LABELS.items()]


def make_field(name: str, kind: str, **facts) -> models.CustomField:
    """A field that lists can be filtered by."""
    if kind in ("choice", "choices"):
        facts.setdefault("options", OPTIONS)
    types = facts.pop("case_types", ())
    field = models.CustomField.objects.create(**{"name": name, "kind": kind, "is_filterable": True, **facts})
    field.case_types.set(types)
    return field


@pytest.fixture
def fields(db):
    """One field of each kind, by kind."""
    kinds = {
        "text": "Seat", "number": "Amount", "date": "Flown on", "choice": "Baggage", "choices": "Damages",
        "yes_no": "Vouchered", "user": "Expert",
    }  # fmt: skip
    return SimpleNamespace(**{kind: make_field(name, kind, position=n) for n, (kind, name) in enumerate(kinds.items())})


@pytest.fixture
def desk(db):
    """Two case types and somebody who may do all."""
    agent = make_user("agent", role="Case manager", first_name="Ann", last_name="Okafor")
    return SimpleNamespace(
        topic=make_topic(),
        recovery=models.CaseType.objects.create(name="Recovery"),
        social=models.CaseType.objects.create(name="Social"),
        reason=models.ClosureReason.objects.create(name="Solved"),
        agent=agent,
        by=Actor.from_user(agent),
    )


@pytest.fixture
def case(desk):
    """A new case of the type Recovery."""
    return make_case(topic=desk.topic, case_type=desk.recovery)
