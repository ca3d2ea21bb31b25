"""Whom a new case can be about: people found by address, number or name, as far as the searcher may know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from case_management.access import visible_contacts, visible_to
from case_management.intake.contacts import contacts_of
from case_management.intake.response import Person
from case_management.models import Contact

#: A search shows so many people; whoever needs more types more.
MOST = 8


def contacts_matching(text: str, user: Any) -> list[Contact]:
    """Contacts with exactly this address or number, then those of visible cases whose name holds the text.

    Somebody who knows an address or a number was told it by the customer; a part of a name opens no other unit's
    customers.
    """
    words = text.strip()
    if len(words) < 2:
        return []
    reached = Contact.objects.reachable_at(words).prefetch_related("points")[:MOST]
    named = Contact.objects.standing().filter(
        name__icontains=words, pk__in=visible_to(user).filter(contact__isnull=False).values("contact")
    )
    found = {contact.pk: contact for contact in reached}
    found |= {contact.pk: contact for contact in named.order_by("name").prefetch_related("points")[:MOST]}
    return list(found.values())[:MOST]


def contact_by_number(pk: str, user: Any) -> Contact | None:
    """The contact with this primary key, if ``user`` may see it."""
    if not (pk.isascii() and pk.isdigit()) or int(pk) >= 2**63:
        return None
    found: Contact | None = visible_contacts(user).filter(pk=int(pk)).prefetch_related("points").first()
    return found


def contact_for(cleaned: Mapping[str, Any], matches: Sequence[Contact]) -> Contact | None:
    """The person chosen among ``matches``, else the one with that address, else a new one; None without a name."""
    if cleaned["contact"]:
        return next(contact for contact in matches if str(contact.pk) == cleaned["contact"])
    person = Person(
        name=cleaned["name"],
        emails=(cleaned["email"],) if cleaned["email"] else (),
        phones=(cleaned["phone"],) if cleaned["phone"] else (),
    )
    return contacts_of([person])[0]


def described(contact: Contact) -> str:
    """Name and addresses in one line."""
    points = ", ".join(point.value for point in contact.points.all())
    return f"{contact} – {points}" if points else str(contact)
