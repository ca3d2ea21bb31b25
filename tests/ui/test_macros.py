"""Macros on the case page and in the set-up, in both admins."""

from __future__ import annotations

import pytest

from case_management import models
from case_management.testing import make_user
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def macro(company):
    return models.Macro.objects.create(
        name="Take it", steps=[{"action": "assign_me"}, {"action": "set_topic", "topic": company.food.pk}]
    )


def test_the_case_page_offers_macros_with_a_key_each(case_door, signed_in, company, case, macro):
    for number in range(9):
        models.Macro.objects.create(name=f"Macro {number}", position=number + 1, steps=[{"action": "flag"}])
    page = signed_in(company.ann).get(case_door.url("case", case.reference)).content.decode()
    assert [f'data-cm-shortcut="{key}"' in page for key in (1, 9)] == [True, True]
    assert 'data-cm-shortcut="10"' not in page
    assert "Macro 8" in page


def test_a_preview_shows_each_step_and_running_takes_them(case_door, signed_in, company, case, macro):
    browser, url = signed_in(company.ann), case_door.url("case_macro", case.reference, macro.pk)
    preview = browser.get(url).content.decode()
    assert "Assign to me" in preview and "Food" in preview
    assert models.Case.objects.get(pk=case.pk).assignee is None
    answer = browser.post(url, {"version": case.version})
    assert answer.status_code == 302
    case = models.Case.objects.get(pk=case.pk)
    assert (case.assignee, case.topic) == (company.ann, company.food)


def test_a_refused_step_is_shown_and_nothing_was_changed(case_door, signed_in, company, case, macro):
    macro.steps = [{"action": "flag"}, {"action": "set_topic", "topic": 0}]
    macro.save()
    answer = signed_in(company.ann).post(
        case_door.url("case_macro", case.reference, macro.pk), {"version": case.version}
    )
    assert answer.status_code == 422
    assert "nothing was changed" in answer.content.decode()
    assert not models.Case.objects.get(pk=case.pk).flagged


def test_a_case_that_was_changed_meanwhile_is_shown_again(case_door, signed_in, company, case, macro):
    url = case_door.url("case_macro", case.reference, macro.pk)
    answer = signed_in(company.ann).post(url, {"version": case.version - 1})
    assert answer.status_code == 409
    assert models.Case.objects.get(pk=case.pk).assignee is None


def test_a_double_click_runs_it_once(case_door, signed_in, company, case):
    macro = models.Macro.objects.create(name="Note", steps=[{"action": "note", "note": "Looked into it."}])
    browser, url = signed_in(company.ann), case_door.url("case_macro", case.reference, macro.pk)
    for _click in range(2):
        assert browser.post(url, {"version": case.version}).status_code == 302
    assert case.notes.count() == 1


def test_a_response_waits_in_the_reply(case_door, signed_in, company, case):
    response = models.ScriptedResponse.objects.create(
        key="sorry", name="Sorry", subject="S", body="B", state="approved", approved_by=company.ann
    )
    macro = models.Macro.objects.create(name="Sorry", steps=[{"action": "response", "response": "sorry"}])
    answer = signed_in(company.ann).post(
        case_door.url("case_macro", case.reference, macro.pk), {"version": case.version}
    )
    assert f"do=reply&response={response.pk}" in answer.url


def test_others_macros_and_cases_are_not_there(case_door, signed_in, company, case, macro):
    foreign = models.Macro.objects.create(name="Ben's", owner=company.ben, steps=[{"action": "flag"}])
    browser = signed_in(company.ann)
    assert browser.get(case_door.url("case_macro", case.reference, foreign.pk)).status_code == 404
    stranger = signed_in(make_viewer("sue", company.south, "view_macro"))
    assert stranger.get(case_door.url("case_macro", case.reference, macro.pk)).status_code == 404


def test_a_macro_that_others_hear_of_is_looked_at_before_it_is_run(case_door, signed_in, company, case, macro):
    quiet = models.Macro.objects.create(name="Mine", position=1, steps=[{"action": "assign_me"}])
    page = signed_in(company.ann).get(case_door.url("case", case.reference)).content.decode()
    loud, still = (case_door.url("case_macro", case.reference, one.pk) for one in (macro, quiet))
    assert f'href="{loud}" data-cm-shortcut="1"' in page, "its key leads to the preview"
    assert f'action="{loud}"' not in page
    assert f'action="{still}"' in page


