"""Lists, people and a way to take a table in, for the tests of bulk data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from case_management import models
from case_management.models.calendar import WEEKDAYS
from case_management.resources.case_import import CaseImport, Tally
from case_management.resources.case_resource import CaseResource
from case_management.resources.mapping import Mapping as ColumnMapping
from case_management.tabular import open_table
from case_management.testing import make_topic, make_user


def at(day: int, hour: int = 9) -> datetime:
    """A moment in January 2024."""
    return datetime(2024, 1, day, hour, tzinfo=UTC)


def as_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A CSV file with the columns of the first row."""
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def take_in(user: Any, *rows: Mapping[str, Any], check_only: bool = False, **mapping: Any) -> Tally:
    """Take rows in as one chunk of one file."""
    return take_file_in(user, as_csv(rows), check_only=check_only, **mapping)


def take_file_in(user: Any, content: bytes, *, check_only: bool = False, **mapping: Any) -> Tally:
    """Take the content of a file in as one chunk."""
    with open_table(io.BytesIO(content)) as table, transaction.atomic():
        incoming = CaseImport(CaseResource(user=user), table.headers, ColumnMapping.of(mapping), check_only=check_only)
        return incoming.run(list(table))


def row(**facts: Any) -> dict[str, Any]:
    """A sound row; facts come on top."""
    return {"external_id": "A1", "source": "Old desk", "title": "Cold coffee", "topic": "Food", **facts}


def holder(username: str, unit: Any, *rights: str) -> Any:
    """Somebody with exactly these rights in a branch (or everywhere)."""
    user = make_user(username)
    role = Group.objects.create(name=f"Role of {username}")
    role.permissions.set(Permission.objects.filter(codename__in=rights, content_type__app_label="case_management"))
    models.Membership.objects.create(user=user, role=role, unit=unit)
    return user


@pytest.fixture
def desk(db: None) -> SimpleNamespace:
    """An organisation with two units, one of everything, and a superuser who imports."""
    calendar = models.BusinessCalendar.objects.create(name="Always", **dict.fromkeys(WEEKDAYS, "24h"))
    urgent = models.Priority.objects.create(name="Urgent", rank=1)
    normal = models.Priority.objects.create(name="Normal", rank=3, is_default=True)
    policy = models.SlaPolicy.objects.create(name="Urgent ones", priority=urgent, calendar=calendar)
    models.SlaTarget.objects.create(policy=policy, minutes=600)
    category = models.TagCategory.objects.create(name="Mood")
    return SimpleNamespace(
        calendar=calendar,
        urgent=urgent,
        normal=normal,
        source=models.Source.objects.create(name="Old desk"),
        food=make_topic("food"),
        seat=make_topic("seat"),
        north=models.Unit.add_root(number="N", name="North"),
        south=models.Unit.add_root(number="S", name="South"),
        team=models.Team.objects.create(name="Night shift"),
        recovery=models.CaseType.objects.create(name="Recovery"),
        solved=models.ClosureReason.objects.create(name="Solved"),
        apology=models.ResolutionMethod.objects.create(name="Apology"),
        phone=models.CloseChannel.objects.create(name="Phone"),
        angry=models.Tag.objects.create(name="Angry", category=category),
        calm=models.Tag.objects.create(name="Calm", category=category),
        agent=make_user("agent", role="Customer service agent"),
        chief=get_user_model().objects.create_superuser("chief", "chief@example.org"),
    )
