"""Put a contact's name and addresses right; the words by which its cases are found follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from case_management.access import may_correct
from case_management.domain.actor import Actor
from case_management.exceptions import NothingToChange, RightMissing, StaleContact, ValueUnknown
from case_management.models import Contact, ContactPoint, Tag
from case_management.models.contact import PointKind, normalise
from case_management.timeline import texts

RIGHT = "change_contact"
#: Addresses of one kind that a contact can have.
MOST_POINTS = 20
_FEWEST_DIGITS, _MOST_PHONE = 3, 40
_PHONE_SIGNS = frozenset("+0123456789 -/().")


@dataclass(frozen=True)
class ContactFacts:
    """What can be corrected. The external id and the link to the host's customer belong to other systems."""

    name: str = ""
    language: str = ""
    country: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    #: Ids of tags.
    tags: tuple[int, ...] = ()

    @classmethod
    def of(cls, contact: Contact) -> ContactFacts:
        """As they stand; two queries unless points and tags were read before."""
        points = sorted(contact.points.all(), key=lambda point: point.pk)
        emails = tuple(point.value for point in points if point.kind == PointKind.EMAIL)
        phones = tuple(point.value for point in points if point.kind == PointKind.PHONE)
        tags = tuple(sorted(tag.pk for tag in contact.tags.all()))
        return cls(contact.name, contact.language, contact.country, emails, phones, tags)

    def fingerprint(self) -> str:
        """Tells whether the contact is still as somebody saw it."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:32]

    def checked(self) -> ContactFacts:
        """Without blanks and repetitions. Raises ValueUnknown that names the field and what is wrong with it."""
        emails = _distinct(PointKind.EMAIL, self.emails)
        phones = _distinct(PointKind.PHONE, self.phones)
        for email in emails:
            _require_email(email)
        for phone in phones:
            _require_phone(phone)
        for name, found in (("emails", emails), ("phones", phones)):
            if len(found) > MOST_POINTS:
                raise ValueUnknown(_("A contact has at most %d of them.") % MOST_POINTS, fields=[name])
        tags = tuple(sorted(set(self.tags)))
        if Tag.objects.filter(pk__in=tags).count() < len(tags):
            raise ValueUnknown(_("One of these tags does not exist (any more)."), fields=["tags"])
        return ContactFacts(self.name.strip(), self.language.strip(), self.country.strip(), emails, phones, tags)


@transaction.atomic
def correct_contact(contact: Contact, facts: ContactFacts, *, by: Actor, seen: str = "") -> Contact:
    """Write ``facts``; the same object comes back, refreshed. ``seen`` is the fingerprint of what the actor saw.

    Raises RightMissing, ValueUnknown, StaleContact, or NothingToChange; then nothing was written.
    """
    if by.needs_rights and not may_correct(by.user, contact):
        raise RightMissing(by.refusal(RIGHT), permission=RIGHT)
    facts = facts.checked()
    contact.refresh_from_db(from_queryset=Contact.objects.select_for_update())
    present = ContactFacts.of(contact)
    if seen and seen != present.fingerprint():
        raise StaleContact(_("Somebody else changed this contact after you opened the page; look at it anew."))
    if facts == present:
        raise NothingToChange(_("Nothing was changed."))
    contact.name, contact.language, contact.country = facts.name, facts.language, facts.country
    contact.save(update_fields=["name", "language", "country"])
    _rewrite_points(contact, facts)
    contact.tags.set(facts.tags)
    if facts.name != present.name:
        texts.renew_contacts([contact.pk])
    return contact


def _rewrite_points(contact: Contact, facts: ContactFacts) -> None:
    """Keep the rows of addresses that stay: a merge may want to give them back."""
    wanted = {(str(PointKind.EMAIL), normalise(PointKind.EMAIL, value)): value for value in facts.emails}
    wanted |= {(str(PointKind.PHONE), normalise(PointKind.PHONE, value)): value for value in facts.phones}
    for point in list(contact.points.all()):
        value = wanted.pop((point.kind, point.normalised), None)
        if value is None:
            point.delete()
        elif value != point.value:
            point.value = value
            point.save(update_fields=["value", "normalised"])
    ContactPoint.objects.bulk_create(
        ContactPoint(contact=contact, kind=kind, value=value, normalised=key) for (kind, key), value in wanted.items()
    )


def _distinct(kind: PointKind, values: Iterable[str]) -> tuple[str, ...]:
    found = {normalise(kind, value): value.strip() for value in values if value.strip()}
    return tuple(found.values())


def _require_email(value: str) -> None:
    try:
        validate_email(value)
    except ValidationError:
        raise ValueUnknown(_("“%s” is no e-mail address.") % value[:254], fields=["emails"]) from None


def _require_phone(value: str) -> None:
    is_number = set(value) <= _PHONE_SIGNS and len(value) <= _MOST_PHONE
    if not is_number or len(normalise(PointKind.PHONE, value).lstrip("+")) < _FEWEST_DIGITS:
        message = _("“%s” is no phone number; write digits, with + and the country's number before them.")
        raise ValueUnknown(message % value[:60], fields=["phones"])
