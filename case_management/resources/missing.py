"""Makes entries, topics and units that a file names and nobody has added yet, where mapping and rights allow it."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from case_management.access.setting_up import may_set_up
from case_management.domain.actor import Actor
from case_management.exceptions import RowInvalid
from case_management.models import (
    CaseType,
    CloseChannel,
    ClosureReason,
    ResolutionMethod,
    Source,
    Tag,
    TagCategory,
    Team,
    Topic,
    Unit,
)
from case_management.models.taxonomy import SourceKind
from case_management.resources.labels import BRANCH

#: Lists whose entries need no more than a name; a priority needs a rank, which a file does not give.
SIMPLE = (CaseType, CloseChannel, ClosureReason, ResolutionMethod, Source, Tag, Team)
CATEGORY = "Imported"


class Missing:
    """Makes nothing: what a file names must be there."""

    def make(self, model: type[Model], text: str) -> Any:
        """The new entry, or None where none may be made."""
        return None


class Pretended(Missing):
    """For a check: entries that stand for those an import would make, without a row in the database."""

    def __init__(self, by: Actor, *, everywhere: bool) -> None:
        self._by, self._everywhere, self._ids = by, everywhere, count(-1, -1)

    def make(self, model: type[Model], text: str) -> Any:
        """An entry with a number that no row has."""
        if not self._may(model):
            return None
        return self._store(model, checked_name(text))

    def _may(self, model: type[Model]) -> bool:
        """Making an entry is the importing person's own right; a unit also needs the right to import everywhere."""
        if model not in (*SIMPLE, Topic, Unit) or (model is Unit and not self._everywhere):
            return False
        user = self._by.user
        return user is None or may_set_up(user, "add", model)

    def _store(self, model: Any, text: str) -> Any:
        if model is Unit:
            return Unit(pk=next(self._ids), number=text, name=text)
        entry = model(pk=next(self._ids), name=text)
        if model is Tag:
            entry.category_id = next(self._ids)
        return entry


class Created(Pretended):
    """For an import: the entries are stored, in the transaction of the rows that need them."""

    @transaction.atomic
    def _store(self, model: Any, text: str) -> Any:
        if model is Topic:
            return _topic(text.split(BRANCH))
        if model is Unit:
            return Unit.add_root(instance=Unit(number=text, name=text))
        entry = model(name=text)
        if model is Source:
            entry.kind = SourceKind.MANUAL
        if model is Tag:
            entry.category = TagCategory.objects.get_or_create(name=CATEGORY)[0]
        entry.save()
        return entry


def checked_name(text: str) -> str:
    """The text, if it fits into a name."""
    if any(len(name) > 120 for name in text.split(BRANCH)):
        raise RowInvalid(_("The name has more than 120 characters."), mend=_("Shorten it, or map another column."))
    return text


def _topic(names: list[str]) -> Topic:
    """The topic at the end of the branch; what is missing on the way is made."""
    parent: Topic | None = None
    for name in names:
        siblings = Topic.get_root_nodes() if parent is None else parent.get_children()
        known = siblings.filter(name=name).first()
        if known is None:
            fresh = Topic(name=name, key=_free_key(names[: names.index(name) + 1]))
            known = Topic.add_root(instance=fresh) if parent is None else parent.add_child(instance=fresh)
        # The tree's arithmetic reads the row that it adds to, so it must be as stored.
        parent = Topic.objects.get(pk=known.pk)
    assert parent is not None  # noqa: S101 - a text split has at least one part
    return parent


def _free_key(names: list[str]) -> str:
    base = slugify(" ".join(names))[:50] or "topic"
    taken = set(Topic.objects.filter(key__startswith=base).values_list("key", flat=True))
    return base if base not in taken else next(key for n in count(2) if (key := f"{base}-{n}") not in taken)
