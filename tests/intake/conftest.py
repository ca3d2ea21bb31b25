"""What tests of intake start with."""

from __future__ import annotations

import pytest

from case_management.models import Source


@pytest.fixture
def survey(db: None) -> Source:
    """A source of survey answers."""
    return Source.objects.create(key="survey", name="Survey", kind="survey")
