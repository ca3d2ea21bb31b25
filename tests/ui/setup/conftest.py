"""Fixtures of the set-up screens' tests: either door, and a superuser in front of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.ui.setup.doors import DOORS, Door, client_of


@pytest.fixture(params=DOORS, ids=lambda door: door.name)
def door(request: pytest.FixtureRequest) -> Door:
    """Either admin."""
    chosen: Any = request.param
    return chosen


@pytest.fixture
def admin(db: None) -> Client:
    """A superuser's browser."""
    return client_of(get_user_model().objects.create_superuser("boss"))
