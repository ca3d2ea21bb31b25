"""Rules over custom fields: conditions answer as Python does, actions set values, and what cannot work is refused."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration
from case_management.operations import set_custom_fields
from case_management.rules import trace
from case_management.rules.authoring import in_words
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of
from case_management.testing import make_case, make_user
from tests.custom_fields.conftest import make_field
from tests.rules.conftest import settle, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def customs(db):
    names = {
        "text": "Seat", "number": "Amount", "date": "Flown on", "choice": "Baggage", "choices": "Damages",
        "yes_no": "Vouchered", "user": "Expert",
    }  # fmt: skip
    return {kind: make_field(name, kind) for kind, name in names.items()}


@pytest.fixture
def cases(customs):
    ann, ben = make_user("ann"), make_user("ben")
    held = [
        {},
        {"amount": 5, "baggage": "lost", "damages": ["torn"], "vouchered": True, "expert": ann, "seat": "12A"},
        {"amount": 2.5, "baggage": "late", "damages": ["lost", "late"], "vouchered": False, "expert": ben},
        {"amount": -1, "flown-on": "2026-03-31", "seat": "a window"},
        {"amount": 0, "flown-on": "2026-04-01", "baggage": "torn"},
    ]
    return [make_case(title=str(place), custom=values) for place, values in enumerate(held)]


def holding(*conditions):
    tree = parse({"all": list(conditions)}, fields_of("case_changed"))
    return set(models.Case.objects.filter(tree.compile()).values_list("title", flat=True))


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("amount", "gte", 2.5, "12"), ("amount", "lt", 0, "3"), ("amount", "eq", 0, "4"), ("amount", "ne", 0, "0123"),
        ("amount", "lte", 0, "34"), ("amount", "gt", 2.5, "1"), ("amount", "empty", None, "0"),
        ("flown-on", "before", "2026-04-01", "3"), ("flown-on", "after", "2026-03-31", "4"),
        ("flown-on", "eq", "2026-03-31", "3"), ("flown-on", "empty", None, "012"),
        ("baggage", "eq", "lost", "1"), ("baggage", "ne", "lost", "0234"), ("baggage", "in", ["lost", "late"], "12"),
        ("baggage", "empty", None, "03"), ("damages", "has", "lost", "2"),
        ("damages", "has_any", ["torn", "late"], "12"),
        ("damages", "empty", None, "034"), ("vouchered", "is", True, "1"), ("vouchered", "is", False, "2"),
        ("vouchered", "empty", None, "034"), ("expert", "eq", "ann", "1"), ("expert", "ne", "ann", "0234"),
        ("expert", "in", ["ann", "ben"], "12"), ("expert", "empty", None, "034"),
        ("seat", "contains", "A", "13"), ("seat", "starts_with", "12", "1"), ("seat", "empty", None, "024"),
    ],
)  # fmt: skip
def test_a_condition_holds_where_it_is_true(cases, field, op, value, expected):
    asked = {"field": f"custom.{field}", "op": op, **({} if value is None else {"value": value})}
    assert holding(asked) == set(expected)
    negated = parse({"not": asked}, fields_of("case_changed")).compile()
    assert set(models.Case.objects.filter(negated).values_list("title", flat=True)) == set("01234") - set(expected)


def test_a_trace_shows_what_was_seen_but_no_text(cases):
    names = {"amount": "gte", "baggage": "eq", "vouchered": "is", "expert": "eq", "seat": "contains", "flown-on": "eq"}
    values = dict(zip(names, (5, "lost", True, "ann", "12", "2026-01-01"), strict=True))
    asked = [{"field": f"custom.{name}", "op": op, "value": values[name]} for name, op in names.items()]
    tree = parse({"all": asked}, fields_of("case_changed"))
    (seen,) = trace.traces(Circumstances(models.Case.objects.filter(title="1")), tree).values()
    told = {entry["field"].removeprefix("custom."): entry.get("saw", "not told") for entry in seen}
    assert told == {
        "amount": 5, "baggage": "lost", "vouchered": True, "expert": "ann", "seat": "not told", "flown-on": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"field": "custom.bagage", "op": "eq", "value": "lost"}, "custom.baggage"),
        ({"field": "custom.baggage", "op": "eq", "value": "gone"}, "no option gone; it has: lost"),
        ({"field": "custom.flown-on", "op": "before", "value": "soon"}, "is not a day"),
        ({"field": "custom.amount", "op": "contains", "value": "5"}, "it offers: eq"),
        ({"field": "custom.old", "op": "eq", "value": 5}, "switched off"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_when_it_is_written(customs, asked, complaint):
    make_field("Old", "number", is_active=False)
    with pytest.raises(InvalidConfiguration, match=complaint):
        write("rule", {"action": "escalate", "reason": "Look at it."}, occasion="case_changed", conditions=asked)


def test_rules_on_interactions_have_no_custom_fields(customs):
    with pytest.raises(InvalidConfiguration, match=r"custom\.amount"):
        parse({"field": "custom.amount", "op": "eq", "value": 5}, fields_of("interaction_received"))


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("custom.amount", "many", "Amount"), ("custom.expert", "zoe", "Expert"), ("custom.nothing", 5, "custom.amount"),
        ("amount", 5, "custom.amount"), ("custom.baggage", "gone", "Choose one of"),
    ],
)  # fmt: skip
def test_an_action_that_cannot_work_is_refused_when_it_is_written(customs, field, value, complaint):
    with pytest.raises(InvalidConfiguration, match=complaint):
        write("rule", {"action": "set_field", "field": field, "value": value}, occasion="case_changed")


def test_a_rule_sets_a_field_when_another_changes_and_says_so(customs):
    ann = make_user("ann")
    asked = {"field": "custom.amount", "op": "gte", "value": 100}
    actions = [
        {"action": "set_field", "field": "custom.expert", "value": "ann"},
        {"action": "set_field", "field": "custom.damages", "value": ["torn"]},
        {"action": "set_field", "field": "custom.baggage", "value": None},
    ]
    rule = write("expert", *actions, occasion="case_changed", conditions=asked)
    assert in_words(rule) == (
        "When a case changes and Amount is at least 100, then: "
        "Set a custom field (custom field: Expert, value: ann), "
        "Set a custom field (custom field: Damages, value: torn), "
        "Set a custom field (custom field: Baggage)."
    )
    small, large = make_case(), make_case()
    set_custom_fields(small, {"amount": 99}, by=Actor.system("test"))
    set_custom_fields(large, {"amount": 100, "baggage": "lost"}, by=Actor.system("test"))
    settle()
    small.refresh_from_db()
    large.refresh_from_db()
    assert small.custom == {"amount": 99}
    assert large.custom == {"amount": 100, "expert": ann.pk, "damages": ["torn"]}
    (firing,) = models.RuleFiring.objects.all()
    assert [entry["changed"] for entry in firing.trace["actions"]] == [True, True, True]


def test_a_case_that_cannot_have_the_value_is_left_alone_and_the_trace_says_why(customs):
    customs["number"].case_types.set([models.CaseType.objects.create(name="Recovery")])
    write("rule", {"action": "set_field", "field": "custom.amount", "value": 5}, occasion="case_opened")
    case = make_case()
    settle()
    case.refresh_from_db()
    assert case.custom == {}
    (firing,) = models.RuleFiring.objects.all()
    assert "Amount" in firing.trace["actions"][0]["refused"]


def test_many_conditions_on_custom_fields_are_read_by_one_query(cases):
    def spent(conditions):
        with CaptureQueriesContext(connection) as captured:
            parse({"any": conditions}, fields_of("case_changed"))
        return len(captured)

    asked = [{"field": f"custom.{name}", "op": "empty"} for name in ("amount", "seat", "expert", "baggage")]
    assert (spent(asked[:1]), spent(asked)) == (1, 1)
