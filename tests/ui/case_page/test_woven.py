"""What was said in merged cases stands among the entries of the case in which they go on, by time, and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management.domain.actor import Actor
from case_management.domain.events import NoteAdded, NoteText
from case_management.models import Case, CaseEvent, Contact
from case_management.operations import (
    MessageDraft,
    add_note,
    assign_case,
    attach_interaction,
    merge_case,
    reply_to_case,
    unmerge_case,
)
from case_management.testing import make_case
from case_management.timeline.recorder import Entry, record
from tests.ui.case_page.reading import interaction, ours

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(company: SimpleNamespace) -> Actor:
    return Actor.from_user(company.ann)


@pytest.fixture
def other(company: SimpleNamespace) -> Case:
    """What is to be merged into the case."""
    contact = Contact.objects.create(name="Cora")
    contact.points.create(kind="email", value="cora@customer.example")
    return make_case(
        title="Row two", description="Cold soup in row two.", topic=company.seat, priority=company.normal,
        unit=company.harbour, contact=contact,
    )  # fmt: skip


def shown(look: Any, case: Case, **query: Any) -> list[tuple[str, str]]:
    """(code, reference of the merged case) of each entry."""
    return [
        (entry.code, entry.home.reference if entry.home else "")
        for entry in look(case, **query).context["timeline"].entries
    ]


def test_notes_and_messages_of_a_merged_case_stand_in_the_order_of_time(
    look: Any, case: Case, other: Case, ann: Actor, company: SimpleNamespace
) -> None:
    add_note(case, text="First, here in this case.", by=ann)
    add_note(other, text="Second, there in that case.", by=ann)
    assign_case(other, to=company.ann, by=ann)
    attach_interaction(other, interaction=interaction(company, other, comment="Third: still cold!"), by=ann)
    add_note(case, text="Fourth, here in this case.", by=ann)
    reply_to_case(other, MessageDraft(to=("cora@customer.example",), text="Fifth: we are sorry."), by=ann)
    merge_case(other, into=case, by=ann)
    page = look(case, order="oldest")
    there = other.reference
    said = [entry for entry in shown(look, case, order="oldest") if entry[1] or entry[0] in ("opened", "note_added")]
    assert said == [
        ("opened", ""), ("opened", there), ("note_added", ""), ("note_added", there), ("interaction_attached", there),
        ("note_added", ""), ("message_queued", there),
    ]  # fmt: skip
    text = ours(page)
    for words in ("Cold soup in row two.", "Third: still cold!", "Fifth: we are sorry.", f"from {there}"):
        assert words in text
    assert "Assigned to Ann Okafor" not in text, "what happened to the merged case stays on its own page"
    assert f"/{there}/act/cancel-message/" in text or f"/{there}/cancel-message/" in text, "a letter is stopped there"
    assert page.context["timeline"].total == len(page.context["timeline"].entries)


def test_the_filters_hold_for_both(look: Any, case: Case, other: Case, ann: Actor) -> None:
    add_note(other, text="There in that case.", by=ann)
    merge_case(other, into=case, by=ann)
    assert shown(look, case, show="notes") == [("note_added", other.reference)]
    assert shown(look, case, show="messages") == [("opened", other.reference)]
    assert {home for _code, home in shown(look, case, show="system")} == {""}


def test_a_chain_of_merges_is_woven_in_and_a_merge_taken_back_is_gone(
    look: Any, case: Case, other: Case, ann: Actor, company: SimpleNamespace
) -> None:
    deep = make_case(title="Deep", topic=company.seat, priority=company.normal, unit=company.harbour)
    add_note(deep, text="Said at the far end.", by=ann)
    merge_case(deep, into=other, by=ann)
    merge_case(other, into=case, by=ann)
    assert "Said at the far end." in ours(look(case))
    unmerge_case(Case.objects.get(pk=other.pk), by=ann)
    assert {home for _code, home in shown(look, case)} == {""}


def test_what_the_reader_may_not_see_is_not_woven_in(look: Any, case: Case, company: SimpleNamespace) -> None:
    foreign = make_case(
        title="Secret South", description="Secret words", topic=company.seat, priority=company.normal,
        unit=company.south,
    )  # fmt: skip
    add_note(foreign, text="Secret note in the south.", by=Actor.system("test"))
    merge_case(foreign, into=case, by=Actor.system("test"))
    page = ours(look(case))
    for words in ("Secret", foreign.reference):
        assert words not in page
    assert ours(look(case, part="timeline")).count("Secret") == 0


def test_stretches_meet_without_a_gap_or_a_repetition(
    look: Any, case: Case, other: Case, ann: Actor, company: SimpleNamespace
) -> None:
    for at in range(40):
        for held in (case, other):
            record([Entry(held, [NoteAdded(note=NoteText(f"Note {at} of {held.title}"))], ann)], quietly=True)
    merge_case(other, into=case, by=ann)
    for order in ("newest", "oldest"):
        found, past = [], None
        for _stretch in range(4):
            timeline = look(case, order=order, **({"past": past} if past else {})).context["timeline"]
            found += [(entry.home is not None, entry.number) for entry in timeline.entries]
            past = timeline.more
            if past is None:
                break
        assert (len(found), len(set(found)), past) == (timeline.total, timeline.total, None)
        moments = [
            CaseEvent.objects.get(case=other if is_other else case, seq=number).occurred_at
            for is_other, number in found
        ]
        assert moments == sorted(moments, reverse=order == "newest")


def test_however_much_was_said_it_takes_as_many_queries(
    case_door: Any, signed_in: Any, case: Case, ann: Actor, company: SimpleNamespace
) -> None:
    browser, address = signed_in(company.ann), case_door.url("case", case.reference)

    def merged(count: int, notes: int) -> int:
        for number in range(count):
            source = make_case(title=f"{number}", topic=company.seat, priority=company.normal, unit=company.harbour)
            add_note(source, text="The first of many notes.", by=ann)
            more = [NoteAdded(note=NoteText("One of very many notes."))] * notes
            record([Entry(source, more, ann)], quietly=True) if notes else None
            merge_case(source, into=Case.objects.get(pk=case.pk), by=ann)
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    few = merged(2, 0)
    assert merged(8, 400) <= few <= 30
    past = CaseEvent.objects.filter(case__merged_into=case).order_by("pk")[500].pk
    assert browser.get(address, {"past": past}).status_code == 200


def test_what_happened_long_ago_and_was_recorded_late_stands_where_it_happened(
    look: Any, case: Case, other: Case, ann: Actor
) -> None:
    add_note(other, text="Told by an import.", by=replace(ann, at=timezone.now() - timedelta(days=400)))
    merge_case(other, into=case, by=ann)
    told = shown(look, case, order="oldest")
    assert told.index(("note_added", other.reference)) < told.index(("opened", ""))
