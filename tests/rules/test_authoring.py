"""What cannot be used is refused with what is wrong and what to write; what can be is said in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from case_management import models
from case_management.exceptions import InvalidConfiguration
from case_management.rules import authoring
from case_management.rules.conditions.tree import parse
from case_management.rules.fields import interaction_fields
from case_management.testing import make_topic

ALWAYS = [{"action": "alert"}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("conditions", "named"),
    [
        ({"field": "scroe", "op": "lte", "value": 4}, ["scroe", "score", "Known"]),
        ({"field": "score", "op": "under", "value": 4}, ["under", "lte", "offers"]),
        ({"field": "score", "op": "lte", "value": "four"}, ["four", "number"]),
        ({"field": "score", "op": "lte", "value": True}, ["True", "number"]),
        ({"field": "score", "op": "lte", "value": "NaN"}, ["NaN", "number"]),
        ({"field": "score", "op": "lte", "value": 10**15}, [str(10**15), "number"]),
        ({"field": "score", "op": "lte", "value": "0.0000001"}, ["0.0000001", "compared"]),
        ({"field": "score", "op": "lte"}, ["number"]),
        ({"field": "score", "op": "empty", "value": 1}, ["takes no value"]),
        ({"field": "comment", "op": "contains", "value": "  "}, ["text to compare"]),
        ({"field": "comment", "op": "contains", "value": "a\x00"}, ["text to compare"]),
        ({"field": "source", "op": "in", "value": "survey"}, ["list", "survey"]),
        ({"field": "source", "op": "in", "value": []}, ["list"]),
        ({"field": "recommended", "op": "is", "value": "no"}, ["true or false", "no"]),
        ({"field": "occurred_at", "op": "after", "value": "yesterday"}, ["yesterday", "ISO 8601", "2026-03-01T09"]),
        ({"field": "occurred_at", "op": "after", "value": "2026-03-01T09:00"}, ["offset", "+00:00"]),
        ({"field": "score", "op": "lte", "value": 4, "values": 5}, ["values", "take out"]),
        ({"all": [], "any": []}, ["all, any, not"]),
        ({"every": []}, ["every", "all, any, not"]),
        ({"all": {"field": "score"}}, ["all", "list"]),
        (["score"], ["object"]),
        ({"not": [{"field": "score", "op": "empty"}]}, ["object"]),
    ],
)
def test_a_condition_that_cannot_be_used_is_refused_with_what_is_wrong_and_what_to_write(conditions, named):
    with pytest.raises(InvalidConfiguration) as refusal:
        authoring.validate("interaction_received", conditions, ALWAYS)
    assert [word for word in named if word not in refusal.value.message] == []


def test_a_tree_deeper_than_eight_levels_is_refused_and_not_a_recursion_error():
    tree: dict[str, Any] = {"field": "score", "op": "empty"}
    for _level in range(8):
        tree = {"not": tree}
    parse(tree, interaction_fields)
    with pytest.raises(InvalidConfiguration, match="at most 8 deep"):
        parse({"not": tree}, interaction_fields)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("occasion", "actions", "named"),
    [
        ("interaction_received", [], ["at least one action"]),
        ("interaction_received", {"action": "alert"}, ["at least one action"]),
        ("interaction_received", [{"action": "telephone"}], ["telephone", "open_case"]),
        ("interaction_received", ["alert"], ['"action"', "open_case"]),
        ("interaction_received", [{"action": "alert", "titel": "x"}], ["titel", "title"]),
        ("interaction_received", [{"action": "open_case"}], ["topic", "required"]),
        ("interaction_received", [{"action": "open_case", "topic": "nowhere"}], ["topic", "active entry"]),
        ("interaction_received", [{"action": "assign", "chain": ["fastest"]}], ["fastest", "workload"]),
        ("case_opened", [{"action": "notify", "to": ["boss"]}], ["boss", "managers"]),
        ("case_opened", [{"action": "notify", "to": ["user:ghost"]}], ["user:ghost"]),
        ("case_opened", [{"action": "escalate", "reason": "short"}], ["reason", "10"]),
        ("case_opened", [{"action": "alert"}], ["alert", "interaction is received"]),
    ],
)
def test_an_action_that_cannot_be_used_is_refused_with_what_is_wrong_and_what_to_write(occasion, actions, named):
    with pytest.raises(InvalidConfiguration) as refusal:
        authoring.validate(occasion, {}, actions)
    assert [word for word in named if word not in refusal.value.message] == []


@pytest.mark.django_db
def test_a_rule_is_said_in_plain_words():
    make_topic("service")
    conditions = {
        "all": [
            {"field": "score", "op": "lte", "value": 4},
            {"any": [{"field": "recommended", "op": "is", "value": False}, {"field": "country", "op": "empty"}]},
            {"not": {"field": "source", "op": "in", "value": ["mail", "call"]}},
        ]
    }
    rule = models.Rule(
        key="r", name="R", occasion="interaction_received", conditions=conditions,
        actions=[{"action": "open_case", "topic": "service"}, {"action": "alert"}],
    )  # fmt: skip
    assert authoring.in_words(rule) == (
        "When an interaction is received and score is at most 4 and (would recommend is no or contact's country is "
        "empty) and (not (source is one of mail, call)), then: Open a case (topic: Service), Raise an FYI alert."
    )
