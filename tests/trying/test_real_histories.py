"""Over two real logs: what a backtest reports is what happens when the same is lived with the rule switched on."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from case_management import models
from tests.sla.histories import incidents, tickets
from tests.trying.lives import another_world, done_by, foretold
from tests.trying.real_lives import bring_in, incident, live_again, ticket, world

pytestmark = [pytest.mark.once, pytest.mark.data, pytest.mark.django_db]

#: So many cases of the log for each rule, other ones for each; in all some hundred.
CASES = int(os.environ.get("CM_REAL_CASES", "50"))
#: Among them the cases of which the log has most to tell.
BUSIEST = 15
CHANGED, OPENED = "case_changed", "case_opened"
TAG = {"action": "tag", "tags": ["watch"]}
FLAG = {"action": "flag"}
HIGH = {"action": "set_priority", "priority": "2-high"}
ESCALATE = {"action": "escalate", "reason": "It came back."}


def on(event):
    """The occasion is this event."""
    return {"field": "event", "op": "eq", "value": event}


def notify(*words):
    """Mail to these."""
    return {"action": "notify", "to": list(words)}


OVER_INCIDENTS = {
    "pressing from the start": (
        OPENED,
        {"field": "priority", "op": "in", "value": ["1-critical", "2-high", "4-low"]},
        [TAG, FLAG, notify("user:lead", "team")],
        "once_per_response",
    ),
    "handed on while in work": (
        CHANGED,
        {"all": [{"field": "changed.team", "op": "changed"}, {"field": "status", "op": "ne", "value": "new"}]},
        [HIGH, TAG, notify("user:lead")],
        "once_per_case",
    ),
    "handed on and nobody's": (
        CHANGED,
        {"all": [{"field": "team", "op": "filled"}, {"field": "assignee", "op": "empty"}]},
        [{"action": "assign_to", "user": "lead"}, notify("assignee")],
        "every_time",
    ),
    "a topic that somebody has": (
        CHANGED,
        {
            "all": [
                {"field": "topic", "op": "under", "value": "category-45"},
                {"field": "assignee", "op": "filled"},
                {"field": "priority", "op": "ne", "value": "1-critical"},
            ]
        },
        [HIGH, ESCALATE, notify("assignee")],
        "once_per_response",
    ),
}
OVER_TICKETS = {
    "due soon": (
        CHANGED,
        {"any": [on("assigned"), {"field": "due_at", "op": "within_next", "value": "2 days"}]},
        [{"action": "set_priority", "priority": "1-critical"}, notify("user:lead")],
        "every_time",
    ),
    "back after it was resolved": (
        CHANGED,
        on("reopened"),
        [HIGH, ESCALATE, {"action": "tag", "tags": ["again"]}, notify("assignee", "user:lead")],
        "every_time",
    ),
    "from hand to hand": (
        CHANGED,
        {
            "all": [
                {"field": "changed.assignee", "op": "changed"},
                {"field": "started_at", "op": "filled"},
                {"not": {"field": "status", "op": "eq", "value": "waiting"}},
            ]
        },
        [TAG, notify("assignee", "user:lead")],
        "every_time",
    ),
    "waits for the customer": (
        CHANGED,
        {"all": [on("waiting"), {"field": "waiting_for", "op": "eq", "value": "customer"}]},
        [FLAG, notify("assignee", "user:lead"), {"action": "reroute", "team": "second-line"}],
        "once_per_case",
    ),
}


def rule_of(occasion, conditions, actions, cadence):
    """A rule that is not saved."""
    facts = {"conditions": conditions, "actions": actions, "cadence": cadence, "cadence_days": 2}
    return models.Rule(key="tried", name="Tried", occasion=occasion, **facts)


def some(logs, tell, first=0):
    """Lives of cases at even distances from the ``first`` on, in the order of their beginnings, and the busiest."""
    busiest = sorted(logs, key=lambda name: -len(logs[name]))[:BUSIEST]
    names = {*busiest, *list(logs)[first :: max(1, len(logs) // (CASES - BUSIEST))]}
    return sorted((tell(name, logs[name]) for name in sorted(names)), key=lambda deeds: deeds[0].at)


def often(rule):
    """(case, moment) → how often the rule acted there."""
    firings = models.RuleFiring.objects.filter(rule=rule).select_related("case", "event")
    return Counter((firing.case.external_id, firing.event.occurred_at) for firing in firings)


def mailed(rule):
    """(case, moment, user) → how many mails are owed."""
    owed = models.Notification.objects.filter(kind="rule").exclude(reason="own_action")
    return Counter(
        (row.case.external_id, row.event.occurred_at, row.recipient.username)
        for row in owed.select_related("case", "event", "recipient")
    )


def foretold_often_and_mailed(result):
    """The same of a backtest."""
    external = dict(models.Case.objects.values_list("pk", "external_id"))
    often = Counter((external[row.case_id], row.at) for row in result.rows)
    mailed = Counter(
        (external[row.case_id], row.at, user)
        for row in result.rows
        for entry in row.actions
        for user in entry.get("users", ())
    )
    return often, mailed


def require_that_it_comes_true(lives, parts, clock):
    """Backtest over the import, then the same life with the rule switched on."""
    world(lives)
    since, until = lives[0][0].at, max(deeds[-1].at for deeds in lives)
    with another_world():
        bring_in(lives)
        told, result = foretold(rule_of(*parts), since, until)
        acts, mails = foretold_often_and_mailed(result)
    with another_world():
        rule = rule_of(*parts)
        rule.save()
        live_again(lives, clock)
        happened, acted, sent = done_by(rule), often(rule), mailed(rule)
    assert told == happened
    assert acts == acted
    assert mails == sent
    assert acts, "a rule that never acts proves nothing"
    assert result.tally.get("total", "acted") == sum(acts.values())
    assert sum(result.tally.group("mailed").values()) == sum(mails.values())


@pytest.mark.parametrize("name", OVER_INCIDENTS)
def test_incidents_go_as_the_backtest_said(shared_data, clock, name):
    require_that_it_comes_true(
        some(incidents(shared_data), incident, list(OVER_INCIDENTS).index(name)), OVER_INCIDENTS[name], clock
    )


@pytest.mark.parametrize("name", OVER_TICKETS)
def test_tickets_go_as_the_backtest_said(shared_data, clock, name):
    require_that_it_comes_true(
        some(tickets(shared_data), ticket, list(OVER_TICKETS).index(name)), OVER_TICKETS[name], clock
    )


#: Versions of hours and terms are kept at their first use; what was undone keeps its numbers on some databases.
MADE_ANEW = {"sla_calendar_id", "sla_terms_id"}


def told_of_cases():
    """Case → what its events say, and when."""
    found = {}
    for event in models.CaseEvent.objects.select_related("case").order_by("case_id", "seq"):
        changes = event.decoded().changes(event.occurred_at)
        facts = {name: value for name, value in changes.items() if name not in MADE_ANEW}
        line = (event.type, event.occurred_at, event.actor_kind, event.actor_id, facts)
        found.setdefault(event.case.external_id, []).append(line)
    return found


@pytest.mark.parametrize(("read", "tell"), [(incidents, incident), (tickets, ticket)])
def test_lived_again_without_a_rule_a_log_is_what_was_imported(shared_data, clock, read, tell):
    lives = some(read(shared_data), tell)
    world(lives)
    with another_world():
        bring_in(lives)
        imported = told_of_cases()
    live_again(lives, clock)
    assert told_of_cases() == imported
