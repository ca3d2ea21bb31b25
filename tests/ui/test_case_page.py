"""The case page and the form for a new case over HTTP, in both admins."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from case_management.access import may, rights_on
from case_management.domain.actor import Actor, Cause
from case_management.models import (
    Case,
    CaseEvent,
    CaseFlag,
    Contact,
    ContactPoint,
    Interaction,
    Rule,
    RuleFiring,
    Settings,
)
from case_management.operations import (
    Resolution,
    add_note,
    assign_case,
    change_priority,
    reopen_case,
    resolve_case,
    tag_case,
    wait_case,
)
from case_management.testing import make_case

pytestmark = pytest.mark.django_db

NOTE = "Called the guest, no answer."
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>"


@pytest.fixture
def look(case_door: Any, company: SimpleNamespace, signed_in: Any) -> Any:
    """Open a page of a case, as Ann unless ``by`` says who."""

    def get(case: Case, *, by: Any = None, **query: Any) -> Any:
        return signed_in(by or company.ann).get(case_door.url("case", case.reference), query)

    return get


def ours(response: Any) -> str:
    """Our part of the page, without the admin around it."""
    return response.content.decode().partition('<div class="cm-case">')[2]


def interaction(company: SimpleNamespace, case: Case, **facts: Any) -> Interaction:
    """Something the customer said."""
    now = timezone.now()
    defaults = {"source": company.survey, "external_id": str(Interaction.objects.count()), "occurred_at": now}
    return Interaction.objects.create(**{**defaults, "available_at": now, "case": case, **facts})


def test_the_page_shows_what_the_case_is_about(look: Any, case: Case, company: SimpleNamespace) -> None:
    contact = Contact.objects.create(name="Márta Nagy")
    ContactPoint.objects.create(contact=contact, kind="email", value="marta@example.com")
    case = make_case(
        title="Cold meal", priority=company.urgent, unit=company.harbour, contact=contact, source=company.survey
    )
    interaction(
        company,
        case,
        comment="The meal was cold.",
        score=2,
        wants_contact=True,
        answers={"How was the meal?": "1 of 5"},
        visit={"date_flown": "2026-02-11"},
    )
    page = ours(look(case))
    for text in (
        case.reference, "Cold meal", "9 hours left", "Urgent", "The meal was cold.", "Score 2 of 10",
        "Asked to be contacted", "Márta Nagy", "marta@example.com", "N1 Harbour", "Date flown", "2026-02-11",
        "How was the meal?", "1 of 5", "Case opened",
    ):  # fmt: skip
        assert text in page


@pytest.mark.parametrize(("hidden", "text"), [("show_survey_questions", "How was the meal?"), ("show_tags", "cm-tags")])
def test_what_the_settings_switch_off_is_not_shown(
    hidden: str, text: str, look: Any, case: Case, company: SimpleNamespace
) -> None:
    interaction(company, case, answers={"How was the meal?": "1 of 5"})
    assert text in ours(look(case))
    Settings.objects.create(**{hidden: False})
    assert text not in ours(look(case))


def test_a_resolved_case_shows_what_it_took_and_why_it_ended(look: Any, case: Case, company: SimpleNamespace) -> None:
    ann = Actor.from_user(company.ann)
    later = Actor.importing(company.ann, batch="b1", at=case.opened_at + timedelta(hours=6, minutes=5))
    resolve_case(case, Resolution(company.solved, NOTE, company.apology, company.by_mail), by=later)
    page = ours(look(case))
    for text in ("took 6 hours", "Solved", "Apology", "By mail", NOTE):
        assert text in page
    reopen_case(case, reason=company.again, note="It broke again.", by=ann)
    page = ours(look(case))
    assert "took 6 hours" not in page
    assert "Not solved" in page


def test_a_case_of_another_branch_does_not_exist(look: Any, company: SimpleNamespace) -> None:
    foreign = make_case(unit=company.south, priority=company.normal)
    assert look(foreign).status_code == 404


def test_a_reference_is_found_however_it_is_typed(
    case: Case, case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    typed = case.reference.lower().replace("-", "")
    assert signed_in(company.ann).get(case_door.url("case", typed)).status_code == 200


def test_only_visible_earlier_cases_of_the_customer_are_shown_and_counted(look: Any, company: SimpleNamespace) -> None:
    contact = Contact.objects.create(name="Márta Nagy")
    here = {"contact": contact, "unit": company.harbour, "priority": company.normal}
    case, other = make_case(**here), make_case(title="An earlier matter", **here)
    make_case(title="A foreign matter", **{**here, "unit": company.south})
    page = ours(look(case))
    assert "1 other case" in page
    assert other.reference in page
    assert "A foreign matter" not in page


OFFERED = {
    "new": {"note", "resolve", "assign", "edit", "tag", "wait", "reroute", "escalate", "flag", "flag-for-me"},
    "waiting": {"note", "resolve", "assign", "edit", "tag", "resume", "reroute", "escalate", "flag", "flag-for-me"},
    "resolved": {"note", "reopen", "close", "tag", "flag", "flag-for-me"},
}


def forms_on(page: str) -> set[str]:
    """Last words of the addresses that the page's forms are sent to."""
    return set(re.findall(r'<form[^>]* action="[^"]*/([\w-]+)/"', page))


