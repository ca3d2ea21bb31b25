"""What one person at one case may do, and the lists there are to choose from; each read once per request."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import CharField, Exists, F, Model, OuterRef, QuerySet, Value

from case_management.access import holders_for, rights_on, visible_units
from case_management.models import (
    Case,
    CaseFlag,
    CaseType,
    CloseChannel,
    ClosureReason,
    NoteSubject,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Settings,
    Source,
    Tag,
    TagCategory,
    Team,
    Topic,
)
from case_management.models.taxonomy import SourceKind
from case_management.timeline.names import person

Pairs = list[tuple[int, str]]

#: The short lists, and the column that each is sorted by.
SHORT_LISTS: dict[str, tuple[type[Model], str]] = {
    "case_type": (CaseType, "position"),
    "channel": (CloseChannel, "position"),
    "closure_reason": (ClosureReason, "position"),
    "method": (ResolutionMethod, "position"),
    "priority": (Priority, "rank"),
    "reopen_reason": (ReopenReason, "position"),
    "source": (Source, "position"),
    "subject": (NoteSubject, "position"),
    "team": (Team, "position"),
}


@dataclass(frozen=True)
class TagGroup:
    """The tags of one category; ``is_required``: the case cannot be resolved without one of them."""

    pk: int
    name: str
    is_required: bool
    tags: Pairs


class Desk:
    """One request's view of the lists; ``case`` is None on the form for a new case."""

    def __init__(self, user: Any, case: Case | None = None) -> None:
        self.user = user
        self.case = case
        self._units: dict[str, Any] = {}

    @cached_property
    def rights(self) -> frozenset[str]:
        """Codenames of what the user may do to the case."""
        return rights_on(self.user, self.case) if self.case else frozenset()

    @cached_property
    def settings(self) -> Settings:
        """The settings in force."""
        return Settings.load()

    def entries(self, kind: str) -> Pairs:
        """What the short list ``kind`` offers today, in its order."""
        return self._short[kind]

    @cached_property
    def _short(self) -> dict[str, Pairs]:
        """All short lists in one query."""
        first, *others = [_active(kind, model, by) for kind, (model, by) in SHORT_LISTS.items()]
        found: dict[str, Pairs] = defaultdict(list)
        for kind, _place, name, pk in sorted(first.union(*others, all=True)):
            found[kind].append((pk, name))
        return found

    @cached_property
    def topics(self) -> Pairs:
        """Active topics, indented by their depth."""
        return [(topic.pk, topic.indented()) for topic in Topic.objects.filter(is_active=True)]

    def units(self, permission: str) -> Any:
        """Active units in which the user holds ``permission``, as a queryset."""
        if permission not in self._units:
            self._units[permission] = visible_units(self.user, permission).filter(is_active=True)
        return self._units[permission]

    @cached_property
    def default_priority(self) -> int | None:
        """What a new case is preset to."""
        return Priority.objects.active().filter(is_default=True).values_list("pk", flat=True).first()

    @cached_property
    def manual_source(self) -> int | None:
        """The source for what staff enter, where there is one."""
        by_hand = Source.objects.active().filter(kind=SourceKind.MANUAL)
        return by_hand.values_list("pk", flat=True).first()

    @cached_property
    def people(self) -> list[Any]:
        """Those who may work the case, by name."""
        return sorted(holders_for(self.case, "resolve_case"), key=person) if self.case else []

    @cached_property
    def is_flagged_by_user(self) -> bool:
        """Whether the user's own flag is up."""
        return bool(self.case) and CaseFlag.objects.filter(case=self.case, user=self.user).exists()

    @cached_property
    def own_tags(self) -> set[int]:
        """Tags that the case has."""
        return {tag.pk for tag in self.case.tags.all()} if self.case and self.case.pk else set()

    @cached_property
    def tag_groups(self) -> list[TagGroup]:
        """Tags that may be chosen, and those that the case has already, by category."""
        groups: dict[int, TagGroup] = {}
        for tag in self._tags():
            category = tag.category
            fresh = TagGroup(category.pk, category.name, tag.is_required, [])
            groups.setdefault(category.pk, fresh).tags.append((tag.pk, tag.name))
        return list(groups.values())

    def _tags(self) -> list[Any]:
        case_type = self.case.case_type_id if self.case else None
        required = TagCategory.required_for.through.objects.filter(tagcategory=OuterRef("category"), casetype=case_type)
        rows = Tag.objects.select_related("category").annotate(is_required=Exists(required))
        return [tag for tag in rows if (tag.is_active and tag.category.is_active) or tag.pk in self.own_tags]


def _active(kind: str, model: type[Model], order: str) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = model._default_manager.filter(is_active=True).order_by()
    placed: QuerySet[Any, Any] = rows.annotate(listed=Value(kind, CharField()), place=F(order))
    return placed.values_list("listed", "place", "name", "pk")
