"""Which rules are worth asking: their first cheap condition is compared with facts that are read once for all rules.

A condition is cheap when a rule cannot hold without it and a dictionary answers it: a choice, yes or no, a branch of
a tree, what happened. Rules without one are always asked. What is left out here would not have held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.tree import Branch, Leaf, Node
from case_management.rules.fields import Field, Kind

R = TypeVar("R")
#: Kind and operator → whether a fact fits, exactly as the database would say.
_TESTS: Mapping[tuple[Kind, str], Callable[[Any, Any], bool]] = {
    (Kind.CHOICE, "eq"): lambda fact, value: fact == value,
    (Kind.CHOICE, "in"): lambda fact, value: fact in value,
    (Kind.YES_NO, "is"): lambda fact, value: fact is value,
    (Kind.BRANCH, "under"): lambda fact, top: fact is not None and fact.startswith(top),
}


@dataclass(frozen=True)
class _Cheap:
    leaf: Leaf
    column: str

    def value(self, about: Circumstances) -> Any:
        """What a fact is compared with; None where nothing fits."""
        if self.leaf.field.kind is not Kind.BRANCH:
            return self.leaf.value
        tree = "topic" if self.leaf.field.path.endswith("topic") else "unit"
        return about.branches[tree].get(self.leaf.value)


def worth_asking(rules: Sequence[tuple[R, Node]], about: Circumstances) -> list[tuple[R, Node]]:
    """Those rules that hold for a subject, and few others; one query for the facts of all subjects."""
    cheap = [_first_cheap(tree) for _rule, tree in rules]
    columns = sorted({one.column for one in cheap if one is not None and one.column})
    facts = list(about.subjects.values("pk", *columns)) if columns else []
    seen = {column: {row[column] for row in facts} for column in columns}
    return [pair for pair, one in zip(rules, cheap, strict=True) if one is None or _fits(one, seen, about)]


def first_asked(tree: Node) -> Leaf | None:
    """The comparison by which rules are found worth asking; None where the rule is always asked."""
    cheap = _first_cheap(tree)
    return cheap.leaf if cheap else None


def _fits(one: _Cheap, seen: Mapping[str, set[Any]], about: Circumstances) -> bool:
    facts = seen[one.column] if one.column else about.seen(one.leaf.field).values()
    test, value = _TESTS[one.leaf.field.kind, one.leaf.op], one.value(about)
    return value is not None and any(test(fact, value) for fact in facts)


def _first_cheap(tree: Node) -> _Cheap | None:
    return next((one for leaf in _needed(tree) if (one := _cheap(leaf)) is not None), None)


def _needed(tree: Node) -> Iterator[Leaf]:
    """The comparisons without which the tree cannot hold."""
    if isinstance(tree, Leaf):
        yield tree
    elif isinstance(tree, Branch) and tree.how == "all":
        for part in tree.parts:
            yield from _needed(part)


def _cheap(leaf: Leaf) -> _Cheap | None:
    asked: Field = leaf.field
    if (asked.kind, leaf.op) not in _TESTS or asked.related is not None or asked.custom is not None:
        return None
    if asked.read is not None:
        return _Cheap(leaf, "")
    return _Cheap(leaf, f"{asked.path}__path" if asked.kind is Kind.BRANCH else asked.path)
