"""Each sort of mistake is found where it is, and a sound neighbour is left alone."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from case_management import models
from case_management.rules.lint import lint_rule, lint_rules
from case_management.rules.publishing import save_draft
from case_management.testing import make_user
from tests.rules.conftest import write

pytestmark = pytest.mark.django_db
FLAG = {"action": "flag"}
ESCALATE = {"action": "escalate", "reason": "Nobody answered."}


def low(score):
    return {"field": "score", "op": "lte", "value": score}


def codes(rule):
    return [(found.code, found.severity) for found in lint_rules() if found.rule == rule.label]


def test_conditions_that_contradict_each_other(desk):
    never = write(
        "never", FLAG, occasion="case_opened",
        conditions={"all": [low(2), {"field": "score", "op": "gt", "value": 3}]},
    )  # fmt: skip
    sound = write("sound", FLAG, occasion="case_opened", conditions=low(2))
    assert codes(never) == [("unreachable", "error")]
    assert codes(sound) == []


def test_a_rule_behind_one_that_stops_it(desk):
    first = write("first", FLAG, occasion="case_opened", conditions=low(4), stop_processing=True)
    behind = write("behind", FLAG, occasion="case_opened", conditions=low(2), position=1)
    wider = write("wider", FLAG, occasion="case_opened", conditions=low(5), position=1)
    assert (codes(first), codes(behind), codes(wider)) == ([], [("unreachable", "error")], [])
    assert "“First” is asked before" in next(iter(lint_rules())).why
    first.cadence = "once_per_case"
    first.save()
    assert codes(behind) == [], "it acts once, then the other one has its turn"


@pytest.mark.parametrize(
    ("actions", "conditions", "cadence", "is_loop"),
    [
        ([ESCALATE], {}, "every_time", True),
        ([ESCALATE], {}, "once_per_response", False),
        ([ESCALATE], {"field": "done_by_kind", "op": "eq", "value": "user"}, "every_time", False),
        ([ESCALATE], {"field": "changed.priority", "op": "changed"}, "every_time", False),
        ([FLAG], {}, "every_time", False),
        ([{"action": "note", "text": "Look at this one."}], {}, "every_time", False),
    ],
)
def test_a_rule_that_sets_itself_off(desk, actions, conditions, cadence, is_loop):
    rule = write("again", *actions, occasion="case_changed", conditions=conditions, cadence=cadence)
    assert codes(rule) == ([("loop", "warning")] if is_loop else [])


def test_two_rules_that_undo_each_other(desk):
    def flips(key, action, flagged):
        conditions = {"field": "flagged", "op": "is", "value": flagged}
        return write(key, {"action": action}, occasion="case_changed", conditions=conditions, cadence="every_time")

    up = flips("up", "flag", False)
    assert codes(up) == []
    down = flips("down", "unflag", True)
    assert codes(up) == codes(down) == [("loop", "warning")]
    assert "“Down”" in next(found.why for found in lint_rules() if found.rule == up.label)


def test_policies_of_which_one_is_never_reached(desk):
    calendar = models.BusinessCalendar.objects.create(name="Office")
    high = models.Priority.objects.create(name="High", key="high", rank=9)

    def policy(name, priority, position):
        made = models.SlaPolicy.objects.create(name=name, priority=priority, calendar=calendar, position=position)
        made.targets.create(minutes=60)
        return made

    policy("High", high, 0)
    policy("All", None, 1)
    assert lint_rules() == []
    policy("Late", high, 2)
    (found,) = lint_rules()
    assert (found.code, found.name) == ("sla_overlap", "Late")


def test_policies_of_a_branch_that_an_earlier_one_has_already(desk):
    calendar = models.BusinessCalendar.objects.create(name="Office")
    food = models.Topic.add_root(name="Food", key="food")
    soup = food.add_child(name="Soup", key="soup")

    def policy(name, position, **sets):
        made = models.SlaPolicy.objects.create(name=name, calendar=calendar, position=position)
        made.targets.create(minutes=60)
        for relation, rows in sets.items():
            getattr(made, relation).set(rows)

    policy("Soup first", 0, topics=[soup])
    policy("Food", 1, topics=[food])
    assert lint_rules() == []
    policy("Soup late", 2, topics=[soup])
    policy("Normal soup", 3, topics=[soup], priorities=[desk.normal])
    assert [(found.code, found.name) for found in lint_rules()] == [
        ("sla_overlap", "Soup late"), ("sla_overlap", "Normal soup"),
    ]  # fmt: skip


def test_names_that_nobody_fills_in(desk):
    response = models.ScriptedResponse.objects.create(
        name="Sorry", key="sorry", subject="Sorry", body="Dear [[CUSTOMER NAME]]", state="approved",
        approved_by=make_user("approver"),
    )  # fmt: skip
    rule = write("answer", {"action": "respond", "response": "sorry"}, occasion="case_opened")
    macro = models.Macro.objects.create(name="M", key="m", steps=[{"do": "send", "response": "sorry"}])
    assert lint_rules() == []
    models.ScriptedResponse.objects.filter(pk=response.pk).update(body="Dear [[NO SUCH NAME]]")
    assert codes(rule) == [("unknown_variable", "warning")]
    assert {found.rule for found in lint_rules()} == {rule.label, macro.key}
    note = write("note", {"action": "note", "text": "Call [[CUSTOMER]] back."}, occasion="case_opened")
    assert codes(note) == [("unknown_variable", "warning")]


def test_mails_that_reach_nobody(desk):
    kim = make_user("kim", role="Case manager")
    team = models.Team.objects.create(name="Care", key="care")
    Group.objects.create(name="Night shift")
    rule = write("tell", {"action": "notify", "to": ["team:care", "role:Night shift"]}, occasion="case_opened")
    sound = write("sound", {"action": "notify", "to": ["assignee", "user:kim", "managers"]}, occasion="case_opened")
    assert codes(rule) == [("mails_nobody", "error")]
    assert codes(sound) == []
    team.members.add(kim)
    assert codes(rule) == [("mails_nobody", "warning")], "one of two"
    type(kim).objects.filter(pk=kim.pk).update(is_active=False)
    assert codes(rule) == [("mails_nobody", "error")]
    assert codes(sound) == [("mails_nobody", "warning")]


@pytest.mark.parametrize("in_action", [False, True])
def test_what_was_switched_off_or_is_gone(desk, in_action):
    desk.topic.refresh_from_db()
    tag = models.Tag.objects.create(name="old", key="old", category=models.TagCategory.objects.create(name="C"))
    condition = {"field": "tags", "op": "has", "value": "old"}
    actions, conditions = ([{"action": "tag", "tags": ["old"]}], {}) if in_action else ([FLAG], condition)
    rule = write("old", *actions, occasion="case_opened", conditions=conditions)
    assert codes(rule) == []
    models.Tag.objects.filter(pk=tag.pk).update(is_active=False)
    assert codes(rule) == [("dead_value", "warning")]
    tag.delete()
    assert codes(rule) == [("dead_value", "warning")]
    assert "no “old”" in lint_rules()[0].why


def test_a_rule_that_cannot_be_read_or_carried_out(desk):
    models.Rule.objects.create(key="a", name="A", occasion="case_opened", conditions={"field": "gone"}, actions=[FLAG])
    models.Rule.objects.create(key="b", name="B", occasion="case_opened", actions=[{"action": "dance"}])
    assert [(found.rule, found.code) for found in lint_rules()] == [("a.v1", "unreadable"), ("b.v1", "refused_action")]


def test_a_draft_is_looked_at_among_what_acts(desk):
    live = write("seat", FLAG, occasion="case_opened", conditions=low(2), position=1)
    write("first", FLAG, occasion="case_opened", conditions=low(4), stop_processing=True)
    live.conditions = low(3)
    draft = save_draft(live)
    assert [found.code for found in lint_rule(draft)] == ["unreachable"]
    draft.position = 0
    draft.conditions = low(5)
    assert lint_rule(draft) == []


def test_the_command_says_each_finding_and_fails_on_errors(desk, capsys):
    call_command("lint_rules")
    assert "Nothing found" in capsys.readouterr().out
    rule = write("tell", {"action": "notify", "to": ["managers"]}, occasion="case_opened")
    with pytest.raises(SystemExit):
        call_command("lint_rules", "--json")
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["code"], found["rule"], found["severity"]) == ("mails_nobody", rule.label, "error")
