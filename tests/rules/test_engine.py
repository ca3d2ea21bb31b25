"""The pipeline of rules: how often, in which order, why, and what happens when one fails."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.jobs import react
from case_management.models.due import DueState
from case_management.rules import engine, reacting
from case_management.rules.actions import Action, actions
from case_management.testing import make_case
from tests.rules.conftest import ALERT, ASSIGN, ESCALATE, OPEN, said, settle, write

SYSTEM = Actor.system("test")


def again(*interactions):
    """As if the wake-up had come twice and the stamp had been lost."""
    models.Interaction.objects.filter(pk__in=[row.pk for row in interactions]).update(state="pending", lease_until=None)
    settle()


# --- how often ---


def test_a_rule_acts_once_per_response_however_often_it_is_asked(desk):
    rule = write("once", OPEN)
    first, second = said(desk.contact), said(desk.contact)
    settle()
    again(first, second)
    assert models.Case.objects.count() == rule.firings.count() == 2


def test_a_new_version_of_a_rule_does_not_act_again_on_what_the_old_one_answered(desk):
    old, row = write("once", ALERT), said()
    settle()
    models.Rule.objects.filter(pk=old.pk).update(is_active=False)
    write("once", ALERT, version=2)
    again(row)
    assert models.Alert.objects.count() == 1


@pytest.mark.parametrize("cadence", ["once_per_response", "every_time"])
def test_once_per_case_and_every_time_differ_when_a_case_changes_again(desk, cadence):
    write("watch", ESCALATE, occasion="case_changed", cadence=cadence, conditions=FLAGGED_FIRST_TWO)
    case = make_case(topic=desk.topic, by=SYSTEM)
    for _ in range(2):
        operations.flag_case(case, by=SYSTEM)
        operations.unflag_case(case, by=SYSTEM)
        settle()
        case.refresh_from_db()
    assert case.escalation_level == (1 if cadence == "once_per_response" else 2)


#: Holds while the case is not flagged and its level is below two, so that "every time" comes to an end by itself.
FLAGGED_FIRST_TWO = {
    "all": [
        {"field": "flagged", "op": "is", "value": False},
        {"field": "escalation_level", "op": "lt", "value": 2},
    ]
}


def test_once_per_contact_waits_for_the_days_to_pass_and_knows_nobody_elses_contact(desk):
    rule = write("rare", ALERT, cadence="once_per_contact", cadence_days=7)
    other, now = models.Contact.objects.create(name="Sam"), timezone.now()
    fires = {
        "first": said(desk.contact, at=now - timedelta(days=20)),
        "a week later": said(desk.contact, at=now - timedelta(days=13)),
        "somebody else": said(other, at=now - timedelta(days=19)),
        "nobody": said(None, at=now),
        "nobody again": said(None, at=now),
    }
    too_soon = [said(desk.contact, at=now - timedelta(days=days)) for days in (18, 14, 9)]
    settle()
    again(*fires.values(), *too_soon)
    assert set(rule.firings.values_list("interaction_id", flat=True)) == {row.pk for row in fires.values()}
    late = said(desk.contact, at=now - timedelta(days=25))
    settle()
    assert not late.firings.exists(), "a response that arrives late is as near to the first as one that came early"


def test_one_at_a_time_or_all_at_once_is_the_same_for_a_contact(desk):
    rule = write("rare", ALERT, cadence="once_per_contact", cadence_days=3)
    now, days = timezone.now(), range(0, 12)
    for day in days:
        said(desk.contact, at=now - timedelta(days=12 - day))
        settle()
    one_by_one = sorted(rule.firings.values_list("about_at", flat=True))
    other = models.Contact.objects.create(name="Sam")
    for day in days:
        said(other, at=now - timedelta(days=12 - day))
    settle()
    at_once = sorted(rule.firings.filter(contact=other).values_list("about_at", flat=True))
    assert one_by_one == at_once
    assert len(at_once) == 4


# --- in which order ---


def test_a_rule_that_stops_processing_stops_it_only_where_it_acts(desk):
    write("first", OPEN, position=1, stop_processing=True, conditions={"field": "score", "op": "lte", "value": 2})
    later = write("later", ALERT, position=2)
    angry, mild = said(score=1), said(score=4)
    settle()
    assert list(later.firings.values_list("interaction_id", flat=True)) == [mild.pk]
    angry.refresh_from_db()
    assert angry.case
    again(angry)
    assert later.firings.filter(interaction=angry).count() == 0, "asked twice, the answer must be the same"


def test_rules_act_in_their_order_and_a_later_action_finds_the_case_of_an_earlier_one(desk):
    write("both", OPEN, ASSIGN, {"action": "notify", "to": ["assignee"]})
    said(desk.contact)
    settle()
    case, firing = models.Case.objects.get(), models.RuleFiring.objects.get()
    assert [entry["action"] for entry in firing.trace["actions"]] == ["open_case", "assign", "notify"]
    assert case.assignee in desk.agents
    assert models.Notification.objects.filter(kind="rule").count() == 1


def test_two_rules_that_both_assign_do_not_take_the_case_from_each_other(desk):
    for place in (1, 2):
        write(f"assign{place}", ASSIGN, ASSIGN, occasion="case_opened", position=place)
    case = make_case(topic=desk.topic, by=SYSTEM)
    settle()
    assert case.events.filter(type="assigned").count() == 1


def test_a_contacts_second_response_joins_the_open_case_when_the_rule_groups(desk):
    write("group", {**OPEN, "group": True})
    said(desk.contact)
    settle()
    said(desk.contact)
    said(None)
    settle()
    assert sorted(case.interactions.count() for case in models.Case.objects.all()) == [1, 2]
    assert models.RuleFiring.objects.filter(case=None).count() == 0


def test_rules_that_set_each_other_off_come_to_an_end_and_the_last_event_says_how_deep_it_is(desk, caplog):
    write("circle", ESCALATE, occasion="case_changed", cadence="every_time")
    case = make_case(topic=desk.topic, by=SYSTEM)
    operations.flag_case(case, by=SYSTEM)
    settle()
    case.refresh_from_db()
    assert case.escalation_level == reacting.MAX_DEPTH
    last = case.events.latest("seq")
    assert (last.depth, last.actor_label) == (reacting.MAX_DEPTH, "circle.v1")
    assert last.caused_by.depth == reacting.MAX_DEPTH - 1
    assert "circles" in caplog.text
    assert not models.ReactionReceipt.objects.exclude(state="done").exists()


# --- why ---


def test_the_trace_names_what_was_seen_and_who_was_considered(desk):
    conditions = {
        "all": [
            {"field": "score", "op": "lte", "value": 4},
            {
                "any": [
                    {"field": "recommended", "op": "is", "value": False},
                    {"field": "comment", "op": "contains", "value": "cold"},
                ]
            },
        ]
    }
    write("why", OPEN, ASSIGN, conditions=conditions)
    busy = make_case(topic=desk.topic, by=SYSTEM)
    operations.assign_case(busy, to=desk.agents[0], by=SYSTEM)
    said(score="2.50", recommended=None)
    settle()
    trace = models.RuleFiring.objects.get().trace
    assert trace["conditions"] == [
        {"field": "score", "op": "lte", "value": 4, "held": True, "saw": 2.5},
        {"field": "recommended", "op": "is", "value": False, "held": False, "saw": None},
        # What the customer wrote is personal: that it held is kept, the words are not.
        {"field": "comment", "op": "contains", "value": "cold", "held": True},
    ]
    assigned = trace["actions"][1]
    assert (assigned["to"], assigned["by"]) == (desk.agents[1].pk, "workload")
    assert assigned["steps"] == [
        {
            "strategy": "workload",
            "count": 2,
            "candidates": [{"user": "ann", "open_cases": 1}, {"user": "ben", "open_cases": 0}],
            "left": ["ben"],
        }
    ]


def test_a_case_that_nobody_covers_stays_unassigned_and_the_trace_says_so(desk):
    models.Membership.objects.update(is_available=False)
    write("why", OPEN, ASSIGN)
    said()
    settle()
    assert models.Case.objects.get().assignee is None
    entry = models.RuleFiring.objects.get().trace["actions"][1]
    assert (entry["to"], entry["steps"]) == (None, [{"strategy": None, "candidates": [], "count": 0}])


def test_what_an_action_was_refused_is_in_the_trace_and_no_error(desk):
    write("too-late", ESCALATE, occasion="case_opened")
    case = make_case(topic=desk.topic, by=SYSTEM)
    reason = models.ClosureReason.objects.create(name="Solved")
    operations.resolve_case(case, operations.Resolution(reason, "Called the customer."), by=SYSTEM)
    settle()
    assert "not possible" in models.RuleFiring.objects.get().trace["actions"][0]["refused"]
    assert models.ReactionReceipt.objects.filter(state="done").count() == 1


# --- when one fails ---


class Fragile(Action):
    """Fails on what is titled "poison"."""

    label = "Fragile"

    @staticmethod
    def act(firings, parameters, *, by):
        for firing in firings:
            if firing.interaction.title == "poison":
                raise RuntimeError("I cannot read this")


def test_one_bad_interaction_does_not_stop_the_others_and_is_given_up_after_the_last_attempt(desk, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "DELIVERY_ATTEMPTS": 3}
    with actions.temporarily("fragile", Fragile):
        write("r", {"action": "fragile"}, ALERT)
        good = [said() for _ in range(4)]
        bad = said(title="poison")
        good += [said() for _ in range(4)]
        settle()
        assert models.Interaction.objects.filter(state=DueState.DONE).count() == 8
        bad.refresh_from_db()
        assert (bad.state, bad.attempts, bad.lease_until) == (DueState.PENDING, 1, None)
        assert "I cannot read this" in bad.last_error
        assert bad.available_at > timezone.now()
        for _attempt in range(2):
            models.Interaction.objects.update(available_at=timezone.now())
            settle()
        bad.refresh_from_db()
        assert (bad.state, bad.attempts) == (DueState.DEAD, 3)
    assert models.Alert.objects.count() == len(good)
    assert not bad.firings.exists(), "a firing without its effects was kept"


def test_a_failing_reactor_leaves_its_receipt_and_the_others_answer(desk):
    models.Rule.objects.create(
        key="broken", name="Broken", occasion="case_opened", actions=[{"action": "no_such_action"}]
    )
    case = make_case(topic=desk.topic, by=SYSTEM)
    operations.assign_case(case, to=desk.agents[0], by=SYSTEM)
    while react.run_reactions():
        continue
    receipt = models.ReactionReceipt.objects.get(reactor="rules")
    assert (receipt.state, receipt.attempts) == ("pending", 1)
    assert "no_such_action" in receipt.last_error
    assert models.ReactionReceipt.objects.filter(reactor="notifications", state="done").count() == 1
    assert models.Notification.objects.count() == 1


# --- how much it costs ---


def test_two_hundred_rules_are_asked_in_as_many_queries_as_two(desk):
    def queries(rules):
        models.RuleFiring.objects.all().delete()
        models.Rule.objects.all().delete()
        for n in range(rules):
            conditions = {"all": [
                {"field": "score", "op": "eq", "value": 500 + n},
                {"not": {"field": "comment", "op": "contains", "value": f"word{n}"}},
            ]}  # fmt: skip
            write(f"r{n}", ALERT, conditions=conditions)
        said()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            engine.run_interactions()
        return len(captured)

    few, many = queries(2), queries(200)
    assert many <= few + 1, "one more query for the second hundred, and no more"
    assert many <= 12


# --- two workers ---


def work_together(workers=2):
    """Each in its own thread with its own connection, until there is little left; what failed is raised here."""
    start, failures = threading.Barrier(workers), []

    def work():
        try:
            start.wait(10)
            for _ in range(40):
                engine.run_interactions(limit=4)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("cadence", "expected"), [("once_per_response", 60), ("once_per_contact", 20)])
def test_two_workers_at_the_same_time_never_act_twice(postgres, desk, cadence, expected):
    rule = write("race", ALERT, OPEN, cadence=cadence)
    for contact in [models.Contact.objects.create(name=f"c{n}") for n in range(20)]:
        for _ in range(3):
            said(contact)
    work_together()
    models.Interaction.objects.filter(state="pending").update(available_at=timezone.now(), lease_until=None)
    while engine.run_interactions():
        continue
    assert not models.Interaction.objects.exclude(state="done").exists()
    assert rule.firings.count() == models.Alert.objects.count() == models.Case.objects.count() == expected
