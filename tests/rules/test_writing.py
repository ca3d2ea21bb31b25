"""What rules write to customers and partners: approved words, once, never to a machine."""

from __future__ import annotations

import pytest

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration
from case_management.rules import authoring
from case_management.testing import make_case, make_user
from tests.rules.conftest import settle, write

SYSTEM = Actor.system("test")


def response(key="thanks", body="Dear [[CUSTOMER NAME]],\nwe look into it.\n[[SIGNATURE]]", **facts):
    """An approved one."""
    approver = make_user(f"approver-of-{key}")
    return models.ScriptedResponse.objects.create(
        key=key, name=key.title(), subject="Your case [[CASE REFERENCE]]", body=body, state="approved",
        approved_by=approver, **facts,
    )  # fmt: skip


@pytest.fixture
def case(desk):
    """A case of somebody who can be written to."""
    models.ContactPoint.objects.create(contact=desk.contact, kind="email", value="robin@example.org")
    return make_case(topic=desk.topic, contact=desk.contact, by=SYSTEM)


def test_a_response_is_sent_once_in_the_cases_words_and_thread(case):
    response()
    write("thank", {"action": "respond", "response": "thanks"}, occasion="case_changed")
    operations.flag_case(case, by=SYSTEM)
    settle()
    message = models.Message.objects.get()
    assert (message.recipients, message.kind, message.author) == (["robin@example.org"], "reply", None)
    assert message.subject == f"Your case {case.reference}"
    assert "Dear Robin Reed" in message.text
    assert "Customer service" in message.text, "nobody is responsible: the desk signs"
    operations.unflag_case(case, by=SYSTEM)
    settle()
    assert models.Message.objects.count() == 1
    trace = models.RuleFiring.objects.get().trace["actions"]
    assert trace == [{"action": "respond", "message": message.pk}]


def test_a_contact_without_an_address_gets_nothing_and_the_trace_says_so(desk):
    response()
    write("thank", {"action": "respond", "response": "thanks"}, occasion="case_opened")
    make_case(topic=desk.topic, contact=desk.contact, by=SYSTEM)
    settle()
    assert not models.Message.objects.exists()
    assert "recipient" in models.RuleFiring.objects.get().trace["actions"][0]["refused"]


def test_a_response_that_asks_its_sender_something_cannot_be_sent_by_a_rule(desk):
    response("asks", "We offer [[GIFT]].", prompts=[{"name": "GIFT", "label": "What?"}])
    with pytest.raises(InvalidConfiguration, match="GIFT"):
        authoring.validate("case_opened", {}, [{"action": "respond", "response": "asks"}])


def test_a_response_that_needs_what_the_case_does_not_know_stays_unsent(desk, case):
    response("unit", "Dear guest of [[UNIT NAME]]")
    write("thank", {"action": "respond", "response": "unit"}, occasion="case_changed")
    operations.flag_case(case, by=SYSTEM)
    settle()
    assert "UNIT NAME" in models.RuleFiring.objects.get().trace["actions"][0]["refused"]


def test_satisfaction_is_asked_for_after_the_first_resolving_and_never_again(desk, case):
    response("survey", "How did we do?")
    reason = models.ClosureReason.objects.create(name="Solved")
    again = models.ReopenReason.objects.create(name="Again")
    write("ask", {"action": "ask_satisfaction", "response": "survey"}, occasion="case_changed", cadence="every_time")
    for _time in range(2):
        operations.resolve_case(case, operations.Resolution(reason, "Called the customer."), by=SYSTEM)
        settle()
        operations.reopen_case(case, reason=again, note="It went on, they say.", by=SYSTEM)
        settle()
    assert models.Message.objects.count() == 1


def test_a_forward_holds_what_was_ticked_and_stays_internal(desk, case):
    write(
        "pass-on", {"action": "forward", "to": ["partner@example.org"], "text": "Please look.", "details": ["contact"]},
        occasion="case_changed",
    )  # fmt: skip
    operations.flag_case(case, by=SYSTEM)
    settle()
    message = models.Message.objects.get()
    assert (message.recipients, message.is_internal) == (["partner@example.org"], True)
    assert message.text.startswith("Please look.")
    assert "robin@example.org" in message.text
