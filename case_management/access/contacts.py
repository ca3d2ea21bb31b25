"""Who sees a contact, and what of it: whoever may see one of its cases, or one thing that the customer said."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q

from case_management.access.reach import Reach
from case_management.models import Contact, Interaction, Membership

_CORRECT, _HEAR = "change_contact", "view_interaction"


@dataclass(frozen=True)
class ContactReach:
    """What a person may see and do with customers, by where their roles are held.

    A contact belongs to no unit. Its name and addresses are for everybody who may see one of its cases or
    interactions; of these each reader sees, and counts, only their own. An interaction is seen by whoever sees its
    case, or holds ``view_interaction`` at its unit.
    """

    seen: Reach
    heard: Reach
    corrected: Reach

    @classmethod
    def of(cls, user: Any, seen: Reach | None = None) -> ContactReach:
        """Where ``user`` holds the rights; two queries, or one where the reach of ``view_case`` is known already."""
        seen = seen or Reach.of(user, "view_case")
        if not user.is_active or user.is_superuser:
            return cls(seen, seen, seen)
        roots = defaultdict[str, set[str | None]](set)
        held = Membership.objects.filter(
            user=user,
            role__permissions__codename__in=(_CORRECT, _HEAR),
            role__permissions__content_type__app_label="case_management",
        )
        for right, path in held.order_by().values_list("role__permissions__codename", "unit__path"):
            roots[right].add(path)
        return cls(seen, *(_like(seen, frozenset(roots[right])) for right in (_HEAR, _CORRECT)))

    @cached_property
    def cases(self) -> Any:
        """The cases that the person may see."""
        return self.seen.cases()

    @cached_property
    def interactions(self) -> Any:
        """What customers said, as far as the person may see it."""
        if self.heard.is_everywhere:
            return Interaction.objects.all()
        of_units = Q(unit__in=self.heard.all_units().order_by().values("pk"))
        return Interaction.objects.filter(Exists(self.cases.filter(pk=OuterRef("case"))) | of_units)

    def contacts(self) -> Any:
        """The contacts that stand for themselves; merged ones are found by their survivors."""
        contacts = Contact.objects.standing()
        if self.seen.is_everywhere:
            return contacts
        has_case = Exists(self.cases.filter(contact=OuterRef("pk")))
        return contacts.filter(has_case | Exists(self.interactions.filter(contact=OuterRef("pk"))))

    def may_correct(self, contact: Contact, *, cases_seen: int | None = None) -> bool:
        """Whether the person may put name and addresses right: ``change_contact`` on one of the contact's cases.

        Somebody who holds it everywhere may correct every contact. ``cases_seen`` is how many of its cases the person
        sees, where that was counted already.
        """
        if self.corrected.is_everywhere:
            return True
        if cases_seen is not None and self.corrected.roots == self.seen.roots:
            return cases_seen > 0
        return bool(self.corrected.roots) and bool(self.corrected.cases().filter(contact=contact).exists())

    @property
    def may_merge(self) -> bool:
        """Whether the person may merge contacts: ``change_contact`` by a role that holds everywhere.

        A merge changes the customer of cases in whatever branch; to refuse it where some of them are out of sight
        would tell that they are there.
        """
        return self.corrected.is_everywhere


def _like(seen: Reach, roots: frozenset[str | None]) -> Reach:
    """The reach of another right of the same person; most roles hold both at the same places."""
    return seen if roots == seen.roots else replace(seen, roots=roots, units=None)


def visible_contacts(user: Any) -> Any:
    """Contacts that ``user`` may see, as a queryset."""
    return ContactReach.of(user).contacts()


def may_correct(user: Any, contact: Contact) -> bool:
    """See :meth:`ContactReach.may_correct`."""
    return ContactReach.of(user).may_correct(contact)


def may_merge_contacts(user: Any) -> bool:
    """See :attr:`ContactReach.may_merge`."""
    return ContactReach.of(user).may_merge
