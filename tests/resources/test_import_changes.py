"""Rows change cases that are there: by events, as far as the table allows, and never by taking something away."""

from __future__ import annotations

import pytest

from case_management.domain.actor import Actor
from case_management.models import Case, CaseEvent, Contact
from case_management.operations import (
    Resolution,
    assign_case,
    close_case,
    reroute_case,
    resolve_case,
    start_case,
    wait_case,
)
from tests.resources.conftest import at, row, take_in


@pytest.fixture
def case(desk):
    """A case that came in by a file."""
    take_in(desk.chief, row(opened_at=at(1).isoformat(), unit_number="N", tags="Angry", contact_name="Ann"))
    return Case.objects.get()


def events_after(case):
    last = case.version
    case.refresh_from_db()
    return list(case.events.filter(seq__gt=last).order_by("seq").values_list("type", flat=True))


@pytest.mark.parametrize(
    ("facts", "events", "found"),
    [
        ({"topic": "Seat"}, ["topic_changed"], ("topic__key", "seat")),
        ({"case_type": "Recovery"}, ["type_changed"], ("case_type__name", "Recovery")),
        ({"priority": "Urgent"}, ["priority_changed", "sla_applied"], ("priority_rank", 1)),
        ({"due_at": "2030-01-01T00:00Z"}, ["deadline_changed"], ("due_at__year", 2030)),
        ({"unit_number": "S"}, ["rerouted"], ("unit__number", "S")),
        ({"team": "Night shift"}, ["rerouted"], ("team__name", "Night shift")),
        ({"assignee": "agent"}, ["assigned"], ("assignee__username", "agent")),
        ({"tags": "Calm"}, ["tags_changed"], ("tags__name", "Calm")),
        ({"flagged": "true"}, ["flagged"], ("flagged", True)),
        ({"title": "Warm beer"}, ["corrected"], ("title", "Warm beer")),
        ({"contact_name": "Bo"}, ["corrected"], ("contact__name", "Bo")),
        ({"status": "in_progress"}, ["started"], ("status", "in_progress")),
        ({"status": "waiting"}, ["waiting"], ("waiting_for", "customer")),
        (
            {"status": "closed", "closure_reason": "Solved", "closure_note": "A fresh cup was brought."},
            ["resolved", "closed"], ("closure_reason__name", "Solved"),
        ),
    ],
)  # fmt: skip
def test_a_changed_value_is_an_event(desk, case, facts, events, found):
    tally = take_in(desk.chief, row(tags="Angry", contact_name="Ann") | facts)
    assert (tally.updated, tally.created, tally.notes) == (1, 0, [])
    assert events_after(case) == events
    column, value = found
    assert Case.objects.values_list(column, flat=True).get() == value
    assert take_in(desk.chief, row(tags="Angry", contact_name="Ann") | facts).unchanged == 1


def test_empty_cells_take_nothing_away(desk, case):
    by = Actor.from_user(desk.chief)
    assign_case(case, to=desk.chief, by=by)
    blank = row() | dict.fromkeys(("title", "description", "unit_number", "assignee", "tags", "contact_name"), "")
    assert take_in(desk.chief, blank).unchanged == 1


def test_another_unit_takes_the_assignee_off_as_rerouting_does(desk, case):
    assign_case(case, to=desk.chief, by=Actor.from_user(desk.chief))
    take_in(desk.chief, row(unit_number="S"))
    assert events_after(case) == ["rerouted", "unassigned"]


def test_a_late_resolution_records_the_missed_deadline_before_it(desk, case):
    facts = {"due_at": at(2).isoformat(), "resolved_at": at(3).isoformat(), "closure_reason": "Solved"}
    take_in(desk.chief, row(**facts, closure_note="A fresh cup was brought."))
    assert events_after(case) == ["deadline_changed", "sla_breached", "resolved"]
    assert (case.breached_at, case.resolved_at) == (at(2), at(3))


@pytest.mark.parametrize(
    ("facts", "column"),
    [
        ({"status": "new"}, "status"),
        ({"status": "open"}, "status"),
        ({"status": "in_progress"}, "status"),
        ({"topic": "Seat"}, "topic"),
        ({"title": "Warm beer"}, "title"),
        ({"opened_at": "2024-01-02T09:00Z"}, "opened_at"),
        ({"escalation_level": "3"}, "escalation_level"),
    ],
)
def test_what_the_table_does_not_allow_is_left_alone_and_told(desk, case, facts, column):
    by = Actor.from_user(desk.chief)
    resolve_case(case, Resolution(desk.solved, "A fresh cup was brought."), by=by)
    close_case(case, by=by)
    tally = take_in(desk.chief, row() | facts)
    assert (tally.unchanged, tally.refused) == (1, 0)
    (note,) = tally.notes
    assert (note.column, note.refused, note.row) == (column, False, 2)
    assert events_after(case) == []


def test_a_case_that_was_closed_here_agrees_with_a_file_that_only_says_resolved(desk, case):
    by = Actor.from_user(desk.chief)
    resolve_case(case, Resolution(desk.solved, "A fresh cup was brought."), by=by)
    close_case(case, by=by)
    tally = take_in(desk.chief, row(status="resolved"))
    assert (tally.unchanged, tally.notes) == (1, [])


def test_a_file_that_only_says_open_agrees_with_every_open_status(desk, case):
    start_case(case, by=Actor.from_user(desk.chief))
    assert take_in(desk.chief, row(status="open")).unchanged == 1
    wait_case(case, waiting_for="customer", by=Actor.from_user(desk.chief))
    assert take_in(desk.chief, row(status="open")).unchanged == 1


def test_a_moment_before_the_opening_refuses_the_row(desk, case):
    closing = {"closure_reason": "Solved", "closure_note": "A fresh cup was brought."}
    tally = take_in(desk.chief, row(resolved_at="2023-12-31T00:00Z", **closing))
    assert (tally.refused, tally.notes[0].column) == (1, "resolved_at")


def test_a_case_without_an_id_of_its_own_is_found_by_its_reference(desk, case):
    Case.objects.update(external_id="")
    tally = take_in(desk.chief, row(external_id="", reference=case.reference, topic="Seat"))
    assert (tally.updated, Case.objects.get().topic) == (1, desk.seat)


def test_a_contact_that_the_file_knows_by_address_replaces_another(desk, case):
    take_in(desk.chief, row(contact_email="bo@example.org"))
    take_in(desk.chief, row(contact_email="bo@example.org"))
    assert Case.objects.get().contact.points.get().value == "bo@example.org"
    assert Contact.objects.count() == 2
    assert CaseEvent.objects.filter(type="corrected").count() == 1


def test_a_text_that_a_sheet_had_to_cut_does_not_overwrite_the_whole_one(desk, case):
    whole = "lorem " * 10_000
    Case.objects.update(description=whole)
    assert take_in(desk.chief, row(description=whole[:32_760] + " […cut]")).unchanged == 1
    assert Case.objects.get().description == whole


def test_rerouted_elsewhere_meanwhile_the_file_wins_only_where_it_says_something(desk, case):
    reroute_case(case, unit=desk.south, team=None, by=Actor.from_user(desk.chief))
    assert take_in(desk.chief, row(team="Night shift")).updated == 1
    case.refresh_from_db()
    assert (case.unit, case.team) == (desk.south, desk.team)
