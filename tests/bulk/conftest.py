"""The small company of the page tests, its doors, and cases to change."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from case_management import models
from case_management.testing import make_case
from tests.ui.conftest import CaseDoor, case_door, company, signed_in  # noqa: F401 - fixtures


@pytest.fixture
def cases(company: SimpleNamespace) -> list[models.Case]:  # noqa: F811
    """Six new cases at Harbour."""
    return [
        make_case(title=f"Seat {number}", topic=company.seat, priority=company.normal, unit=company.harbour)
        for number in range(6)
    ]


@pytest.fixture
def elsewhere(company: SimpleNamespace) -> models.Case:  # noqa: F811
    """A case at South, which Ann, Ben and Vera do not see."""
    return make_case(title="Not yours", topic=company.seat, priority=company.normal, unit=company.south)
