"""The pipeline of rules: in which order, where it ends, and what it costs."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.rules import engine, reacting
from case_management.testing import make_case
from tests.rules.conftest import ALERT, ASSIGN, ESCALATE, OPEN, again, said, settle, write

SYSTEM = Actor.system("test")


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
    told = case.events.filter(type="rules_stopped")
    assert [(event.payload["deep"], event.payload["rule"]) for event in told] == [(reacting.MAX_DEPTH, "circle.v1")]
    assert told.get().payload["root"] == case.events.get(type="flagged").seq
    last = case.events.filter(actor_kind="rule").latest("seq")
    assert (last.depth, last.actor_label) == (reacting.MAX_DEPTH, "circle.v1")
    assert last.caused_by.depth == reacting.MAX_DEPTH - 1
    assert "circles" in caplog.text
    assert not models.ReactionReceipt.objects.exclude(state="done").exists()


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
