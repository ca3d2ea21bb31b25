"""A scripted response in the reply: chosen without a script, answered, checked before it is sent, kept as used."""

from __future__ import annotations

import pytest

from case_management import models
from case_management.testing import make_case
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(company):
    contact = models.Contact.objects.create(name="Robin Ashdown")
    models.ContactPoint.objects.create(contact=contact, kind="email", value="robin@example.net")
    return make_case(title="Cold", topic=company.seat, priority=company.normal, unit=company.harbour, contact=contact)


def respond(company, name="Sorry", **facts):
    return models.ScriptedResponse.objects.create(**{
        "key": name.lower(), "name": name, "subject": "Our apologies, [[CASE REFERENCE]]",
        "body": "Dear [[CUSTOMER NAME]],\n[[DETAILS]]\n[[LOCKED: terms]]No refund is due.[[/LOCKED]]",
        "prompts": [{"name": "DETAILS", "label": "What happened?"}], "state": "approved",
        "approved_by": company.ann, **facts,
    })  # fmt: skip


class Reply:
    """The reply form of one case as a browser without scripts sees it."""

    def __init__(self, browser, door, case):
        self.browser, self.url = browser, door.url("case_act", case.reference, "reply")
        self.form = self.read(browser.get(door.url("case", case.reference) + "?do=reply"))

    def read(self, answer):
        self.answer = answer
        self.form = next(form for form in answer.context["panels"].tabs if form.slug == "reply")
        return self.form

    def sent(self, **changes):
        values = {field.html_name: field.value() for field in self.form}
        return {name: value for name, value in {**values, **changes}.items() if value not in (None, False, "", ())}

    def post(self, **changes):
        return self.browser.post(self.url, self.sent(**changes))

    def pick(self, response, **changes):
        return self.read(self.post(pick=response.pk, use_response="1", **changes))

    def answers(self, text):
        return {field.html_name: text for field in self.form.prompts()}


@pytest.fixture
def reply(case_door, signed_in, company, case):
    return Reply(signed_in(company.ann), case_door, case)


def test_picking_one_fills_subject_and_text_and_asks_for_the_rest(reply, company, case):
    form = reply.pick(respond(company), cc="boss@example.org", text="My own words.")
    assert reply.answer.status_code == 200
    assert form["subject"].value() == f"Our apologies, {case.reference}"
    assert form["text"].value() == "My own words.\n\nDear Robin Ashdown,\n[[DETAILS]]\nNo refund is due."
    assert [str(field.label) for field in form.prompts()] == ["What happened?"]
    assert form["cc"].value() == "boss@example.org", "what was typed is kept"
    assert "robin@example.net" in str(form["to"])
    assert not models.Message.objects.exists()


def test_another_one_takes_the_place_of_the_first(reply, company):
    reply.pick(respond(company))
    form = reply.pick(respond(company, "Thanks", body="Thank you.", prompts=[]))
    assert form["text"].value() == "Thank you."


def test_nothing_is_sent_while_a_prompt_is_unanswered(reply, company):
    reply.pick(respond(company))
    answer = reply.post()
    assert answer.status_code == 422
    assert "[[DETAILS]]" in answer.content.decode()
    assert not models.Message.objects.exists()
    form = reply.read(answer)
    assert form["text"].value().startswith("Dear Robin Ashdown"), "nothing typed is lost"
    assert form.prompts()[0].errors


def test_a_preview_is_as_strict_as_sending(reply, company):
    reply.pick(respond(company))
    assert "Preview: nothing was sent" not in reply.post(button="preview").content.decode()
    assert (
        "The radiator was cold."
        in reply.post(button="preview", **reply.answers("The radiator was cold.")).content.decode()
    )


def test_the_letter_goes_out_with_its_answers_and_keeps_the_version(reply, company, case):
    response = respond(company)
    reply.pick(response)
    assert reply.post(**reply.answers("It was cold.")).status_code == 302
    message = models.Message.objects.get()
    assert message.text.startswith("Dear Robin Ashdown,\nIt was cold.\nNo refund is due.")
    assert (message.response, message.subject) == (response, f"Our apologies, {case.reference}")


