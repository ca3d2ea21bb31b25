"""Rows become cases with their history; what cannot be is refused with row, column and mend."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from case_management.models import (
    Case,
    CaseEvent,
    CaseType,
    Contact,
    Notification,
    ReactionReceipt,
    TagCategory,
    Topic,
    Unit,
)
from case_management.resources.case_import import known_columns
from case_management.resources.case_resource import CaseResource
from case_management.resources.header_check import HeaderRefused, check_header
from case_management.resources.mapping import Mapping
from case_management.timeline import chain
from tests.resources.conftest import as_csv, at, row, take_file_in, take_in

CLOSED = {
    "status": "closed",
    "opened_at": "2024-01-01T09:00:00+00:00",
    "resolved_at": "2024-01-03T09:00:00+00:00",
    "closed_at": "2024-01-05T09:00:00+00:00",
    "closure_reason": "Solved",
    "closure_note": "A fresh cup was brought.",
}


def only_remark(tally):
    (note,) = tally.notes
    return note


def test_a_row_becomes_a_case_with_everything_it_says(desk):
    tally = take_in(
        desk.chief,
        row(
            description=" two lines\nof text ", case_type="Recovery", priority="Urgent", unit_number="N",
            team="Night shift", assignee="agent", contact_email="Ann@Example.org", contact_name="Ann",
            tags="Angry; Calm", opened_at="2024-01-01T10:00:00+01:00", flagged="yes", escalation_level="2",
        ),
    )  # fmt: skip
    case = Case.objects.get()
    assert (tally.created, tally.refused) == (1, 0)
    assert (case.external_id, case.title, case.description) == ("A1", "Cold coffee", " two lines\nof text ")
    assert (case.topic, case.case_type, case.priority, case.unit) == (desk.food, desk.recovery, desk.urgent, desk.north)
    assert (case.team, case.assignee, case.flagged, case.escalation_level) == (desk.team, desk.agent, True, 2)
    assert {tag.name for tag in case.tags.all()} == {"Angry", "Calm"}
    assert (case.contact.name, case.contact.points.get().normalised) == ("Ann", "ann@example.org")
    assert case.opened_at == at(1)


def test_a_closed_row_brings_its_life_along_and_nobody_hears_of_it(desk):
    take_in(desk.chief, row(**CLOSED, due_at="2024-01-02T09:00:00+00:00"))
    case = Case.objects.get()
    told = list(case.events.order_by("seq").values_list("type", "occurred_at", "actor_kind"))
    assert told == [
        ("opened", at(1), "import"),
        ("deadline_changed", at(1), "import"),
        ("sla_breached", at(2), "import"),
        ("resolved", at(3), "import"),
        ("closed", at(5), "import"),
    ]
    assert (case.status, case.resolved_at, case.closed_at, case.breached_at) == ("closed", at(3), at(5), at(2))
    assert case.notes.get().text == "A fresh cup was brought."
    assert case.events.first().recorded_at > at(31)
    assert not ReactionReceipt.objects.exists()
    assert not Notification.objects.exists()
    assert chain.verify([case]) == []


def test_the_same_file_twice_records_nothing_the_second_time(desk):
    rows = as_csv(
        [
            row(**CLOSED, tags="Angry", contact_name="Ann"),
            row(external_id="A2", **dict.fromkeys(CLOSED, ""), tags="", contact_name=""),
        ]
    )
    first = take_file_in(desk.chief, rows)
    events = CaseEvent.objects.count()
    second = take_file_in(desk.chief, rows)
    assert (first.created, second.unchanged, second.created, second.updated, second.notes) == (2, 2, 0, 0, [])
    assert (CaseEvent.objects.count(), Contact.objects.count()) == (events, 1)


def test_a_deadline_of_the_file_stands_and_without_one_the_promise_counts(desk):
    take_in(
        desk.chief,
        row(priority="Urgent", opened_at="2024-01-01T09:00Z", due_at="2024-02-01T09:00Z"),
        row(external_id="A2", priority="Urgent", opened_at="2024-01-01T09:00Z", due_at=""),
    )
    given, derived = Case.objects.order_by("external_id")
    assert (given.due_at, given.sla_policy) == (datetime(2024, 2, 1, 9, tzinfo=UTC), None)
    assert (derived.due_at, derived.sla_target) == (at(1, 19), 36_000)
    assert derived.breached_at == derived.due_at


def test_a_waiting_row_waits_and_its_clock_stands(desk):
    take_in(desk.chief, row(priority="Urgent", opened_at="2024-01-01T09:00Z", status="waiting", waiting_for="customer"))
    case = Case.objects.get()
    assert (case.status, case.waiting_for, case.due_at, case.sla_remaining) == ("waiting", "customer", None, 36_000)


@pytest.mark.parametrize(
    ("facts", "column", "said"),
    [
        ({"title": " "}, "title", "missing"),
        ({"external_id": ""}, "external_id", "needed"),
        ({"topic": "Drinks"}, "topic", "no topic “Drinks”"),
        ({"topic": ""}, "topic", "Choose a value"),
        ({"source": "New desk"}, "source", "no source"),
        ({"priority": "Urgentt"}, "priority", "Did you mean “Urgent”?"),
        ({"unit_number": "W"}, "unit_number", "no unit"),
        ({"assignee": "nobody"}, "assignee", "no member of staff"),
        ({"tags": "Angry; Furious"}, "tags", "no tag “Furious”"),
        ({"status": "done"}, "status", "no status"),
        ({"flagged": "perhaps"}, "flagged", "neither yes nor no"),
        ({"escalation_level": "-1"}, "escalation_level", "no number"),
        ({"opened_at": "yesterday"}, "opened_at", "no moment"),
        ({"opened_at": "2999-01-01"}, "opened_at", "future"),
        ({"contact_email": "ann at example"}, "contact_email", "no e-mail address"),
        ({"title": "x" * 251}, "title", "251 characters"),
        ({"waiting_for": "godot"}, "waiting_for", "nobody to wait for"),
        ({**CLOSED, "closure_reason": ""}, "closure_reason", "Choose a value"),
        ({**CLOSED, "closure_note": "short"}, "closure_note", "at least 10 characters"),
        ({**CLOSED, "resolved_at": "2023-12-01"}, "resolved_at", "before that of “opened_at”"),
        ({**CLOSED, "status": "open"}, "resolved_at", "An open case has no such moment"),
        ({**CLOSED, "status": "resolved"}, "closed_at", "not closed yet"),
    ],
)  # fmt: skip
def test_a_wrong_value_refuses_its_row_and_says_where_and_how_to_mend_it(desk, facts, column, said):
    bad = row(external_id="A2") | facts
    tally = take_in(desk.chief, {key: row().get(key, "") for key in bad}, bad)
    note = only_remark(tally)
    assert (tally.created, tally.refused) == (1, 1)
    assert (note.row, note.column, note.refused) == (3, column, True)
    assert said in note.message
    assert note.values["external_id"] == bad["external_id"]
    assert Case.objects.count() == 1


def test_every_wrong_value_of_a_row_is_named_at_once(desk):
    tally = take_in(desk.chief, row(topic="Drinks", priority="Purple", opened_at="soon"))
    assert [note.column for note in tally.notes] == ["topic", "priority", "opened_at"]
    assert tally.refused == 1


def test_the_closing_gate_holds_for_imports_too(desk):
    CaseType.objects.filter(name="Recovery").update(requires_resolution_method=True, requires_close_channel=True)
    TagCategory.objects.get(name="Mood").required_for.add(desk.recovery)
    closed = row(**CLOSED, case_type="Recovery", resolution_method="", close_channel="", tags="")
    tally = take_in(desk.chief, closed)
    assert "resolution method, close channel, a tag of “Mood”" in only_remark(tally).message
    complete = closed | {"resolution_method": "Apology", "close_channel": "Phone", "tags": "Calm"}
    assert take_in(desk.chief, complete).created == 1


def test_retired_entries_may_stand_on_cases_that_are_over(desk):
    Topic.objects.filter(key="food").update(is_active=False)
    tally = take_in(desk.chief, row(**CLOSED), {**row(external_id="A2"), **dict.fromkeys(CLOSED, "")})
    assert (tally.created, only_remark(tally).column) == (1, "topic")


def test_only_somebody_who_sees_the_case_can_be_responsible_for_an_open_one(desk):
    desk.agent.case_memberships.update(unit=desk.south)
    tally = take_in(
        desk.chief,
        row(unit_number="N", assignee="agent"),
        row(external_id="A2", unit_number="S", assignee="agent"),
    )
    assert (tally.created, only_remark(tally).column) == (1, "assignee")


def test_columns_that_only_the_system_sets_are_left_out_and_told(desk):
    rows = [row(id="77", version="9", chain_head="f", is_superuser="1", breached_at="2024-01-01", titel="Hot tea")]
    header = check_header(list(rows[0]), known_columns(CaseResource(user=desk.chief)), Mapping())
    why = dict(header.ignored)
    assert set(why) == {"id", "version", "chain_head", "is_superuser", "breached_at", "titel"}
    assert "Only the system" in why["id"]
    assert "history" in why["breached_at"]
    assert "“title”" in why["titel"]
    take_in(desk.chief, *rows)
    case = Case.objects.get()
    assert (case.pk != 77, case.version, case.breached_at) == (True, 1, None)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"title": "x", "source": "Old desk"}], "topic, external_id"),
        ([{"Title": "x", "title": "y", "topic": "Food", "source": "Old desk", "external_id": "1"}], "mean the same"),
    ],
)
def test_a_header_that_makes_no_cases_refuses_the_file(desk, rows, said):
    with pytest.raises(HeaderRefused, match=said):
        take_in(desk.chief, *rows)


def test_a_mapping_can_refuse_columns_that_nothing_is_read_from(desk):
    with pytest.raises(HeaderRefused, match="colour"):
        take_in(desk.chief, row(colour="red"), unknown_columns="refuse")


def test_rows_that_say_the_same_twice_count_once_and_rows_that_differ_are_refused(desk):
    tally = take_in(desk.chief, row(), row(), row(title="Warm beer"))
    assert (tally.created, tally.unchanged, tally.refused) == (1, 1, 1)
    assert "Row 2 has the same source and external id" in only_remark(tally).message


def test_a_damaged_row_is_refused_by_its_number(desk):
    tally = take_file_in(desk.chief, as_csv([row()]) + b"A2,Old desk,Too,Food,many\r\n")
    assert (tally.created, tally.refused, only_remark(tally).row) == (1, 1, 3)


def test_a_check_writes_nothing_and_says_the_same(desk):
    rows = (
        row(unit_number="New unit", topic="Food > Soup", **CLOSED),
        row(external_id="A2", unit_number="N", topic="", **CLOSED),
    )
    checked = take_in(desk.chief, *rows, check_only=True, create_missing=True)
    assert (Case.objects.count(), Contact.objects.count(), Unit.objects.count(), Topic.objects.count()) == (0, 0, 2, 2)
    taken = take_in(desk.chief, *rows, create_missing=True)
    assert (checked.created, checked.refused) == (taken.created, taken.refused) == (1, 1)
    assert [note.message for note in checked.notes] == [note.message for note in taken.notes]


def test_missing_entries_are_made_only_where_the_mapping_says_so(desk):
    strange = row(topic="Food > Soup > Cold soup", unit_number="X", source="New desk", tags="Furious", team="Bar")
    assert take_in(desk.chief, strange).created == 0
    assert take_in(desk.chief, strange, create_missing=True).created == 1
    case = Case.objects.get()
    assert [topic.name for topic in (*case.topic.get_ancestors(), case.topic)] == ["Food", "Soup", "Cold soup"]
    assert (case.unit.number, case.source.name, case.tags.get().category.name) == ("X", "New desk", "Imported")
    assert take_in(desk.chief, strange, create_missing=True).unchanged == 1


def test_contacts_are_known_by_their_id_elsewhere_then_by_their_address(desk):
    known = Contact.objects.create(name="Ann", external_id="C7")
    take_in(
        desk.chief,
        row(contact_external_id="C7", contact_email="", contact_name="Somebody"),
        row(external_id="A2", contact_external_id="", contact_email="bo@example.org", contact_name="Bo"),
        row(external_id="A3", contact_external_id="", contact_email="BO@example.org", contact_name=""),
        row(external_id="A4", contact_external_id="", contact_email="", contact_name="Bo"),
    )
    first, second, third, fourth = Case.objects.order_by("external_id")
    assert first.contact == known
    assert second.contact == third.contact
    assert fourth.contact != second.contact
    assert Contact.objects.count() == 3
