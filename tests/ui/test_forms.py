"""Every form of the case page over HTTP, in both admins: what it does, what it refuses, what it keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from django.utils.html import escape

from case_management.domain.actor import Actor
from case_management.models import Case, CaseEvent, CaseFlag, CaseNote, Delivery, Message
from case_management.operations import (
    MessageDraft,
    Resolution,
    add_note,
    assign_case,
    change_case_type,
    change_priority,
    change_topic,
    close_case,
    flag_case,
    record_failed,
    reply_to_case,
    resolve_case,
    snooze_case,
    tag_case,
    wait_case,
)
from case_management.ui.forms import FORMS

pytestmark = pytest.mark.django_db

NOTE = "Called the guest, no answer."


@pytest.fixture
def send(case_door: Any, company: SimpleNamespace, case: Case, signed_in: Any) -> Any:
    """Send one form of the case, as Ann unless ``by`` says who; ``version`` is what she saw."""

    def post(slug: str, *, by: Any = None, version: int | None = None, **data: Any) -> Any:
        seen = Case.objects.get(pk=case.pk).version if version is None else version
        client = signed_in(by or company.ann)
        return client.post(case_door.url("case_act", case.reference, slug), {"version": seen, **data})

    return post


def resolve(case: Case, company: SimpleNamespace) -> None:
    resolve_case(case, Resolution(company.solved, "All is well again."), by=Actor.from_user(company.ann))


def write(case: Case, company: SimpleNamespace) -> None:
    reply_to_case(case, MessageDraft(to=("guest@example.org",), text=NOTE), by=Actor.from_user(company.ann))


def fail(case: Case, company: SimpleNamespace) -> None:
    write(case, company)
    record_failed(Delivery.objects.get(), "550 No", by=Actor.system("mail"))


PREPARE = {
    "cancel-message": write,
    "send-again": fail,
    "unassign": lambda case, c: assign_case(case, to=c.ben, by=Actor.from_user(c.ann)),
    "resume": lambda case, c: wait_case(case, waiting_for="customer", by=Actor.from_user(c.ann)),
    "wake": lambda case, c: snooze_case(case, until=timezone.now() + timedelta(days=1), by=Actor.from_user(c.ann)),
    "reopen": resolve,
    "close": resolve,
    "unflag": lambda case, c: flag_case(case, by=Actor.from_user(c.ann)),
}
DATA: dict[str, Any] = {
    "forward": lambda c: {"to": "a@example.org", "subject": "FYI", "text": NOTE, "once": "1"},
    "reply": lambda c: {"to": "guest@example.org", "subject": "Your seat", "text": NOTE, "once": "1"},
    "cancel-message": lambda c: {"message": getattr(Message.objects.first(), "pk", 1)},
    "send-again": lambda c: {"message": getattr(Message.objects.first(), "pk", 1)},
    "note": lambda c: {"text": NOTE, "subject": c.call.pk},
    "assign": lambda c: {"assignee": c.ben.pk},
    "reroute": lambda c: {"unit": c.north.pk, "team": c.team.pk},
    "edit": lambda c: {
        "initial-topic": c.seat.pk,
        "topic": c.food.pk,
        "initial-case_type": "",
        "case_type": c.social.pk,
        "initial-priority": c.normal.pk,
        "priority": c.urgent.pk,
        "initial-deadline": "",
        "deadline": "2030-01-02T10:30",
    },
    "tag": lambda c: {"shown": "", f"tags_{c.angry.category_id}": [c.angry.pk]},
    "wait": lambda c: {"waiting_for": "third_party"},
    "snooze": lambda c: {"until": "2030-01-02T10:30"},
    "resolve": lambda c: {
        "closure_reason": c.solved.pk,
        "note": "Apologised, all is well.",
        "method": c.apology.pk,
        "channel": c.by_mail.pk,
        "subject": c.call.pk,
    },
    "reopen": lambda c: {"reopen_reason": c.again.pk, "note": "It broke again the next day."},
    "escalate": lambda c: {"reason": "The guest talks to the press."},
    "flag-for-me": lambda c: {"up": "True"},
}
EXPECT: dict[str, Any] = {
    "forward": lambda case, c: case.messages.get().is_internal,
    "reply": lambda case, c: case.status == "in_progress" and case.messages.get().delivery.state == "pending",
    "cancel-message": lambda case, c: case.messages.get().delivery.state == "cancelled",
    "send-again": lambda case, c: case.messages.get().delivery.state == "pending",
    "note": lambda case, c: case.status == "in_progress" and case.notes.get().subject == c.call,
    "assign": lambda case, c: case.assignee == c.ben,
    "take": lambda case, c: case.assignee == c.ann,
    "unassign": lambda case, c: case.assignee is None,
    "reroute": lambda case, c: (case.unit, case.team) == (c.north, c.team),
    "edit": lambda case, c: (
        (case.topic, case.case_type, case.priority) == (c.food, c.social, c.urgent)
        and case.deadline == datetime(2030, 1, 2, 10, 30, tzinfo=UTC)
    ),
    "tag": lambda case, c: set(case.tags.all()) == {c.angry},
    "wait": lambda case, c: (case.status, case.waiting_for) == ("waiting", "third_party"),
    "resume": lambda case, c: case.status == "in_progress",
    "snooze": lambda case, c: case.snoozed_until == datetime(2030, 1, 2, 10, 30, tzinfo=UTC),
    "wake": lambda case, c: case.snoozed_until is None,
    "resolve": lambda case, c: (
        (case.status, case.closure_reason, case.resolution_method, case.close_channel)
        == ("resolved", c.solved, c.apology, c.by_mail)
        and case.notes.get().subject == c.call
    ),
    "reopen": lambda case, c: (case.status, case.reopen_reason) == ("in_progress", c.again),
    "close": lambda case, c: case.status == "closed",
    "escalate": lambda case, c: case.escalation_level == 1,
    "flag": lambda case, c: case.flagged,
    "unflag": lambda case, c: not case.flagged,
    "flag-for-me": lambda case, c: CaseFlag.objects.filter(case=case, user=c.ann).exists(),
}


#: What these do is seen in test_ties.py, which has a second case for them; whoever sees a case may watch it.
TIES = {"deescalate", "link", "unlink", "merge", "unmerge", "split", "watch", "unwatch", "watcher"}
FOR_ONESELF = {"flag-for-me", "watch", "unwatch"}


def test_every_form_has_its_line_in_the_tables_of_this_module() -> None:
    assert set(EXPECT) == set(FORMS) - TIES


@pytest.mark.parametrize("slug", list(EXPECT))
def test_a_form_does_what_its_operation_does_and_leads_back_to_the_case(
    slug: str, send: Any, case: Case, company: SimpleNamespace, case_door: Any
) -> None:
    PREPARE.get(slug, lambda *_: None)(case, company)
    response = send(slug, **DATA.get(slug, lambda c: {})(company))
    there = response.get("Location", "").partition("?")[0]
    assert (response.status_code, there) == (302, case_door.url("case", case.reference))
    assert EXPECT[slug](Case.objects.get(pk=case.pk), company)


def test_one_button_assigns_the_case_to_whoever_presses_it(send: Any, case: Case, company: SimpleNamespace) -> None:
    send("take", by=company.ben)
    case.refresh_from_db()
    assert case.assignee == company.ben


def test_assigning_to_nobody_or_to_somebody_without_the_right_is_refused(
    send: Any, case: Case, company: SimpleNamespace
) -> None:
    for assignee in ("", company.vera.pk):
        assert send("assign", assignee=assignee).status_code == 422
    case.refresh_from_db()
    assert case.assignee is None


def test_a_note_that_is_too_short_is_refused_at_its_field_and_kept(send: Any, case: Case) -> None:
    response = send("note", text="short")
    page = response.content.decode()
    assert response.status_code == 422
    assert "The note needs at least 10 characters; it has 5." in page
    assert 'href="#cm-note-text"' in page
    assert 'aria-describedby="cm-note-text_helptext cm-note-text_error"' in page
    assert ">\nshort</textarea>" in page
    assert not CaseNote.objects.filter(case=case).exists()


def test_resolving_names_all_that_is_missing_at_once(send: Any, case: Case, company: SimpleNamespace) -> None:
    change_case_type(case, case_type=company.recovery, by=Actor.from_user(company.ann))
    response = send("resolve", closure_reason=company.solved.pk, note="All is well again.", method="")
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#cm-resolve-method"' in page
    response = send("resolve", closure_reason=company.solved.pk, note="All is well again.", method=company.apology.pk)
    assert "a tag of “Root cause”" in response.content.decode()
    assert f'href="#cm-resolve-tags_{company.cause.pk}"' in response.content.decode()
    case.refresh_from_db()
    assert case.is_open


def test_each_of_two_missing_tags_is_named_at_its_own_field(send: Any, case: Case, company: SimpleNamespace) -> None:
    company.angry.category.required_for.add(company.recovery)
    change_case_type(case, case_type=company.recovery, by=Actor.from_user(company.ann))
    response = send("resolve", **DATA["resolve"](company))
    assert set(response.context["panels"].failed.errors) == {
        "__all__",
        f"tags_{company.cause.pk}",
        f"tags_{company.angry.category_id}",
    }


def test_a_missing_tag_can_be_given_while_resolving(send: Any, case: Case, company: SimpleNamespace) -> None:
    change_case_type(case, case_type=company.recovery, by=Actor.from_user(company.ann))
    tagged = {f"tags_{company.cause.pk}": [company.broken.pk]}
    send("resolve", **DATA["resolve"](company), **tagged)
    case.refresh_from_db()
    assert (case.status, set(case.tags.all())) == ("resolved", {company.broken})


def test_a_tag_given_with_a_note_that_is_too_short_is_not_kept(send: Any, case: Case, company: SimpleNamespace) -> None:
    change_case_type(case, case_type=company.recovery, by=Actor.from_user(company.ann))
    tagged = {f"tags_{company.cause.pk}": [company.broken.pk]}
    send("resolve", **{**DATA["resolve"](company), "note": "short"}, **tagged)
    assert not Case.objects.get(pk=case.pk).tags.exists()


def edit_as_seen(company: SimpleNamespace, **changes: Any) -> dict[str, Any]:
    """What a browser sends when the form was shown on the fresh case and only ``changes`` were made."""
    shown = {"topic": company.seat.pk, "case_type": "", "priority": company.normal.pk, "deadline": ""}
    return {**{f"initial-{name}": value for name, value in shown.items()}, **shown, **changes}


def test_a_stale_edit_shows_what_the_other_did_and_keeps_ones_own(
    send: Any, case: Case, company: SimpleNamespace
) -> None:
    seen = case.version
    change_priority(case, priority=company.urgent, by=Actor.from_user(company.ben))
    response = send("edit", version=seen, **edit_as_seen(company, priority=company.low.pk))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Priority changed from Normal to Urgent" in page
    assert "Ben Lind" in page
    assert f'<option value="{company.low.pk}" selected>' in page
    assert Case.objects.get(pk=case.pk).priority == company.urgent


def test_after_the_conflict_was_shown_the_same_form_goes_through(
    send: Any, case: Case, company: SimpleNamespace
) -> None:
    seen = case.version
    change_priority(case, priority=company.urgent, by=Actor.from_user(company.ben))
    change_topic(case, topic=company.food, by=Actor.from_user(company.ben))
    page = send("edit", version=seen, **edit_as_seen(company, priority=company.low.pk))
    form = page.context["panels"].failed
    again = {name: form.data[name] for name in form.data}
    send("edit", **again)
    case = Case.objects.get(pk=case.pk)
    assert (case.priority, case.topic) == (company.low, company.food)


def test_edits_of_different_fields_both_hold(send: Any, case: Case, company: SimpleNamespace) -> None:
    seen = case.version
    change_topic(case, topic=company.food, by=Actor.from_user(company.ben))
    response = send("edit", version=seen, **edit_as_seen(company, priority=company.low.pk))
    case.refresh_from_db()
    assert (response.status_code, case.topic, case.priority) == (302, company.food, company.low)


def test_a_conflict_in_the_second_of_two_edits_stops_both(send: Any, case: Case, company: SimpleNamespace) -> None:
    seen = case.version
    change_priority(case, priority=company.urgent, by=Actor.from_user(company.ben))
    changes = edit_as_seen(company, topic=company.food.pk, priority=company.low.pk)
    assert send("edit", version=seen, **changes).status_code == 409
    case = Case.objects.get(pk=case.pk)
    assert (case.topic, case.priority) == (company.seat, company.urgent)


def test_priority_and_deadline_can_be_changed_in_one_go(send: Any, case: Case, company: SimpleNamespace) -> None:
    seen = case.version
    add_note(case, text=NOTE, by=Actor.from_user(company.ben))
    changes = edit_as_seen(company, priority=company.urgent.pk, deadline="2030-05-06T07:08")
    assert send("edit", version=seen, **changes).status_code == 302


def test_an_edit_that_fails_half_way_changes_nothing(send: Any, case: Case, company: SimpleNamespace) -> None:
    response = send("edit", **edit_as_seen(company, topic=company.food.pk, priority=""))
    assert response.status_code == 422
    company.urgent.is_active = False
    company.urgent.save()
    response = send("edit", **edit_as_seen(company, topic=company.food.pk, priority=company.urgent.pk))
    assert response.status_code == 422
    assert "no longer offered" in response.content.decode()
    assert Case.objects.get(pk=case.pk).topic == company.seat


def test_an_action_that_the_case_has_outrun_keeps_what_was_written(
    send: Any, case: Case, company: SimpleNamespace
) -> None:
    seen = case.version
    resolve(case, company)
    close_case(case, by=Actor.from_user(company.ben))
    response = send("note", version=seen, text=NOTE)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Resolved: Solved" in page
    assert NOTE in page


def test_tags_of_two_people_at_once_both_hold(send: Any, case: Case, company: SimpleNamespace) -> None:
    mood, cause = company.angry.category_id, company.broken.category_id
    seen, ben = case.version, Actor.from_user(company.ben)
    tag_case(case, add=[company.broken], by=ben)
    send("tag", version=seen, shown="", **{f"tags_{mood}": [company.angry.pk]})
    assert set(Case.objects.get(pk=case.pk).tags.all()) == {company.broken, company.angry}
    shown = f"{company.broken.pk},{company.angry.pk}"
    send("tag", shown=shown, **{f"tags_{mood}": [company.calm.pk], f"tags_{cause}": [company.broken.pk]})
    assert set(Case.objects.get(pk=case.pk).tags.all()) == {company.broken, company.calm}


def test_a_form_that_is_sent_twice_acts_once(send: Any, case: Case) -> None:
    seen = case.version
    answers = [send("note", version=seen, text=NOTE).status_code for _ in range(3)]
    assert (answers, CaseNote.objects.filter(case=case).count()) == ([302, 302, 302], 1)


def test_the_same_words_written_again_on_a_fresh_page_are_a_new_note(send: Any, case: Case) -> None:
    send("note", text=NOTE)
    send("note", text=NOTE)
    assert CaseNote.objects.filter(case=case).count() == 2


def test_asking_for_what_is_so_already_says_so_and_records_nothing(
    send: Any, case: Case, company: SimpleNamespace
) -> None:
    assign_case(case, to=company.ben, by=Actor.from_user(company.ann))
    before = CaseEvent.objects.filter(case=case).count()
    assert send("assign", assignee=company.ben.pk).status_code == 302
    assert CaseEvent.objects.filter(case=case).count() == before


@pytest.mark.parametrize("slug", [slug for slug in FORMS if slug not in FOR_ONESELF])
def test_without_the_right_a_form_is_refused_and_nothing_happens(
    slug: str, send: Any, case: Case, company: SimpleNamespace
) -> None:
    PREPARE.get(slug, lambda *_: None)(case, company)
    before = CaseEvent.objects.filter(case=case).count()
    response = send(slug, by=company.vera, **DATA.get(slug, lambda c: {})(company))
    assert response.status_code == 403
    assert escape("may not do this here") in response.content.decode()
    assert CaseEvent.objects.filter(case=case).count() == before


@pytest.mark.parametrize("slug", list(FORMS))
def test_nobody_acts_on_a_case_that_they_cannot_see(
    slug: str, case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    from case_management.testing import make_case

    foreign = make_case(unit=company.south, priority=company.normal)
    data = {"version": foreign.version, **DATA.get(slug, lambda c: {})(company)}
    response = signed_in(company.ann).post(case_door.url("case_act", foreign.reference, slug), data)
    assert response.status_code == 404
    assert CaseEvent.objects.filter(case=foreign).count() == foreign.version


def test_an_unknown_action_does_not_exist(send: Any) -> None:
    assert send("explode").status_code == 404


def test_the_address_of_an_action_leads_back_to_the_case(
    case_door: Any, case: Case, company: SimpleNamespace, signed_in: Any
) -> None:
    response = signed_in(company.ann).get(case_door.url("case_act", case.reference, "note"))
    assert (response.status_code, response["Location"]) == (302, case_door.url("case", case.reference) + "?do=note")


def test_whoever_moves_a_case_out_of_their_sight_goes_to_the_list(
    case_door: Any, case: Case, company: SimpleNamespace, signed_in: Any
) -> None:
    from tests.ui.conftest import make_viewer

    carl = make_viewer("carl", company.harbour, "reroute_case")
    models = {"version": case.version, "unit": "", "team": company.team.pk}
    response = signed_in(carl).post(case_door.url("case_act", case.reference, "reroute"), models)
    assert response["Location"] == case_door.url("list")
