"""Finds contacts among those that somebody may see: what a text names first, then beginnings, then parts of names."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from case_management.models import Contact, ContactPoint
from case_management.models.contact import PointKind, normalise

#: A search shows so many; whoever looks for somebody else types more.
MOST = 50
#: One letter begins half of all names.
_SHORTEST = 2
_LONGEST = 254


def tidy(text: str) -> str:
    """The text as it is looked for; empty where it is too short to say anything."""
    words = " ".join(text.replace("\0", " ").split())[:_LONGEST]
    return words if len(words) >= _SHORTEST else ""


def find_contacts(contacts: Any, text: str, most: int = MOST) -> list[Contact]:
    """At most ``most`` of ``contacts``, the nearest first; a query per nearness, the dear ones only where needed."""
    found: dict[int, Contact] = {}
    for nearness in (_exactly, _beginning, _holding):
        if len(found) < most:
            rows = contacts.filter(nearness(text)).exclude(pk__in=list(found))
            found |= {row.pk: row for row in rows.order_by("name", "pk")[: most - len(found)]}
    return list(found.values())


def _exactly(text: str) -> Q:
    wanted = {normalise(kind, text) for kind in PointKind.values} - {""}
    return _reached(Q(normalised__in=wanted)) | _known(Q(external_id=text)) | Q(name=text)


def _beginning(text: str) -> Q:
    starts = Q(normalised__startswith=normalise(PointKind.EMAIL, text))
    if digits := normalise(PointKind.PHONE, text):
        starts |= Q(kind=PointKind.PHONE, normalised__startswith=digits)
    return _reached(starts) | _known(Q(external_id__istartswith=text)) | Q(name__istartswith=text)


def _holding(text: str) -> Q:
    return Q(name__icontains=text)


def _reached(points: Q) -> Q:
    """Contacts, and the signposts of contacts, that have such an address."""
    owners = ContactPoint.objects.filter(points).order_by()
    return _themselves_or_signposts(owners.values("contact"))


def _known(ids: Q) -> Q:
    return _themselves_or_signposts(Contact.objects.filter(ids).order_by().values("pk"))


def _themselves_or_signposts(owners: Any) -> Q:
    led = Contact.objects.filter(pk__in=owners, merged_into__isnull=False).order_by()
    return Q(pk__in=owners) | Q(pk__in=led.values("merged_into"))


def suspects(contact: Contact, contacts: Any, most: int = 8) -> list[Contact]:
    """Contacts that may be the same person: one of the addresses in common, or the very same name."""
    points = contact.points.order_by().values("normalised")
    shared = ContactPoint.objects.filter(normalised__in=points).order_by().values("contact")
    same = Q(pk__in=shared) | Q(name=contact.name) if contact.name else Q(pk__in=shared)
    return list(contacts.filter(same).exclude(pk=contact.pk).prefetch_related("points").order_by("name", "pk")[:most])
