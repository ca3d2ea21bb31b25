"""What a backtest reports is what happens when the same history is lived with the rule switched on."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from case_management import models
from tests.trying.lives import START, VERBS, another_world, done_by, foretold, live

STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(sorted(VERBS)), st.integers(0, 1)), min_size=4, max_size=16
)
LEAVES = st.sampled_from([
    {"field": "topic", "op": "under", "value": "food"},
    {"field": "topic", "op": "not_under", "value": "seat"},
    {"field": "priority", "op": "eq", "value": "high"},
    {"field": "priority", "op": "ne", "value": "high"},
    {"field": "team", "op": "empty"},
    {"field": "team", "op": "in", "value": ["care"]},
    {"field": "tags", "op": "has", "value": "noise"},
    {"field": "tags", "op": "has_none", "value": ["noise", "cold"]},
    {"field": "flagged", "op": "is", "value": True},
    {"field": "assignee", "op": "empty"},
    {"field": "changed.assignee", "op": "changed"},
    {"field": "escalation_level", "op": "gte", "value": 1},
    {"field": "status", "op": "in", "value": ["new", "in_progress"]},
    {"field": "contact_cases", "op": "gte", "value": {"count": 2}},
    {"field": "title", "op": "contains", "value": "1"},
    {"field": "event", "op": "in", "value": ["topic_changed", "flagged", "opened"]},
    {"field": "done_by_kind", "op": "eq", "value": "rule"},
    {"field": "changed.topic", "op": "from_to", "value": {"to": "food"}},
    {"field": "changed.priority", "op": "changed"},
    {"field": "started_at", "op": "filled"},
])  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda some: {"all": some}),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: {"any": some}),
        parts.map(lambda one: {"not": one}),
    ),
    max_leaves=4,
)
ACTIONS = st.lists(
    st.sampled_from([
        {"action": "set_priority", "priority": "high"},
        {"action": "set_topic", "topic": "coffee"},
        {"action": "set_type", "case_type": "recovery"},
        {"action": "reroute", "team": "claims"},
        {"action": "tag", "tags": ["noise", "cold"]},
        {"action": "untag", "tags": ["cold"]},
        {"action": "flag"},
        {"action": "unflag"},
        {"action": "assign_to", "user": "ann"},
        {"action": "escalate", "reason": "Nobody has answered."},
        {"action": "note", "text": "Seen by a rule."},
    ]), min_size=1, max_size=3, unique_by=lambda one: one["action"],
)  # fmt: skip
CADENCES = st.sampled_from(["once_per_response", "once_per_contact", "once_per_case", "every_time"])


# A life takes so long that shrinking one takes minutes; what fails is readable as it is.
@settings(
    max_examples=int(os.environ.get("CM_LIVES", "8")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip
@given(STEPS, TREES, ACTIONS, st.sampled_from(["case_opened", "case_changed"]), CADENCES)
def test_the_reported_changes_are_those_that_happen(lists, clock, steps, tree, actions, occasion, cadence):
    facts = {"key": "tried", "name": "Tried", "conditions": tree, "actions": actions, "occasion": occasion}
    facts |= {"cadence": cadence, "cadence_days": 1}
    with another_world():
        steps = live(steps, clock)
        told, _result = foretold(models.Rule(**facts))
    with another_world():
        rule = models.Rule.objects.create(**facts)
        live(steps, clock)
        happened = done_by(rule)
    assert told == happened


ANCHORS = ("awaiting_since", "opened_at", "updated_at", "resolved_at")
SPANS = ("1 hours", "3 hours", "5 business hours", "1 days")
DELAYS = [("time_passed", {"since": anchor, "after": span}) for anchor in ANCHORS for span in SPANS]
SET_TIMES = [
    ("schedule", {"every": every, "at": at, "weekday": 1, "timezone": "UTC"})
    for every in ("hour", "day", "week")
    for at in ("00:00", "11:00", "16:00")
]


@settings(
    max_examples=int(os.environ.get("CM_LIVES", "8")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip
@given(STEPS, TREES, ACTIONS, st.one_of(st.sampled_from(DELAYS), st.sampled_from(SET_TIMES)), CADENCES)
def test_what_time_alone_sets_off_is_reported_as_it_happens(lists, clock, steps, tree, actions, when, cadence):
    facts = {"key": "tried", "name": "Tried", "conditions": tree, "actions": actions}
    facts |= {"cadence": cadence, "cadence_days": 1, "occasion": when[0], "timing": when[1]}
    with another_world():
        steps = live(steps, clock, hours_after=30)
        told, _result = foretold(models.Rule(**facts), until=clock.now)
    with another_world():
        clock.now = START
        rule = models.Rule.objects.create(**facts)
        live(steps, clock, hours_after=30)
        happened = done_by(rule)
    assert told == happened
