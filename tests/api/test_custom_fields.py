"""Programs read and set custom fields of cases."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from case_management.domain.actor import Actor
from case_management.models import Case, CaseEvent, ClosureReason
from case_management.operations import Resolution, close_case, resolve_case, set_custom_fields
from case_management.testing import make_case
from tests.api.conftest import CASES, client_of, make_user
from tests.custom_fields.conftest import make_field

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
VALUES = {
    "seat": "12A", "amount": 120.5, "flown-on": "2026-03-31", "baggage": "lost", "damages": ["late", "torn"],
    "vouchered": False, "expert": "worker",
}  # fmt: skip


@pytest.fixture
def worker() -> Any:
    """Somebody who sees and changes every case."""
    return make_user("worker", "view_case", "change_case")


@pytest.fixture
def api(worker: Any) -> APIClient:
    """Their program; there is a field of each kind."""
    kinds = {
        "text": "Seat", "number": "Amount", "date": "Flown on", "choice": "Baggage", "choices": "Damages",
        "yes_no": "Vouchered", "user": "Expert",
    }  # fmt: skip
    for kind, name in kinds.items():
        make_field(name, kind)
    return client_of(worker)


def patch(api: APIClient, case: Case, **custom: Any) -> Any:
    return api.patch(f"{CASES}{case.reference}/", {"custom": custom}, format="json")


def test_what_is_set_is_read_again(api: APIClient) -> None:
    case = make_case()
    assert patch(api, case, **VALUES).json()["custom"] == VALUES
    assert api.get(f"{CASES}{case.reference}/").json()["custom"] == VALUES
    assert api.get(CASES).json()["results"][0]["custom"] == VALUES
    assert CaseEvent.objects.filter(case=case).latest("seq").actor_kind == "api"


def test_sending_it_twice_changes_nothing_more_and_null_takes_away(api: APIClient) -> None:
    case = make_case()
    patch(api, case, **VALUES)
    assert patch(api, case, **VALUES).status_code == 200
    assert CaseEvent.objects.filter(case=case, type="fields_changed").count() == 1
    left = {key: value for key, value in VALUES.items() if key not in ("seat", "baggage")}
    assert patch(api, case, seat=None, baggage=None).json()["custom"] == left


@pytest.mark.parametrize(
    ("custom", "field"),
    [
        ({"nothing": 5}, "custom.nothing"), ({"amount": "5"}, "custom.amount"),
        ({"vouchered": "no"}, "custom.vouchered"),
        ({"expert": "zoe"}, "custom.expert"), ({"expert": 1}, "custom.expert"), ({"damages": "torn"}, "custom.damages"),
        ({"flown-on": "soon"}, "custom.flown-on"), ({"amount": {"a": 1}}, "custom.amount"), ([], "custom"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_field(api: APIClient, custom: Any, field: str) -> None:
    case = make_case()
    reply = api.patch(f"{CASES}{case.reference}/", {"custom": custom}, format="json")
    assert (reply.status_code, [error["field"] for error in reply.json()["errors"]]) == (422, [field])
    assert not CaseEvent.objects.filter(case=case, type="fields_changed").exists()


def test_unknown_names_beside_custom_are_refused(api: APIClient) -> None:
    reply = api.patch(f"{CASES}{make_case().reference}/", {"custom": {}, "title": "x"}, format="json")
    assert reply.status_code == 422


def test_it_takes_the_right_and_a_case_that_is_not_closed(api: APIClient) -> None:
    case = make_case()
    assert patch(client_of(make_user("reader", "view_case")), case, amount=5).status_code == 403
    assert patch(client_of(make_user("stranger")), case, amount=5).status_code in (403, 404)
    resolve_case(case, Resolution(ClosureReason.objects.create(name="Fixed"), "All is well now"), by=SYSTEM)
    close_case(case, by=SYSTEM)
    assert patch(api, case, amount=5).status_code == 409


def test_the_list_is_filtered_by_custom_fields_and_reads_no_more_for_more_cases(api: APIClient, worker: Any) -> None:
    def spent(count: int) -> int:
        for _place in range(count):
            set_custom_fields(make_case(), {"amount": 5, "expert": worker}, by=SYSTEM)
        with CaptureQueriesContext(connection) as captured:
            reply = api.get(f"{CASES}?custom_amount_from=5&custom_expert=worker&page_size=50")
        assert len(reply.json()["results"]) >= count
        return len(captured)

    api.get(CASES)
    assert spent(2) == spent(12)
    assert api.get(f"{CASES}?custom_amount_from=6").json()["results"] == []
    assert api.get(f"{CASES}?custom_nothing=6").status_code == 422
