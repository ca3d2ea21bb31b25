"""Custom fields on the pages, in both admins: on the new-case form, among the facts, when editing and resolving."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management.domain.actor import Actor
from case_management.models import Case, CaseEvent
from case_management.operations import Resolution, resolve_case, set_custom_fields
from case_management.testing import make_case
from tests.custom_fields.conftest import make_field

pytestmark = pytest.mark.django_db


@pytest.fixture
def customs(company: SimpleNamespace) -> SimpleNamespace:
    """A field of each kind; the damage is asked of recovery cases only."""
    return SimpleNamespace(
        baggage=make_field("Baggage", "choice", description="What became of the bag."),
        damages=make_field("Damages", "choices", case_types=[company.recovery]),
        amount=make_field("Amount", "number"),
        flown=make_field("Flown on", "date"),
        paid=make_field("Vouchered", "yes_no"),
        expert=make_field("Expert", "user"),
        seat=make_field("Seat", "text"),
    )


@pytest.fixture
def send_new(case_door: Any, company: SimpleNamespace, signed_in: Any) -> Any:
    """Fill in the new-case form as Ann."""

    def post(**typed: Any) -> Any:
        page = signed_in(company.ann).get(case_door.url("new")).content.decode()
        token = re.search(r'name="token" value="([^"]+)"', page)
        facts = {
            "token": token and token.group(1), "topic": company.seat.pk, "title": "Bag is gone", "name": "",
            "priority": company.normal.pk, "source": company.phone.pk, "unit": company.harbour.pk, "button": "save",
        }  # fmt: skip
        return signed_in(company.ann).post(case_door.url("new"), {**facts, **typed})

    return post


FILLED = {
    "custom_baggage": "lost", "custom_damages": ["torn", "late"], "custom_amount": "120.50", "custom_seat": "12A",
    "custom_flown-on": "2026-03-31", "custom_vouchered": "false",
}  # fmt: skip
TYPED = {
    "baggage": "lost", "damages": ["late", "torn"], "amount": 120.5, "flown-on": "2026-03-31", "vouchered": False,
}  # fmt: skip


def test_a_new_case_gets_what_was_filled_in(customs: Any, company: SimpleNamespace, send_new: Any) -> None:
    response = send_new(**FILLED, custom_expert=company.ben.pk, case_type=company.recovery.pk)
    assert response.status_code == 302, response.context["form"].errors
    case = Case.objects.get()
    assert case.custom == {**TYPED, "expert": company.ben.pk}
    assert case.custom_texts == {"seat": "12A"}


def test_the_form_shows_all_fields_and_says_whose_they_are(
    customs: Any, company: SimpleNamespace, case_door: Any, signed_in: Any
) -> None:
    page = signed_in(company.ann).get(case_door.url("new")).content.decode()
    assert "What became of the bag." in page
    assert re.search(rf'data-types="{company.recovery.pk} "\s*>\s*<legend><bdi>Only for: Recovery', page)


def test_a_field_of_another_type_is_refused_by_name(customs: Any, company: SimpleNamespace, send_new: Any) -> None:
    response = send_new(custom_damages=["torn"], case_type=company.social.pk)
    assert response.status_code == 422
    assert "type do not have the field" in str(response.context["form"].errors["custom_damages"])
    assert not Case.objects.exists()


def test_what_opening_requires_is_asked_for_where_it_stands(company: SimpleNamespace, send_new: Any) -> None:
    make_field("Flight", "text", required_to_open=True)
    make_field("Cause", "choice", required_to_open=True, case_types=[company.recovery])
    assert set(send_new(case_type=company.recovery.pk).context["form"].errors) == {"custom_flight"}
    refused = send_new(case_type=company.recovery.pk, custom_flight="CM 12")
    assert "To open this case fill in: Cause." in str(refused.context["form"].errors["custom_cause"])
    assert send_new(case_type=company.social.pk, custom_flight="CM 12").status_code == 302


def test_finding_the_customer_keeps_what_was_filled_in(customs: Any, send_new: Any) -> None:
    page = send_new(**FILLED, button="find", find="nobody").content.decode()
    assert page.count("checked") >= 2
    assert 'value="120.50"' in page
    assert 'value="2026-03-31"' in page


@pytest.fixture
def send_edit(case_door: Any, company: SimpleNamespace, case: Case, signed_in: Any) -> Any:
    """Send the Edit form of the case with the values it was shown with, and with changes."""

    def post(*, version: int | None = None, **typed: Any) -> Any:
        client, now = signed_in(company.ann), Case.objects.get(pk=case.pk)
        shown = {
            "initial-topic": case.topic_id, "topic": case.topic_id, "initial-case_type": now.case_type_id or "",
            "case_type": now.case_type_id or "", "initial-priority": case.priority_id, "priority": case.priority_id,
            "initial-deadline": "", "deadline": "",
        }  # fmt: skip
        seen = now.version if version is None else version
        return client.post(case_door.url("case_act", case.reference, "edit"), {"version": seen, **shown, **typed})

    return post


def test_editing_changes_only_what_was_changed(customs: Any, case: Case, send_edit: Any) -> None:
    set_custom_fields(case, {"amount": 5, "baggage": "lost", "seat": "12A"}, by=Actor.system("test"))
    shown = {"initial-custom_amount": "5", "initial-custom_baggage": "lost", "initial-custom_seat": "12A"}
    response = send_edit(**shown, custom_amount="6", custom_baggage="lost", custom_seat="")
    assert response.status_code == 302
    case.refresh_from_db()
    assert (case.custom, case.custom_texts) == ({"amount": 6, "baggage": "lost"}, {})
    assert CaseEvent.objects.filter(case=case).latest("seq").payload["changed"] == ["amount"]


def test_two_people_who_edit_custom_fields_at_once_are_told(customs: Any, case: Case, send_edit: Any) -> None:
    set_custom_fields(case, {"amount": 5, "damages": None, "baggage": "lost"}, by=Actor.system("test"))
    seen = case.version
    set_custom_fields(case, {"amount": 7}, by=Actor.system("test"))
    shown = {"initial-custom_amount": "5", "initial-custom_baggage": "lost", "custom_baggage": "lost"}
    response = send_edit(version=seen, **shown, custom_amount="6")
    assert response.status_code == 409
    page = response.content.decode()
    assert 'name="custom_amount" value="6"' in page
    assert re.search(r'name="initial-custom_amount" value="7', page)


def test_a_resolved_case_still_lets_its_fields_be_edited(
    customs: Any, company: SimpleNamespace, case: Case, case_door: Any, signed_in: Any
) -> None:
    resolve_case(case, Resolution(company.solved, "All is well again."), by=Actor.system("test"))
    client, act = signed_in(company.ann), case_door.url("case_act", case.reference, "edit")
    page = client.get(case_door.url("case", case.reference), {"do": "edit"}).content.decode()
    assert 'name="custom_amount"' in page
    assert 'id="cm-edit-topic"' not in page
    typed = {"version": case.version, "initial-custom_amount": "", "custom_amount": "9"}
    assert client.post(act, typed).status_code == 302
    assert Case.objects.get(pk=case.pk).custom == {"amount": 9}


def test_resolving_asks_for_the_fields_that_are_still_missing(
    company: SimpleNamespace, case: Case, case_door: Any, signed_in: Any
) -> None:
    make_field("Cause", "choice", required_to_resolve=True)
    make_field("Refund", "number", required_to_resolve=True)
    set_custom_fields(case, {"refund": 5}, by=Actor.system("test"))
    client, act = signed_in(company.ann), case_door.url("case_act", case.reference, "resolve")
    typed = {"version": case.version, "closure_reason": company.solved.pk, "note": "All is well again."}
    refused = client.post(act, typed)
    assert refused.status_code == 422
    assert set(refused.context["panels"].failed.errors) == {"custom_cause"}
    assert client.post(act, {**typed, "custom_cause": "lost"}).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.custom) == ("resolved", {"cause": "lost", "refund": 5})


def test_the_case_page_says_the_values_in_words_and_costs_no_more_for_more_fields(
    customs: Any, company: SimpleNamespace, case: Case, case_door: Any, signed_in: Any
) -> None:
    client, url = signed_in(company.ann), case_door.url("case", case.reference)

    def spent() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    client.get(url)
    values = {"baggage": "late", "vouchered": False, "expert": company.ben, "flown-on": "2026-03-31", "seat": "12A"}
    set_custom_fields(case, values, by=Actor.system("test"))
    few = spent()
    for place in range(20):
        make_field(f"More {place}", "number", case_types=[company.recovery])
    assert spent() == few
    page = client.get(url).content.decode()
    for words in ("Delayed; found", "no", "Ben Lind", "12A"):
        assert f"<dd><bdi>{words}</bdi></dd>" in page


@pytest.fixture
def look(case_door: Any, company: SimpleNamespace, signed_in: Any) -> Any:
    """The list of cases as Ann sees it."""
    return lambda query="": signed_in(company.ann).get(case_door.url("list") + query)


def test_a_line_shows_the_fields_that_are_columns(
    customs: Any, company: SimpleNamespace, case: Case, look: Any
) -> None:
    values = {"baggage": "late", "expert": company.ben, "seat": "12A", "amount": 5}
    set_custom_fields(case, values, by=Actor.system("test"))
    assert "12A" not in look().content.decode()
    type(customs.seat).objects.filter(key__in=("baggage", "expert", "seat")).update(in_list=True)
    page = look().content.decode()
    for label, value in (("Baggage", "Delayed; found"), ("Expert", "Ben Lind"), ("Seat", "12A")):
        assert f'<span class="cm-case__key">{label}:</span> <bdi>{value}</bdi>' in page
    assert "Amount" not in page


def test_the_panel_offers_every_filterable_field_and_pills_say_what_is_in_force(
    customs: Any, company: SimpleNamespace, case: Case, look: Any
) -> None:
    set_custom_fields(case, {"baggage": "late", "vouchered": True}, by=Actor.system("test"))
    page = look("?panel=open").content.decode()
    for name in ("baggage", "damages", "amount_from", "flown-on_to", "vouchered", "expert", "seat"):
        assert f'name="custom_{name}"' in page
    assert re.search(r'value="late">\s*<span dir="auto">Delayed; found</span>\s*<span class="cm-count">1<', page)
    page = look("?custom_baggage=late&custom_expert=nobody&custom_amount_to=5&custom_vouchered=yes").content.decode()
    for words in ("Baggage: <bdi>Delayed; found", "Expert: <bdi>nobody", "Amount to: <bdi>5", "Vouchered: <bdi>Yes"):
        assert words in page
    assert case.title not in page
    assert case.title in look("?custom_baggage=late&panel=open").content.decode()


def test_a_list_costs_no_more_for_more_lines_with_custom_columns(
    customs: Any, company: SimpleNamespace, look: Any
) -> None:
    type(customs.seat).objects.update(in_list=True)

    def spent(count: int) -> int:
        for _place in range(count):
            values = {"baggage": "late", "expert": company.ben, "seat": "12A"}
            make_case(topic=company.seat, unit=company.harbour, priority=company.normal, custom=values)
        with CaptureQueriesContext(connection) as captured:
            look("?custom_baggage=late&panel=open")
        return len(captured)

    look()
    assert spent(2) == spent(18)


def test_two_people_who_edit_different_custom_fields_both_get_their_way(
    customs: Any, case: Case, send_edit: Any
) -> None:
    set_custom_fields(case, {"amount": 5, "baggage": "lost", "seat": "12A"}, by=Actor.system("test"))
    seen = case.version
    set_custom_fields(case, {"amount": 7, "seat": "14C"}, by=Actor.system("test"))
    shown = {"initial-custom_amount": "5", "custom_amount": "5", "initial-custom_seat": "12A", "custom_seat": "12A"}
    assert (
        send_edit(version=seen, **shown, **{"initial-custom_baggage": "lost"}, custom_baggage="late").status_code == 302
    )
    case.refresh_from_db()
    assert (case.custom, case.custom_texts) == ({"amount": 7, "baggage": "late"}, {"seat": "14C"})
    refused = send_edit(version=seen, **{**shown, "custom_seat": "1B"})
    assert refused.status_code == 409
