"""A world for histories, with a clock that the test moves."""

from __future__ import annotations

import pytest

from tests.trying.lives import Clock, world


@pytest.fixture
def clock(monkeypatch):
    """The time, which stands until it is moved."""
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


@pytest.fixture
def lists(db, clock):
    """What histories and rules name."""
    world()
