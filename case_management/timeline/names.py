"""Names of what events mention by id: people, topics, units …; three queries at most for a page of events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.utils.translation import gettext as _

from case_management.domain.actor import ActorKind
from case_management.models import (
    Case,
    CaseEvent,
    CaseType,
    CloseChannel,
    ClosureReason,
    CustomField,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Rule,
    SlaPolicy,
    Tag,
    Team,
    Topic,
    Unit,
)

#: What an id in a payload can stand for, beside people.
NAMED: dict[str, type[Model]] = {
    "case": Case,
    "case_type": CaseType,
    "channel": CloseChannel,
    "closure_reason": ClosureReason,
    "method": ResolutionMethod,
    "policy": SlaPolicy,
    "priority": Priority,
    "reopen_reason": ReopenReason,
    "tag": Tag,
    "team": Team,
    "topic": Topic,
    "unit": Unit,
}
USER, CASE = "user", "case"


def person(user: Any) -> str:
    """How we call a member of staff: the full name where there is one, else the user name."""
    return str(user.get_full_name() or user.get_username())


@dataclass
class Names:
    """Names by kind and id; what is gone keeps its number. ``guarded``: cases that the reader may not see have none."""

    by_kind: dict[str, dict[int, str]] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    customs: Mapping[str, CustomField] = field(default_factory=dict)
    guarded: bool = False

    @classmethod
    def of(cls, wanted: Iterable[tuple[str, int]], events: Iterable[CaseEvent] = (), visible: Any = None) -> Names:
        """Read the wanted (kind, id) pairs at once, and the names of the rules that made ``events``.

        Of cases those among ``visible`` (a queryset), or all.
        """
        events = list(events)
        ids: dict[str, set[int]] = defaultdict(set)
        for kind, pk in wanted:
            ids[kind].add(pk)
        found: dict[str, dict[int, str]] = defaultdict(dict)
        found[USER] = _people(ids.pop(USER, set()), _actors(events))
        for kind, pk, name in _rows(ids, visible):
            found[kind][pk] = name
        rules = _rules({event.actor_label for event in events if event.actor_kind == ActorKind.RULE})
        return cls(found, rules, guarded=visible is not None)

    def keeps_quiet_of(self, case_id: Any) -> bool:
        """Whether the case is one that the reader may not see."""
        return self.guarded and case_id not in self.by_kind.get(CASE, {})

    def get(self, kind: str, pk: int) -> str:
        """The name, or a number that says that there is none any more."""
        return self.by_kind.get(kind, {}).get(pk) or _("no. %d") % pk


def _actors(events: Iterable[CaseEvent]) -> dict[int, str]:
    """Names of those who acted, as far as the events come with them."""
    held: Any = CaseEvent.actor
    return {event.actor.pk: person(event.actor) for event in events if held.is_cached(event) and event.actor}


def _people(ids: set[int], known: dict[int, str]) -> dict[int, str]:
    missing = ids - known.keys()
    found = get_user_model()._default_manager.in_bulk(missing) if missing else {}
    return known | {int(pk): person(user) for pk, user in found.items()}


def _rows(ids: dict[str, set[int]], visible: Any) -> Iterable[tuple[str, int, str]]:
    parts = [_named(kind, pks, visible) for kind, pks in sorted(ids.items()) if pks]
    if not parts:
        return ()
    return parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]


def _named(kind: str, pks: set[int], visible: Any) -> QuerySet[Any, Any]:
    known: Any = visible if kind == CASE and visible is not None else NAMED[kind]._default_manager
    rows: QuerySet[Any, Any] = known.filter(pk__in=pks).order_by()
    labelled: QuerySet[Any, Any] = rows.annotate(
        named=Value(kind, CharField()), label=F("reference" if kind == CASE else "name")
    )
    listed: QuerySet[Any, Any] = labelled.values_list("named", "pk", "label")
    return listed


def _rules(labels: set[str]) -> dict[str, str]:
    """Label such as ``unhappy-customer.v2`` → the rule's name."""
    wanted = Q()
    for label in labels:
        key, _dot, version = label.rpartition(".v")
        if version.isdigit():
            wanted |= Q(key=key, version=int(version))
    return {rule.label: rule.name for rule in Rule.objects.filter(wanted)} if wanted else {}
