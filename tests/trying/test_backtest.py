"""A backtest asks about things as they were, changes nothing, and says what it could not know."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration, RightMissing
from case_management.models.calendar import WEEKDAYS
from case_management.testing import make_user
from case_management.trying.backtest import backtest
from tests.trying.lives import BY, NOTE, START, VERBS, live, settle

UNTIL = START + timedelta(days=60)


def rule(*actions, **facts):
    """A rule that is not saved."""
    defaults = {"key": "tried", "name": "Tried", "occasion": "case_changed", "conditions": {}}
    return models.Rule(**{**defaults, **facts}, actions=list(actions))


BY_HAND = {"field": "done_by_kind", "op": "eq", "value": "system"}
HIGH = {"action": "set_priority", "priority": "high"}


def everything():
    """Table → how many rows, and what they say."""
    found, tables = {}, set(connection.introspection.table_names())
    for model in apps.get_models():
        if model._meta.db_table not in tables:
            continue
        rows = sorted(repr(row) for row in model._base_manager.order_by().values_list())
        found[model._meta.label] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def changes(result):
    """What the lines say of facts."""
    return [
        (change["field"], change["before"], change["after"])
        for row in result.rows
        for action in row.actions
        for change in action.get("changes", ())
    ]


def test_nothing_is_written_nobody_is_told_and_no_job_is_left(lists, clock):
    live([(0, "open", 0), (0, "flag", 0), (1, "open", 1), (1, "topic", 0)], clock)
    before = everything()
    acts = [HIGH, {"action": "notify", "to": ["user:ann"]}, {"action": "tag", "tags": ["cold"]}, {"action": "alert"}]
    result = backtest(rule(*acts[:3]), START, UNTIL)
    opened = backtest(
        rule({"action": "open_case", "topic": "seat"}, *acts, occasion="interaction_received"), START, UNTIL
    )
    assert result.tally.get("total", "acted") == 2
    assert opened.tally.get("total", "acted") == 0
    assert everything() == before
    assert not mail.outbox


def test_conditions_are_asked_about_the_case_as_it_was(lists, clock):
    steps = [(0, "open", 0), (0, "flag", 0), (0, "priority", 1), (0, "flag", 1), (0, "topic", 1)]
    live(steps, clock)
    was_flagged = {"field": "flagged", "op": "is", "value": True}
    result = backtest(rule({"action": "tag", "tags": ["cold"]}, conditions=was_flagged), START, UNTIL)
    assert not models.Case.objects.get().flagged
    assert changes(result) == [("tags", [], ["cold"])]
    assert [row.at for row in result.rows] == [START + timedelta(hours=2)]


def test_what_nothing_keeps_is_named(lists, clock):
    live([(0, "open", 0), (0, "flag", 0)], clock)
    asked = {"all": [
        {"field": "contact_name", "op": "contains", "value": "Contact"},
        {"field": "topic", "op": "under", "value": "seat"},
        {"field": "source", "op": "eq", "value": "survey"},
    ]}  # fmt: skip
    result = backtest(rule(HIGH, conditions=asked), START, UNTIL)
    assert list(result.as_today) == ["contact_name"]
    assert result.tally.get("total", "acted") == 1


def test_only_occasions_of_the_span_count_but_the_case_is_known_from_its_opening(lists, clock):
    live([(0, "open", 0), (0, "priority", 1), (0, "flag", 0), (0, "flag", 1)], clock)
    of_high = {"field": "priority", "op": "eq", "value": "high"}
    since = START + timedelta(hours=2, minutes=30)
    again = {"action": "tag", "tags": ["cold"]}
    result = backtest(rule(again, conditions={"all": [of_high, BY_HAND]}, cadence="every_time"), since, UNTIL)
    assert [row.at for row in result.rows] == [START + timedelta(hours=3), START + timedelta(hours=4)]


def test_the_deadline_before_and_after_is_told(lists, clock):
    calendar = models.BusinessCalendar.objects.create(name="Always", **dict.fromkeys(WEEKDAYS, "24h"))
    for key, minutes in (("normal", 600), ("high", 60)):
        priority = models.Priority.objects.get(key=key)
        policy = models.SlaPolicy.objects.create(name=key, key=key, calendar=calendar, priority=priority)
        models.SlaTarget.objects.create(policy=policy, minutes=minutes)
    live([(0, "open", 0)], clock)
    result = backtest(rule(HIGH, occasion="case_opened"), START, UNTIL)
    assert result.tally.group("sla") == {"earlier": 1}
    due = START + timedelta(hours=1)
    assert changes(result)[1:] == [
        ("sla_policy", "normal", "high"),
        ("due_at", (due + timedelta(hours=10)).isoformat(), (due + timedelta(hours=1)).isoformat()),
    ]


def test_a_deadline_that_the_rule_moved_goes_on_from_there(lists, clock):
    calendar = models.BusinessCalendar.objects.create(name="Always", **dict.fromkeys(WEEKDAYS, "24h"))
    for key, minutes in (("normal", 600), ("high", 300)):
        priority = models.Priority.objects.get(key=key)
        policy = models.SlaPolicy.objects.create(name=key, key=key, calendar=calendar, priority=priority)
        models.SlaTarget.objects.create(policy=policy, minutes=minutes)
    live([(0, "open", 0), (0, "flag", 0)], clock)
    case, since = models.Case.objects.get(), START + timedelta(hours=2)
    steps = (
        lambda: operations.wait_case(case, waiting_for="customer", by=BY),
        lambda: operations.resume_case(case, by=BY),
        lambda: operations.escalate_case(case, reason=NOTE, by=BY),
    )
    for step in steps:
        clock.now += timedelta(hours=1)
        step()
    soon = {"all": [{"field": "event", "op": "eq", "value": "escalated"},
                    {"field": "due_at", "op": "within_next", "value": "1 hour"}]}  # fmt: skip
    flagged = {"field": "event", "op": "eq", "value": "flagged"}
    tried = rule(HIGH, conditions={"any": [flagged, soon]}, cadence="every_time")
    # Of five hours two are used up at the wait, and one after it: two are left, where the history had seven.
    assert [row.at for row in backtest(tried, since, UNTIL).rows] == [since]
    tried.conditions["any"][1]["all"][1]["value"] = "2 hours"
    assert [row.at for row in backtest(tried, since, UNTIL).rows] == [since, clock.now]


def test_a_step_up_the_ladder_is_taken_from_where_the_rule_has_brought_the_case(lists, clock):
    live([(0, "open", 0), (0, "flag", 0), (0, "escalate", 0), (0, "flag", 1)], clock)
    of_flags = {"field": "event", "op": "in", "value": ["flagged", "unflagged"]}
    tried = rule({"action": "escalate", "reason": NOTE}, conditions=of_flags, cadence="every_time")
    assert changes(backtest(tried, START, UNTIL)) == [("escalation_level", 0, 1), ("escalation_level", 2, 3)]


def test_whom_the_rule_assigned_is_taken_off_by_the_next_re_routing(lists, clock):
    live([(0, "open", 0), (0, "flag", 0), (0, "team", 0), (0, "team", 0), (0, "team", 1)], clock)
    nobody = {"field": "assignee", "op": "empty"}
    result = backtest(
        rule({"action": "assign_to", "user": "ann"}, conditions=nobody, cadence="every_time"), START, UNTIL
    )
    assert changes(result) == [("assignee", None, "ann")] * 3


def test_who_would_have_been_mailed_is_told_but_nobody_for_their_own_deed(lists, clock):
    live([(0, "open", 0)], clock)
    case, ben = models.Case.objects.get(), make_user("ben", role="Case manager")
    clock.now += timedelta(hours=1)
    operations.assign_case(case, to=ben, by=Actor.from_user(get_user_model().objects.get(username="ann")))
    operations.flag_case(case, by=BY)
    told = {"action": "notify", "to": ["assignee", "user:ann"]}
    result = backtest(rule(told, cadence="every_time"), START, UNTIL)
    assert [row.actions[0]["users"] for row in result.rows] == [["ben"], ["ann", "ben"]]
    assert result.tally.group("mailed") == {"ben": 2, "ann": 1}


def test_another_live_rule_that_wants_something_else_is_a_conflict(lists, clock):
    normal = {"action": "set_priority", "priority": "normal"}
    models.Rule.objects.create(
        key="calm", name="Calm", occasion="case_changed", actions=[normal],
        conditions={"field": "flagged", "op": "is", "value": True},
    )  # fmt: skip
    live([(0, "open", 0), (0, "flag", 0), (1, "open", 0), (1, "topic", 1)], clock)
    result = backtest(rule(HIGH), START, UNTIL)
    assert result.tally.group("conflicts") == {"calm.v1: priority normal ≠ high": 1}
    assert [bool(row.conflicts) for row in result.rows] == [True, False]


def test_an_earlier_rule_that_stops_keeps_this_one_from_being_asked(lists, clock):
    models.Rule.objects.create(
        key="first", name="First", occasion="case_changed", position=0, stop_processing=True,
        actions=[{"action": "note", "text": NOTE}],
    )  # fmt: skip
    live([(0, "open", 0), (0, "flag", 0)], clock)
    flagged = {"field": "event", "op": "eq", "value": "flagged"}
    result = backtest(rule(HIGH, position=5, conditions=flagged), START, UNTIL)
    assert result.tally.group("stopped") == {"first.v1": 1}
    assert not result.rows


def test_cadence_per_contact_goes_in_order_of_time_over_all_cases_of_the_contact(lists, clock):
    live([(0, "open", 0), (2, "open", 0), (1, "open", 0), (2, "flag", 0), (0, "flag", 0), (1, "flag", 0)], clock)
    result = backtest(rule(HIGH, cadence="once_per_contact", cadence_days=7), START, UNTIL)
    external = dict(models.Case.objects.values_list("pk", "external_id"))
    assert sorted(external[row.case_id] for row in result.rows) == ["c1", "c2"]


def said(at, contact=None, **facts):
    """Something a customer said."""
    values = {"score": 2, "comment": "Cold.", "external_id": f"s{at.timestamp()}", **facts}
    return models.Interaction.objects.create(
        source=models.Source.objects.get(), contact=contact, occurred_at=at, available_at=at, state="done", **values
    )


OPEN = {"action": "open_case", "topic": "seat", "group": True}


def test_cases_that_would_have_been_opened_are_those_that_are(lists, clock):
    contacts = [*models.Contact.objects.order_by("pk"), None]
    moments = [START + timedelta(days=day) for day in range(6)]
    for day, at in enumerate(moments):
        clock.now = at
        said(at, contacts[day % 3], score=day)
    low = {"field": "score", "op": "lte", "value": 4}
    tried = rule(OPEN, HIGH, {"action": "note", "text": NOTE}, occasion="interaction_received", conditions=low)
    result = backtest(tried, START, UNTIL)
    assert models.Case.objects.count() == 0
    tried.save()
    for each in models.Interaction.objects.order_by("occurred_at"):
        clock.now = each.occurred_at
        models.Interaction.objects.filter(pk=each.pk).update(state="pending")
        settle()
    assert result.tally.get("total", "opened") == models.Case.objects.count()
    attached = models.CaseEvent.objects.filter(type="interaction_attached").count()
    assert result.tally.get("total", "attached") == attached > 0
    high = models.CaseEvent.objects.filter(type="priority_changed").count()
    assert result.tally.group("field.priority") == {"– → normal": 5 - attached, "normal → high": high}


def test_only_who_may_change_rules_may_try_and_sees_only_what_they_may_see(lists, clock):
    live([(0, "open", 0), (0, "flag", 0)], clock)
    with pytest.raises(RightMissing):
        backtest(rule(HIGH), START, UNTIL, make_user("agent", role="Customer service agent"))
    boss = make_user("boss", is_superuser=True)
    assert len(backtest(rule(HIGH), START, UNTIL, boss).rows) == 1


def test_a_rule_that_cannot_be_read_is_refused(lists):
    with pytest.raises(InvalidConfiguration):
        backtest(rule({"action": "fly"}), START, UNTIL)


def test_a_circle_ends_where_it_ends_when_the_rule_is_live(lists, clock):
    live([(0, "open", 0), (0, "flag", 0)], clock)
    result = backtest(rule({"action": "escalate", "reason": NOTE}, cadence="every_time"), START, UNTIL)
    levels = [after for field, _before, after in changes(result) if field == "escalation_level"]
    models.Rule.objects.all().delete()
    tried = rule({"action": "escalate", "reason": NOTE}, cadence="every_time")
    tried.save()
    clock.now += timedelta(hours=1)
    VERBS["flag"](models.Case.objects.get(), 1)
    settle()
    assert levels == list(range(1, models.Case.objects.get().escalation_level + 1))


def test_a_rule_on_time_acts_when_its_time_comes_unless_the_case_is_done_by_then(lists, clock):
    clock.now = START
    names = {"topic": models.Topic.objects.get(key="seat"), "source": models.Source.objects.get()}
    drafts = [
        operations.CaseDraft(title=f"Case {hours}", deadline=START + timedelta(hours=hours), **names)
        for hours in (26, 26, 200)
    ]
    cases = [operations.open_case(draft, by=BY) for draft in drafts]
    clock.now += timedelta(hours=1)
    VERBS["resolve"](cases[1], 0)
    clock.now += timedelta(hours=60)
    timing = {"since": "due_at", "before": "2 hours"}
    tried = rule({"action": "flag"}, occasion="time_passed", timing=timing, cadence="every_time")
    found = backtest(tried, START, clock.now)
    assert [(row.case_id, row.at) for row in found.rows] == [(cases[0].pk, START + timedelta(hours=24))]
    assert found.tally.get("total", "occasions") == 1
    assert backtest(tried, START + timedelta(hours=25), clock.now).rows == []


def test_a_rule_by_schedule_acts_at_each_set_time_at_which_the_case_can_be_changed(lists, clock):
    # Opened at 9, flagged at 10, resolved at 11: a resolved case can still be changed.
    live([(0, "open", 0), (0, "flag", 0), (0, "resolve", 0)], clock)
    at_ten = {"every": "day", "at": "10:00", "timezone": "UTC"}
    asked = {"occasion": "schedule", "timing": at_ten, "cadence": "every_time"}
    result = backtest(rule({"action": "tag", "tags": ["cold"]}, **asked), START, START + timedelta(days=3))
    ten = START + timedelta(hours=2)
    assert [row.at for row in result.rows] == [ten, ten + timedelta(days=1), ten + timedelta(days=2)]
    assert changes(result) == [("tags", [], ["cold"])]
    assert result.tally.get("total", "occasions") == 3
    flagged = {"field": "flagged", "op": "is", "value": True}
    later = backtest(rule(HIGH, conditions=flagged, **asked), START, START + timedelta(days=3))
    assert [row.at for row in later.rows] == [ten + timedelta(days=1), ten + timedelta(days=2)]
    # No rule is asked about a closed case.
    clock.now = ten + timedelta(days=1, hours=1)
    operations.close_case(models.Case.objects.get(), by=BY)
    assert [row.at for row in backtest(rule(HIGH, **asked), START, START + timedelta(days=3)).rows] == [
        ten, ten + timedelta(days=1)
    ]  # fmt: skip
