"""Opening a case's page in either admin."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from case_management.models import Case


@pytest.fixture
def look(case_door: Any, company: SimpleNamespace, signed_in: Any) -> Any:
    """Open a page of a case, as Ann unless ``by`` says who."""

    def get(case: Case, *, by: Any = None, **query: Any) -> Any:
        return signed_in(by or company.ann).get(case_door.url("case", case.reference), query)

    return get
