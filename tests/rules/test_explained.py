"""Why a rule acted: what was seen, who was considered, what was refused."""

from __future__ import annotations

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.testing import make_case
from tests.rules.conftest import ASSIGN, ESCALATE, OPEN, said, settle, write

SYSTEM = Actor.system("test")


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
    assert models.ReactionReceipt.objects.get(reactor="rules").state == "done"
