"""A rule, and somebody who may change it."""

from __future__ import annotations

import pytest

from case_management import models
from case_management.testing import make_user


@pytest.fixture
def rule(company):
    return models.Rule.objects.create(
        key="angry", name="Angry", occasion="case_opened", actions=[{"action": "flag"}],
        conditions={"all": [{"field": "score", "op": "lte", "value": 4}]},
    )  # fmt: skip


@pytest.fixture
def boss(signed_in, company):
    return signed_in(make_user("boss", role="System administrator"))
