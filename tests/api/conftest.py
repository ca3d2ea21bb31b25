"""A client program with a token, and what it may refer to."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.urls import resolve
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from case_management.models import Membership, Source, Unit

RESPONSES = "/api/v1/responses/"
CASES = "/api/v1/cases/"


def make_user(name: str, *permissions: str, unit: Unit | None = None, is_member: bool = True) -> Any:
    """A user whose role of the same name carries the permissions, everywhere or in a unit."""
    user = get_user_model().objects.create_user(username=name, password="x")
    role = Group.objects.create(name=name)
    role.permissions.set(Permission.objects.filter(codename__in=permissions))
    if is_member:
        Membership.objects.create(user=user, role=role, unit=unit)
    else:
        user.groups.add(role)
    return get_user_model().objects.get(pk=user.pk)


def client_of(user: Any) -> APIClient:
    """A program that holds the user's token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=user)[0].key}")
    return client


@pytest.fixture(scope="session", autouse=True)
def _every_address_was_read() -> None:
    """The first request of a process reads them all, which takes longer than some tests have patience."""
    resolve(CASES)


@pytest.fixture(autouse=True)
def _nobody_was_counted_yet() -> None:
    cache.clear()


@pytest.fixture
def survey(db: None) -> Source:
    """A source that clients report for."""
    return Source.objects.create(key="survey", name="Survey", kind="survey")


@pytest.fixture
def reporter(db: None) -> Any:
    """A user who may send responses from everywhere."""
    return make_user("reporter", "add_interaction")


@pytest.fixture
def api(reporter: Any, survey: Source) -> APIClient:
    """The reporter's client; the source exists."""
    return client_of(reporter)