def test_what_a_macro_sends_is_shown_first_and_sent_once(case_door, signed_in, company, case):
    case.contact = models.Contact.objects.create(name="Cora")
    models.Case.objects.filter(pk=case.pk).update(contact=case.contact)
    case.contact.points.create(kind="email", value="cora@customer.example")
    models.ScriptedResponse.objects.create(
        key="call", name="Call", subject="May we call you?", body="Dear <b>[[CUSTOMER NAME]]</b>", state="approved",
        approved_by=company.ann,
    )  # fmt: skip
    macro = models.Macro.objects.create(name="Ask", steps=[{"action": "send", "response": "call"}])
    browser, url = signed_in(company.ann), case_door.url("case_macro", case.reference, macro.pk)
    preview = browser.get(url).content.decode()
    assert "cora@customer.example" in preview and "Dear &lt;b&gt;Cora&lt;/b&gt;" in preview
    for _click in range(2):
        answer = browser.post(url, {"version": case.version}, follow=True)
    assert "until then you can stop it" in answer.content.decode()
    assert models.Message.objects.get().subject == "May we call you?"


class TestSteps:
    """The page on which a macro is put together."""

    @pytest.fixture
    def boss(self, signed_in, company):
        return signed_in(make_user("boss", role="Case manager"))

    def test_steps_are_added_with_the_forms_of_wide_changes(self, case_door, boss, company):
        macro = models.Macro.objects.create(name="New")
        url = case_door.url("macro_steps", macro.pk)
        assert "No step yet" in boss.get(url).content.decode()
        assert 'name="topic"' in boss.get(f"{url}?add=set_topic").content.decode()
        assert boss.post(url, {"add": "set_topic", "topic": company.food.pk}).status_code == 302
        assert boss.post(url, {"add": "note", "note": "x", "subject": ""}).status_code == 422, "too short a note"
        boss.post(url, {"add": "note", "note": "Looked into it.", "subject": ""})
        boss.post(url, {"add": "assign_me"})
        boss.post(url, {"step": "2 up"})
        macro.refresh_from_db()
        assert [step["action"] for step in macro.steps] == ["set_topic", "assign_me", "note"]
        assert macro.steps[0]["topic"] == company.food.pk
        boss.post(url, {"step": "0 out"})
        boss.post(url, {"step": "9 out"})
        boss.post(url, {"step": "nonsense"})
        macro.refresh_from_db()
        assert [step["action"] for step in macro.steps] == ["assign_me", "note"]

    def test_a_custom_field_is_chosen_first_and_then_its_value(self, case_door, boss, company):
        models.CustomField.objects.create(key="seat", name="Seat", kind="text")
        macro = models.Macro.objects.create(name="New")
        url = case_door.url("macro_steps", macro.pk)
        assert "Continue" in boss.get(f"{url}?add=set_field").content.decode()
        asked = boss.post(url, {"add": "set_field", "field": "seat"})
        assert (asked.status_code, 'name="asked" value="seat"' in asked.content.decode()) == (200, True)
        sent = {"add": "set_field", "field": "seat", "asked": "seat"}
        assert boss.post(url, sent).status_code == 422, "no value, and no wish to have none"
        assert boss.post(url, {**sent, "custom_seat": "12A"}).status_code == 302
        macro.refresh_from_db()
        assert macro.steps == [{"action": "set_field", "key": "seat", "value": "12A"}]

    def test_only_whoever_may_change_it_puts_it_together(self, case_door, signed_in, company):
        agent = make_user("agent", role="Customer service agent", unit=company.north)
        mine, shared = models.Macro.objects.create(name="M", owner=agent), models.Macro.objects.create(name="S")
        foreign = models.Macro.objects.create(name="F", owner=company.ben)
        browser = signed_in(agent)
        answers = [
            browser.post(case_door.url("macro_steps", macro.pk), {"add": "flag"}) for macro in (mine, shared, foreign)
        ]
        assert [answer.status_code for answer in answers[::2]] == [302, 404]
        assert answers[1].status_code in (302, 403)
        shared.refresh_from_db()
        assert (shared.steps, len(models.Macro.objects.get(pk=mine.pk).steps)) == ([], 1)
