"""What a text can name exactly: a case by reference or external id, a contact by address, number or external id."""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models import BooleanField, F, Func
from django.db.models.functions import Coalesce

from case_management.domain.reference import tidy_reference
from case_management.models import Case, Contact, ContactPoint, Source
from case_management.models.contact import PointKind, normalise


def by_name(cases: Any, text: str) -> Any:
    """Those of ``cases`` that the text names.

    PostgreSQL finds their ids first and once. Were they a set to be joined, a planner that knows nothing yet of the
    tables (just filled, never analysed) might look for them again for every case.
    """
    ids = named(text)
    if connections[cases.db].vendor != "postgresql":
        return cases.filter(pk__in=ids)
    from django.contrib.postgres.expressions import ArraySubquery  # noqa: PLC0415 - needs PostgreSQL's driver

    return cases.filter(_IsAny(F("pk"), ArraySubquery(ids)))


class _IsAny(Func):
    """Whether the first is an element of the second, an array."""

    template, arg_joiner = "%(expressions)s)", " = ANY ("
    output_field = BooleanField()


def named(text: str) -> Any:
    """Ids of the cases that the text names, each part along an index of its own."""
    points = {normalise(kind, text) for kind in PointKind.values} - {""}
    # What names a merged contact names the one that it was merged into.
    by_id = Contact.objects.filter(external_id=text).order_by().values(cm_id=Coalesce("merged_into", "pk"))
    reached = ContactPoint.objects.filter(normalised__in=points).order_by()
    by_point = reached.values(cm_id=Coalesce("contact__merged_into", "contact"))
    ways = (
        Case.objects.filter(reference=tidy_reference(text)),
        # The index on external ids leads with the source.
        Case.objects.filter(source__in=Source.objects.order_by().values("pk"), external_id=text),
        Case.objects.filter(contact__in=by_id),
        Case.objects.filter(contact__in=by_point),
    )
    ids = [cases.order_by().values("pk") for cases in ways]
    return ids[0].union(*ids[1:], all=True)
