"""Why a rule acted, or did not: per condition the value it saw and whether it held, as it was answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, F, Value, When

from case_management.rules.changes import Change
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.custom import expression_of
from case_management.rules.conditions.operators import counted
from case_management.rules.conditions.tree import Leaf, Node
from case_management.rules.fields import Kind

#: So many comparisons are asked in one query.
AT_ONCE = 200


def answered(condition: Any) -> Case:
    """A boolean column that tells whether a ``Q`` holds for the row."""
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


class Asked:
    """What the comparisons of some rules answered for each subject, and what they saw.

    Each comparison is asked once, however many rules make it: one query for two hundred of them, and one for each
    whose values are read. Whether a rule holds follows from its comparisons, because each is true or false.
    """

    def __init__(self, trees: Iterable[Node], about: Circumstances) -> None:
        self._about = about
        #: Kept, so that a leaf's identity stays its own.
        self._trees = list(trees)
        leaves: dict[str, Leaf] = {}
        names: dict[str, str] = {}
        self._column: dict[int, str] = {}
        for leaf in (leaf for tree in self._trees for leaf in tree.leaves()):
            asked = json.dumps([leaf.name, leaf.op, leaf.value], default=str)
            self._column[id(leaf)] = name = names.setdefault(asked, f"held_{len(names)}")
            leaves.setdefault(name, leaf)
        #: Name of a field → the column of what was seen.
        self._saws = {name: f"saw_{n}" for n, name in enumerate({leaf.name: None for leaf in leaves.values()})}
        self.rows: dict[int, dict[str, Any]] = {}
        for columns in self._in_parts(list(leaves.items())):
            for row in about.subjects.annotate(**columns).values("pk", *columns):
                self.rows.setdefault(row["pk"], row).update(row)

    def holders(self, tree: Node) -> list[int]:
        """Ids of the subjects for which the tree holds, in order."""
        return [pk for pk in sorted(self.rows) if self.holds(tree, pk)]

    def holds(self, tree: Node, pk: int) -> bool:
        """Whether the tree holds for the subject."""
        if isinstance(tree, Leaf):
            return bool(self.rows[pk][self._column[id(tree)]])
        if tree.how == "not":
            return not self.holds(tree.parts[0], pk)
        return (all if tree.how == "all" else any)(self.holds(part, pk) for part in tree.parts)

    def marks(self, tree: Node, pk: int) -> str:
        """A 1 for each comparison that held and a 0 for each that did not, in reading order."""
        return "".join("1" if self.holds(leaf, pk) else "0" for leaf in tree.leaves())

    def entries(self, tree: Node, pk: int) -> list[dict[str, Any]]:
        """One entry per comparison, in reading order."""
        return [self._entry(leaf, pk) for leaf in tree.leaves()]

    def seen(self, trees: Iterable[Node], pk: int) -> dict[str, Any]:
        """What the comparisons of these trees saw, once each (see :func:`seen_as`); nothing that is personal."""
        leaves = (leaf for tree in trees for leaf in tree.leaves() if leaf.field.is_shown)
        shown = {seen_as(leaf.name, leaf.value): leaf for leaf in leaves}
        return {name: self._saw(leaf, pk) for name, leaf in shown.items()}

    def _entry(self, leaf: Leaf, pk: int) -> dict[str, Any]:
        entry = {"field": leaf.name, "op": leaf.op, "value": _plain(leaf.value), "held": self.holds(leaf, pk)}
        return entry | ({"saw": self._saw(leaf, pk)} if leaf.field.is_shown else {})

    def _saw(self, leaf: Leaf, pk: int) -> Any:
        if leaf.field.read:
            return _read(leaf, self._about.seen(leaf.field).get(pk))
        return _read(leaf, self.rows[pk][self._saws[leaf.name]])

    def _in_parts(self, leaves: Sequence[tuple[str, Leaf]]) -> Iterator[dict[str, Any]]:
        """Columns of one query after the other; without comparisons one query that tells which subjects there are."""
        for start in range(0, len(leaves) or 1, AT_ONCE):
            part = leaves[start : start + AT_ONCE]
            shown = [leaf for _name, leaf in part if leaf.field.is_shown and not leaf.field.read]
            columns: dict[str, Any] = {name: answered(leaf.compile(self._about)) for name, leaf in part}
            yield columns | {self._saws[leaf.name]: _seen(leaf) for leaf in shown}


def traces(about: Circumstances, tree: Node) -> dict[int, list[dict[str, Any]]]:
    """Subject id → one entry per comparison, in one query and those of the comparisons that read rows."""
    asked = Asked([tree], about)
    return {pk: asked.entries(tree, pk) for pk in asked.rows}


def seen_as(name: str, value: Any) -> str:
    """Under which name is kept what a comparison saw; how many there were depends on the days that it asks about."""
    days = value.get("days") if isinstance(value, Mapping) else None
    return f"{name}:{days}" if days else name


def _seen(leaf: Leaf) -> Any:
    return F(_seen_path(leaf)) if leaf.field.custom is None else expression_of(leaf.field.custom)


def _seen_path(leaf: Leaf) -> str:
    if leaf.field.kind is not Kind.BRANCH:
        return leaf.field.path
    return f"{leaf.field.path}__key" if leaf.field.path.endswith("topic") else f"{leaf.field.path}__number"


def _read(leaf: Leaf, value: Any) -> Any:
    if leaf.field.kind is Kind.COUNT:
        return counted(value, leaf.value)
    if leaf.field.custom is not None and leaf.field.kind is Kind.YES_NO:
        return None if value is None else bool(value)
    return str(value) if isinstance(value, Change) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
