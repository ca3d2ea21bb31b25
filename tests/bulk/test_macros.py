"""Macros: all steps or none, previewed by taking them back, and never more than their user may do."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from case_management import models, operations
from case_management.access.setting_up import may_set_up
from case_management.bulk.macros import is_quiet, offered_macros, preview_macro, run_macro
from case_management.bulk.step_words import step_in_words
from case_management.domain.actor import Actor
from case_management.exceptions import MacroRefused
from case_management.testing import make_case, make_topic, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    north = models.Unit.add_root(number="N", name="North")
    cause = models.TagCategory.objects.create(name="Cause")
    recovery = models.CaseType.objects.create(name="Recovery")
    cause.required_for.add(recovery)
    ann = make_user("ann", role="Customer service agent", unit=north)
    world = SimpleNamespace(
        north=north, ann=ann, by=Actor.from_user(ann), tag=models.Tag.objects.create(name="Heating", category=cause),
        heating=make_topic("heating"), solved=models.ClosureReason.objects.create(name="Solved"),
        case=make_case(unit=north, case_type=recovery),
    )  # fmt: skip
    world.resolve = {"action": "resolve", "closure_reason": world.solved.pk, "note": "Called and explained it."}
    return world


def macro_of(*steps, **facts):
    return models.Macro.objects.create(name=facts.pop("name", "Macro"), steps=list(steps), **facts)


def everything(case):
    return models.Case.objects.filter(pk=case.pk).values().get(), case.events.count(), case.tags.count()


def test_all_steps_are_taken_in_their_order(world):
    macro = macro_of(
        {"action": "assign_me"},
        {"action": "set_topic", "topic": world.heating.pk},
        {"action": "tag", "add": [world.tag.pk], "remove": []},
        {"action": "note", "note": "Looked into it."},
        world.resolve,
    )
    preview = preview_macro(macro, world.case, by=world.by)
    assert preview.is_possible, "the tag that resolving needs is given by the step before"
    run = run_macro(macro, world.case, by=world.by)
    assert [step.words for step in run.steps] == [step.words for step in preview.steps]
    case = models.Case.objects.get(pk=world.case.pk)
    assert (case.status, case.assignee, case.topic) == ("resolved", world.ann, world.heating)


def test_a_preview_changes_nothing_and_says_why_steps_are_refused(world):
    macro, before = macro_of({"action": "flag"}, world.resolve, {"action": "wake"}), everything(world.case)
    preview = preview_macro(macro, world.case, by=world.by)
    assert [step.is_refused for step in preview.steps] == [False, True, False]
    assert "Cause" in preview.steps[1].reason
    assert preview.steps[2].is_idle
    assert everything(world.case) == before


def test_one_refused_step_and_nothing_is_done(world):
    macro, before = macro_of({"action": "flag"}, world.resolve), everything(world.case)
    with pytest.raises(MacroRefused, match="Step 2") as refused:
        run_macro(macro, world.case, by=world.by)
    assert refused.value.details["step"] == 2
    assert everything(world.case) == before


def test_what_is_so_already_is_passed_over(world):
    macro = macro_of({"action": "assign_me"}, {"action": "flag"})
    run_macro(macro, world.case, by=world.by)
    run_macro(macro_of({"action": "assign_me"}, {"action": "unflag"}), world.case, by=world.by)
    assert not models.Case.objects.get(pk=world.case.pk).flagged


def test_a_macro_does_only_what_its_user_may_do(world):
    reader = make_user("reader", role="Sales agent", unit=world.north)
    macro, before = macro_of({"action": "set_topic", "topic": world.heating.pk}), everything(world.case)
    with pytest.raises(MacroRefused, match="change_case"):
        run_macro(macro, world.case, by=Actor.from_user(reader))
    assert everything(world.case) == before


@pytest.mark.parametrize("step", [
    {"action": "no_such_step"}, {"action": "set_topic", "topic": 0}, {"action": "response", "response": "gone"},
    {"action": "wait", "waiting_for": "nobody"},
])  # fmt: skip
def test_a_step_that_names_what_is_gone_is_refused_with_its_reason(world, step):
    macro = macro_of(step)
    assert preview_macro(macro, world.case, by=world.by).steps[0].reason
    with pytest.raises(MacroRefused):
        run_macro(macro, world.case, by=world.by)


def test_steps_wait_snooze_and_put_a_response_into_the_reply(world):
    response = models.ScriptedResponse.objects.create(
        key="sorry", name="Sorry", subject="S", body="B", state="approved", approved_by=world.ann
    )
    macro = macro_of(
        {"action": "response", "response": "sorry"},
        {"action": "wait", "waiting_for": "customer"},
        {"action": "snooze_for", "hours": 24},
    )
    assert run_macro(macro, world.case, by=world.by).response == response
    case = models.Case.objects.get(pk=world.case.pk)
    assert (case.status, case.snoozed_until is not None) == ("waiting", True)


def test_macros_are_offered_to_whom_they_are_for(world):
    south, below = models.Unit.add_root(number="S", name="South"), world.north
    desk, other = models.Team.objects.create(name="Desk"), models.Team.objects.create(name="Other")
    desk.members.add(world.ann)
    flag = {"action": "flag"}
    macro_of(flag, name="Everybody", position=1)
    macro_of(flag, name="Mine", owner=world.ann, position=2)
    macro_of(flag, name="Ben's", owner=make_user("ben"))
    macro_of(flag, name="Desk", team=desk, position=3)
    macro_of(flag, name="Other desk", team=other)
    macro_of(flag, name="North", unit=below, position=4)
    macro_of(flag, name="South", unit=south)
    macro_of(flag, name="Off", is_active=False)
    macro_of(name="Without steps")
    assert [macro.name for macro in offered_macros(world.ann, world.case)] == ["Everybody", "Mine", "Desk", "North"]


def test_sharing_takes_a_right_of_its_own(world):
    boss = make_user("boss", role="Case manager")
    north_boss = make_user("north", role="Case manager", unit=world.north)
    mine, shared = macro_of(owner=world.ann), macro_of()
    of_north = macro_of(unit=world.north)
    assert may_set_up(world.ann, "change", mine)
    assert not any(may_set_up(world.ann, "change", macro) for macro in (shared, of_north))
    assert not any(may_set_up(user, "change", mine) for user in (boss, north_boss))
    assert may_set_up(boss, "change", shared)
    assert may_set_up(north_boss, "change", of_north)
    assert not may_set_up(north_boss, "change", shared)


def test_a_step_says_what_it_does(world):
    assert step_in_words({"action": "set_topic", "topic": world.heating.pk}) == "Set topic: Heating"
    assert "Heating" in step_in_words({"action": "tag", "add": [world.tag.pk], "remove": []})
    assert "24" in step_in_words({"action": "snooze_for", "hours": 24})


def test_a_step_gives_a_custom_field_a_value(world):
    seat = models.CustomField.objects.create(key="seat", name="Seat", kind="text")
    step = {"action": "set_field", "key": "seat", "value": "12A"}
    assert (step_in_words(step), step_in_words(step | {"value": None})) == (
        "Set a custom field: Seat = 12A", "Set a custom field: Seat = –",
    )  # fmt: skip
    run_macro(macro_of(step), world.case, by=world.by)
    assert models.Case.objects.get(pk=world.case.pk).custom_texts == {"seat": "12A"}
    seat.delete()
    assert "seat" in step_in_words(step)


class TestSending:
    """A response that asks nothing leaves by itself; one that asks waits, and so does what depends on it."""

    @pytest.fixture(autouse=True)
    def customer(self, world):
        cora = models.Contact.objects.create(name="[[AGENT NAME]] Cora")
        cora.points.create(kind="email", value="cora@customer.example")
        world.case = make_case(unit=world.north, contact=cora)
        models.Signature.objects.create(name="All", text="North desk")
        self.response(world, "call", "Dear [[CUSTOMER NAME]], may we call you?")
        self.response(world, "when", "We write by [[DAY]].", prompts=[{"name": "DAY", "label": "By when?"}])

    def response(self, world, key, body, **facts):
        models.ScriptedResponse.objects.create(
            key=key, name=key, subject="About [[CASE REFERENCE]]", body=body, state="approved",
            approved_by=world.ann, **facts,
        )  # fmt: skip

    def test_it_is_sent_to_the_customer_and_signed(self, world):
        run = run_macro(macro_of({"action": "send", "response": "call"}), world.case, by=world.by)
        message = models.Message.objects.get(case=world.case)
        assert (message.recipients, message.subject) == (["cora@customer.example"], f"About {world.case.reference}")
        assert message.text == "Dear [[AGENT NAME]] Cora, may we call you?\n\nNorth desk"
        assert (message.author, message.response.key, message.delivery.state) == (world.ann, "call", "pending")
        assert (run.letter, run.response) == (message, None)

    def test_a_preview_shows_the_letter_and_sends_nothing(self, world):
        preview = preview_macro(macro_of({"action": "send", "response": "call"}), world.case, by=world.by)
        assert "may we call you?" in preview.steps[0].letter.text
        assert not models.Message.objects.exists()
        assert not models.Delivery.objects.exists()

    def test_one_that_asks_waits_in_the_reply_and_the_case_is_not_resolved(self, world):
        macro = macro_of({"action": "flag"}, {"action": "send", "response": "when"}, world.resolve)
        run = run_macro(macro, world.case, by=world.by)
        assert (run.response.key, run.letter, run.steps[1].asks) == ("when", None, ("By when?",))
        assert [step.is_held for step in run.steps] == [False, False, True]
        case = models.Case.objects.get(pk=world.case.pk)
        assert (case.status, case.flagged, models.Message.objects.count()) == ("new", True, 0)

    def test_stopping_the_letter_takes_back_what_the_macro_resolved_with_it(self, world):
        operations.tag_cases([world.case.pk], add=(world.tag,), by=world.by)
        run = run_macro(macro_of({"action": "send", "response": "call"}, world.resolve), world.case, by=world.by)
        case = models.Case.objects.get(pk=world.case.pk)
        assert case.status == "resolved"
        operations.cancel_message(case, message=run.letter, by=world.by)
        assert models.Case.objects.get(pk=case.pk).status == "in_progress"

    def test_without_an_address_or_the_right_nothing_is_done(self, world):
        macro = macro_of({"action": "flag"}, {"action": "send", "response": "call"})
        reader = make_user("reader", role="Sales agent", unit=world.north)
        with pytest.raises(MacroRefused):
            run_macro(macro, world.case, by=Actor.from_user(reader))
        models.ContactPoint.objects.all().delete()
        with pytest.raises(MacroRefused, match="No e-mail address"):
            run_macro(macro, world.case, by=world.by)
        assert not models.Case.objects.get(pk=world.case.pk).flagged


@pytest.mark.parametrize(("actions", "quiet"), [
    (("assign_me", "response"), True), (("tag", "flag"), True), (("send",), False), (("assign_me", "resolve"), False),
    (("note",), False), (("no_such_step",), False),
])  # fmt: skip
def test_only_what_nobody_else_hears_of_needs_no_second_look(actions, quiet):
    assert is_quiet(models.Macro(steps=[{"action": action} for action in actions])) is quiet
