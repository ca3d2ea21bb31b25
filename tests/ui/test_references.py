"""Where a form asks for another case it is looked up by words among what one may see; compared cases are merged."""

from __future__ import annotations

import pytest

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(company):
    contact = models.Contact.objects.create(name="Cora Quist")
    return make_case(
        title="Cold soup", topic=company.seat, priority=company.normal, unit=company.harbour, contact=contact
    )


@pytest.fixture
def foreign(company):
    """A case that Ann may not see."""
    return make_case(title="Cold soup in the south", topic=company.seat, priority=company.normal, unit=company.south)


def found(browser, door, case, text, **query):
    answer = browser.get(door.url("case_others", case.reference), {"q": text, **query})
    assert answer.status_code == 200
    return [row["reference"] for row in answer.json()["cases"]]


def test_cases_are_found_by_words_customer_and_reference(case_door, signed_in, company, case, other, foreign):
    browser = signed_in(company.ann)
    for text in ("cold so", "cora", other.reference.lower()):
        assert found(browser, case_door, case, text) == [other.reference]
    for text in ("", "c", "nothing like it", foreign.reference, case.reference):
        assert found(browser, case_door, case, text) == []


def test_where_an_open_case_is_asked_for_no_other_is_found(case_door, signed_in, company, case, other):
    reason = models.ClosureReason.objects.get(name="Solved")
    operations.resolve_case(other, operations.Resolution(reason, "Called and explained."), by=Actor.system("test"))
    browser = signed_in(company.ann)
    assert found(browser, case_door, case, "cold soup") == [other.reference]
    assert found(browser, case_door, case, "cold soup", open="1") == []


def test_whoever_may_not_see_the_case_is_not_answered(case_door, signed_in, company, foreign):
    answer = signed_in(company.ann).get(case_door.url("case_others", foreign.reference), {"q": "cold"})
    assert answer.status_code == 404


def test_the_fields_say_where_they_look(case_door, signed_in, company, case):
    page = signed_in(company.ann).get(case_door.url("case", case.reference)).content.decode()
    assert page.count('data-cm-cases="others/?open=1"') == 1, "merge"
    assert page.count('data-cm-cases="others/?open="') == 1, "link"


def test_compared_cases_are_merged_after_a_look(case_door, signed_in, company, case, other):
    browser = signed_in(company.ann)
    page = browser.get(case_door.url("case_compare", case.reference, other.reference)).content.decode()
    for one, into in ((case, other), (other, case)):
        assert f"Merge {one.reference} into {into.reference}" in page
        assert f'action="{case_door.url("case_act", one.reference, "merge")}"' in page
    sent = {"version": other.version, "into": case.reference}
    shown = browser.post(case_door.url("case_act", other.reference, "merge"), sent)
    assert (shown.status_code, 'id="cm-merge-preview"' in shown.content.decode()) == (200, True)
    assert models.Case.objects.get(pk=other.pk).is_open


def test_who_may_not_merge_and_what_is_closed_is_only_compared(case_door, signed_in, company, case, other):
    reader = make_user("reader", role="Sales agent", unit=company.harbour)
    address = case_door.url("case_compare", case.reference, other.reference)
    page = signed_in(reader).get(address)
    assert (page.status_code, "The same matter?" in page.content.decode()) == (200, False)
    operations.merge_case(other, into=case, by=Actor.from_user(company.ann))
    assert "The same matter?" not in signed_in(company.ann).get(address).content.decode()
