"""Cases that are linked to a case, and who watches it, as one reader may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from case_management.domain.relations import Relation
from case_management.models import Case, CaseLink
from case_management.timeline.names import person

if TYPE_CHECKING:
    from case_management.ui.case.extras import Scene


@dataclass(frozen=True)
class Linked:
    """One link as it reads from this case."""

    key: int
    relation: Relation
    other: Case

    @property
    def label(self) -> Promise:
        """What this case is to the other."""
        return self.relation.label


@dataclass(frozen=True)
class Links:
    """All links that the reader may follow, in the order of the kinds."""

    rows: list[Linked]
    may_unlink: bool

    @property
    def children(self) -> int:
        """How many children the case has."""
        return sum(1 for row in self.rows if row.relation is Relation.PARENT_OF)

    @property
    def open_children(self) -> int:
        """How many of them are open; resolving the parent leaves them so."""
        return sum(1 for row in self.rows if row.relation is Relation.PARENT_OF and row.other.is_open)


def links(scene: Scene) -> dict[str, Any]:
    """Context ``links``: nothing where there is none that the reader may see."""
    rows = linked_to(scene.case, scene.desk.ties.links, scene.visible)
    return {"links": Links(rows, "note_case" in scene.desk.rights)} if rows else {}


def linked_to(case: Case, rows: Sequence[CaseLink], visible: Any) -> list[Linked]:
    """The links whose other end is among the ``visible`` cases; one query, or none."""
    ends = {row.other_id if row.case_id == case.pk else row.case_id for row in rows}
    others = visible.select_related("priority", "assignee").in_bulk(ends) if ends else {}
    found = [
        Linked(row.pk, Relation(row.kind) if row.case_id == case.pk else Relation(row.kind).mirror, others[end])
        for row in rows
        if (end := row.other_id if row.case_id == case.pk else row.case_id) in others
    ]
    order = list(Relation)
    return sorted(found, key=lambda row: order.index(row.relation))


def watchers(scene: Scene) -> dict[str, Any]:
    """Context ``watchers``: names of those who watch, for whoever may see the case."""
    return {"watchers": sorted(map(person, scene.desk.watchers.values()), key=str.casefold)}
