"""Editing a case: its texts, its customer, its unit; what is cleared comes back; who may what."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from case_management.domain.actor import Actor
from case_management.models import Case, CaseEvent, CaseText, Contact, ContactPoint
from case_management.operations import Correction, assign_case, correct_case
from case_management.testing import make_case
from tests.ui.case_page.reading import NOTE, ours
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def marta() -> Contact:
    """A customer with an address."""
    contact = Contact.objects.create(name="Márta Nagy")
    ContactPoint.objects.create(contact=contact, kind="email", value="marta@example.com")
    return contact


@pytest.fixture
def edit(case: Case, case_door: Any, company: SimpleNamespace, signed_in: Any) -> Any:
    """Send the edit form as the page shows it, with changes, as Ann unless ``by`` says who."""

    def post(*, by: Any = None, **changes: Any) -> Any:
        client = signed_in(by or company.ann)
        page = client.get(case_door.url("case", case.reference), {"do": "edit"})
        form = next(form for form in page.context["panels"].tabs if form.slug == "edit")
        shown = {"version": form.case.version}
        for field in form.visible_fields():
            value = field.field.prepare_value(field.value())
            shown |= {field.html_name: value or "", field.html_initial_name: value or ""}
        return client.post(case_door.url("case_act", case.reference, "edit"), {**shown, **changes})

    return post


def test_title_description_and_customer_are_corrected_in_one_event(edit: Any, case: Case, marta: Contact) -> None:
    before = case.version
    edit(heading="Row nine is broken", description="One\r\ntwo", find="marta@example.com", contact=marta.pk)
    case.refresh_from_db()
    assert (case.title, case.description, case.contact) == ("Row nine is broken", "One\ntwo", marta)
    (event,) = CaseEvent.objects.filter(case=case, seq__gt=before)
    assert (event.type, event.payload) == ("corrected", {"details": ["contact", "description", "title"]})
    assert "row nine is broken | marta nagy" in CaseText.objects.get(case=case).head


def test_history_names_the_details_and_not_the_words(edit: Any, look: Any, case: Case) -> None:
    edit(heading="Row nine is broken")
    entry = look(case).context["timeline"].entries[0]
    assert entry.sentence == "Corrected: Title"
    assert "Seat broken" not in ours(look(case)).partition('id="cm-log"')[2].partition("</ol>")[0]


def test_an_empty_title_is_refused_and_the_rest_is_kept(edit: Any, case: Case) -> None:
    response = edit(heading=" ", description="The whole row is loose.")
    assert response.status_code == 422
    assert "The whole row is loose." in ours(response)
    case.refresh_from_db()
    assert case.description == ""


def test_looking_for_the_customer_saves_nothing_and_keeps_what_was_typed(edit: Any, case: Case, marta: Contact) -> None:
    response = edit(heading="Row nine is broken", find="marta@example.com", button="find")
    page = ours(response)
    assert response.status_code == 200
    assert "Márta Nagy – marta@example.com" in page
    assert 'value="Row nine is broken"' in page
    case.refresh_from_db()
    assert case.title == "Seat broken"
    assert "Nobody else was found." in ours(edit(find="nobody@example.com", button="find"))


def test_a_customer_whom_the_person_did_not_find_cannot_be_put_on_the_case(
    edit: Any, case: Case, company: SimpleNamespace
) -> None:
    foreign = Contact.objects.create(name="Anna There")
    make_case(contact=foreign, unit=company.south, priority=company.normal)
    assert edit(contact=foreign.pk).status_code == 422
    assert edit(contact=foreign.pk, find="Anna").status_code == 422
    case.refresh_from_db()
    assert case.contact is None


def test_the_customer_can_be_taken_off(edit: Any, case: Case, marta: Contact) -> None:
    correct_case(case, Correction(contact=marta), by=Actor.system("test"))
    edit(contact="")
    case.refresh_from_db()
    assert case.contact is None


def test_the_unit_changes_last_so_that_everything_else_is_saved(
    edit: Any, case: Case, company: SimpleNamespace
) -> None:
    assign_case(case, to=company.ben, by=Actor.system("test"))
    edit(unit=company.north.pk, heading="Row nine is broken", topic=company.food.pk)
    case.refresh_from_db()
    assert (case.unit, case.title, case.topic, case.assignee) == (
        company.north, "Row nine is broken", company.food, None,
    )  # fmt: skip


def test_whoever_may_not_re_route_is_offered_no_unit(
    edit: Any, look: Any, case: Case, company: SimpleNamespace
) -> None:
    dora = make_viewer("dora", company.north, "change_case")
    assert 'name="unit"' not in ours(look(case, by=dora, do="edit"))
    edit(by=dora, unit=company.north.pk, heading="Row nine is broken")
    case.refresh_from_db()
    assert (case.unit, case.title) == (company.harbour, "Row nine is broken")


def test_two_people_correct_different_details_but_not_the_same_one(
    case: Case, case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    url, seen = case_door.url("case_act", case.reference, "edit"), case.version
    shown = {
        "version": seen, "heading": "Seat broken", "initial-heading": "Seat broken", "description": "",
        "initial-description": "", "contact": "", "initial-contact": "", "topic": company.seat.pk,
        "initial-topic": company.seat.pk, "priority": company.normal.pk, "initial-priority": company.normal.pk,
        "unit": case.unit.pk, "initial-unit": case.unit.pk, "case_type": "", "initial-case_type": "", "deadline": "",
        "initial-deadline": "",
    }  # fmt: skip
    signed_in(company.ben).post(url, {**shown, "heading": "Ben's title"})
    merged = signed_in(company.ann).post(url, {**shown, "description": "Ann's words"})
    assert merged.status_code == 302
    refused = signed_in(company.ann).post(url, {**shown, "heading": "Ann's title"})
    page = ours(refused)
    assert refused.status_code == 409
    assert "Corrected: Title" in page
    assert 'value="Ann&#x27;s title"' in page
    case.refresh_from_db()
    assert (case.title, case.description) == ("Ben's title", "Ann's words")


def test_clear_is_a_button_of_the_form_and_a_link_once_the_form_was_refused(
    edit: Any, look: Any, case: Case, case_door: Any
) -> None:
    assert '<button class="cm-button cm-button--quiet" type="reset">Clear</button>' in ours(look(case, do="edit"))
    refused = ours(edit(heading=""))
    address = f"{case_door.url('case', case.reference)}?do=edit#cm-panel-edit"
    assert f'href="{address}"' in refused
    again = look(case, do="edit")
    assert again.context["panels"].open_slug == "edit"
    assert 'value="Seat broken"' in ours(again)


def test_a_note_goes_on_as_the_note_of_the_resolution(
    case: Case, case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    client, url = signed_in(company.ann), case_door.url("case_act", case.reference, "resolve")
    typed = {"version": case.version, "text": NOTE, "subject": company.call.pk}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    form = refused.context["panels"].failed
    assert (form["note"].value(), form["subject"].value(), set(form.errors)) == (
        NOTE, str(company.call.pk), {"closure_reason"},
    )  # fmt: skip
    assert refused.context["panels"].open_slug == "resolve"
    case.refresh_from_db()
    assert (case.status, case.notes.count()) == ("new", 0)
    client.post(url, {"version": case.version, "note": NOTE, "closure_reason": company.solved.pk})
    case.refresh_from_db()
    assert (case.status, case.notes.get().text) == ("resolved", NOTE)
