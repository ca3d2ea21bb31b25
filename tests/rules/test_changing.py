"""What rules do to cases: each action by its operation, refusals in the trace, nothing twice."""

from __future__ import annotations

import pytest

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration
from case_management.rules import authoring
from case_management.testing import make_case, make_topic, make_user
from tests.rules.conftest import ALERT, settle, write

SYSTEM = Actor.system("test")


@pytest.fixture
def lists(desk):
    """What the actions name."""
    category = models.TagCategory.objects.create(name="Cause")
    desk.tag = models.Tag.objects.create(name="Noise", key="noise", category=category)
    desk.unit = models.Unit.add_root(number="7", name="Harbour")
    models.Team.objects.create(name="Care", key="care")
    models.CaseType.objects.create(name="Recovery", key="recovery")
    models.Priority.objects.create(name="High", key="high", rank=1)
    models.ClosureReason.objects.create(name="Solved", key="solved")
    models.ReopenReason.objects.create(name="Again", key="again")
    models.NoteSubject.objects.create(name="Call", key="call")
    make_topic("seat")
    return desk


def acted(desk, *stored, **facts):
    """A new case on which a rule with these actions acted, and what its trace says of them."""
    case = make_case(topic=desk.topic, by=SYSTEM, **facts)
    write("does", *stored, occasion="case_changed")
    operations.flag_case(case, by=SYSTEM)
    settle()
    case.refresh_from_db()
    return case, models.RuleFiring.objects.get().trace["actions"]


NOTE = "Nobody called back."
CHANGES = [
    ({"action": "set_topic", "topic": "seat"}, lambda case: case.topic.key == "seat"),
    ({"action": "set_type", "case_type": "recovery"}, lambda case: case.case_type.key == "recovery"),
    ({"action": "set_priority", "priority": "high"}, lambda case: case.priority.key == "high"),
    ({"action": "reroute", "unit": "7"}, lambda case: case.unit.number == "7"),
    ({"action": "reroute", "team": "care"}, lambda case: case.team.key == "care"),
    ({"action": "unflag"}, lambda case: not case.flagged),
    ({"action": "note", "text": NOTE, "subject": "call"}, lambda case: case.notes.get().text == NOTE),
    ({"action": "wait", "waiting_for": "customer"}, lambda case: case.status == "waiting"),
    ({"action": "snooze", "hours": 4}, lambda case: case.snoozed_until is not None),
    ({"action": "assign_to", "user": "ann"}, lambda case: case.assignee.username == "ann"),
    ({"action": "resolve", "reason": "solved", "note": NOTE}, lambda case: case.closure_reason.key == "solved"),
]


@pytest.mark.parametrize(("stored", "is_done"), CHANGES, ids=[str(list(stored.values())[:2]) for stored, _ in CHANGES])
def test_an_action_changes_the_case_and_the_event_bears_the_rules_name(lists, stored, is_done):
    case, trace = acted(lists, stored)
    assert trace == [{"action": stored["action"], "changed": True}]
    assert is_done(case)
    assert case.events.filter(actor_kind="rule", actor_label="does.v1").exists()


def test_what_cannot_be_done_is_refused_in_the_trace_and_the_next_action_goes_on(lists):
    case, trace = acted(
        lists, {"action": "close"}, {"action": "reopen", "reason": "again", "note": NOTE}, {"action": "flag"},
        {"action": "unassign"}, {"action": "note", "text": NOTE},
    )  # fmt: skip
    assert ["refused" in entry or "idle" in entry for entry in trace] == [True, True, True, True, False]
    assert "idle" in trace[2]
    assert case.notes.count() == 1


def test_a_case_goes_through_resolve_close_and_reopen_by_one_rule(lists):
    case, trace = acted(
        lists, {"action": "resolve", "reason": "solved", "note": NOTE}, {"action": "close"},
        {"action": "reopen", "reason": "again", "note": NOTE},
    )  # fmt: skip
    assert [entry["changed"] for entry in trace] == [True, True, True]
    assert (case.status, case.reopen_count) == ("in_progress", 1)


def test_tags_are_put_on_and_taken_off(lists):
    case, _trace = acted(lists, {"action": "tag", "tags": ["noise"]}, {"action": "untag", "tags": ["noise"]})
    assert not case.tags.exists()
    assert case.events.filter(type="tags_changed").count() == 2


def test_a_team_alone_keeps_the_unit(lists):
    case, _trace = acted(lists, {"action": "reroute", "team": "care"}, unit=lists.unit)
    assert (case.unit.number, case.team.key) == ("7", "care")


def test_stop_as_an_action_stops_later_rules_where_it_acted(lists):
    write("first", {"action": "flag"}, {"action": "stop"}, occasion="case_opened", position=1)
    later = write("later", {"action": "note", "text": NOTE}, occasion="case_opened", position=2)
    make_case(topic=lists.topic, by=SYSTEM)
    settle()
    assert not later.firings.exists()


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        ({"action": "set_topic", "topic": "nowhere"}, "active entry"),
        ({"action": "reroute"}, "unit or the team"),
        ({"action": "note", "text": "short"}, "10"),
        ({"action": "resolve", "reason": "solved"}, "note"),
        ({"action": "wait", "waiting_for": "godot"}, "godot"),
        ({"action": "snooze", "hours": 0}, "greater than"),
        ({"action": "assign_to", "user": "ghost"}, "active entry"),
        ({"action": "notify", "to": ["role:Nobody"]}, "role:Nobody"),
        ({"action": "notify", "to": ["team:none"]}, "team:none"),
        ({"action": "forward", "to": ["nobody"], "text": "Hello"}, "nobody"),
        ({"action": "respond", "response": "none"}, "active entry"),
    ],
)
def test_an_action_that_cannot_work_is_refused_when_the_rule_is_saved(lists, stored, named):
    with pytest.raises(InvalidConfiguration) as refusal:
        authoring.validate("case_changed", {}, [stored])
    assert named in refusal.value.message


def test_an_alert_needs_an_interaction(lists):
    with pytest.raises(InvalidConfiguration, match="interaction is received"):
        authoring.validate("case_changed", {}, [ALERT])


# --- whom it tells ---


def test_watchers_teams_and_roles_are_told_once_each_and_nobody_of_their_own_doing(lists):
    boss = make_user("boss", role="Case manager", unit=lists.unit)
    other = models.Unit.add_root(number="8", name="Hill")
    make_user("elsewhere", role="Case manager", unit=other)
    ann, ben = lists.agents
    models.Team.objects.get(key="care").members.add(ben)
    case = make_case(topic=lists.topic, unit=lists.unit, by=SYSTEM)
    operations.watch_case(case, user=boss, by=SYSTEM)
    write(
        "tell",
        {"action": "notify", "to": ["watchers", "team:care", "role:Case manager", "user:ann"]},
        occasion="case_changed",
    )
    operations.flag_case(case, by=Actor.from_user(ann))
    settle()
    rows = models.Notification.objects.filter(kind="rule")
    assert {(row.recipient.username, row.reason) for row in rows} == {("boss", ""), ("ben", ""), ("ann", "own_action")}
    assert rows.get(recipient=ann).state == "suppressed"
