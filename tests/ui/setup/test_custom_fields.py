"""The set-up screen of custom fields in both admins: options, the kind that is fixed, and what is in use."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from case_management import models
from case_management.domain.actor import Actor
from case_management.operations import set_custom_fields
from case_management.testing import make_case
from tests.ui.setup.doors import SCREEN, Door, client_of, created, errors_of, refused, user_with

pytestmark = pytest.mark.django_db
FIELDS = SCREEN["customfield"]
BAGGAGE = {"name": "Baggage", "kind": "choice", "options": "lost: Lost\nDamaged", "position": 1, "is_active": "on"}


def change(client: Client, door: Door, field: models.CustomField, data: dict[str, Any]) -> Any:
    return client.post(door.url(FIELDS, "change", field.pk), data)


def test_options_are_lines_and_get_their_keys_from_their_labels(admin: Client, door: Door) -> None:
    field = created(admin, door, FIELDS, BAGGAGE)
    assert field.key == "baggage"
    assert field.option_pairs == [("lost", "Lost"), ("damaged", "Damaged")]
    page = admin.get(door.url(FIELDS, "change", field.pk)).content.decode()
    assert "lost: Lost\ndamaged: Damaged" in page


def test_types_are_chosen_and_shown(admin: Client, door: Door) -> None:
    recovery = models.CaseType.objects.create(name="Guest recovery")
    field = created(admin, door, FIELDS, {**BAGGAGE, "case_types": [recovery.pk]})
    assert list(field.case_types.all()) == [recovery]
    assert "Guest recovery" in admin.get(door.url(FIELDS, "list")).content.decode()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [("", "at least one"), ("lost: Lost\nLOST", "twice"), ("失物", "plain letters"), ("x" * 130, "too long")],
)
def test_options_that_could_be_mistaken_are_refused(admin: Client, door: Door, options: str, complaint: str) -> None:
    response = admin.post(door.url(FIELDS, "add"), {**BAGGAGE, "options": options})
    assert complaint in refused(response, "options")


def test_a_key_that_reads_like_a_range_is_refused(admin: Client, door: Door) -> None:
    assert "_from" in refused(admin.post(door.url(FIELDS, "add"), {**BAGGAGE, "key": "valid_from"}), "key")


def test_the_kind_is_fixed_and_options_are_kept_once_cases_have_values(admin: Client, door: Door) -> None:
    field = created(admin, door, FIELDS, BAGGAGE)
    set_custom_fields(make_case(), {"baggage": "lost"}, by=Actor.system("test"))
    response = change(admin, door, field, {**BAGGAGE, "options": "damaged: Damaged"})
    assert "1 case has “Lost” (lost)" in refused(response, "options")
    response = change(admin, door, field, {**BAGGAGE, "kind": "number", "options": "lost: Mislaid"})
    assert response.status_code == 302, errors_of(response)
    field.refresh_from_db()
    assert (field.kind, field.option_pairs) == ("choice", [("lost", "Mislaid")])


def test_a_field_with_values_is_switched_off_instead_of_deleted(admin: Client, door: Door) -> None:
    field = created(admin, door, FIELDS, BAGGAGE)
    case = make_case()
    set_custom_fields(case, {"baggage": "lost"}, by=Actor.system("test"))
    response = admin.post(door.url(FIELDS, "delete", field.pk), {"post": "yes"})
    assert response.status_code == 409
    assert "1 case" in response.content.decode()
    admin.post(door.url(FIELDS, "delete", field.pk), {"deactivate": "1"})
    field.refresh_from_db()
    assert not field.is_active


def test_somebody_who_sees_no_cases_is_not_told_how_many_there_are(door: Door, admin: Client) -> None:
    field = created(admin, door, FIELDS, BAGGAGE)
    set_custom_fields(make_case(), {"baggage": "lost"}, by=Actor.system("test"))
    client = client_of(user_with("view_customfield", "change_customfield"))
    told = refused(change(client, door, field, {**BAGGAGE, "options": "damaged: Damaged"}), "options")
    assert "that you may not see have “Lost” (lost)" in told