def test_a_locked_part_that_was_changed_is_refused_and_shown_as_it_was(reply, company):
    reply.pick(respond(company))
    answer = reply.post(text="Dear Robin,\nA refund is due.", **reply.answers("x"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“terms” may not be changed" in page and "No refund is due." in page and "A refund is due." in page
    assert not models.Message.objects.exists()


def test_the_whole_text_may_be_locked_by_a_setting(reply, company, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "RESPONSES_LOCKED": True}
    reply.pick(respond(company))
    text = reply.form["text"].value().replace("Dear", "Dearest")
    assert reply.post(text=text, **reply.answers("x")).status_code == 422
    assert reply.post(**reply.answers("x")).status_code == 302


def test_a_response_that_signs_gets_no_second_signature(reply, company):
    models.Signature.objects.create(name="All", text="The hotel")
    reply.pick(respond(company, body="Hello\n[[SIGNATURE]]", prompts=[]))
    signature = models.Signature.objects.get()
    reply.pick(respond(company, "Again", body="Hello\n[[SIGNATURE]]", prompts=[]), signature=signature.pk)
    assert reply.post().status_code == 302
    assert models.Message.objects.get().text == "Hello\nThe hotel"


@pytest.mark.parametrize("payload", ["[[SIGNATURE]]", "{{7*7}}", "{0.__class__}", "${7*7}", "%(x)s"])
def test_a_hostile_name_goes_out_as_it_is(case_door, signed_in, company, case, payload):
    if case_door.name == "django":
        pytest.skip("the form is the same")
    models.Contact.objects.update(name=payload)
    reply = Reply(signed_in(company.ann), case_door, case)
    reply.pick(respond(company))
    assert reply.post(**reply.answers(payload)).status_code == 302
    assert models.Message.objects.get().text.startswith(f"Dear {payload},\n{payload}\n")


def test_only_approved_ones_are_offered_and_found(case_door, signed_in, company, case):
    near, far = respond(company), respond(company, "Food", topic=company.food)
    respond(company, "Draft", state="draft")
    browser = signed_in(company.ann)
    found = browser.get(case_door.url("case_responses", case.reference)).json()
    assert [(row["name"], row["fits"], row["for"]) for row in found["responses"]] == [
        ("Sorry", True, []), ("Food", False, ["Food"]),
    ]  # fmt: skip
    searched = browser.get(case_door.url("case_responses", case.reference) + "?q=foo").json()
    assert [row["id"] for row in searched["responses"]] == [far.pk]
    letter = browser.get(case_door.url("case_response", case.reference, near.pk)).json()
    assert letter["body"].startswith("Dear Robin Ashdown,\n[[DETAILS]]")
    assert [prompt["label"] for prompt in letter["prompts"]] == ["What happened?"]
    draft = models.ScriptedResponse.objects.get(state="draft")
    assert browser.get(case_door.url("case_response", case.reference, draft.pk)).status_code == 404


def test_nobody_reads_a_letter_about_a_case_that_they_may_not_see(case_door, signed_in, company, case):
    response = respond(company)
    stranger = signed_in(make_viewer("sue", company.south, "view_scriptedresponse"))
    assert stranger.get(case_door.url("case_responses", case.reference)).status_code == 404
    assert stranger.get(case_door.url("case_response", case.reference, response.pk)).status_code == 404
    assert stranger.get(case_door.url("case_response", case.reference, 0)).status_code == 404
    reader = signed_in(company.vera)
    assert reader.get(case_door.url("case_responses", case.reference)).status_code in (302, 403)


def test_an_address_opens_the_reply_with_a_response(case_door, signed_in, company, case):
    response, browser = respond(company), signed_in(company.ann)
    for query in (f"do=reply&response={response.pk}", "do=reply&response=x", "do=reply&response=99999999999999999999"):
        answer = browser.get(f"{case_door.url('case', case.reference)}?{query}")
        assert answer.status_code == 200
        assert ("Dear Robin Ashdown" in answer.content.decode()) == query.endswith(str(response.pk))


def test_garbage_in_the_hidden_fields_is_no_failure(reply, company):
    reply.pick(respond(company))
    for changes in ({"response": "x"}, {"response": "0"}, {"signature": "999"}, {"signature": "x"}, {"pick": "999"}):
        assert reply.post(**changes).status_code == 422
