"""Conditions: what the database answers is what a person would, also where values are missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from case_management import models
from case_management.exceptions import InvalidConfiguration
from case_management.rules import authoring
from case_management.rules.conditions.tree import parse
from case_management.rules.fields import case_fields, interaction_fields
from case_management.testing import make_case, make_topic, make_user

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
TEXTS = ["", "Cold COFFEE", "cold", "Ärger", "ärger", "straße", "100%", "a_b", "\\", " ", "İ", "🙂", "e\u0301", "é"]
SCORES = [None, "1", "4", "4.5", "4.05", "9999.99", "-3"]
QUICK = settings(
    max_examples=150,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


# --- a second reading of the rules for conditions, over plain values ---


def folded(text: str) -> str:
    """Letters without their case, as far as the database at hand knows letters."""
    if connection.vendor == "sqlite":
        return "".join(char.lower() if char.isascii() else char for char in text)
    return "".join(char.upper() if len(char.upper()) == 1 else char for char in text)


def answer(tree: dict[str, Any], facts: dict[str, Any]) -> bool:
    """Two values only: a comparison with what is missing is false, and "not" turns that over."""
    if not tree:
        return True
    if "field" in tree:
        return compared(tree["op"], facts[tree["field"]], tree.get("value"))
    how, parts = next(iter(tree.items()))
    if how == "not":
        return not answer(parts, facts)
    return (all if how == "all" else any)(answer(part, facts) for part in parts)


def compared(op: str, fact: Any, value: Any) -> bool:
    if op == "empty":
        return fact in (None, "", frozenset())
    if op == "ne":
        return not compared("eq", fact, value)
    if fact is None:
        return False
    if isinstance(fact, Decimal):
        value = Decimal(str(value))
    elif isinstance(fact, datetime):
        value = datetime.fromisoformat(value)
    return {
        "eq": lambda: fact == value,
        "is": lambda: fact is value,
        "lt": lambda: fact < value,
        "lte": lambda: fact <= value,
        "gt": lambda: fact > value,
        "gte": lambda: fact >= value,
        "before": lambda: fact < value,
        "after": lambda: fact > value,
        "contains": lambda: folded(value) in folded(fact),
        "starts_with": lambda: folded(fact).startswith(folded(value)),
        "in": lambda: fact in value,
        "under": lambda: value in fact,
        "has": lambda: value in fact,
        "has_any": lambda: bool(fact & set(value)),
    }[op]()


# --- random trees ---


def leaf(field: str, op: str, value: Any = None) -> Any:
    return st.fixed_dictionaries(
        {"field": st.just(field), "op": st.just(op), **({} if value is None else {"value": value})}
    )


def trees(*leaves: Any) -> Any:
    """Trees of at most four levels."""

    def branch(below: Any) -> Any:
        parts = st.lists(below, max_size=3)
        return st.one_of(
            st.builds(lambda p: {"all": p}, parts),
            st.builds(lambda p: {"any": p}, parts),
            st.builds(lambda p: {"not": p}, below),
        )

    tree = st.one_of(*leaves)
    for _level in range(3):
        tree = st.one_of(*leaves, branch(tree))
    return tree


numbers = st.one_of(
    st.sampled_from([0, 1, 4, 4.5, "4.05", 4.055, -3, 9999.99, "10000", 123456789, 999999999999, 1.5]),
    st.decimals(min_value=-100, max_value=100, places=3).map(str),
)
words = st.sampled_from([text for text in TEXTS if text.strip()] + ["COLD", "ÄRGER", "%", "_", "coffee", "ger"])
many_words = st.lists(words, min_size=1, max_size=3)
moments = st.integers(-3, 3).map(lambda hours: (START + timedelta(hours=hours)).isoformat())
NUMBER_OPS = ("eq", "ne", "lt", "lte", "gt", "gte")


def number_leaves(field: str) -> list[Any]:
    return [leaf(field, op, numbers) for op in NUMBER_OPS] + [leaf(field, "empty")]


def text_leaves(field: str) -> list[Any]:
    return [leaf(field, "contains", words), leaf(field, "starts_with", words), leaf(field, "empty")]


def choice_leaves(field: str, values: Any) -> list[Any]:
    several = st.lists(values, min_size=1, max_size=3)
    return [leaf(field, "eq", values), leaf(field, "ne", values), leaf(field, "in", several), leaf(field, "empty")]


interaction_trees = trees(
    *number_leaves("score"),
    *text_leaves("comment"),
    *choice_leaves("country", words),
    *choice_leaves("unit_number", st.sampled_from(["1", "1.1", "2", "9"])),
    *choice_leaves("source", st.sampled_from(["survey", "mail"])),
    leaf("recommended", "is", st.booleans()),
    leaf("recommended", "empty"),
    leaf("wants_contact", "is", st.booleans()),
    leaf("unit", "under", st.sampled_from(["1", "1.1", "2", "gone"])),
    leaf("unit", "empty"),
    leaf("occurred_at", "before", moments),
    leaf("occurred_at", "after", moments),
)
case_trees = trees(
    *number_leaves("escalation_level"),
    *choice_leaves("assignee", st.sampled_from(["ada", "nobody"])),
    *choice_leaves("status", st.sampled_from(["new", "closed"])),
    *choice_leaves("case_type", st.sampled_from(["recovery", "none"])),
    leaf("topic", "under", st.sampled_from(["room", "room-noise", "gone"])),
    leaf("tags", "has", st.sampled_from(["a", "b", "z"])),
    leaf("tags", "has_any", st.lists(st.sampled_from(["a", "b", "z"]), min_size=1)),
    leaf("tags", "empty"),
    leaf("flagged", "is", st.booleans()),
    leaf("due_at", "before", moments),
    leaf("due_at", "empty"),
)


# --- worlds ---


@pytest.fixture
def interactions(db):
    """Interactions with every combination worth having, and what each says."""
    top = models.Unit.add_root(number="1", name="One")
    units = {None: None, "1": top, "2": models.Unit.add_root(number="2", name="Two")}
    units["1.1"] = models.Unit.objects.get(pk=top.pk).add_child(number="1.1", name="Below one")
    under = {None: None, "1": {"1"}, "1.1": {"1", "1.1"}, "2": {"2"}}
    sources = [models.Source.objects.create(name=name, key=name) for name in ("survey", "mail")]
    rows, facts = [], []
    for n in range(56):
        text, score, unit = TEXTS[n % len(TEXTS)], SCORES[n % len(SCORES)], list(units)[n % 4]
        country = None if n % 3 == 0 else TEXTS[(n * 5) % len(TEXTS)]
        contact = None if country is None else models.Contact.objects.create(name=f"c{n}", country=country)
        recommended = (None, True, False)[n % 3]
        at = START + timedelta(hours=n % 5 - 2)
        rows.append(models.Interaction(
            source=sources[n % 2], external_id=str(n), contact=contact, unit=units[unit], comment=text,
            score=score and Decimal(score), recommended=recommended, wants_contact=n % 2 == 0,
            occurred_at=at, available_at=at,
        ))  # fmt: skip
        facts.append({
            "score": score and Decimal(score), "comment": text, "country": country, "unit_number": unit,
            "source": sources[n % 2].key, "recommended": recommended, "wants_contact": n % 2 == 0,
            "unit": under[unit], "occurred_at": at,
        })  # fmt: skip
    models.Interaction.objects.bulk_create(rows)
    return list(zip(rows, facts, strict=True))


@pytest.fixture
def cases(db):
    """Cases with and without assignee, type, tags and deadline."""
    from case_management import operations
    from case_management.domain.actor import Actor

    by, ada = Actor.system("test"), make_user("ada", role="Case manager")
    room = make_topic("room")
    noise = models.Topic.objects.get(pk=room.pk).add_child(name="Noise", key="room-noise")
    recovery = models.CaseType.objects.create(name="Recovery")
    category = models.TagCategory.objects.create(name="Cause")
    tags = [models.Tag.objects.create(name=key, key=key, category=category) for key in "ab"]
    made = []
    for n in range(24):
        due = START + timedelta(hours=n % 3 - 1) if n % 4 else None
        topic, case_type = (room, noise, make_topic("other"))[n % 3], recovery if n % 2 else None
        case = make_case(topic=topic, case_type=case_type, deadline=due, by=by)
        put = [tag for place, tag in enumerate(tags) if n & (1 << place)]
        if put:
            operations.tag_case(case, add=put, by=by)
        for _step in range(n % 3):
            operations.escalate_case(case, reason="Nobody has answered.", by=by)
        if n % 5 == 0:
            operations.assign_case(case, to=ada, by=by)
        if n % 7 == 0:
            operations.flag_case(case, by=by)
        facts = {
            "escalation_level": Decimal(n % 3), "assignee": "ada" if n % 5 == 0 else None, "status": "new",
            "case_type": "recovery" if n % 2 else None, "tags": frozenset(tag.key for tag in put),
            "topic": ({"room"}, {"room", "room-noise"}, {"other"})[n % 3], "flagged": n % 7 == 0, "due_at": due,
        }  # fmt: skip
        made.append((case, facts))
    return made


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
def test_not_twice_is_the_condition_itself_and_a_condition_or_its_not_is_everything(interactions, tree):
    def found(wanted: Any) -> set[int]:
        condition = parse(wanted, interaction_fields).compile()
        return set(models.Interaction.objects.filter(condition).values_list("pk", flat=True))

    everybody = {row.pk for row, _facts in interactions}
    assert found({"not": {"not": tree}}) == found(tree)
    assert found(tree) | found({"not": tree}) == everybody
    assert found(tree) & found({"not": tree}) == set()


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
        "empty) and (not (source is one of mail, call)), then: Open a case, Raise an FYI alert."
    )
