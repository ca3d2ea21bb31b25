"""The conditions as they stand on the page: read from the form, changed by its buttons, turned into a rule's JSON.

The whole state travels with the form, so the page needs no script and nothing half-made is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from case_management.registry import Registry
from case_management.rules.conditions.operators import OPERATORS
from case_management.rules.conditions.tree import MAX_DEPTH
from case_management.rules.fields import Field
from case_management.ui.rules.values import given_value, stored_value

#: How the parts of a group are joined; “none” is stored as “not any”.
HOWS = ("all", "any", "none")
#: More parts than this nobody reads.
MOST_PARTS = 40
#: Fields whose name goes on with what is typed beside them.
OPEN_NAMES = ("answer.", "visit.", "response.answer.", "response.visit.")


@dataclass
class LeafDraft:
    """One comparison: the field, the operator, and what stands in the inputs."""

    name: str = ""
    op: str = ""
    given: dict[str, list[str]] = field(default_factory=dict)
    is_new: bool = False

    def stored(self, fields: Registry[Field]) -> dict[str, Any]:
        """The leaf of the rule's JSON."""
        if self.name not in fields:
            return {"field": self.name, "op": self.op}
        value = stored_value(fields.get(self.name).kind, self.op, self.given)
        return {"field": self.name, "op": self.op, **({} if value is None else {"value": value})}


@dataclass
class GroupDraft:
    """Parts that are joined."""

    how: str = "all"
    parts: list[LeafDraft | GroupDraft] = field(default_factory=list)

    def stored(self, fields: Registry[Field]) -> dict[str, Any]:
        """The branch of the rule's JSON."""
        parts = [part.stored(fields) for part in self.parts]
        return {"not": {"any": parts}} if self.how == "none" else {self.how: parts}


def from_tree(stored: Any, fields: Registry[Field]) -> GroupDraft:
    """The draft of stored conditions; the outermost node is always a group."""
    node = _node(stored, fields) if stored else GroupDraft()
    return node if isinstance(node, GroupDraft) else GroupDraft("all", [node])


def _node(stored: Any, fields: Registry[Field]) -> LeafDraft | GroupDraft:
    if not isinstance(stored, Mapping):
        return GroupDraft()
    if "field" in stored:
        name, op = str(stored["field"]), str(stored.get("op", ""))
        kind = fields.get(name).kind if name in fields else None
        return LeafDraft(name, op, given_value(kind, op, stored.get("value")) if kind else {})
    if "not" in stored:
        inner = _node(stored["not"], fields)
        is_any = isinstance(inner, GroupDraft) and inner.how == "any"
        return GroupDraft("none", inner.parts if isinstance(inner, GroupDraft) and is_any else [inner])
    how, parts = next(iter(stored.items()), ("all", []))
    return GroupDraft(str(how), [_node(part, fields) for part in parts])


def from_post(data: QueryDict, fields: Registry[Field], path: str = "c", depth: int = 0) -> GroupDraft:
    """The draft as the form sent it."""
    how, count = data.get(f"{path}.how", "all"), data.get(f"{path}.n", "0")
    group = GroupDraft(how if how in HOWS else "all")
    for n in range(min(int(count), MOST_PARTS) if count.isdecimal() else 0):
        below = f"{path}.{n}"
        if data.get(f"{below}.type") == "group" and depth < MAX_DEPTH:
            group.parts.append(from_post(data, fields, below, depth + 1))
        else:
            group.parts.append(_leaf(data, fields, below))
    return group


_INPUTS = ("value", "amount", "unit", "count", "days", "from", "to")


def _leaf(data: QueryDict, fields: Registry[Field], path: str) -> LeafDraft:
    name, asked = data.get(f"{path}.field", ""), data.get(f"{path}.asked", "")
    if name in OPEN_NAMES:
        name += data.get(f"{path}.name", "").strip()
    given = {key: data.getlist(f"{path}.{key}") for key in _INPUTS if f"{path}.{key}" in data}
    op = data.get(f"{path}.op", "")
    offered = list(OPERATORS[fields.get(name).kind]) if name in fields else []
    if name != asked:
        # Another field than the one that the inputs were made for: they start afresh, and wait for the reader.
        return LeafDraft(name, op if op in offered else next(iter(offered), ""), {}, is_new=True)
    return LeafDraft(name, op if op in offered else next(iter(offered), ""), given)


def carry_out(draft: GroupDraft, command: str) -> bool:
    """“add-leaf c.0”, “add-group c”, “drop c.0.1”; anything else changes nothing. Returns whether it did something."""
    verb, _space, path = command.partition(" ")
    places = path.split(".")
    if places[0] != "c" or not all(place.isdecimal() for place in places[1:]):
        return False
    steps = [int(place) for place in places[1:]]
    if verb == "drop" and steps:
        holder = _group_at(draft, steps[:-1])
        if holder is not None and steps[-1] < len(holder.parts):
            del holder.parts[steps[-1]]
            return True
        return False
    holder = _group_at(draft, steps)
    if holder is None or len(holder.parts) >= MOST_PARTS or verb not in ("add-leaf", "add-group"):
        return False
    leaf = LeafDraft(is_new=True)
    holder.parts.append(leaf if verb == "add-leaf" else GroupDraft("any", [leaf]))
    return True


def _group_at(draft: GroupDraft, steps: list[int]) -> GroupDraft | None:
    node: LeafDraft | GroupDraft = draft
    for step in steps:
        if not isinstance(node, GroupDraft) or step >= len(node.parts):
            return None
        node = node.parts[step]
    return node if isinstance(node, GroupDraft) else None
