"""What follows from conditions alone, whatever the cases are: that a tree never holds, that one covers another.

Answers err on one side. “Never” and “covers” are only said where no case can prove them wrong; where it is not known,
or would take too long to find out, the answer is no.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise, product
from typing import Any

from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.operators import operator_for
from case_management.rules.conditions.tree import Leaf, Node
from case_management.rules.field_kinds import Kind

#: A comparison and whether it has to hold.
Literal = tuple[Leaf, bool]
#: More alternatives than this are not looked into.
MOST_WAYS = 400
_NOTHING, _OTHER = object(), object()


class _TooManyWays(Exception):
    """The tree has more alternatives than anybody waits for."""


class Reasoning:
    """Reads the trees of topics and units once for all questions."""

    @cached_property
    def _branches(self) -> Mapping[str, Mapping[str, str]]:
        return Circumstances().branches

    def never_holds(self, tree: Node, *facts: Literal) -> bool:
        """Whether no case has these conditions, given that these facts hold."""
        try:
            return all(self._is_contradiction([*way, *facts]) for way in _ways(tree, holds=True))
        except _TooManyWays:
            return False

    def covers(self, wide: Node, narrow: Node) -> bool:
        """Whether ``wide`` holds wherever ``narrow`` does."""
        try:
            outside = list(_ways(wide, holds=False))
            inside = list(_ways(narrow, holds=True))
        except _TooManyWays:
            return False
        if len(outside) * len(inside) > MOST_WAYS * 4:
            return False
        return all(self._is_contradiction([*one, *other]) for one in inside for other in outside)

    def _is_contradiction(self, literals: Sequence[Literal]) -> bool:
        by_field: dict[str, list[Literal]] = defaultdict(list)
        for leaf, holds in literals:
            operator = operator_for(leaf.field, leaf.op)
            if operator.opposite:
                value = None if operator.opposite == "empty" else leaf.value
                leaf, holds = replace(leaf, op=operator.opposite, value=value), not holds  # noqa: PLW2901
            by_field[leaf.name].append((leaf, holds))
        return any(self._cannot_be(same) for same in by_field.values())

    def _cannot_be(self, literals: list[Literal]) -> bool:
        """Whether no value of one field makes each of these as it has to be."""
        wanted: dict[str, bool] = {}
        for leaf, holds in literals:
            if wanted.setdefault(_identity(leaf), holds) is not holds:
                return True
        leaf = literals[0][0]
        if leaf.field.kind in _IMPLIED and _implied_is_denied(literals, _IMPLIED[leaf.field.kind]):
            return True
        if leaf.field.related is None and leaf.field.kind in _SINGLE:
            try:
                return not any(self._fits(seen, literals) for seen in self._candidates(literals))
            except OverflowError:  # there is no day before the first one
                return False
        return False

    def _fits(self, seen: Any, literals: list[Literal]) -> bool:
        return all(self._answer(seen, leaf) in (holds, None) for leaf, holds in literals)

    def _answer(self, seen: Any, leaf: Leaf) -> bool | None:
        """What a comparison says of a candidate; None: it may say either."""
        if leaf.op == "empty":
            return seen is _NOTHING
        if seen is _NOTHING:
            return False
        if leaf.field.kind is Kind.BRANCH:
            top = self._path(leaf)
            return bool(top) and seen is not _OTHER and seen.startswith(top)
        test = _TESTS.get(leaf.op)
        return None if test is None else test(seen, _constant(leaf, leaf.value))

    def _candidates(self, literals: list[Literal]) -> list[Any]:
        """No value at all, and one value of each sort that the comparisons can tell apart."""
        leaf = literals[0][0]
        if leaf.field.kind is Kind.YES_NO:
            return [_NOTHING, True, False]
        if leaf.field.kind is Kind.BRANCH:
            return [_NOTHING, _OTHER, *(path for one, _ in literals if one.op == "under" and (path := self._path(one)))]
        named = list(_constants(literals))
        if leaf.field.kind is Kind.CHOICE:
            return [_NOTHING, _OTHER, *named]
        points = sorted(set(named))
        between = [low + (high - low) / 2 for low, high in pairwise(points)]
        ends = [points[0] - _step(points[0]), points[-1] + _step(points[-1])] if points else [_OTHER]
        return [_NOTHING, *points, *between, *ends]

    def _path(self, leaf: Leaf) -> str:
        tree = "topic" if leaf.field.path.endswith("topic") else "unit"
        return self._branches[tree].get(leaf.value, "")


def _ways(node: Node, *, holds: bool) -> Iterator[list[Literal]]:
    """The alternatives, each a list of comparisons, of which one is enough for the node to hold (or not to)."""
    if isinstance(node, Leaf):
        yield [(node, holds)]
        return
    if node.how == "not":
        yield from _ways(node.parts[0], holds=not holds)
        return
    if (node.how == "any") is holds:
        for at, way in enumerate(way for part in node.parts for way in _ways(part, holds=holds)):
            _count(at)
            yield way
        return
    each = [list(_ways(part, holds=holds)) for part in node.parts]
    for at, chosen in enumerate(product(*each)):
        _count(at)
        yield [literal for way in chosen for literal in way]


def _count(at: int) -> None:
    if at >= MOST_WAYS:
        raise _TooManyWays


def _identity(leaf: Leaf) -> str:
    value = sorted(leaf.value, key=str) if isinstance(leaf.value, list) else leaf.value
    return json.dumps([leaf.op, value], default=str, sort_keys=True)


def _constants(literals: Iterable[Literal]) -> Iterator[Any]:
    for leaf, _holds in literals:
        if leaf.op in _TESTS:
            value = _constant(leaf, leaf.value)
            yield from value if isinstance(value, list) else [value]


def _constant(leaf: Leaf, value: Any) -> Any:
    """As the database compares it: numbers of custom fields are kept as floating point numbers."""
    return Decimal(float(value)) if leaf.field.custom is not None and leaf.field.kind is Kind.NUMBER else value


def _step(point: Any) -> Any:
    return timedelta(days=1) if isinstance(point, date) else 1


#: Kinds whose field has one value, or none.
_SINGLE = frozenset({Kind.NUMBER, Kind.CHOICE, Kind.YES_NO, Kind.DAY, Kind.MOMENT, Kind.BRANCH})
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda seen, value: seen is not _OTHER and seen == value,
    "is": lambda seen, value: seen is value,
    "in": lambda seen, value: seen is not _OTHER and seen in value,
    "lt": lambda seen, value: seen < value,
    "lte": lambda seen, value: seen <= value,
    "gt": lambda seen, value: seen > value,
    "gte": lambda seen, value: seen >= value,
    "before": lambda seen, value: seen < value,
    "after": lambda seen, value: seen > value,
}


# --- comparisons that follow from one another ---


def _text_implies(one: Leaf, other: Leaf) -> bool:
    """Exact parts only: what counts as the same letter in small and capital is the database's business."""
    if other.op == "contains":
        return one.op in ("contains", "starts_with", "ends_with", "eq") and other.value in one.value
    if other.op == "starts_with":
        return one.op in ("starts_with", "eq") and one.value.startswith(other.value)
    return other.op == "ends_with" and one.op in ("ends_with", "eq") and one.value.endswith(other.value)


