"""What is said of conditions without looking at cases is never proved wrong by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management import models
from case_management.domain.actor import Actor
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.reasoning import Reasoning
from case_management.testing import make_case

FIELDS = fields_of("case_changed")
NOW = timezone.now().replace(microsecond=0)


def leaf(name, op, value=None):
    return {"field": name, "op": op} | ({} if value is None else {"value": value})


def asked(tree):
    return parse(tree, FIELDS)


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        ({}, leaf("score", "lte", 4), True),
        (leaf("score", "lte", 4), {}, False),
        (leaf("score", "lte", 4), leaf("score", "lt", 4), True),
        (leaf("score", "lt", 4), leaf("score", "lte", 4), False),
        (leaf("score", "filled"), leaf("score", "ne", 4), False),
        (leaf("status", "in", ["new", "waiting"]), leaf("status", "eq", "new"), True),
        (leaf("status", "in", ["new"]), leaf("status", "in", ["new", "waiting"]), False),
        (leaf("topic", "under", "food"), leaf("topic", "under", "soup"), True),
        (leaf("topic", "under", "soup"), leaf("topic", "under", "food"), False),
        (leaf("topic", "not_under", "seat"), leaf("topic", "under", "soup"), True),
        (leaf("tags", "has_any", ["a", "b"]), leaf("tags", "has", "a"), True),
        (leaf("tags", "has", "a"), leaf("tags", "has_any", ["a", "b"]), False),
        (leaf("title", "contains", "fund"), leaf("title", "eq", "refund"), True),
        (leaf("title", "contains", "refund"), leaf("title", "contains", "fund"), False),
        (leaf("contact_cases", "gte", {"count": 2, "days": 30}), leaf("contact_cases", "gte", {"count": 3, "days": 30}),
         True),
        (leaf("contact_cases", "gte", {"count": 2, "days": 9}), leaf("contact_cases", "gte", {"count": 3, "days": 30}),
         False),
        (leaf("changed.status", "changed"), leaf("changed.status", "from_to", {"to": "new"}), True),
        (leaf("flagged", "is", True), {"not": leaf("flagged", "is", False)}, False),
        ({"any": [leaf("flagged", "is", True), leaf("score", "lt", 3)]},
         {"all": [leaf("score", "lt", 2), leaf("status", "eq", "new")]}, True),
    ],
)  # fmt: skip
def test_covering(db, wide, narrow, covered):
    top = models.Topic.add_root(name="Food", key="food")
    top.add_child(name="Soup", key="soup")
    models.Topic.add_root(name="Seat", key="seat")
    assert Reasoning().covers(asked(wide), asked(narrow)) is covered


@pytest.mark.parametrize(
    ("tree", "never"),
    [
        ({"all": [leaf("score", "lt", 3), leaf("score", "gt", 4)]}, True),
        ({"all": [leaf("score", "lt", 4), leaf("score", "gt", 3)]}, False),
        ({"all": [leaf("status", "eq", "new"), leaf("status", "eq", "waiting")]}, True),
        ({"all": [leaf("tags", "has", "a"), leaf("tags", "has", "b")]}, False),
        ({"all": [leaf("tags", "has", "a"), leaf("tags", "has_none", ["a", "b"])]}, True),
        ({"all": [leaf("title", "empty"), leaf("title", "contains", "x")]}, True),
        ({"any": [{"all": [leaf("flagged", "is", True), leaf("flagged", "is", False)]}, {"all": []}]}, False),
        ({"all": [leaf("due_at", "empty"), leaf("due_at", "within_next", "2 hours")]}, True),
        ({"any": []}, True),
    ],
)  # fmt: skip
def test_contradictions(db, tree, never):
    assert Reasoning().never_holds(asked(tree)) is never


COMPARISONS = st.one_of(
    st.builds(leaf, st.just("score"), st.sampled_from(["lt", "lte", "gt", "gte", "eq", "ne"]), st.integers(1, 4)),
    st.builds(
        leaf, st.sampled_from(["score", "due_at", "topic", "contact_language"]), st.sampled_from(["empty", "filled"])
    ),
    st.builds(leaf, st.just("flagged"), st.just("is"), st.booleans()),
    st.builds(leaf, st.just("priority"), st.sampled_from(["eq", "ne"]), st.sampled_from(["high", "low", "gone"])),
    st.builds(
        leaf, st.just("priority"), st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from(["high", "low", "gone"]), min_size=1, max_size=2),
    ),
    st.builds(
        leaf, st.just("topic"), st.sampled_from(["under", "not_under"]),
        st.sampled_from(["food", "soup", "seat", "gone"]),
    ),
    st.builds(leaf, st.just("tags"), st.just("has"), st.sampled_from(["a", "b"])),
    st.builds(
        leaf, st.just("tags"), st.sampled_from(["has_any", "has_none"]),
        st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2),
    ),
    st.builds(leaf, st.just("tags"), st.sampled_from(["empty", "filled"])),
    st.builds(
        leaf, st.just("title"), st.sampled_from(["contains", "not_contains", "starts_with", "ends_with", "eq"]),
        st.sampled_from(["re", "refund", "Refund", "fund"]),
    ),
    st.builds(
        leaf, st.just("due_at"), st.sampled_from(["before", "after"]),
        st.sampled_from([(NOW + timedelta(hours=hours)).isoformat() for hours in (-1, 0, 1)]),
    ),
    st.builds(
        leaf, st.just("contact_cases"), st.sampled_from(["gte", "lte", "eq"]),
        st.fixed_dictionaries({"count": st.integers(1, 3), "days": st.just(30)}),
    ),
)  # fmt: skip
TREES = st.recursive(
    COMPARISONS,
    lambda parts: st.one_of(
        st.builds(lambda how, some: {how: some}, st.sampled_from(["all", "any"]), st.lists(parts, max_size=3)),
        st.builds(lambda part: {"not": part}, parts),
    ),
    max_leaves=5,
)


@pytest.fixture
def cases(desk):
    by = Actor.system("test")
    high = models.Priority.objects.create(name="High", key="high", rank=9)
    low = models.Priority.objects.create(name="Low", key="low", rank=8)
    food = models.Topic.add_root(name="Food", key="food")
    soup = food.add_child(name="Soup", key="soup")
    category = models.TagCategory.objects.create(name="C")
    tags = [models.Tag.objects.create(name=key, key=key, category=category) for key in "ab"]
    for at in range(24):
        case = make_case(
            title=("Refund", "refund now", "fund", "re")[at % 4], topic=(food, soup, desk.topic)[at % 3], by=by
        )
        case.tags.set(tags[: at % 3])
        due = None if at % 5 == 0 else NOW + timedelta(hours=at % 4 - 1.5)
        values = {"score": None if at % 7 == 0 else at % 5, "flagged": at % 2 == 0, "due_at": due}
        models.Case.objects.filter(pk=case.pk).update(priority=(high, low)[at // 2 % 2], **values)


@pytest.mark.drifts_on_purpose
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(wide=TREES, narrow=TREES)
def test_what_covers_holds_wherever_the_other_does(cases, wide, narrow):
    about, reasoning = Circumstances(models.Case.objects.all()), Reasoning()
    one, other = asked(wide), asked(narrow)
    rows = models.Case.objects.all()
    if reasoning.covers(one, other):
        assert not rows.filter(other.compile(about)).filter(one.deny(about)).exists(), (wide, narrow)
    if reasoning.never_holds(other):
        assert not rows.filter(other.compile(about)).exists(), narrow
