"""The form for a new case."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from case_management.models import (
    Case,
    Contact,
    ContactPoint,
)
from case_management.testing import make_case
from tests.ui.case_page.reading import NOTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_new(case_door: Any, company: SimpleNamespace, signed_in: Any) -> Any:
    """Send the form for a new case, as Ann unless ``by`` says who."""

    def post(*, by: Any = None, **changes: Any) -> Any:
        client = signed_in(by or company.ann)
        typed = {
            "token": "one-page",
            "topic": company.seat.pk,
            "title": "Charged twice",
            "priority": company.normal.pk,
            "source": company.phone.pk,
            "unit": company.harbour.pk,
            "button": "save",
        }
        return client.post(case_door.url("new"), {**typed, **changes})

    return post


def only_case() -> Case:
    """The one case there is."""
    found: Case = Case.objects.get()
    return found


def test_the_form_comes_with_the_default_priority_and_the_source_for_calls(
    case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    page = signed_in(company.ann).get(case_door.url("new")).content.decode()
    assert f'<option value="{company.normal.pk}" selected>Normal</option>' in page
    assert f'<option value="{company.phone.pk}" selected>Phone</option>' in page
    assert "South" not in page


@pytest.mark.parametrize("missing", ["topic", "title", "priority", "unit"])
def test_a_new_case_needs_topic_title_priority_and_a_unit(missing: str, open_new: Any) -> None:
    response = open_new(**{missing: ""})
    assert (response.status_code, missing in response.context["form"].errors) == (422, True)
    assert not Case.objects.exists()


def test_a_case_is_opened_with_a_note_a_tag_and_a_new_customer(open_new: Any, company: SimpleNamespace) -> None:
    customer = {"name": "Márta Nagy", "email": "Marta@Example.com", "phone": "+36 30 1"}
    response = open_new(note=NOTE, **customer, **{f"tags_{company.angry.category_id}": [company.angry.pk]})
    case = only_case()
    assert response["Location"].endswith(f"/{case.reference}/")
    assert (case.status, case.title, case.unit, case.source) == (
        "in_progress",
        "Charged twice",
        company.harbour,
        company.phone,
    )
    assert case.contact is not None
    assert sorted(point.value for point in case.contact.points.all()) == ["+36 30 1", "Marta@Example.com"]
    assert set(case.tags.all()) == {company.angry}


def test_a_customer_with_that_address_is_not_made_twice(open_new: Any) -> None:
    known = Contact.objects.create(name="Márta Nagy")
    ContactPoint.objects.create(contact=known, kind="email", value="marta@example.com")
    open_new(email="MARTA@example.com")
    assert only_case().contact == known


def test_save_and_close_opens_resolves_and_closes(open_new: Any, company: SimpleNamespace) -> None:
    open_new(button="save_and_close", closure_reason=company.solved.pk, closing_note="Paid back at once.")
    case = only_case()
    assert (case.status, case.closure_reason) == ("closed", company.solved)
    assert [event.type for event in case.events.order_by("seq")][-2:] == ["resolved", "closed"]


def test_save_and_close_meets_the_same_gate_and_opens_nothing_when_it_fails(
    open_new: Any, company: SimpleNamespace
) -> None:
    response = open_new(button="save_and_close")
    assert {"closure_reason", "closing_note"} <= set(response.context["form"].errors)
    done = {"closure_reason": company.solved.pk, "closing_note": "Paid back at once.", "name": "Márta Nagy"}
    response = open_new(button="save_and_close", case_type=company.recovery.pk, **done)
    assert {"method", f"tags_{company.cause.pk}"} <= set(response.context["form"].errors)
    assert response.status_code == 422
    short = {**done, "closing_note": "short"}
    assert "closing_note" in open_new(button="save_and_close", **short).context["form"].errors
    assert not Case.objects.exists()
    assert not Contact.objects.exists()


def test_the_same_form_sent_twice_opens_one_case(open_new: Any) -> None:
    places = {open_new(name="Márta Nagy")["Location"] for _ in range(3)}
    assert (len(places), Case.objects.count(), Contact.objects.count()) == (1, 1, 1)


def test_nobody_opens_a_case_for_a_unit_or_without_a_right_that_they_do_not_have(
    open_new: Any, company: SimpleNamespace
) -> None:
    assert open_new(unit=company.south.pk).status_code == 422
    open_new(by=company.vera)
    assert not Case.objects.exists()


def test_a_search_finds_addresses_anywhere_but_names_only_among_visible_cases(
    open_new: Any, company: SimpleNamespace
) -> None:
    here, there = Contact.objects.create(name="Anna Here"), Contact.objects.create(name="Anna There")
    ContactPoint.objects.create(contact=there, kind="email", value="anna@example.com")
    make_case(contact=here, unit=company.harbour, priority=company.normal)
    make_case(contact=there, unit=company.south, priority=company.normal)
    assert open_new(button="find", find="anna").context["form"].matches == [here]
    response = open_new(button="find", find="ANNA@example.com", title="")
    assert (response.status_code, response.context["form"].matches) == (200, [there])
    assert "This field is required" not in response.content.decode()
    assert open_new(find="anna", contact=there.pk).status_code == 422
    before = set(Case.objects.values_list("pk", flat=True))
    open_new(find="anna@example.com", contact=there.pk)
    assert Case.objects.exclude(pk__in=before).get().contact == there
