"""Finds the customers that rows name, by their id elsewhere or their e-mail address; two queries per chunk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from case_management.exceptions import RowInvalid
from case_management.models import Contact, ContactPoint
from case_management.models.contact import PointKind, normalise
from case_management.operations import NewContact

#: What a row says of its customer: id elsewhere, e-mail address, name.
Said = tuple[str, str, str]


@dataclass
class ContactBook:
    """The contacts of one chunk: those that are known, and new ones that several rows may share."""

    by_id: dict[str, Contact | NewContact] = field(default_factory=dict)
    by_address: dict[str, Contact | NewContact] = field(default_factory=dict)

    @classmethod
    def load(cls, wanted: Iterable[Said]) -> ContactBook:
        """Read who is known among those that the chunk names."""
        book, wanted = cls(), list(wanted)
        ids = {external_id for external_id, _email, _name in wanted} - {""}
        known = Contact.objects.filter(external_id__in=ids).select_related("merged_into")
        for contact in known if ids else ():
            book.by_id[contact.external_id] = contact.survivor
        addresses = {_address(email) for external_id, email, _name in wanted if not external_id} - {""}
        points = ContactPoint.objects.filter(kind=PointKind.EMAIL, normalised__in=addresses)
        points = points.select_related("contact__merged_into").order_by("-contact")
        for point in points if addresses else ():
            book.by_address[point.normalised] = point.contact.survivor
        return book

    def find(self, said: Said) -> Contact | NewContact | None:
        """The contact that a row means; None when it names nobody. The id elsewhere counts more than the address."""
        external_id, email, name = said
        known, key = (self.by_id, external_id) if external_id else (self.by_address, _address(email))
        if not key:
            return _new(said) if name else None
        if key not in known:
            known[key] = _new(said)
        return known[key]


def _address(email: str) -> str:
    return normalise(PointKind.EMAIL, email)


def _new(said: Said) -> NewContact:
    external_id, email, name = said
    for text, most, column in ((external_id, 120, "contact_external_id"), (name, 200, "contact_name")):
        if len(text) > most:
            message = _("The text has more than %d characters.") % most
            raise RowInvalid(message, column=column, mend=_("Shorten it."))
    contact = Contact(external_id=external_id, name=name)
    if not email:
        return NewContact(contact)
    try:
        validate_email(email)
    except ValidationError:
        raise RowInvalid(
            _("“%s” is no e-mail address.") % email[:254],
            column="contact_email",
            mend=_("Correct it, or leave the cell empty."),
        ) from None
    return NewContact(contact, (ContactPoint(kind=PointKind.EMAIL, value=email, normalised=_address(email)),))
