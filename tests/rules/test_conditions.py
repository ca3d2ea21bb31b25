"""Conditions: what the database answers is what a person would, also where values are missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from case_management import models
from case_management.rules.conditions.tree import parse
from case_management.rules.fields import case_fields, interaction_fields
from tests.rules.reader import answer, case_trees, interaction_trees

QUICK = settings(
    max_examples=150,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def agree(tree: dict[str, Any], world: list[Any], fields: Any) -> None:
    model = type(world[0][0])
    found = set(model.objects.filter(parse(tree, fields).compile()).values_list("pk", flat=True))
    assert found == {row.pk for row, facts in world if answer(tree, facts)}


@pytest.mark.django_db
@QUICK
@given(tree=interaction_trees)
@example(tree={"field": "score", "op": "lte", "value": 100000})
@example(tree={"field": "score", "op": "eq", "value": 4.0499})
@example(tree={"not": {"field": "score", "op": "ne", "value": "4.0499"}})
@example(tree={"not": {"any": [{"not": {"field": "score", "op": "gt", "value": 3}}, {"any": []}]}})
@example(tree={"all": [{"field": "unit_number", "op": "empty"}, {"field": "unit_number", "op": "eq", "value": "1"}]})
def test_interactions_found_by_the_database_are_those_that_a_reader_would_pick(interactions, tree):
    agree(tree, interactions, interaction_fields)


@pytest.mark.django_db
@QUICK
@given(tree=case_trees)
@example(tree={"field": "escalation_level", "op": "eq", "value": 1.5})
@example(tree={"field": "escalation_level", "op": "lt", "value": "1.5"})
@example(tree={"field": "escalation_level", "op": "gte", "value": "0.5"})
@example(tree={"field": "escalation_level", "op": "lt", "value": 999999999999})
def test_cases_found_by_the_database_are_those_that_a_reader_would_pick(cases, tree):
    agree(tree, cases, case_fields)


@pytest.mark.django_db
@QUICK
@given(tree=interaction_trees)
@example(tree={"all": [{"field": "unit_number", "op": "empty"}, {"field": "unit_number", "op": "eq", "value": "1"}]})
def test_not_twice_is_the_condition_itself_and_a_condition_or_its_not_is_everything(interactions, tree):
    def found(wanted: Any) -> set[int]:
        condition = parse(wanted, interaction_fields).compile()
        return set(models.Interaction.objects.filter(condition).values_list("pk", flat=True))

    everybody = {row.pk for row, _facts in interactions}
    assert found({"not": {"not": tree}}) == found(tree)
    assert found(tree) | found({"not": tree}) == everybody
    assert found(tree) & found({"not": tree}) == set()
