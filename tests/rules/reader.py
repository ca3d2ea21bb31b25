"""A second reading of the rules for conditions, over plain values, and random trees to compare both with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from hypothesis import strategies as st

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
TEXTS = ["", "Cold COFFEE", "cold", "Ärger", "ärger", "straße", "100%", "a_b", "\\", " ", "İ", "🙂", "e\u0301", "é"]
SCORES = [None, "1", "4", "4.5", "4.05", "9999.99", "-3"]


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
