"""Each response is stored once, whoever sends it how often."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management.exceptions import RowInvalid, ValueUnknown
from case_management.intake import NewUnits, Person, Response, UnitName, receive
from case_management.models import Contact, Interaction, Source, Unit
from case_management.models.due import DueState


def response(external_id: str = "1", **fields: Any) -> Response:
    return Response(**{"external_id": external_id, "raw": {"id": external_id}, **fields})


def test_a_response_becomes_an_interaction_that_waits_for_the_rules(survey: Source) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    said = response(
        "A-1", occurred_at=at, score=Decimal("3.50"), recommended=False, wants_contact=True, title="Cold food",
        comment="Nobody came.", answers={"Food": 1}, visit={"Table": "7"}, raw={"any": "thing"},
    )  # fmt: skip

    received = receive([said], source=survey)

    row = Interaction.objects.get()
    assert (received.new, received.known, received.ids) == ([row.pk], [], {"A-1": row.pk})
    assert (row.source, row.kind, row.external_id, row.occurred_at) == (survey, "survey", "A-1", at)
    assert (row.score, row.recommended, row.wants_contact) == (Decimal("3.50"), False, True)
    assert (row.title, row.comment) == ("Cold food", "Nobody came.")
    assert (row.answers, row.visit, row.raw) == ({"Food": 1}, {"Table": "7"}, {"any": "thing"})
    assert row.state == DueState.PENDING
    assert row.pk in {due.pk for due in Interaction.objects.due(timezone.now())}


def test_the_same_batch_again_stores_nothing(survey: Source) -> None:
    batch = [response(str(number), contact=Person(emails=(f"{number}@example.org",))) for number in range(20)]
    first = receive(batch, source=survey)

    again = receive(batch, source=survey)

    assert (again.new, sorted(again.known)) == ([], sorted(first.new))
    assert (Interaction.objects.count(), Contact.objects.count()) == (20, 20)


def test_what_stands_twice_in_a_batch_is_new_once_and_known_once(survey: Source) -> None:
    received = receive([response("1"), response("2"), response("1", comment="later")], source=survey)

    assert len(received.new) == 2
    assert received.known == [received.ids["1"]]
    assert Interaction.objects.get(external_id="1").comment == ""


def test_the_same_id_from_another_source_is_another_response(survey: Source) -> None:
    other = Source.objects.create(key="mail", name="Mail", kind="email")

    receive([response("1")], source=survey)
    received = receive([response("1")], source=other)

    assert len(received.new) == 1
    assert Interaction.objects.get(pk=received.new[0]).kind == "email"


def test_without_an_id_the_content_decides_and_the_order_of_its_keys_does_not(survey: Source) -> None:
    one = Response(raw={"a": 1, "b": 2})
    same = Response(raw={"b": 2, "a": 1})
    other = Response(raw={"a": 1, "b": 3})

    received = receive([one, same, other], source=survey)

    assert (len(received.new), len(received.known)) == (2, 1)
    assert len(one.key) == 40
    assert set(one.key) <= set("0123456789abcdef")


def test_a_response_that_could_not_be_recognised_again_is_refused() -> None:
    with pytest.raises(RowInvalid):
        Response(comment="Hello")


def test_without_a_time_the_time_of_receipt_counts(survey: Source) -> None:
    before = timezone.now()

    receive([response()], source=survey)

    assert before <= Interaction.objects.get().occurred_at <= timezone.now()


def test_the_rules_look_at_things_in_the_order_in_which_they_were_said(survey: Source) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    batch = [response(str(hours), occurred_at=noon - timedelta(hours=hours)) for hours in (1, 3, 2)]

    receive(batch, source=survey)

    due = Interaction.objects.due(timezone.now())
    assert [row.external_id for row in due] == ["3", "2", "1"]


def test_an_unknown_unit_is_named_and_nothing_is_stored(survey: Source) -> None:
    with pytest.raises(ValueUnknown) as caught:
        receive([response("1"), response("2", unit=UnitName("4711"))], source=survey)

    assert "4711" in caught.value.message
    assert caught.value.details["units"] == ["4711"]
    assert not Interaction.objects.exists()


def test_units_are_found_by_their_number(survey: Source) -> None:
    unit = Unit.add_root(number="4711", name="Harbour")

    receive([response(unit=UnitName("4711", "Another name"))], source=survey)

    assert Interaction.objects.get().unit == unit
    assert Unit.objects.get() == unit


def test_units_are_made_below_the_root_where_that_is_allowed(survey: Source) -> None:
    new = NewUnits("airlines", "Airlines")
    batch = [response(str(n), unit=UnitName(f"air-{n % 5}", f"Air {n % 5}")) for n in range(20)]

    receive(batch, source=survey, new_units=new)
    receive([response("x", unit=UnitName("air-9")), response("y", unit=UnitName("airlines"))], source=survey,
            new_units=new)  # fmt: skip

    root = Unit.objects.get(number="airlines")
    children = {(unit.number, unit.name) for unit in root.get_children()}
    assert children == {*((f"air-{n}", f"Air {n}") for n in range(5)), ("air-9", "air-9")}
    assert Interaction.objects.get(external_id="y").unit == root
    assert Unit.find_problems() == ([], [], [], [], [])


def queries_for(count: int, survey: Source) -> int:
    known = receive([response(f"known {n}") for n in range(3)], source=survey)
    assert known
    batch = [
        response(f"{count} {n}", unit=UnitName("4711"), contact=Person(emails=(f"{count}.{n}@example.org",)))
        for n in range(count)
    ]
    with CaptureQueriesContext(connection) as captured:
        receive(batch, source=survey)
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_the_number_of_responses(survey: Source) -> None:
    Unit.add_root(number="4711", name="Harbour")

    few, many = queries_for(3, survey), queries_for(40, survey)  # SQLite cuts longer inserts up

    assert few == many
    assert many <= 16


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_chunks_change_nothing_about_the_outcome(survey: Source, settings: Any, chunk: int) -> None:
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": chunk}
    batch = [response(str(n % 7), contact=Person(external_id=f"c{n % 2}")) for n in range(12)]

    received = receive(batch, source=survey)

    assert (len(received.new), len(received.known)) == (7, 5)
    assert (Interaction.objects.count(), Contact.objects.count()) == (7, 2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), max_size=5))
def test_however_it_is_cut_into_batches_each_response_is_new_exactly_once(
    survey: Source, batches: list[list[str]]
) -> None:
    Interaction.objects.all().delete()

    received = [receive([response(key) for key in batch], source=survey) for batch in batches]

    sent = [key for batch in batches for key in batch]
    assert Interaction.objects.count() == len(set(sent)) == sum(len(each.new) for each in received)
    assert sum(len(each.new) + len(each.known) for each in received) == len(sent)


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_store_each_response_and_each_customer_once() -> None:
    survey = Source.objects.create(key="survey", name="Survey")
    barrier, outcomes, failures = threading.Barrier(8), [], []

    def send() -> None:
        batch = [
            response(str(n), unit=UnitName(f"u{n % 3}"), contact=Person(emails=(f"{n % 4}@example.org",)))
            for n in range(30)
        ]
        try:
            barrier.wait()
            outcomes.append(receive(batch, source=survey, new_units=NewUnits("all", "All")))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sum(len(each.new) for each in outcomes) == Interaction.objects.count() == 30
    assert Contact.objects.count() == 4
    assert Unit.objects.count() == 4
    assert Unit.find_problems() == ([], [], [], [], [])
