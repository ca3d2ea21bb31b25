"""Programs send responses: what is right is stored once, what is wrong is named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from case_management.models import Contact, Interaction, Source, Unit
from tests.api.conftest import RESPONSES, client_of, make_user

FULL = {
    "source": "survey",
    "external_id": "R-1",
    "occurred_at": "2026-03-01T12:00:00+01:00",
    "unit": "4711",
    "score": 3,
    "recommended": False,
    "wants_contact": True,
    "title": "Cold food",
    "comment": "Nobody came.\nTwice.",
    "answers": {"How was the food?": 2, "What was missing?": ["salt", "bread"], "Again?": None},
    "visit": {"Table": "7", "Late": True},
    "contact": {"name": "Ana", "emails": ["ana@example.org"], "phones": ["+49 30 1"], "external_id": "K1"},
}


def small(**fields: Any) -> dict[str, Any]:
    return {"source": "survey", "external_id": "R-1", **fields}


def send(api: APIClient, body: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(RESPONSES, body, format="json", headers=headers)


def faulty_fields(reply: Any) -> set[str]:
    assert reply.status_code == 422, reply.content
    problem = reply.json()
    assert problem["message"]
    assert all(set(error) == {"field", "message", "mend"} and error["message"] for error in problem["errors"])
    return {error["field"] for error in problem["errors"]}


def test_everything_that_is_sent_is_stored(api: APIClient) -> None:
    unit = Unit.add_root(number="4711", name="Harbour")

    reply = send(api, FULL)

    row = Interaction.objects.get()
    assert reply.status_code == 201
    assert reply.json() == {"source": "survey", "external_id": "R-1", "url": "/api/v1/responses/survey/R-1/"}
    assert (row.external_id, row.unit, row.occurred_at) == ("R-1", unit, datetime(2026, 3, 1, 11, tzinfo=UTC))
    assert (row.score, row.recommended, row.wants_contact) == (Decimal(3), False, True)
    assert (row.title, row.comment) == ("Cold food", "Nobody came.\nTwice.")
    assert (row.answers, row.visit, row.raw) == (FULL["answers"], FULL["visit"], FULL)
    assert row.contact is not None
    assert (row.contact.name, row.contact.external_id) == ("Ana", "K1")
    assert row.contact.points.count() == 2


def test_what_is_stored_is_the_client_s_url_away(api: APIClient) -> None:
    url = send(api, small()).json()["url"]

    reply = api.get(url)

    assert reply.status_code == 200
    assert (reply.json()["state"], reply.json()["case"], reply.json()["url"]) == ("pending", None, url)


@pytest.mark.parametrize("external_id", ["a/b", "ä ö", "100%", "a?b#c", "..", "<script>", "R-1/"])
def test_any_id_can_be_asked_for(api: APIClient, external_id: str) -> None:
    url = send(api, small(external_id=external_id)).json()["url"]

    assert api.get(url).json()["external_id"] == external_id


def test_the_same_response_again_is_known(api: APIClient) -> None:
    first, again = send(api, small(comment="Cold")), send(api, small(comment="Cold"))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert Interaction.objects.count() == 1


def test_the_same_id_with_other_content_is_refused_and_the_first_is_kept(api: APIClient) -> None:
    send(api, small(comment="Cold"))

    reply = send(api, small(comment="Warm"))

    assert (reply.status_code, reply.json()["code"]) == (409, "external_id_reused")
    assert reply.json()["errors"][0]["field"] == "external_id"
    assert Interaction.objects.get().comment == "Cold"


def test_a_list_is_taken_in_as_a_whole(api: APIClient) -> None:
    send(api, small(external_id="old"))
    send(api, small(external_id="other", comment="first"))
    Source.objects.create(key="mail", name="Mail", kind="email")

    reply = send(
        api,
        [small(external_id="a"), small(external_id="old"), small(external_id="a"),
         small(external_id="a", source="mail"), small(external_id="other", comment="changed")],
    )  # fmt: skip

    assert reply.status_code == 201
    assert (reply.json()["new"], reply.json()["known"]) == (2, 3)
    outcomes = [(each["source"], each["outcome"]) for each in reply.json()["responses"]]
    assert outcomes == [
        ("survey", "new"), ("survey", "known"), ("survey", "known"), ("mail", "new"), ("survey", "conflict")
    ]  # fmt: skip
    assert Interaction.objects.count() == 4
    assert Interaction.objects.get(external_id="other").comment == "first"


def test_a_list_with_one_fault_is_refused_as_a_whole(api: APIClient) -> None:
    reply = send(api, [small(external_id="a"), small(external_id="b", score=11), small(external_id="c", colour=1)])

    assert faulty_fields(reply) == {"1.score", "2.colour"}
    assert not Interaction.objects.exists()


def test_one_id_with_two_contents_in_a_list_is_a_fault_of_the_second(api: APIClient) -> None:
    reply = send(api, [small(comment="one"), small(external_id="b"), small(comment="two")])

    assert faulty_fields(reply) == {"2.external_id"}
    assert not Interaction.objects.exists()


@pytest.mark.parametrize(("count", "status"), [(500, 201), (501, 422)])
def test_a_list_has_at_most_500_responses(api: APIClient, count: int, status: int) -> None:
    reply = send(api, [small(external_id=str(n)) for n in range(count)])

    assert reply.status_code == status
    assert Interaction.objects.count() == (count if status == 201 else 0)


def test_an_empty_list_is_a_fault(api: APIClient) -> None:
    assert send(api, []).status_code == 422


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({"source": "nosuch"}, "source"),
        ({"source": None}, "source"),
        ({"source": 7}, "source"),
        ({"external_id": "x" * 121}, "external_id"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "a\nb"}, "external_id"),
        ({"external_id": ["a"]}, "external_id"),
        ({"occurred_at": "2026-03-01T12:00:00"}, "occurred_at"),
        ({"occurred_at": "2026-03-01"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
        ({"occurred_at": "soon"}, "occurred_at"),
        ({"occurred_at": 7}, "occurred_at"),
        ({"unit": "nosuch"}, "unit"),
        ({"unit": {"number": "1"}}, "unit"),
        ({"score": 10.01}, "score"),
        ({"score": -1}, "score"),
        ({"score": 3.14159}, "score"),
        ({"score": "many"}, "score"),
        ({"score": True}, "score"),
        ({"score": [3]}, "score"),
        ({"recommended": "yes"}, "recommended"),
        ({"recommended": 1}, "recommended"),
        ({"wants_contact": None}, "wants_contact"),
        ({"title": "x" * 251}, "title"),
        ({"title": "a\r\nBcc: eve@example.org"}, "title"),
        ({"comment": "x" * 20_001}, "comment"),
        ({"comment": {"text": "x"}}, "comment"),
        ({"answers": ["a"]}, "answers"),
        ({"answers": {"a": {"b": 1}}}, "answers"),
        ({"answers": {"a": [1]}}, "answers"),
        ({"answers": {"a": "x" * 20_001}}, "answers"),
        ({"answers": {"": 1}}, "answers"),
        ({"answers": {str(n): n for n in range(201)}}, "answers"),
        ({"visit": "yesterday"}, "visit"),
        ({"contact": "ana@example.org"}, "contact"),
        ({"contact": {"emails": ["nomail"]}}, "contact.emails.0"),
        ({"contact": {"emails": ["a@example.org\nBcc: eve@example.org"]}}, "contact.emails.0"),
        ({"contact": {"emails": "ana@example.org"}}, "contact.emails"),
        ({"contact": {"emails": ["a@example.org"] * 11}}, "contact.emails"),
        ({"contact": {"name": "A\x0bB"}}, "contact.name"),
        ({"contact": {"id": 7}}, "contact.id"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_field_and_nothing_is_stored(api: APIClient, fields: Any, faulty: str) -> None:
    reply = send(api, small(**fields))

    assert faulty_fields(reply) == {faulty}
    assert all(error["mend"] for error in reply.json()["errors"])
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("score", [0, 10, 7.5, "8"])
def test_scores_run_from_0_to_10(api: APIClient, score: Any) -> None:
    send(api, small(score=score))

    assert Interaction.objects.get().score == Decimal(str(score))


@pytest.mark.parametrize("body", [7, "text", None, True, {}, [[]], [7]])
def test_what_is_no_response_is_refused(api: APIClient, body: Any) -> None:
    reply = send(api, body)

    assert reply.status_code == 422
    assert reply.json()["code"] == "validation_failed"


def test_a_time_without_an_offset_is_told_how_to_say_it(api: APIClient) -> None:
    error = send(api, small(occurred_at="2026-03-01T12:00:00")).json()["errors"][0]

    assert "no offset from UTC" in error["message"]
    assert "+02:00" in error["mend"]


STRANGE = [
    "id", "pk", "case", "state", "attempts", "available_at", "received_at", "kind", "raw", "contact_id", "unit_id",
    "source_id", "assignee", "is_internal", "is_superuser", "owner_id", "escalated", "version",
]  # fmt: skip


def test_fields_that_nobody_may_set_are_refused_by_name(api: APIClient) -> None:
    reply = send(api, small(**dict.fromkeys(STRANGE, 1)))

    assert faulty_fields(reply) == set(STRANGE)
    assert not Interaction.objects.exists()


def test_a_misspelt_field_is_guessed(api: APIClient) -> None:
    reply = send(api, small(comments="x"))

    assert "Did you mean “comment”?" in reply.json()["errors"][0]["message"]


def test_a_source_that_is_switched_off_takes_nothing(api: APIClient, survey: Source) -> None:
    Source.objects.filter(pk=survey.pk).update(is_active=False)

    assert faulty_fields(send(api, small())) == {"source"}


def test_without_an_id_a_key_is_needed(api: APIClient) -> None:
    reply = send(api, {"source": "survey", "comment": "Hi"})

    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_required")
    assert not Interaction.objects.exists()


def test_equal_content_under_two_keys_is_two_responses(api: APIClient) -> None:
    body = {"source": "survey", "score": 10}

    first, second = send(api, body, "k1"), send(api, body, "k2")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["external_id"] != second.json()["external_id"]
    assert Interaction.objects.count() == 2


def test_a_list_without_ids_is_stored_once_per_key(api: APIClient) -> None:
    body = [{"source": "survey", "score": 10}, {"source": "survey", "score": 10}]

    send(api, body, "k1")
    reply = send(api, body, "k1")

    assert reply.json()["new"] == Interaction.objects.count() == 2


def test_nobody_passes_without_a_token(survey: Source) -> None:
    reply = APIClient().post(RESPONSES, small(), format="json")

    assert (reply.status_code, reply.json()["code"]) == (401, "not_authenticated")
    assert reply["WWW-Authenticate"] == "Token"


def test_a_wrong_token_and_the_token_of_somebody_who_left_do_not_pass(api: APIClient, reporter: Any) -> None:
    stranger = APIClient(HTTP_AUTHORIZATION="Token nosuch")
    reporter.is_active = False
    reporter.save()

    for client in (stranger, api):
        reply = client.post(RESPONSES, small(), format="json")
        assert (reply.status_code, reply.json()["code"]) == (401, "authentication_failed")
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("permission", ["view_case", "add_case", "view_interaction"])
def test_other_permissions_do_not_let_send(survey: Source, permission: str) -> None:
    reply = send(client_of(make_user("other", permission)), small())

    assert (reply.status_code, reply.json()["code"]) == (403, "permission_denied")
    assert not Interaction.objects.exists()


def test_a_session_needs_the_csrf_token(survey: Source, reporter: Any) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(reporter)

    reply = browser.post(RESPONSES, small(), format="json")

    assert reply.status_code == 403
    assert not Interaction.objects.exists()


def test_a_client_of_one_branch_reports_for_that_branch_alone(survey: Source) -> None:
    north = Unit.add_root(number="N", name="North")
    north.add_child(number="N1", name="North 1")
    Unit.add_root(number="S", name="South")
    client = client_of(make_user("north", "add_interaction", unit=north))

    inside = send(client, small(external_id="1", unit="N1"))
    foreign = send(client, small(external_id="2", unit="S"))
    unknown = send(client, small(external_id="2", unit="nosuch"))

    assert inside.status_code == 201
    assert faulty_fields(foreign) == {"unit"}
    assert foreign.content == unknown.content
    assert Interaction.objects.count() == 1


def test_a_permission_without_a_membership_holds_everywhere(survey: Source) -> None:
    Unit.add_root(number="S", name="South")
    client = client_of(make_user("program", "add_interaction", is_member=False))

    assert send(client, small(unit="S")).status_code == 201


def test_the_status_of_a_foreign_unit_s_response_is_not_shown(api: APIClient) -> None:
    north, south = Unit.add_root(number="N", name="North"), Unit.add_root(number="S", name="South")
    assert north != south
    url = send(api, small(unit="S")).json()["url"]

    reply = client_of(make_user("north", "add_interaction", unit=north)).get(url)

    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("url", ["survey/nosuch/", "nosuch/R-1/", "survey/%00/", "survey/a%00b/", "survey/%ff/"])
def test_what_is_not_there_is_not_found(api: APIClient, url: str) -> None:
    assert api.get(RESPONSES + url).status_code == 404


def test_a_known_customer_is_not_changed_by_an_address_alone(api: APIClient) -> None:
    send(api, small(external_id="1", contact={"name": "Ana", "emails": ["ana@example.org"]}))
    send(api, small(external_id="2", contact={"name": "Eve", "emails": ["ana@example.org"]}))

    assert [contact.name for contact in Contact.objects.all()] == ["Ana"]


def test_without_a_time_the_time_of_receipt_counts(api: APIClient) -> None:
    before = timezone.now()

    send(api, small(occurred_at=None))

    assert before <= Interaction.objects.get().occurred_at <= timezone.now()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_other_methods_are_refused(api: APIClient, method: str) -> None:
    reply = getattr(api, method)(RESPONSES)

    assert (reply.status_code, reply.json()["code"]) == (405, "method_not_allowed")
