"""The timeline: who did what, what changed, in stretches."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from case_management.domain.actor import Actor, Cause
from case_management.models import (
    Case,
    CaseEvent,
    Rule,
    RuleFiring,
)
from case_management.operations import (
    Resolution,
    add_note,
    assign_case,
    attach_interaction,
    change_deadline,
    change_priority,
    resolve_case,
    tag_case,
    wait_case,
)
from case_management.testing import make_case
from tests.ui.case_page.reading import NOTE, interaction, ours

pytestmark = pytest.mark.django_db


def test_the_timeline_says_who_did_what(look: Any, case: Case, company: SimpleNamespace) -> None:
    ann = Actor.from_user(company.ann)
    add_note(case, text=NOTE, subject=company.call, by=ann)
    assign_case(case, to=company.ben, by=ann)
    change_priority(case, priority=company.urgent, by=Actor.from_user(company.ben))
    tag_case(case, add=[company.angry], by=ann)
    page = ours(look(case))
    for text in (
        "Case opened", "Work started", "Note added – Call", NOTE, "Assigned to Ben Lind",
        "Priority changed from Normal to Urgent", "Tags added: Angry", "Ann Okafor", "Ben Lind",
    ):  # fmt: skip
        assert text in page


def test_the_timeline_shows_notes_alone_in_the_order_asked_for(look: Any, case: Case, company: SimpleNamespace) -> None:
    for number in (1, 2):
        add_note(case, text=f"Note number {number} of two.", by=Actor.from_user(company.ann))
    entries = look(case, show="notes", order="oldest").context["timeline"].entries
    assert [entry.note.text for entry in entries] == ["Note number 1 of two.", "Note number 2 of two."]
    assert all(entry.note is None for entry in look(case, show="system").context["timeline"].entries)
    newest = look(case, show="nonsense", order="nonsense", past="nonsense").context["timeline"]
    assert [entry.number for entry in newest.entries] == list(range(case.version, 0, -1))


def test_a_long_timeline_comes_in_stretches_of_fifty_from_either_end(
    look: Any, case: Case, company: SimpleNamespace
) -> None:
    for number in range(60):
        add_note(case, text=f"Note number {number:03}.", by=Actor.from_user(company.ann))
    first = look(case)
    newest = first.context["timeline"]
    assert (len(newest.entries), newest.total, newest.more) == (50, case.version, case.version - 49)
    assert f"past={newest.more}" in ours(first)
    rest = look(case, past=newest.more).context["timeline"]
    assert [entry.number for entry in rest.entries] == list(range(newest.more - 1, 0, -1))
    assert rest.more is None
    oldest = look(case, order="oldest").context["timeline"]
    onward = look(case, order="oldest", past=oldest.more).context["timeline"]
    assert [entry.number for entry in oldest.entries + onward.entries] == list(range(1, case.version + 1))


def test_a_note_that_comes_meanwhile_moves_no_stretch(look: Any, case: Case, company: SimpleNamespace) -> None:
    ann = Actor.from_user(company.ann)
    for number in range(55):
        add_note(case, text=f"Note number {number:03}.", by=ann)
    past = look(case).context["timeline"].more
    before = [entry.number for entry in look(case, past=past).context["timeline"].entries]
    add_note(case, text="One more note meanwhile.", by=ann)
    assert [entry.number for entry in look(case, past=past).context["timeline"].entries] == before


def test_every_event_is_a_note_a_message_or_of_the_system(look: Any, case: Case, company: SimpleNamespace) -> None:
    ann = Actor.from_user(company.ann)
    add_note(case, text=NOTE, by=ann)
    attach_interaction(case, interaction=interaction(company, case, comment="Still cold!"), by=Actor.system("test"))
    shown = {
        show: {entry.number for entry in look(case, show=show).context["timeline"].entries}
        for show in ("notes", "messages", "system")
    }
    everything = {entry.number for entry in look(case).context["timeline"].entries}
    assert sum(map(len, shown.values())) == len(everything)
    assert set().union(*shown.values()) == everything
    (message,) = look(case, show="messages").context["timeline"].entries
    assert (message.code, message.parts[0].about.comment) == ("interaction_attached", "Still cold!")


def test_an_event_says_what_was_there_before(look: Any, case: Case, company: SimpleNamespace) -> None:
    ann = Actor.from_user(company.ann)
    assign_case(case, to=company.ben, by=ann)
    assign_case(case, to=company.ann, by=ann)
    wait_case(case, waiting_for="customer", by=ann)
    change_deadline(case, deadline=datetime(2031, 1, 2, 12, tzinfo=UTC), by=ann)
    change_deadline(case, deadline=datetime(2030, 1, 2, 12, tzinfo=UTC), by=ann)
    entries = look(case).context["timeline"].entries
    told = {(change.label, change.before, change.after) for entry in entries for change in entry.changes}
    assert ("Assignee", "Ben Lind", "Ann Okafor") in told
    assert ("Status", "New", "Waiting") in told
    assert ("Due", "01/02/2031 noon", "01/02/2030 noon") in told
    assert ("Status", "", "New") in told


def test_what_was_there_before_is_known_across_stretches_and_filters(
    look: Any, case: Case, company: SimpleNamespace
) -> None:
    ann = Actor.from_user(company.ann)
    for number in range(60):
        add_note(case, text=f"Note number {number:03}.", by=ann)
    resolve_case(case, Resolution(company.solved, NOTE), by=ann)
    for asked in ({}, {"show": "notes"}):
        entry = look(case, **asked).context["timeline"].entries[0]
        assert [(change.before, change.after) for change in entry.changes] == [("In progress", "Resolved")]


@pytest.mark.parametrize(("unfold", "unfolded"), [("all", 4), ("none", 0), ("", 1)])
def test_entries_fold_without_a_script(
    unfold: str, unfolded: int, look: Any, case: Case, company: SimpleNamespace
) -> None:
    add_note(case, text=NOTE, by=Actor.from_user(company.ann))
    log = ours(look(case, unfold=unfold)).partition('id="cm-log"')[2].partition("</ol>")[0]
    assert case.version == 4
    assert (log.count("<details open>"), log.count("<details>")) == (unfolded, 4 - unfolded)


def test_the_timeline_comes_alone_for_the_script(look: Any, case: Case, company: SimpleNamespace) -> None:
    add_note(case, text=NOTE, by=Actor.from_user(company.ann))
    part = look(case, part="timeline", show="notes").content.decode()
    assert part.lstrip().startswith("<details")
    assert NOTE in part
    assert "part=" not in part
    foreign = make_case(unit=company.south, priority=company.normal)
    assert look(foreign, part="timeline").status_code == 404


def test_an_event_that_a_rule_made_names_the_rule_and_what_it_saw(
    look: Any, case: Case, company: SimpleNamespace
) -> None:
    rule = Rule.objects.create(key="urgent-seats", version=2, name="Seats first", occasion="case_opened", actions=[])
    opening = CaseEvent.objects.get(case=case, seq=1)
    by = Actor.rule(rule.label, causes={case.pk: Cause(opening.pk, 1)})
    change_priority(case, priority=company.urgent, by=by)
    trace = {"conditions": [{"field": "topic", "op": "under", "value": "seat", "held": True, "saw": "seat-row-9"}]}
    RuleFiring.objects.create(
        key="once", rule=rule, case=case, event=opening, trace=trace, about_at=timezone.now(), fired_at=timezone.now()
    )
    page = ours(look(case))
    for text in ("Rule “Seats first”", "version 2", "topic is or lies below seat", "seat-row-9"):
        assert text in page