def _many_implies(one: Leaf, other: Leaf) -> bool:
    return "empty" not in (one.op, other.op) and _wanted(one) <= _wanted(other)


def _wanted(leaf: Leaf) -> set[str]:
    return set(leaf.value) if isinstance(leaf.value, list) else {leaf.value}


def _change_implies(one: Leaf, other: Leaf) -> bool:
    if one.op != "from_to":
        return False
    return other.op == "changed" or all(other.value.get(end) in (None, one.value.get(end)) for end in ("from", "to"))


def _count_implies(one: Leaf, other: Leaf) -> bool:
    """Of the same number of days."""
    if one.value.get("days") != other.value.get("days"):
        return False
    least, most = one.value["count"], other.value["count"]
    if other.op == "gte":
        return one.op in ("gte", "eq") and least >= most
    return other.op == "lte" and one.op in ("lte", "eq") and least <= most


_IMPLIED: Mapping[Kind, Callable[[Leaf, Leaf], bool]] = {
    Kind.TEXT: _text_implies,
    Kind.MANY: _many_implies,
    Kind.CHANGE: _change_implies,
    Kind.COUNT: _count_implies,
}


def _implied_is_denied(literals: list[Literal], implies: Callable[[Leaf, Leaf], bool]) -> bool:
    held = [leaf for leaf, holds in literals if holds]
    denied = [leaf for leaf, holds in literals if not holds]
    if any(leaf.op == "empty" for leaf in held) and len({leaf.op for leaf in held}) > 1:
        related = held[0].field.related
        return related is None or related.none_is_empty
    return any(implies(one, other) for one in held for other in denied)
