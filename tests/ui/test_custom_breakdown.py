"""The dashboard's figures by a custom field, in both admins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from case_management.models import Case
from case_management.reports.by_custom import by_custom
from case_management.reports.period import Period
from case_management.testing import make_case
from tests.custom_fields.conftest import make_field

pytestmark = pytest.mark.django_db


@pytest.fixture
def dashboard(case_door: Any, company: SimpleNamespace, signed_in: Any) -> Any:
    """The dashboard as Ann sees it."""
    return lambda query="": signed_in(company.ann).get(case_door.url("dashboard") + query)


def open_with(company: SimpleNamespace, **custom: Any) -> Case:
    return make_case(topic=company.seat, unit=company.harbour, priority=company.normal, custom=custom)


def test_figures_are_told_by_label_and_lead_to_their_cases(company: SimpleNamespace, dashboard: Any) -> None:
    make_field("Baggage", "choice")
    for baggage in ("lost", "lost", "late"):
        open_with(company, baggage=baggage)
    open_with(company)
    page = dashboard().content.decode()
    assert "By Baggage" not in page
    assert "by=baggage" in page
    page = dashboard("?by=baggage").content.decode()
    assert "By Baggage" in page
    assert "custom_baggage=lost" in page
    lines = by_custom(Case.objects.all(), Period.last_days(30), make_field("Other", "yes_no"))
    assert [(line.label, line.unresolved) for line in lines] == [("", 4)]


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("choice", ["late", "lost", "lost", None], [("lost", "Lost", 2), ("late", "Delayed; found", 1), ("", "", 1)]),
        ("yes_no", [True, False, True], [("yes", "Yes", 2), ("no", "No", 1)]),
        ("user", ["ben", "ben", None], [("ben", "Ben Lind", 2), ("", "", 1)]),
    ],
)
def test_each_value_is_counted(company: SimpleNamespace, kind: str, values: Any, expected: Any) -> None:
    field = make_field("Fact", kind)
    for value in values:
        open_with(company, **({} if value is None else {"fact": company.ben if kind == "user" else value}))
    lines = by_custom(Case.objects.all(), Period.last_days(30), field)
    assert sorted((line.key, line.label, line.opened) for line in lines) == sorted(expected)


def test_an_unknown_field_is_no_error(company: SimpleNamespace, dashboard: Any) -> None:
    make_field("Amount", "number")
    assert dashboard("?by=amount").status_code == 200
    assert dashboard("?by=nothing").status_code == 200
