"""Cases suspected to be the same matter, and two cases side by side."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from case_management.domain.actor import Actor
from case_management.models import Case, Contact, ContactPoint
from case_management.operations import CaseDraft, merge_case, open_case
from case_management.testing import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def marta() -> Contact:
    """A customer with an address."""
    contact = Contact.objects.create(name="Márta Nagy")
    ContactPoint.objects.create(contact=contact, kind="email", value="Marta@example.com")
    return contact


@pytest.fixture
def about(company: SimpleNamespace, marta: Contact) -> dict[str, Any]:
    """Facts of her case."""
    return {
        "title": "The suitcase is lost", "contact": marta, "unit": company.harbour, "priority": company.normal,
        "topic": company.seat,
    }  # fmt: skip


def suspected(look: Any, case: Case, **who: Any) -> dict[str, str]:
    return {found.case.reference: found.reason for found in look(case, **who).context["duplicates"]}


def test_a_case_of_the_same_customer_alike_in_something_is_suspected_with_the_reason(
    look: Any, about: dict[str, Any], company: SimpleNamespace
) -> None:
    case, twin = make_case(**about), make_case(**{**about, "title": "Suitcase lost"})
    make_case(**{**about, "title": "Cold soup", "topic": company.food, "unit": company.north})
    page = look(case)
    assert suspected(look, case) == {
        twin.reference: "same customer, similar title, same topic, same unit, opened within a day"
    }
    assert "Perhaps the same matter" in page.content.decode()
    assert f"/compare/{twin.reference}/" in page.content.decode()


def test_somebody_else_with_the_same_address_is_suspected(look: Any, about: dict[str, Any]) -> None:
    other = Contact.objects.create(name="M. Nagy")
    ContactPoint.objects.create(contact=other, kind="email", value="MARTA@example.com")
    case, twin = make_case(**about), make_case(**{**about, "contact": other})
    assert suspected(look, case)[twin.reference].startswith("same e-mail or phone, ")


def test_what_is_far_in_time_merged_of_somebody_else_or_out_of_sight_is_not(
    look: Any, about: dict[str, Any], company: SimpleNamespace
) -> None:
    case = make_case(**about)
    make_case(**{**about, "unit": company.south})
    make_case(**{**about, "contact": Contact.objects.create(name="Márta Nagy")})
    long_ago = Actor.importing(company.ann, batch="old", at=timezone.now() - timedelta(days=15))
    open_case(CaseDraft(source=company.survey, description="", **about), by=long_ago)
    merged = make_case(**about)
    merge_case(merged, into=case, by=Actor.system("test"))
    assert suspected(look, case) == {}
    nobody = make_case(**{**about, "contact": None})
    assert suspected(look, nobody) == {}


def test_two_cases_stand_side_by_side_for_whoever_sees_both(
    about: dict[str, Any], case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    case, twin = make_case(**about), make_case(**{**about, "topic": company.food})
    hidden = make_case(**{**about, "unit": company.south})
    client = signed_in(company.ann)
    page = client.get(case_door.url("case_compare", case.reference, twin.reference))
    rows = {row.label: (row.one, row.other, row.is_same) for row in page.context["rows"]}
    assert rows["Topic"][2] is False
    assert rows["E-mail"] == ("Marta@example.com", "Marta@example.com", True)
    for pair in ((case, hidden), (hidden, case)):
        address = case_door.url("case_compare", *(one.reference for one in pair))
        assert client.get(address).status_code == 404
