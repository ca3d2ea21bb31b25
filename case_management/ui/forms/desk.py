"""What one person at one case may do, and the lists there are to choose from; each read once per request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django.contrib.auth import get_user_model
from django.db.models import CharField, Exists, F, Model, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from case_management.access import holders_for, rights_on, visible_to, visible_units
from case_management.models import (
    Case,
    CaseTag,
    CaseType,
    CloseChannel,
    ClosureReason,
    CustomField,
    Membership,
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
from case_management.models.custom_catalogue import CustomCatalogue, people_in
from case_management.models.taxonomy import SourceKind
from case_management.timeline.names import person
from case_management.ui.forms.case_choice import suggested_beside
from case_management.ui.forms.ties import Ties
from case_management.ui.forms.writer import writer_sign
from case_management.ui.forms.writing_desk import WritingDesk

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
        #: The scripted response that the address asks for.
        self.response = ""

    def with_response(self, response: str) -> Self:
        """The same person at the same case, who chose a scripted response."""
        desk = type(self)(self.user, self.case)
        desk.response = response
        return desk

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
        others += self.writing.short_lists() if self.case else []
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
    def watchers(self) -> dict[int, Any]:
        """Who watches the case, by id."""
        return get_user_model()._default_manager.in_bulk(self.ties.watchers) if self.ties.watchers else {}

    @cached_property
    def ties(self) -> Ties:
        """What ties people and other cases to the case."""
        return Ties.of(self.case, self.user) if self.case and getattr(self.case, "is_tied", True) else Ties()

    @cached_property
    def visible(self) -> Any:
        """Cases that the user may see, as a queryset; a page that has asked already says so."""
        return visible_to(self.user)

    @cached_property
    def beside(self) -> list[Case]:
        """Other cases of the same customer that the user may see, the open ones first."""
        return suggested_beside(self.case, self.visible) if self.case else []

    @cached_property
    def custom(self) -> CustomCatalogue:
        """The custom fields as they stand."""
        return CustomCatalogue.load()

    @cached_property
    def staff(self) -> Pairs:
        """Active people with a role somewhere, by name."""
        users = get_user_model()._default_manager.filter(is_active=True)
        known = users.filter(Exists(Membership.objects.filter(user=OuterRef("pk"))) | Q(is_superuser=True))
        return sorted(((user.pk, person(user)) for user in known), key=lambda pair: pair[1].casefold())

    def names_in(self, held: Iterable[tuple[CustomField, Any]]) -> dict[int, str]:
        """Names of the people whom values of custom fields name; one query, or none."""
        ids = people_in(held)
        found = get_user_model()._default_manager.in_bulk(ids) if ids else {}
        return {int(pk): person(user) for pk, user in found.items()}

    def name_of(self, user_id: int) -> str:
        """How one person is called, also one who left."""
        user = get_user_model()._default_manager.filter(pk=user_id).first()
        return person(user) if user else _("no. %d") % user_id

    @cached_property
    def writing(self) -> WritingDesk:
        """What the forms that write mail read of the case."""
        assert self.case is not None  # noqa: S101 - tells the type checker; one writes on a case
        return WritingDesk(self.case, self.user)

    @cached_property
    def writer(self) -> str:
        """Says for whom the forms were made."""
        return writer_sign(self.user, self.case) if self.case else ""

    @cached_property
    def is_flagged_by_user(self) -> bool:
        """Whether the user's own flag is up."""
        read_already: bool | None = getattr(self.case, "flagged_by_reader", None)
        return self.ties.is_flagged if read_already is None else read_already

    @cached_property
    def own_tags(self) -> set[int]:
        """Tags that the case has."""
        return {tag.pk for tag in self._tags if tag.is_on}

    @cached_property
    def tag_groups(self) -> list[TagGroup]:
        """Tags that may be chosen, and those that the case has already, by category."""
        groups: dict[int, TagGroup] = {}
        for tag in self._tags:
            if not (tag.is_on or (tag.is_active and tag.category.is_active)):
                continue
            category = tag.category
            fresh = TagGroup(category.pk, category.name, tag.is_required, [])
            groups.setdefault(category.pk, fresh).tags.append((tag.pk, tag.name))
        return list(groups.values())

    @cached_property
    def _tags(self) -> list[Any]:
        """All tags; ``is_on`` those of the case."""
        case_type = self.case.case_type_id if self.case else None
        required = TagCategory.required_for.through.objects.filter(tagcategory=OuterRef("category"), casetype=case_type)
        on = CaseTag.objects.filter(tag=OuterRef("pk"), case=self.case.pk if self.case else None)
        facts = {"is_required": Exists(required), "is_on": Exists(on)}
        return list(Tag.objects.select_related("category").annotate(**facts))


def _active(kind: str, model: type[Model], order: str) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = model._default_manager.filter(is_active=True).order_by()
    placed: QuerySet[Any, Any] = rows.annotate(listed=Value(kind, CharField()), place=F(order))
    return placed.values_list("listed", "place", "name", "pk")
