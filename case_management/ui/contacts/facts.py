"""What the page of a contact says beside its cases: counts, addresses, what was said and how it was scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery

from case_management.access import ContactReach
from case_management.domain.states import OPEN
from case_management.models import Contact, ContactMerge, Interaction
from case_management.models.contact import PointKind

#: The latest things said are on the page; all of them have a page of their own.
MOST_SAID = 5
_IS_OPEN = Q(status__in=[str(status) for status in OPEN])


@dataclass(frozen=True)
class Counts:
    """Of the cases that the reader may see."""

    total: int
    open: int
    reopened: int


@dataclass(frozen=True)
class Line:
    """One contact in the list, with counts of the cases that the reader may see."""

    contact: Contact
    emails: list[str]
    phones: list[str]
    open: int = 0
    total: int = 0
    latest: Any = None


@dataclass(frozen=True)
class Saying:
    """One thing said; ``reference`` is that of its case, where the reader may open it."""

    interaction: Interaction
    reference: str | None


def counts_of(cases: Any) -> Counts:
    """How many there are, are open, and were reopened at least once; one query."""
    found = cases.aggregate(
        total=Count("pk"), open=Count("pk", filter=_IS_OPEN), reopened=Count("pk", filter=Q(reopen_count__gt=0))
    )
    return Counts(**found)


def points_of(contact: Contact) -> tuple[list[str], list[str]]:
    """E-mail addresses and phone numbers as they were written; no query where the points were prefetched."""
    points = sorted(contact.points.all(), key=lambda point: point.pk)
    emails = [point.value for point in points if point.kind == PointKind.EMAIL]
    return emails, [point.value for point in points if point.kind == PointKind.PHONE]


def lines(contacts: Sequence[Contact], cases: Any) -> list[Line]:
    """Contacts (points prefetched) with their counts among ``cases``; one query."""
    ids = [contact.pk for contact in contacts]
    figures = {"cm_open": Count("pk", filter=_IS_OPEN), "cm_total": Count("pk"), "cm_latest": Max("opened_at")}
    rows = cases.filter(contact__in=ids).order_by().values("contact").annotate(**figures)
    counted = rows.values_list("contact", *figures) if ids else ()
    by_contact = {pk: found for pk, *found in counted}
    return [Line(contact, *points_of(contact), *by_contact.get(contact.pk, (0, 0, None))) for contact in contacts]


def said_by(contact: Contact, sight: ContactReach) -> Any:
    """What the contact said, as far as ``sight`` goes, with all that a line of it shows."""
    said = sight.interactions.filter(contact=contact).select_related("source", "unit")
    case = sight.cases.filter(pk=OuterRef("case")).order_by().values("reference")
    return said.defer("raw", "answers", "visit").annotate(cm_reference=Subquery(case[:1]))


def sayings(rows: Sequence[Any]) -> list[Saying]:
    """Rows of :func:`said_by` as lines."""
    return [Saying(row, row.cm_reference) for row in rows]


def merges_of(contact: Contact) -> list[ContactMerge]:
    """Merges into the contact that hold, the latest first; no query where the contact knows of none."""
    if not contact.cm_has_merges:  # type: ignore[attr-defined]
        return []
    held = contact.merges.filter(undone_at=None).select_related("merged", "merged_by")
    return list(held.order_by("-merged_at", "-pk"))