@pytest.mark.parametrize("status", list(OFFERED))
def test_the_page_offers_what_the_table_allows(status: str, look: Any, case: Case, company: SimpleNamespace) -> None:
    ann = Actor.from_user(company.ann)
    if status == "waiting":
        wait_case(case, waiting_for="customer", by=ann)
    if status == "resolved":
        resolve_case(case, Resolution(company.solved, NOTE), by=ann)
    assert forms_on(ours(look(case))) == OFFERED[status]


def test_whoever_may_only_look_is_offered_only_their_own_flag(look: Any, case: Case, company: SimpleNamespace) -> None:
    assert forms_on(ours(look(case, by=company.vera))) == {"flag-for-me"}


def test_all_rights_at_once_are_the_rights_one_by_one(case: Case, company: SimpleNamespace) -> None:
    cases = [case, make_case(unit=company.south, priority=company.normal), make_case(priority=company.normal)]
    company.team.members.add(company.ben)
    cases.append(make_case(unit=company.south, team=company.team, priority=company.normal))
    assign_case(cases[0], to=company.vera, by=Actor.system("test"))
    permissions = [permission for permission, _label in Case._meta.permissions] + ["view_case", "change_case"]
    for user in (company.ann, company.ben, company.vera):
        for one in cases:
            single = {permission for permission in permissions if may(user, permission, one)}
            assert rights_on(user, one) & set(permissions) == single


def test_what_people_wrote_cannot_run(look: Any, case: Case, company: SimpleNamespace) -> None:
    evil = make_case(
        title=EVIL,
        description=EVIL,
        unit=company.harbour,
        priority=company.normal,
        contact=Contact.objects.create(name=EVIL),
    )
    interaction(company, evil, comment=EVIL + "!", title=EVIL, answers={EVIL: EVIL}, visit={EVIL: [EVIL]})
    add_note(evil, text=EVIL, by=Actor.from_user(company.ann))
    response = look(evil)
    assert escape(EVIL) in ours(response)
    assert "<script>alert" not in response.content.decode()
    assert "<img src=x" not in response.content.decode()


def test_our_part_of_the_page_has_no_inline_script_or_style(look: Any, case: Case) -> None:
    page = ours(look(case)).partition("</main>")[0]
    assert not re.findall(r"<[^>]+\s(?:on\w+|style)=", page)
    assert not re.findall(r"<script(?![^>]* src=)", page.partition("<footer")[0].partition("<script")[0])


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
    newest = look(case, show="nonsense", order="nonsense", page="nonsense").context["timeline"]
    assert [entry.number for entry in newest.entries] == list(range(case.version, 0, -1))


def test_a_long_timeline_comes_in_pages_of_a_hundred(look: Any, case: Case, company: SimpleNamespace) -> None:
    for number in range(110):
        add_note(case, text=f"Note number {number:03}.", by=Actor.from_user(company.ann))
    first, second = look(case).context["timeline"], look(case, page=2).context["timeline"]
    assert (len(first.entries), first.pages, first.total) == (100, 2, case.version)
    assert [entry.number for entry in second.entries] == list(range(case.version - 100, 0, -1))
    assert "page=2" in ours(look(case))


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


