"""What a kind of entries is: its model, how its entries are called, and what of them is carried over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from treebeard.mp_tree import MP_Node

from case_management.registry import Registry

#: Kept by the machinery, in whatever model they stand.
_MACHINERY = frozenset({"id", "path", "depth", "numchild", "version", "created_at", "approved_by", "approved_at"})
#: Checks an entry before it is saved, given the one that is stored (None: a new one) and the person who applies the
#: file (None: the operator). Raises ValidationError.
Check = Callable[[Any, Any, Any], None]


def _nothing(entry: Any, stored: Any, by: Any) -> None:
    """No more than the model itself asks."""


def _everything(model: type[models.Model]) -> Any:
    return model._default_manager.all()


@dataclass(frozen=True)
class Part:
    """Rows that belong to an entry, such as the holidays of a calendar; ``identity`` is unique within the entry."""

    relation: str
    identity: str


@dataclass(frozen=True)
class Versions:
    """For what is kept in versions: whether one has had its effect, and which fields may change all the same."""

    is_published: Callable[[Any], bool]
    retire: Callable[[Any, Any], None]
    free: frozenset[str]


@dataclass(frozen=True)
class Kind:
    """One list in the file. All fields are carried over but keys of the database, the machinery's and people.

    ``identity`` names the fields by which an entry is known everywhere; empty where there is only one. ``rows`` are
    the entries that can be carried over. ``to_plain`` and ``from_plain`` translate a JSON field, by its name.
    """

    model: type[models.Model]
    identity: tuple[str, ...] = ("key",)
    parts: tuple[Part, ...] = ()
    rows: Callable[[type[models.Model]], Any] = _everything
    check: Check = _nothing
    versions: Versions | None = None
    to_plain: Callable[[str, Any], Any] | None = None
    from_plain: Callable[[str, Any], Any] | None = None
    leaves_out: frozenset[str] = frozenset()
    #: What goes with an entry once it is saved, given the same as the check.
    follow: Check = _nothing

    @property
    def is_tree(self) -> bool:
        """Whether entries hang below each other; then each names its ``parent``, and the file's order is the tree's."""
        return issubclass(self.model, MP_Node)

    def fields(self) -> list[Any]:
        """The model's fields that are carried over, what an entry is called by first."""
        found = list(portable_fields(self.model, self.leaves_out))
        return sorted(found, key=lambda field: field.name not in self.identity)

    def right(self, action: str) -> str:
        """The codename of the right to ``view``, ``add`` or ``change`` entries."""
        return f"{action}_{self.model._meta.model_name}"


def portable_fields(model: type[models.Model], leaves_out: frozenset[str] = frozenset()) -> Iterator[Any]:
    """Fields of a model without those of the machinery, those that name people, and ``leaves_out``."""
    people = get_user_model()
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        if field.name in _MACHINERY or field.name in leaves_out or field.primary_key:
            continue
        if field.is_relation and field.related_model is people:
            continue
        yield field


#: In the order in which they are applied: what others name comes first.
kinds: Registry[Kind] = Registry("kind of configuration")


def kind_of(model: type[models.Model]) -> Kind:
    """The kind of a model's entries."""
    return next(kind for _name, kind in kinds.items() if kind.model is model)


def called_by(model: Any) -> str:
    """The field by which other entries name one of this model: ``key``, or a unit's ``number``."""
    return kind_of(model).identity[0]
