"""How two cases may be linked: four kinds, each with the words for either end."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Relation(StrEnum):
    """What one case is to the other."""

    RELATED = "related"
    DUPLICATE_OF = "duplicate_of"
    HAS_DUPLICATE = "has_duplicate"
    CHILD_OF = "child_of"
    PARENT_OF = "parent_of"
    FOLLOW_UP_OF = "follow_up_of"
    FOLLOWED_UP_BY = "followed_up_by"

    @property
    def label(self) -> Promise:
        """The words that stand before the other case's reference."""
        return LABELS[self]

    @property
    def mirror(self) -> Relation:
        """What the other case is to this one."""
        return _MIRRORS.get(self, self)

    @property
    def is_stored(self) -> bool:
        """Whether a link is kept in this direction; its mirror is kept as the other case's."""
        return self in STORED


LABELS: dict[Relation, Promise] = {
    Relation.RELATED: _("related to"),
    Relation.DUPLICATE_OF: _("duplicate of"),
    Relation.HAS_DUPLICATE: _("has duplicate"),
    Relation.CHILD_OF: _("child of"),
    Relation.PARENT_OF: _("parent of"),
    Relation.FOLLOW_UP_OF: _("follow-up of"),
    Relation.FOLLOWED_UP_BY: _("has follow-up"),
}
_PAIRS = (
    (Relation.DUPLICATE_OF, Relation.HAS_DUPLICATE),
    (Relation.CHILD_OF, Relation.PARENT_OF),
    (Relation.FOLLOW_UP_OF, Relation.FOLLOWED_UP_BY),
)
_MIRRORS: dict[Relation, Relation] = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
#: The four kinds of link, as rows keep them.
STORED: tuple[Relation, ...] = (Relation.RELATED, *(stored for stored, _mirror in _PAIRS))


def relation_choices() -> list[tuple[str, Promise]]:
    """Pairs for form fields: what this case is to the other."""
    return [(str(relation), relation.label) for relation in Relation]


def link_kinds() -> list[tuple[str, Promise]]:
    """Pairs for the stored kinds."""
    return [(str(relation), relation.label) for relation in STORED]
