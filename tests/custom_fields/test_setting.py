"""Setting custom fields: typed in the case, told by an event, texts beside; the same gates for every way in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import GateNotMet, NothingToChange, RightMissing, TransitionNotAllowed, ValueUnknown
from case_management.operations import Resolution, set_custom_fields, set_custom_fields_of
from case_management.testing import assert_no_drift, make_case, make_user
from tests.custom_fields.conftest import make_field

WORDS = "Called the customer."
SYSTEM = Actor.system("test")


def last_event(case):
    return models.CaseEvent.objects.filter(case=case).order_by("-seq").first()


def everything(desk):
    return {
        "seat": "12A", "amount": Decimal("120.50"), "flown-on": date(2026, 3, 31), "baggage": "lost",
        "damages": ["torn", "lost"], "vouchered": False, "expert": desk.agent,
    }  # fmt: skip


def test_a_value_of_each_kind_stands_typed_in_the_case_and_the_text_beside(fields, desk, case):
    set_custom_fields(case, everything(desk), by=desk.by)
    case.refresh_from_db()
    assert case.custom == {
        "amount": 120.5, "flown-on": "2026-03-31", "baggage": "lost", "damages": ["lost", "torn"],
        "vouchered": False, "expert": desk.agent.pk,
    }  # fmt: skip
    assert case.custom_texts == {"seat": "12A"}
    assert_no_drift()


def test_the_event_holds_all_typed_values_and_no_text(fields, desk, case):
    set_custom_fields(case, {"seat": "12A", "amount": 5, "baggage": "lost"}, by=desk.by)
    set_custom_fields(case, {"amount": 6, "seat": "12A"}, by=desk.by)
    assert last_event(case).payload == {
        "values": {"amount": 6, "baggage": "lost"}, "changed": ["amount"], "texts": [],
    }  # fmt: skip
    set_custom_fields(case, {"seat": "14C"}, by=desk.by)
    stored = last_event(case)
    assert stored.payload["texts"] == ["seat"]
    assert "14C" not in str(stored.payload)
    assert models.Case.objects.get(pk=case.pk).custom_texts == {"seat": "14C"}


def test_none_takes_a_value_away_and_what_is_not_named_stays(fields, desk, case):
    set_custom_fields(case, {"seat": "12A", "amount": 5, "baggage": "lost"}, by=desk.by)
    set_custom_fields(case, {"seat": None, "amount": None}, by=desk.by)
    case.refresh_from_db()
    assert (case.custom, case.custom_texts) == ({"baggage": "lost"}, {})


def test_what_is_so_already_is_not_recorded(fields, desk, case):
    set_custom_fields(case, everything(desk), by=desk.by)
    with pytest.raises(NothingToChange):
        set_custom_fields(case, everything(desk), by=desk.by)


def test_no_is_not_zero(fields, desk, case):
    set_custom_fields(case, {"vouchered": False, "amount": 0}, by=desk.by)
    case.refresh_from_db()
    assert case.custom["vouchered"] is False
    assert case.custom["amount"] == 0


def test_an_unknown_field_names_those_that_there_are(fields, desk, case):
    with pytest.raises(ValueUnknown, match="amount"):
        set_custom_fields(case, {"amuont": 5}, by=desk.by)


def test_a_field_of_another_type_or_one_switched_off_cannot_be_filled_but_emptied(fields, desk, case):
    set_custom_fields(case, {"amount": 5, "baggage": "lost"}, by=desk.by)
    fields.number.case_types.set([desk.social])
    models.CustomField.objects.filter(pk=fields.choice.pk).update(is_active=False)
    with pytest.raises(ValueUnknown, match="Amount"):
        set_custom_fields(case, {"amount": 6}, by=desk.by)
    with pytest.raises(ValueUnknown, match="switched off"):
        set_custom_fields(case, {"baggage": "torn"}, by=desk.by)
    set_custom_fields(case, {"amount": None, "baggage": None}, by=desk.by)
    assert models.Case.objects.get(pk=case.pk).custom == {}


def test_an_inactive_user_cannot_be_named(fields, desk, case):
    gone = make_user("gone", is_active=False)
    with pytest.raises(ValueUnknown, match="Expert"):
        set_custom_fields(case, {"expert": gone}, by=desk.by)


def test_it_takes_the_right_to_change_cases_and_a_case_that_is_not_closed(fields, desk, case):
    with pytest.raises(RightMissing):
        set_custom_fields(case, {"amount": 5}, by=Actor.from_user(make_user("passer-by")))
    operations.resolve_case(case, Resolution(desk.reason, WORDS), by=SYSTEM)
    set_custom_fields(case, {"amount": 5}, by=desk.by)
    operations.close_case(case, by=SYSTEM)
    with pytest.raises(TransitionNotAllowed):
        set_custom_fields(case, {"amount": 6}, by=desk.by)


def test_many_cases_are_set_in_a_number_of_queries_that_does_not_grow(fields, desk):
    def spent(count):
        ids = [make_case(topic=desk.topic).pk for _ in range(count)]
        with CaptureQueriesContext(connection) as captured:
            outcome = set_custom_fields_of(ids, {"amount": 5, "seat": "1A"}, by=desk.by)
        assert len(outcome.done) == count
        return len(captured)

    assert spent(60) <= spent(10) + 2
    assert set(models.Case.objects.values_list("custom__amount", "custom_texts__seat")) == {(5, "1A")}


def test_a_new_case_starts_with_its_values(fields, desk):
    case = make_case(topic=desk.topic, custom={"amount": 5, "seat": "12A"}, by=desk.by)
    case.refresh_from_db()
    assert (case.custom, case.custom_texts) == ({"amount": 5}, {"seat": "12A"})


def test_people_must_fill_in_what_opening_requires_and_machines_give_what_they_know(fields, desk):
    needed = make_field("Flight", "text", required_to_open=True, case_types=[desk.recovery])
    with pytest.raises(GateNotMet, match="Flight") as refused:
        make_case(topic=desk.topic, case_type=desk.recovery, by=desk.by)
    assert refused.value.details["fields"] == [f"custom.{needed.key}"]
    assert not models.Case.objects.exists()
    make_case(topic=desk.topic, case_type=desk.social, by=desk.by)
    make_case(topic=desk.topic, case_type=desk.recovery, custom={"flight": "CM 12"}, by=desk.by)
    make_case(topic=desk.topic, case_type=desk.recovery)


def test_nothing_is_resolved_before_its_required_fields_are_filled_in(fields, desk, case):
    make_field("Cause", "choice", required_to_resolve=True, case_types=[desk.recovery])
    make_field("Remark", "text", required_to_resolve=True)
    decided = Resolution(desk.reason, WORDS)
    with pytest.raises(GateNotMet, match="Cause, Remark"):
        operations.resolve_case(case, decided, by=SYSTEM)
    outcome = operations.resolve_cases([case.pk], decided, by=SYSTEM)
    assert outcome.refused[0].error.details["fields"] == ["custom.cause", "custom.remark"]
    set_custom_fields(case, {"cause": "lost", "remark": "none"}, by=desk.by)
    assert operations.resolve_case(case, decided, by=SYSTEM).status == "resolved"


def test_a_check_of_many_finds_what_would_be_refused_and_writes_nothing(fields, desk):
    fields.number.case_types.set([desk.recovery])
    fits, other = (make_case(topic=desk.topic, case_type=kind) for kind in (desk.recovery, desk.social))
    checked = set_custom_fields_of([fits.pk, other.pk], {"amount": 5}, by=desk.by, check_only=True)
    assert (checked.done, [refusal.case_id for refusal in checked.refused]) == ([fits.pk], [other.pk])
    assert not models.CaseEvent.objects.filter(type="fields_changed").exists()
