"""Names of what events mention by id: people, topics, units …; three queries at most for a page of events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.utils.translation import gettext as _

from case_management.domain.actor import ActorKind
from case_management.models import (
    CaseEvent,
    CaseType,
    CloseChannel,
    ClosureReason,
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
USER = "user"


def person(user: Any) -> str:
    """How we call a member of staff: the full name where there is one, else the user name."""
    return str(user.get_full_name() or user.get_username())


@dataclass
class Names:
    """Names by kind and id; what is gone keeps its number."""

    by_kind: dict[str, dict[int, str]] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, wanted: Iterable[tuple[str, int]], events: Iterable[CaseEvent] = ()) -> Names:
        """Read the wanted (kind, id) pairs at once, and the names of the rules that made ``events``."""
        ids: dict[str, set[int]] = defaultdict(set)
        for kind, pk in wanted:
            ids[kind].add(pk)
        found: dict[str, dict[int, str]] = defaultdict(dict)
        found[USER] = _people(ids.pop(USER, set()))
        for kind, pk, name in _rows(ids):
            found[kind][pk] = name
        return cls(found, _rules({event.actor_label for event in events if event.actor_kind == ActorKind.RULE}))

    def get(self, kind: str, pk: int) -> str:
        """The name, or a number that says that there is none any more."""
        return self.by_kind.get(kind, {}).get(pk) or _("no. %d") % pk


def _people(ids: set[int]) -> dict[int, str]:
    found = get_user_model()._default_manager.in_bulk(ids) if ids else {}
    return {int(pk): person(user) for pk, user in found.items()}


def _rows(ids: dict[str, set[int]]) -> Iterable[tuple[str, int, str]]:
    parts = [_named(kind, pks) for kind, pks in sorted(ids.items()) if pks]
    if not parts:
        return ()
    return parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]


def _named(kind: str, pks: set[int]) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = NAMED[kind]._default_manager.filter(pk__in=pks).order_by()
    labelled: QuerySet[Any, Any] = rows.annotate(named=Value(kind, CharField()), label=F("name"))
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
