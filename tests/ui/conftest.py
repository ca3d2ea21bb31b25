"""A small company for the tests of pages: two branches, people with different rights, one case; and both admins."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from case_management import models
from case_management.models.calendar import WEEKDAYS
from case_management.testing import make_case, make_topic, make_user


class CaseDoor:
    """Addresses of the shared pages in one admin."""

    def __init__(self, name: str, namespace: str) -> None:
        self.name, self.namespace = name, namespace

    def url(self, page: str, *args: Any) -> str:
        """The address of a page."""
        return reverse(f"{self.namespace}:{page}", args=args)


CASE_DOORS = [CaseDoor("wagtail", "case_management"), CaseDoor("django", "admin:case_management")]


@pytest.fixture(params=CASE_DOORS, ids=lambda door: door.name)
def case_door(request: pytest.FixtureRequest) -> CaseDoor:
    """Either admin."""
    return request.param


def make_viewer(username: str, unit: Any, *rights: str) -> Any:
    """Somebody who may enter both admins and holds only these rights in the branch."""
    user = make_user(username)
    role = Group.objects.create(name=f"Role of {username}")
    role.permissions.set(Permission.objects.filter(codename__in=("access_admin", "view_case", *rights)))
    models.Membership.objects.create(user=user, role=role, unit=unit)
    return user


@pytest.fixture
def company(db: None) -> SimpleNamespace:
    """North with Harbour in it, and South; Ann and Ben work North's cases, Vera only looks."""
    north = models.Unit.add_root(number="N", name="North")
    harbour = models.Unit.objects.get(pk=north.pk).add_child(number="N1", name="Harbour")
    south = models.Unit.add_root(number="S", name="South")
    calendar = models.BusinessCalendar.objects.create(name="Always", **dict.fromkeys(WEEKDAYS, "24h"))
    low = models.Priority.objects.create(name="Low", rank=4)
    normal = models.Priority.objects.create(name="Normal", key="normal", rank=3, is_default=True)
    urgent = models.Priority.objects.create(name="Urgent", rank=1)
    policy = models.SlaPolicy.objects.create(name="Standard", calendar=calendar)
    models.SlaTarget.objects.create(policy=policy, minutes=600)
    recovery = models.CaseType.objects.create(name="Recovery", requires_resolution_method=True)
    cause = models.TagCategory.objects.create(name="Root cause")
    cause.required_for.add(recovery)
    mood = models.TagCategory.objects.create(name="Mood")
    return SimpleNamespace(
        north=north,
        harbour=harbour,
        south=south,
        low=low,
        normal=normal,
        urgent=urgent,
        recovery=recovery,
        social=models.CaseType.objects.create(name="Social"),
        cause=cause,
        broken=models.Tag.objects.create(name="Broken seat", category=cause),
        angry=models.Tag.objects.create(name="Angry", category=mood),
        calm=models.Tag.objects.create(name="Calm", category=mood),
        seat=make_topic("seat"),
        food=make_topic("food"),
        survey=models.Source.objects.create(name="Survey", key="survey"),
        phone=models.Source.objects.create(name="Phone", kind="manual"),
        solved=models.ClosureReason.objects.create(name="Solved"),
        again=models.ReopenReason.objects.create(name="Not solved"),
        apology=models.ResolutionMethod.objects.create(name="Apology"),
        by_mail=models.CloseChannel.objects.create(name="By mail"),
        call=models.NoteSubject.objects.create(name="Call"),
        team=models.Team.objects.create(name="Recovery desk"),
        ann=make_user("ann", role="Case manager", unit=north, first_name="Ann", last_name="Okafor"),
        ben=make_user("ben", role="Case manager", unit=north, first_name="Ben", last_name="Lind"),
        vera=make_viewer("vera", north),
    )


@pytest.fixture
def case(company: SimpleNamespace) -> models.Case:
    """A new case at Harbour, without a type."""
    return make_case(title="Seat broken", topic=company.seat, priority=company.normal, unit=company.harbour)


@pytest.fixture
def signed_in() -> Callable[[Any], Client]:
    """A browser in which somebody is signed in."""

    def open_browser(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return open_browser
