"""Merge two contacts of one person, and part them again; every case that moves says so in its history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from case_management.access import may_merge_contacts
from case_management.domain import transitions
from case_management.domain.actor import Actor
from case_management.domain.events import CaseCorrected
from case_management.exceptions import NothingToChange, RightMissing, StaleContact
from case_management.models import Case, Contact, ContactMerge, ContactPoint, Interaction
from case_management.models.among import among
from case_management.operations.applying import chunks, rows_of
from case_management.timeline import texts
from case_management.timeline.recorder import Entry, record

RIGHT = transitions.TABLE["change_contact"].permission
#: Facts that the survivor takes over where its own are blank. Ids and links stay with the signpost, which is followed.
FILLED = ("name", "language", "country")
#: Rows that point to a contact and move as they are.
_FOLLOWERS: dict[str, Any] = {"interactions": Interaction, "points": ContactPoint}


@transaction.atomic
def merge_contacts(contact: Contact, *, into: Contact, by: Actor) -> ContactMerge:
    """Let ``contact`` give way to ``into``: cases, interactions and addresses move, a signpost stays.

    Raises RightMissing without ``change_contact`` everywhere, NothingToChange for a contact and itself, StaleContact
    when one of them was merged meanwhile.
    """
    by = _entitled(by)
    if contact.pk == into.pk:
        raise NothingToChange(_("A contact cannot be merged into itself."))
    merged, survivor = _locked(contact.pk, into.pk)
    if merged.merged_into_id or survivor.merged_into_id:
        raise StaleContact(_("One of the two was merged by somebody else meanwhile; look at them anew."))
    filled = _fill(survivor, merged)
    moved = {
        "cases": _hand_over(_ids(Case.objects.filter(contact=merged)), survivor, by),
        "interactions": _move(Interaction, _ids(Interaction.objects.filter(contact=merged)), survivor),
        "points": _move(ContactPoint, _new_points(merged, survivor), survivor),
        "signposts": _ids(merged.signposts),
        "filled": filled,
        "tags": _hand_over_tags(merged, survivor),
    }
    merged.signposts.update(merged_into=survivor)
    Contact.objects.filter(pk=merged.pk).update(merged_into=survivor)
    contact.refresh_from_db()
    into.refresh_from_db()
    merge = ContactMerge(survivor=survivor, merged=merged, moved=moved, merged_by_id=by.user_id, merged_at=by.moment())
    merge.save()
    return merge


@transaction.atomic
def part_contacts(merge: ContactMerge, *, by: Actor) -> ContactMerge:
    """Take a merge back: exactly what moved returns, unless it was moved or removed again; the rest stays.

    Raises RightMissing as the merge does, NothingToChange when it was taken back already, StaleContact when the
    survivor was itself merged later: that merge has to be taken back first.
    """
    by = _entitled(by)
    merge.refresh_from_db(from_queryset=ContactMerge.objects.select_for_update())
    merged, survivor = _locked(merge.merged_id, merge.survivor_id)
    if merge.undone_at is not None:
        raise NothingToChange(_("This merge was taken back already."))
    if survivor.merged_into_id:
        raise StaleContact(_("The contact was merged into another one later; take that merge back first."))
    moved = merge.moved
    _hand_over(_ids(Case.objects.filter(pk__in=among(Case, moved["cases"]), contact=survivor)), merged, by)
    for kind, model in _FOLLOWERS.items():
        _move(model, _ids(model.objects.filter(pk__in=among(model, moved[kind]), contact=survivor)), merged)
    Contact.objects.filter(pk__in=moved["signposts"], merged_into=survivor).update(merged_into=merged)
    Contact.objects.filter(pk=merged.pk).update(merged_into=None)
    _empty(survivor, merged, moved["filled"])
    survivor.tags.remove(*moved.get("tags", ()))
    merge.undone_at, merge.undone_by_id = by.moment(), by.user_id
    merge.save(update_fields=["undone_at", "undone_by"])
    return merge


def _entitled(by: Actor) -> Actor:
    if by.needs_rights and not may_merge_contacts(by.user):
        message = _(
            "Merging contacts changes cases of every branch: it needs the right “%s” by a role that holds everywhere."
        )
        raise RightMissing(message % RIGHT, permission=RIGHT)
    return by.at_this_moment()


def _locked(first: int, second: int) -> tuple[Contact, Contact]:
    """Both rows, in the order of their keys, so that no two merges wait for each other in a ring."""
    rows = Contact.objects.select_for_update().filter(pk__in=(first, second)).order_by("pk")
    found = {row.pk: row for row in rows}
    return found[first], found[second]


def _ids(rows: Any) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _hand_over(case_ids: list[int], to: Contact, by: Actor) -> list[int]:
    """Give the cases to another contact, chunk by chunk, and record it."""
    for ids in chunks(case_ids):
        cases = list(rows_of(ids, lock=True))
        for case in cases:
            transitions.require("change_contact", case.state)
            case.contact = to
        Case.objects.filter(pk__in=among(Case, ids)).update(contact=to)
        record([Entry(case, [CaseCorrected(details=("contact",))], by) for case in cases])
    return case_ids


def _move(model: Any, ids: list[int], to: Contact) -> list[int]:
    for start in chunks(ids):
        model.objects.filter(pk__in=among(model, start)).update(contact=to)
    return ids


def _new_points(merged: Contact, survivor: Contact) -> list[int]:
    """Addresses that the survivor does not have; the others stay with the signpost."""
    known = set(survivor.points.values_list("kind", "normalised"))
    rows = merged.points.order_by("pk").values_list("pk", "kind", "normalised")
    return [pk for pk, kind, normalised in rows if (kind, normalised) not in known]


def _hand_over_tags(merged: Contact, survivor: Contact) -> list[int]:
    """The survivor gets the tags that it lacks; returns their ids. The signpost keeps its own."""
    lacking = sorted(set(_ids(merged.tags)) - set(_ids(survivor.tags)))
    survivor.tags.add(*lacking)
    return lacking


def _fill(survivor: Contact, merged: Contact) -> list[str]:
    """The survivor's blank facts take those of the contact that gives way."""
    names = [name for name in FILLED if not getattr(survivor, name) and getattr(merged, name)]
    _write(survivor, {name: getattr(merged, name) for name in names})
    return names


def _empty(survivor: Contact, merged: Contact, names: Iterable[str]) -> None:
    """Blank again what was filled in, unless somebody has written something else."""
    _write(survivor, {name: "" for name in names if getattr(survivor, name) == getattr(merged, name)})


def _write(contact: Contact, facts: dict[str, str]) -> None:
    if facts:
        Contact.objects.filter(pk=contact.pk).update(**facts)
        for name, value in facts.items():
            setattr(contact, name, value)
    if "name" in facts:
        texts.renew_contacts([contact.pk])
