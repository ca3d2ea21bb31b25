"""From the library to a letter: tokens of a case, what is asked for, what fits, what became of it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from case_management import models
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration, LockedPartChanged, PromptsUnanswered
from case_management.operations import Resolution, reopen_case, resolve_case
from case_management.testing import make_case, make_topic, make_user
from case_management.wordsmith import (
    Letter,
    Token,
    compose,
    finished,
    library,
    signatures_for,
    tokens,
    values_of,
    with_outcome,
)
from tests.wordsmith.payloads import PAYLOADS

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture
def world():
    unit = models.Unit.add_root(number="N", name="North")
    ann = make_user("ann", role="Case manager", first_name="Ann", last_name="Okafor")
    contact = models.Contact.objects.create(name="Robin Ashdown", language="en-gb")
    case = make_case(title="Cold room", unit=unit, contact=contact, topic=make_topic("room"))
    return SimpleNamespace(unit=unit, ann=ann, contact=contact, case=case)


def respond(world, name="Sorry", **facts):
    facts = {"subject": "Hello [[CUSTOMER NAME]]", "body": "[[DETAILS]]", "state": "approved", **facts}
    facts.setdefault("prompts", [{"name": "DETAILS", "label": "What?"}])
    return models.ScriptedResponse.objects.create(key=name.lower(), name=name, approved_by=world.ann, **facts)


def test_every_token_is_filled_in_without_a_query(world, django_assert_num_queries):
    case = models.Case.objects.with_labels().get(pk=world.case.pk)
    letter = Letter(case, world.ann, "Kind regards\nAnn")
    with django_assert_num_queries(0):
        values = values_of(letter)
    assert values["CUSTOMER NAME"] == "Robin Ashdown"
    assert values["CUSTOMER FIRST NAME"] == "Robin"
    assert values["CASE REFERENCE"] == case.reference
    assert (values["CASE TITLE"], values["UNIT NAME"], values["TEAM NAME"]) == ("Cold room", "North", "")
    assert (values["AGENT NAME"], values["AGENT FIRST NAME"]) == ("Ann Okafor", "Ann")
    assert values["SIGNATURE"] == "Kind regards\nAnn"
    assert values_of(Letter(case, world.ann))["SIGNATURE"] == "Ann Okafor"


def test_a_token_that_the_case_cannot_fill_is_asked_for(world):
    world.case.contact = None
    composed = compose(respond(world), Letter(world.case, world.ann))
    assert composed.subject == "Hello [[CUSTOMER NAME]]"
    assert [prompt.name for prompt in composed.questions] == ["CUSTOMER NAME", "DETAILS"]
    with pytest.raises(PromptsUnanswered, match="CUSTOMER NAME"):
        finished(Letter(world.case, world.ann), (composed.subject, composed.body), {"DETAILS": "x"})
    answers = {"DETAILS": "x", "CUSTOMER NAME": "Jo\r\nBcc: all@example.org"}
    subject, body = finished(Letter(world.case, world.ann), (composed.subject, composed.body), answers)
    assert (subject, body) == ("Hello Jo Bcc: all@example.org", "x"), "a subject has one line"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_name_goes_out_as_it_is(world, payload):
    world.contact.name = payload
    letter = Letter(world.case, world.ann, "Ann")
    world.case.contact = world.contact
    composed = compose(respond(world, body="Dear [[CUSTOMER NAME]]: [[DETAILS]] [[SIGNATURE]]"), letter)
    sent = finished(letter, (composed.subject, composed.body), {"DETAILS": payload}, composed.response)
    name = " ".join(payload.split())
    assert sent == (f"Hello {name}", f"Dear {name}: {payload} Ann")


def test_a_host_may_add_tokens_of_its_own(world):
    with tokens.temporarily("LOYALTY TIER", Token("Tier", "Gold", lambda letter: "Gold")):
        composed = compose(respond(world, body="[[LOYALTY TIER]]", prompts=[]), Letter(world.case, world.ann))
    assert composed.body == "Gold"


def test_locked_parts_hold_when_the_letter_is_finished(world, settings):
    response = respond(world, body="Hi [[CUSTOMER NAME]] [[LOCKED: terms]]No refund.[[/LOCKED]]", prompts=[])
    letter = Letter(world.case, world.ann)
    finished(letter, ("S", "Anything. No refund."), {}, response)
    with pytest.raises(LockedPartChanged, match="terms"):
        finished(letter, ("S", "Hi Robin Ashdown A refund."), {}, response)
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "RESPONSES_LOCKED": True}
    with pytest.raises(LockedPartChanged, match="whole"):
        finished(letter, ("S", "Anything. No refund."), {}, response)


def test_nothing_is_approved_by_nobody(world):
    with pytest.raises(InvalidConfiguration):
        models.ScriptedResponse.objects.create(key="x", name="X", subject="S", body="B", state="approved")


class TestLibrary:
    """Which responses suit a case."""

    def test_what_lies_closest_comes_first_and_the_rest_is_marked(self, world):
        warm = make_topic("food")
        below = models.Topic.objects.get(key="room").add_child(name="Heating", key="heating")
        case = make_case(topic=below, unit=world.unit, contact=world.contact)
        respond(world, "General")
        respond(world, "Branch", topic=models.Topic.objects.get(key="room"))
        respond(world, "Exact", topic=below)
        respond(world, "Unit", unit=world.unit)
        respond(world, "Food", topic=warm)
        respond(world, "French", language="fr")
        respond(world, "Draft", state="draft")
        found = library(case)
        assert [fit.response.name for fit in found if fit.fits] == ["Exact", "Branch", "Unit", "General"]
        assert [(fit.response.name, fit.misfits) for fit in found if not fit.fits] == [
            ("Food", ["Food"]),
            ("French", ["fr"]),
        ]

    def test_it_is_found_by_its_key_and_by_words_in_any_order(self, world):
        respond(world, "Sorry", keywords="apology")
        respond(world, "Apology")
        assert [fit.response.name for fit in library(world.case, query="apology")] == ["Apology", "Sorry"]
        assert [fit.response.name for fit in library(world.case, query="HELLO sor")] == ["Sorry"]
        assert library(world.case, query="nosuch") == []

    def test_the_number_of_queries_does_not_grow(self, world, django_assert_num_queries):
        case = models.Case.objects.with_labels().get(pk=world.case.pk)
        for number in range(30):
            respond(world, f"R{number}", topic=case.topic, unit=case.unit)
        with django_assert_num_queries(2):
            library(case)

    def test_use_and_reopening_are_counted_of_the_cases_given(self, world):
        response, reason = respond(world), models.ClosureReason.objects.create(name="Solved")
        again, cases = models.ReopenReason.objects.create(name="Again"), [make_case() for _ in range(4)]
        now = timezone.now()
        for case in [*cases, cases[0]]:
            models.Message.objects.create(
                case=case, direction="out", sender="a@example.org", sent_at=now - timedelta(hours=1), response=response
            )
        for case in cases[:3]:
            resolve_case(case, Resolution(reason, "Explained it all."), by=BY)
        reopen_case(cases[0], reason=again, note="Not solved at all.", by=BY)
        row = with_outcome(models.ScriptedResponse.objects.all(), models.Case.objects.all()).get()
        assert (row.used, row.closed, row.reopened) == (5, 3, 1)
        some = with_outcome(models.ScriptedResponse.objects.all(), models.Case.objects.filter(pk=cases[1].pk)).get()
        assert (some.used, some.closed, some.reopened) == (1, 1, 0)


def test_the_best_signature_comes_first(world):
    below = models.Unit.objects.get(pk=world.unit.pk).add_child(number="N1", name="Harbour")
    case = make_case(unit=below)
    for name, owner, unit in (
        ("All", None, None), ("North", None, world.unit), ("Harbour", None, below), ("Mine", world.ann, None),
        ("Ben's", make_user("ben"), None), ("South", None, models.Unit.add_root(number="S", name="South")),
    ):  # fmt: skip
        models.Signature.objects.create(name=name, text=name, owner=owner, unit=unit)
    assert [choice.name for choice in signatures_for(world.ann, case)] == ["Mine", "Harbour", "North", "All"]
    models.Preferences.objects.create(user=world.ann, signature="Yours, Ann")
    assert signatures_for(world.ann, case)[0].text == "Yours, Ann"
