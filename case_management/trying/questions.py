"""A rule's conditions asked of the past: what events tell is compared in memory, all else is asked of the database.

The operators over facts of the past say the same as those over rows; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from case_management.models import Case
from case_management.models.among import among
from case_management.models.custom_field import FieldKind
from case_management.rules.changes import TRACKED, Change
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.operators import operator_for
from case_management.rules.conditions.tree import Branch, Leaf, Node
from case_management.rules.field_kinds import Field, Kind
from case_management.trying.comparing import Hours, compared
from case_management.trying.names import Names
from case_management.trying.past import Happened, PastState

#: Fields of conditions that no event and nobody changes after a case was opened.
_STAYS = frozenset({"source", "source_kind", "external_id", "contact_cases", "contact_responses"})
#: What conditions call a fact → the attribute that events change.
_FACTS = {
    "unit_number": "unit_id", "waiting_for": "waiting_for", "status": "status", "score": "score",
    "flagged": "flagged", "escalation_level": "escalation_level", "reopen_count": "reopen_count",
    **{name: f"{name}_id" for name in (
        "topic", "case_type", "priority", "unit", "team", "assignee", "closure_reason", "resolution_method",
        "close_channel", "reopen_reason", "sla_policy",
    )},
    **{name: name for name in (
        "opened_at", "started_at", "updated_at", "awaiting_since", "due_at", "breached_at", "snoozed_until",
        "resolved_at", "closed_at",
    )},
}  # fmt: skip


@dataclass(slots=True)
class Moment:
    """What conditions are asked about: a case as it was, and the event that is the occasion."""

    state: PastState
    event: Happened | None
    at: datetime
    #: Fact → what it was before the event.
    before: Mapping[str, Any] = field(default_factory=dict)


Ask = Callable[[Moment], bool]


class Questions:
    """The conditions of one rule, ready to be asked of many moments.

    ``reads`` are the facts that have to be rebuilt from events, ``as_today`` the labels of those that nothing keeps:
    they are read as they are today. :meth:`look_at` has to be called for each chunk of cases before it is asked.
    """

    def __init__(self, tree: Node, names: Names, hours: Hours) -> None:
        self._names, self._hours = names, hours
        self.reads: set[str] = set()
        self.as_today: dict[str, str] = {}
        self._of_today: list[tuple[Leaf, set[int]]] = []
        self.needs_actor = False
        self.holds: Ask = self._node(tree)

    def look_at(self, case_ids: list[int]) -> None:
        """Ask the database what is not in events; one query for each such comparison."""
        cases = Case.objects.filter(pk__in=among(Case, case_ids))
        about = Circumstances(cases) if self._of_today else None
        for leaf, held in self._of_today:
            held.clear()
            held.update(cases.filter(leaf.compile(about)).values_list("pk", flat=True))

    def _node(self, node: Node) -> Ask:
        if isinstance(node, Leaf):
            return self._leaf(node)
        return self._branch(node)

    def _branch(self, branch: Branch) -> Ask:
        parts = [self._node(part) for part in branch.parts]
        if branch.how == "not":
            denied = parts[0]
            return lambda moment: not denied(moment)
        if len(parts) == 1:
            return parts[0]
        if branch.how == "all":
            return lambda moment: all(part(moment) for part in parts)
        return lambda moment: any(part(moment) for part in parts)

    def _leaf(self, leaf: Leaf) -> Ask:
        operator = operator_for(leaf.field, leaf.op)
        if operator.opposite:
            positive = self._leaf(replace(leaf, op=operator.opposite))
            return lambda moment: not positive(moment)
        read = self._reader(leaf)
        if read is None:
            return self._asked_today(leaf)
        if leaf.field.kind is Kind.BRANCH and leaf.op == "under":
            top = self._names.top(_FACTS[leaf.name], leaf.value)
            return lambda moment: top is not None and (read(moment) or "").startswith(top)
        if leaf.field.kind is Kind.MOMENT:
            self.reads.add("sla_calendar_id")
        test = compared(leaf, operator, self._hours)
        return lambda moment: test(read(moment), moment)

    def _asked_today(self, leaf: Leaf) -> Ask:
        if leaf.name not in _STAYS:
            self.as_today[leaf.name] = str(leaf.field.label)
        held: set[int] = set()
        self._of_today.append((leaf, held))
        return lambda moment: moment.state.case_id in held

    def _reader(self, leaf: Leaf) -> Callable[[Moment], Any] | None:
        if leaf.name.startswith("changed."):
            return self._changed(leaf.name.removeprefix("changed."))
        if leaf.name in ("event", "done_by", "done_by_kind"):
            return self._of_event(leaf.name)
        if leaf.name == "tags":
            self.reads.add("tags")
            keys = self._names.tags
            return lambda moment: {keys[tag] for tag in moment.state.tags if tag in keys}
        if leaf.field.custom is not None:
            return self._custom(leaf.field)
        attribute = _FACTS.get(leaf.name)
        return None if attribute is None else self._fact(attribute, leaf.field.kind)

    def _fact(self, attribute: str, kind: Kind) -> Callable[[Moment], Any]:
        self.reads.add(attribute)
        if not attribute.endswith("_id"):
            return lambda moment: moment.state.values.get(attribute)
        named = self._names.paths[attribute] if kind is Kind.BRANCH else self._names.of(attribute)
        return lambda moment: named.get(moment.state.values[attribute])

    def _custom(self, asked: Field) -> Callable[[Moment], Any] | None:
        custom = asked.custom
        if custom is None or custom.kind == FieldKind.TEXT:
            return None
        self.reads.add("custom")
        key, named = custom.key, self._names.of("assignee_id") if custom.kind == FieldKind.USER else None
        if named is None:
            return lambda moment: (moment.state.values["custom"] or {}).get(key)
        return lambda moment: named.get((moment.state.values["custom"] or {}).get(key) or 0)

    def _of_event(self, name: str) -> Callable[[Moment], Any]:
        if name == "event":
            return lambda moment: moment.event and moment.event.type
        self.needs_actor = True
        if name == "done_by_kind":
            return lambda moment: moment.event and moment.event.actor_kind
        users = self._names.of("assignee_id")
        return lambda moment: moment.event and users.get(moment.event.actor_id or 0)

    def _changed(self, name: str) -> Callable[[Moment], Change | None]:
        attribute = TRACKED[name][0]
        self.reads.add(attribute)

        def called(value: Any) -> tuple[str, ...]:
            if not value:
                return ()
            if attribute in ("topic_id", "unit_id"):
                return self._names.branches[attribute].get(value, ())
            if not attribute.endswith("_id"):
                return (str(value),)
            key = self._names.of(attribute).get(value)
            return (key,) if key is not None else ()

        def read(moment: Moment) -> Change | None:
            if moment.event is None or attribute not in moment.event.event.touched():
                return None
            pair = (moment.before.get(attribute), moment.event.event.changes(moment.event.occurred_at)[attribute])
            if (pair[0] or None) == (pair[1] or None):
                return None
            return Change(called(pair[0]), called(pair[1]))

        return read
