"""Programs read cases: only those that their user may see, page by page, by the filters that people use."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from case_management.domain.actor import Actor
from case_management.filters import CaseFilterSet
from case_management.models import Case, ClosureReason, Contact, Interaction, Source, Tag, TagCategory, Unit
from case_management.operations import CaseDraft, Resolution, assign_case, open_cases, resolve_case, tag_case
from case_management.testing import make_case, make_topic
from tests.api.conftest import CASES, RESPONSES, client_of, make_user

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("test")


@pytest.fixture
def reader() -> APIClient:
    """Somebody who sees every case."""
    return client_of(make_user("reader", "view_case"))


def references(reply: Any) -> list[str]:
    assert reply.status_code == 200, reply.content
    return [case["reference"] for case in reply.json()["results"]]


def many(count: int, **facts: Any) -> list[Case]:
    first = make_case(**facts)
    draft = CaseDraft(title="Again", topic=make_topic(), source=first.source, priority=first.priority, **facts)
    return [first, *open_cases([draft] * (count - 1), by=SYSTEM)]


def test_a_case_is_shown_by_keys_and_numbers(reader: APIClient) -> None:
    unit = Unit.add_root(number="4711", name="Harbour")
    contact = Contact.objects.create(name="Ana", external_id="K1")
    tag = Tag.objects.create(name="Food", category=TagCategory.objects.create(name="What"))
    case = make_case(title="Cold soup", description="Very.", unit=unit, contact=contact)
    agent = make_user("agent", "view_case", "change_case", "resolve_case")
    tag_case(case, add=[tag], by=SYSTEM)
    assign_case(case, to=agent, by=SYSTEM)
    resolve_case(case, Resolution(ClosureReason.objects.create(name="Fixed"), "All is well now"), by=SYSTEM)

    shown = reader.get(f"{CASES}{case.reference}/").json()

    assert {name: shown[name] for name in ("reference", "status", "title", "description", "topic", "source")} == {
        "reference": case.reference, "status": "resolved", "title": "Cold soup", "description": "Very.",
        "topic": "general", "source": "survey",
    }  # fmt: skip
    assert shown["unit"] == {"number": "4711", "name": "Harbour"}
    assert shown["contact"] == {"external_id": "K1", "name": "Ana", "country": "", "language": ""}
    assert (shown["assignee"], shown["tags"], shown["closure_reason"]) == ("agent", ["food"], "fixed")
    assert (shown["priority"], shown["team"], shown["overdue"], shown["waiting_for"]) == ("normal", None, False, "")
    assert shown["events"] == case.events.count() > 2


@pytest.mark.parametrize("spelled", [str.lower, lambda text: text.replace("-", ""), lambda text: f"%23{text}"])
def test_a_reference_may_be_typed_in_any_way(reader: APIClient, spelled: Any) -> None:
    case = make_case()

    assert reader.get(f"{CASES}{spelled(case.reference)}/").json()["reference"] == case.reference


def test_a_case_past_its_deadline_says_so(reader: APIClient) -> None:
    make_case(deadline=timezone.now() - timedelta(hours=1))
    make_case(deadline=timezone.now() + timedelta(hours=1))

    assert [case["overdue"] for case in reader.get(CASES).json()["results"]] == [False, True]


def test_pages_show_every_case_once_newest_first_also_while_cases_come_in(reader: APIClient) -> None:
    before = [case.reference for case in many(7)]
    url, pages = f"{CASES}?page_size=3", []
    while url:
        reply = reader.get(url)
        pages.append(references(reply))
        url = reply.json()["next"]
        make_case()

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [each for page in pages for each in page] == before[::-1]


def test_the_way_back_leads_to_the_same_page(reader: APIClient) -> None:
    many(7)
    first = reader.get(f"{CASES}?page_size=3")
    second = reader.get(first.json()["next"])

    assert references(reader.get(second.json()["previous"])) == references(first)


@pytest.mark.parametrize("size", ["0", "-1", "x", "100000"])
def test_a_page_has_at_most_200_cases(reader: APIClient, size: str) -> None:
    many(201)

    assert len(references(reader.get(f"{CASES}?page_size={size}"))) in (50, 200)


def cursor(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "made_up", ["x", "%00", "ä", cursor("p=abc"), cursor("p=1 or 1=1"), cursor("p=" + "9" * 30), cursor("p=-1"),
                cursor("o=x"), cursor("r=x"), cursor("p=%00")]
)  # fmt: skip
def test_a_cursor_that_somebody_made_up_is_refused(reader: APIClient, made_up: str) -> None:
    make_case()

    reply = reader.get(CASES, {"cursor": made_up})

    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


def test_the_list_and_each_case_follow_the_same_rights() -> None:
    north = Unit.add_root(number="N", name="North")
    south = Unit.add_root(number="S", name="South")
    north = Unit.objects.get(pk=north.pk)
    seen, hidden, nowhere = make_case(unit=north), make_case(unit=south), make_case()
    client = client_of(make_user("north", "view_case", unit=north))

    assert references(client.get(CASES)) == [seen.reference]
    assert client.get(f"{CASES}{seen.reference}/").status_code == 200
    for case in (hidden, nowhere):
        reply = client.get(f"{CASES}{case.reference}/")
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
        assert case.title not in reply.content.decode()


def test_without_the_right_to_see_cases_nothing_is_shown() -> None:
    case = make_case()
    client = client_of(make_user("reporter", "add_interaction"))

    for url in (CASES, f"{CASES}{case.reference}/"):
        assert client.get(url).status_code == 403
        assert APIClient().get(url).status_code == 401


def test_the_status_of_a_response_names_its_case_only_to_those_who_see_it(survey: Source) -> None:
    interaction = Interaction.objects.create(
        source=survey, external_id="1", occurred_at=timezone.now(), available_at=timezone.now()
    )
    case = make_case(source=survey, interaction=interaction)
    sender, both = make_user("sender", "add_interaction"), make_user("both", "add_interaction", "view_case")

    shown = [client_of(user).get(f"{RESPONSES}survey/1/").json()["case"] for user in (sender, both)]

    assert shown == [None, case.reference]


def test_the_filters_are_those_of_the_list_that_people_see(reader: APIClient) -> None:
    mail = Source.objects.create(key="mail", name="Mail", kind="email")
    wanted = make_case(title="Cold soup", source=mail)
    make_case(title="Cold soup")
    make_case(title="Warm soup", source=mail)

    assert references(reader.get(CASES, {"source": "mail", "q": "cold"})) == [wanted.reference]
    assert references(reader.get(CASES, {"status": ["resolved", "closed"]})) == []
    assert len(references(reader.get(CASES, {"status": ["open", "closed"], "page_size": 2}))) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"source": "nosuch"}, "source"),
        ({"source": "a\0b"}, "source"),
        ({"opened_after": "soon"}, "opened_after"),
        ({"unit": "nosuch"}, "unit"),
        ({"q": "a\0b"}, "q"),
        ({"nosuch": "1"}, ""),
        ({"assignee__password__startswith": "p"}, ""),
        ({"_connector": "OR"}, ""),
        ({"ordering": "assignee__password"}, ""),
    ],
)
def test_an_unknown_filter_or_value_is_named(reader: APIClient, query: dict[str, str], field: str) -> None:
    reply = reader.get(CASES, query)

    assert (reply.status_code, reply.json()["code"]) == (422, "validation_failed")
    assert [error["field"] for error in reply.json()["errors"]] == [field]


def test_every_filter_has_its_place_in_the_description() -> None:
    from case_management.api.cases import _FILTERS

    assert {parameter.name for parameter in _FILTERS} == set(CaseFilterSet.base_filters)


def test_the_number_of_queries_does_not_depend_on_the_number_of_cases(reader: APIClient) -> None:
    unit, contact = Unit.add_root(number="4711", name="Harbour"), Contact.objects.create(name="Ana")
    reason = ClosureReason.objects.create(name="Fixed")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            references(reader.get(CASES))
        return len(captured)

    resolve_case(make_case(unit=unit, contact=contact), Resolution(reason, "All is well now"), by=SYSTEM)
    few = queries()
    for case in many(40, unit=unit, contact=contact):
        resolve_case(case, Resolution(reason, "All is well now"), by=SYSTEM)

    assert queries() == few <= 12


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_cases_are_neither_made_nor_replaced_nor_deleted(reader: APIClient, method: str) -> None:
    case = make_case()

    for url in (CASES, f"{CASES}{case.reference}/"):
        assert getattr(reader, method)(url, {"title": "x"}, format="json").status_code == 405
    assert Case.objects.get().title == "A case"
