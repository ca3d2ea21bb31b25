"""The order in which the entries of a list stand: read in groups, and changed by moving one entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from case_management.access.setting_up import may_set_up
from case_management.exceptions import ValueUnknown
from case_management.models import Priority, Rule, Tag, Topic

#: Ranks are small integers in every database.
_HIGHEST = 32_767


@dataclass(frozen=True)
class Places:
    """How the entries of ``model`` are put in order: by the number in ``number``, inside their ``group``."""

    model: type[models.Model]
    number: str = "position"
    group: str = ""
    sort: tuple[str, ...] = ("position", "name")

    def entries(self) -> list[Any]:
        """All entries in their order; of rules those that act."""
        rows: Any = self.model._default_manager.order_by(*self.sort)
        if self.model is Rule:
            return list(rows.filter(is_active=True))
        return list(rows.select_related(self.group) if self.model is Tag else rows)

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The name of each group with its entries; one group without a name where the list has none."""
        found: dict[Any, tuple[str, list[Any]]] = {}
        for entry in self.entries():
            key = getattr(entry, f"{self.group}_id", None) or getattr(entry, self.group, None) if self.group else None
            found.setdefault(key, (self._group_name(entry), []))[1].append(entry)
        return list(found.values())

    def put(self, group: list[Any], ordered: list[Any], moved: int) -> None:
        """Write the new order of a group, of whose entries ``moved`` was moved; in one statement."""
        changed = []
        for entry, number in zip(ordered, rising([getattr(row, self.number) for row in group]), strict=True):
            if getattr(entry, self.number) != number:
                setattr(entry, self.number, number)
                changed.append(entry)
        self.model._default_manager.bulk_update(changed, [self.number])

    def _group_name(self, entry: Any) -> str:
        if not self.group:
            return ""
        choice = getattr(entry, f"get_{self.group}_display", None)
        return str(choice() if choice else getattr(entry, self.group))


class Branches(Places):
    """The nodes of a tree: each among its siblings, and what lies below it goes along."""

    def entries(self) -> list[Any]:
        """From the top down, siblings in their order."""
        return list(self.model._default_manager.order_by("path"))

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The roots, then the children of each node, by its name."""
        nodes = self.entries()
        names = {node.path: str(node) for node in nodes}
        found: dict[str, tuple[str, list[Any]]] = {}
        for node in nodes:
            above = node.path[: -node.steplen]
            found.setdefault(above, (names.get(above, ""), []))[1].append(node)
        return [found[above] for above in sorted(found)]

    def put(self, group: list[Any], ordered: list[Any], moved: int) -> None:
        """Move the one node with its branch beside its new neighbour."""
        at = [node.pk for node in ordered].index(moved)
        if at:
            ordered[at].move(ordered[at - 1], "right")
        else:
            ordered[at].move(ordered[1], "left")


_OWN: dict[type[models.Model], Places] = {
    Priority: Places(Priority, "rank", sort=("rank", "name")),
    Tag: Places(Tag, group="category", sort=("category__position", "category__name", "position", "name")),
    Topic: Branches(Topic),
    Rule: Places(Rule, group="occasion", sort=("occasion", "position", "pk")),
}


def places_of(model: type[models.Model]) -> Places | None:
    """How ``model`` is put in order; None where its entries have no order of their own."""
    if model in _OWN:
        return _OWN[model]
    names = {field.name for field in model._meta.concrete_fields}
    return Places(model) if {"position", "name"} <= names else None


def may_order(user: Any, model: type[models.Model]) -> bool:
    """Whether ``user`` may change the order of ``model``."""
    return places_of(model) is not None and may_set_up(user, "change", model)


def right_to_order(model: type[models.Model]) -> str:
    """The right that it takes."""
    return f"case_management.change_{model._meta.model_name}"


@dataclass(frozen=True)
class Move:
    """One entry and where it goes: ``up``, ``down``, ``first``, ``last``, or ``before`` the entry ``other``."""

    pk: int
    to: str
    other: int | None = None

    @classmethod
    def read(cls, text: str) -> Move:
        """From “17 up” or “17 before 12”. Raises ValueUnknown."""
        words = text.split()
        numbers = [int(word) for word in words[::2] if word.isascii() and word.isdecimal()]
        if len(words) == 2 and len(numbers) == 1 and words[1] in ("up", "down", "first", "last"):
            return cls(numbers[0], words[1])
        if len(words) == 3 and len(numbers) == 2 and words[1] == "before":
            return cls(numbers[0], words[1], numbers[1])
        raise _impossible()

    def applied(self, entries: list[Any]) -> list[Any]:
        """The entries of the group in their new order. Raises ValueUnknown where the other one is not among them."""
        keys = [entry.pk for entry in entries]
        at = keys.index(self.pk)
        rest = [entry for entry in entries if entry.pk != self.pk]
        if self.to == "before" and self.other not in (keys[:at] + keys[at + 1 :]):
            raise _impossible()
        target = {"up": max(at - 1, 0), "down": at + 1, "first": 0, "last": len(rest)}.get(self.to)
        if target is None:
            target = [entry.pk for entry in rest].index(self.other)
        return [*rest[:target], entries[at], *rest[target:]]


@transaction.atomic
def move(places: Places, wanted: Move) -> bool:
    """Move one entry among those of its group; returns whether anything changed.

    The rows are locked, so that two people who move at once both get what they asked for.
    """
    list(places.model._default_manager.order_by("pk").select_for_update().values_list("pk", flat=True))
    group = next((rows for _name, rows in places.groups() if any(row.pk == wanted.pk for row in rows)), None)
    if group is None:
        raise _impossible()
    ordered = wanted.applied(group)
    if ordered == group:
        return False
    places.put(group, ordered, wanted.pk)
    return True


def rising(numbers: list[int]) -> list[int]:
    """The same numbers from low to high, none below 1 and none twice; gaps that somebody left stay."""
    found: list[int] = []
    for number in sorted(numbers):
        found.append(max(number, found[-1] + 1 if found else 1))
    return found if not found or found[-1] <= _HIGHEST else list(range(1, len(found) + 1))


def _impossible() -> ValueUnknown:
    return ValueUnknown(_("This move is not possible any more; look at the list again."), fields=["move"])
