"""Finds or makes the contacts of many responses in a number of queries that does not depend on how many there are.

A contact is recognised by the organisation's own id for the customer, else by an e-mail address; never by a name, which
many people share. Only the organisation's own id vouches for new facts about somebody who is known already.
"""

from __future__ import annotations

from collections.abc import Sequence

from case_management.intake.gate import pass_one_at_a_time
from case_management.intake.response import Person
from case_management.models import Contact, ContactPoint
from case_management.models.contact import PointKind, normalise
from case_management.timeline import texts

_FACTS = ("external_id", "name", "country", "language")


def contacts_of(people: Sequence[Person | None]) -> list[Contact | None]:
    """The contact of each person, in the same order; None where nothing tells the person from others."""
    wanted = [person for person in people if person is not None and person.can_be_told_apart]
    known = _Known(wanted)
    if not all(known.holds(person) for person in wanted):
        pass_one_at_a_time()
        known = _Known(wanted)
    found = [
        known.find_or_make(person) if person is not None and person.can_be_told_apart else None for person in people
    ]
    known.save()
    return found


class _Known:
    """Contacts by id and by address: those of the database, then those that are being made."""

    def __init__(self, people: Sequence[Person]) -> None:
        """Read, in two queries, everybody who could be one of ``people``."""
        ids = {person.external_id for person in people} - {""}
        addresses = {_address(email) for person in people for email in person.emails}
        self.by_id: dict[str, Contact] = {}
        #: Ids of contacts that were merged: they lead to the survivor, which has an id of its own or none.
        self.signposts: set[str] = set()
        self.by_address: dict[str, list[Contact]] = {}
        self.made: list[Contact] = []
        self.changed: dict[int, Contact] = {}
        self.points: list[tuple[Contact, Person]] = []
        rows: dict[int, Contact] = {}
        if ids:
            for row in Contact.objects.filter(external_id__in=ids).select_related("merged_into"):
                self.by_id[row.external_id] = rows.setdefault(row.survivor.pk, row.survivor)
                if row.merged_into_id:
                    self.signposts.add(row.external_id)
        if addresses:
            points = ContactPoint.objects.filter(kind=PointKind.EMAIL, normalised__in=addresses)
            for point in points.select_related("contact__merged_into").order_by("contact_id"):
                contact = rows.setdefault(point.contact.survivor.pk, point.contact.survivor)
                self.by_address.setdefault(point.normalised, []).append(contact)

    def _find(self, person: Person) -> Contact | None:
        """By id; else by address, where somebody with another id is somebody else."""
        if person.external_id in self.by_id:
            return self.by_id[person.external_id]
        for email in person.emails:
            for contact in self.by_address.get(_address(email), []):
                if not (person.external_id and contact.external_id):
                    return contact
        return None

    def holds(self, person: Person) -> bool:
        """Whether the person is known already, so that no contact has to be made or to be given the id."""
        contact = self._find(person)
        if contact is None:
            return False
        return person.external_id in ("", contact.external_id) or person.external_id in self.signposts

    def find_or_make(self, person: Person) -> Contact:
        """The contact; a new one is saved later, with all the others."""
        contact = self._find(person)
        if contact is None:
            contact = Contact(**{name: getattr(person, name) for name in _FACTS})
            self.made.append(contact)
            self._learn(contact, person)
        elif person.external_id:
            self._complete(contact, person)
            self._learn(contact, person)
        return contact

    def _complete(self, contact: Contact, person: Person) -> None:
        """Fill what is blank; what somebody has written stays."""
        news = {name: getattr(person, name) for name in _FACTS if not getattr(contact, name)}
        if person.external_id in self.signposts:
            news.pop("external_id", None)
        for name, value in news.items():
            setattr(contact, name, value)
        if contact.pk and any(news.values()):
            self.changed[contact.pk] = contact

    def _learn(self, contact: Contact, person: Person) -> None:
        if person.external_id:
            self.by_id[person.external_id] = contact
        for email in person.emails:
            self.by_address.setdefault(_address(email), []).append(contact)
        if person.emails or person.phones:
            self.points.append((contact, person))

    def save(self) -> None:
        """Write what was made and changed: three statements, and the words of the cases of those that changed."""
        if self.made:
            Contact.objects.bulk_create(self.made)
        if self.changed:
            Contact.objects.bulk_update(list(self.changed.values()), _FACTS, batch_size=500)
            texts.renew_contacts(self.changed)
        points = [point for contact, person in self.points for point in _points(contact, person)]
        if points:
            ContactPoint.objects.bulk_create(points, ignore_conflicts=True)


def _address(email: str) -> str:
    return normalise(PointKind.EMAIL, email)


def _points(contact: Contact, person: Person) -> list[ContactPoint]:
    given = [(PointKind.EMAIL, value) for value in person.emails]
    given += [(PointKind.PHONE, value) for value in person.phones]
    return [
        ContactPoint(contact=contact, kind=kind, value=value.strip(), normalised=normalise(kind, value))
        for kind, value in given
        if normalise(kind, value)
    ]