def test_the_number_of_queries_does_not_grow_with_the_events(
    case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    ann = Actor.from_user(company.ann)
    contact = Contact.objects.create(name="Márta Nagy")
    case = make_case(unit=company.harbour, priority=company.normal, contact=contact, case_type=company.recovery)
    interaction(company, case, comment="Cold meal", contact=contact)
    assign_case(case, to=company.ann, by=ann)
    tag_case(case, add=[company.angry], by=ann)
    add_note(case, text=NOTE, by=ann)

    browser, address = signed_in(company.ann), case_door.url("case", case.reference)

    def count() -> int:
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    few = count()
    assert case.version < 7
    while case.version < 98:
        add_note(case, text=f"Note after {case.version} events.", by=ann)
        assign_case(case, to=company.ben if case.assignee == company.ann else company.ann, by=ann)
    while case.version < 100:
        add_note(case, text=f"Note after {case.version} events.", by=ann)
    assert (count(), few <= 30) == (few, True)


def test_a_flag_of_ones_own_is_seen_by_nobody_else(
    look: Any, case: Case, case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    address = case_door.url("case_act", case.reference, "flag-for-me")
    for _twice in range(2):
        signed_in(company.ann).post(address, {"version": case.version, "up": "True"})
    assert CaseFlag.objects.filter(case=case, user=company.ann).count() == 1
    assert "My flag" in ours(look(case))
    assert "My flag" not in ours(look(case, by=company.ben))


# ── A new case ──


@pytest.fixture
def open_new(case_door: Any, company: SimpleNamespace, signed_in: Any) -> Any:
    """Send the form for a new case, as Ann unless ``by`` says who."""

    def post(*, by: Any = None, **changes: Any) -> Any:
        client = signed_in(by or company.ann)
        typed = {
            "token": "one-page",
            "topic": company.seat.pk,
            "title": "Charged twice",
            "priority": company.normal.pk,
            "source": company.phone.pk,
            "unit": company.harbour.pk,
            "button": "save",
        }
        return client.post(case_door.url("new"), {**typed, **changes})

    return post


def only_case() -> Case:
    """The one case there is."""
    found: Case = Case.objects.get()
    return found


def test_the_form_comes_with_the_default_priority_and_the_source_for_calls(
    case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    page = signed_in(company.ann).get(case_door.url("new")).content.decode()
    assert f'<option value="{company.normal.pk}" selected>Normal</option>' in page
    assert f'<option value="{company.phone.pk}" selected>Phone</option>' in page
    assert "South" not in page


@pytest.mark.parametrize("missing", ["topic", "title", "priority", "unit"])
def test_a_new_case_needs_topic_title_priority_and_a_unit(missing: str, open_new: Any) -> None:
    response = open_new(**{missing: ""})
    assert (response.status_code, missing in response.context["form"].errors) == (422, True)
    assert not Case.objects.exists()


def test_a_case_is_opened_with_a_note_a_tag_and_a_new_customer(open_new: Any, company: SimpleNamespace) -> None:
    customer = {"name": "Márta Nagy", "email": "Marta@Example.com", "phone": "+36 30 1"}
    response = open_new(note=NOTE, **customer, **{f"tags_{company.angry.category_id}": [company.angry.pk]})
    case = only_case()
    assert response["Location"].endswith(f"/{case.reference}/")
    assert (case.status, case.title, case.unit, case.source) == (
        "in_progress",
        "Charged twice",
        company.harbour,
        company.phone,
    )
    assert case.contact is not None
    assert sorted(point.value for point in case.contact.points.all()) == ["+36 30 1", "Marta@Example.com"]
    assert set(case.tags.all()) == {company.angry}


def test_a_customer_with_that_address_is_not_made_twice(open_new: Any) -> None:
    known = Contact.objects.create(name="Márta Nagy")
    ContactPoint.objects.create(contact=known, kind="email", value="marta@example.com")
    open_new(email="MARTA@example.com")
    assert only_case().contact == known


def test_save_and_close_opens_resolves_and_closes(open_new: Any, company: SimpleNamespace) -> None:
    open_new(button="save_and_close", closure_reason=company.solved.pk, closing_note="Paid back at once.")
    case = only_case()
    assert (case.status, case.closure_reason) == ("closed", company.solved)
    assert [event.type for event in case.events.order_by("seq")][-2:] == ["resolved", "closed"]


def test_save_and_close_meets_the_same_gate_and_opens_nothing_when_it_fails(
    open_new: Any, company: SimpleNamespace
) -> None:
    response = open_new(button="save_and_close")
    assert {"closure_reason", "closing_note"} <= set(response.context["form"].errors)
    done = {"closure_reason": company.solved.pk, "closing_note": "Paid back at once.", "name": "Márta Nagy"}
    response = open_new(button="save_and_close", case_type=company.recovery.pk, **done)
    assert {"method", f"tags_{company.cause.pk}"} <= set(response.context["form"].errors)
    assert response.status_code == 422
    short = {**done, "closing_note": "short"}
    assert "closing_note" in open_new(button="save_and_close", **short).context["form"].errors
    assert not Case.objects.exists()
    assert not Contact.objects.exists()


def test_the_same_form_sent_twice_opens_one_case(open_new: Any) -> None:
    places = {open_new(name="Márta Nagy")["Location"] for _ in range(3)}
    assert (len(places), Case.objects.count(), Contact.objects.count()) == (1, 1, 1)


def test_nobody_opens_a_case_for_a_unit_or_without_a_right_that_they_do_not_have(
    open_new: Any, company: SimpleNamespace
) -> None:
    assert open_new(unit=company.south.pk).status_code == 422
    open_new(by=company.vera)
    assert not Case.objects.exists()


def test_a_search_finds_addresses_anywhere_but_names_only_among_visible_cases(
    open_new: Any, company: SimpleNamespace
) -> None:
    here, there = Contact.objects.create(name="Anna Here"), Contact.objects.create(name="Anna There")
    ContactPoint.objects.create(contact=there, kind="email", value="anna@example.com")
    make_case(contact=here, unit=company.harbour, priority=company.normal)
    make_case(contact=there, unit=company.south, priority=company.normal)
    assert open_new(button="find", find="anna").context["form"].matches == [here]
    response = open_new(button="find", find="ANNA@example.com", title="")
    assert (response.status_code, response.context["form"].matches) == (200, [there])
    assert "This field is required" not in response.content.decode()
    assert open_new(find="anna", contact=there.pk).status_code == 422
    before = set(Case.objects.values_list("pk", flat=True))
    open_new(find="anna@example.com", contact=there.pk)
    assert Case.objects.exclude(pk__in=before).get().contact == there
