"""What one line of text finds: exactly what it names, else every case with all of its words."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from case_management.domain.reference import tidy_reference
from case_management.models import Contact, Source

#: More words than this make no search better.
MOST_WORDS = 8
#: Up to here the cases found are remembered by id for the rest of the request.
FEW_HITS = 500
#: A phone number of a switchboard can belong to many contacts.
MOST_CONTACTS = 200


def search(cases: Any, text: str) -> Any:
    """Cases of ``cases`` that ``text`` names, or that hold all of its words in title, description or contact's name.

    A text names a case by its reference or external id, and a contact by e-mail address, phone number or external id.
    """
    text = text.strip()
    if not text:
        return cases
    named = _named(text)
    if cases.filter(named).exists():
        return cases.filter(named)
    worded = cases.filter(_words(text))
    # Words are looked for in every text, so few hits are kept by their ids: count and page need not look again.
    few = list(worded.order_by().values_list("pk", flat=True)[: FEW_HITS + 1])
    return cases.filter(pk__in=few) if len(few) <= FEW_HITS else worded


def _named(text: str) -> Q:
    """Every part is answered by an index of its own."""
    contacts = set(Contact.objects.reachable_at(text).values_list("pk", flat=True)[:MOST_CONTACTS])
    contacts |= set(Contact.objects.filter(external_id=text).values_list("pk", flat=True))
    sources = list(Source.objects.values_list("pk", flat=True))
    # The index on external ids leads with the source.
    return Q(reference=tidy_reference(text)) | Q(contact_id__in=contacts) | Q(source_id__in=sources, external_id=text)


def _words(text: str) -> Q:
    found = Q()
    for word in text.split()[:MOST_WORDS]:
        found &= Q(title__icontains=word) | Q(description__icontains=word) | Q(contact__name__icontains=word)
    return found
