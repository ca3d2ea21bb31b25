"""Keeps each version of a calendar and of a policy's terms that a clock runs on, and reads them back."""

from __future__ import annotations

from django.db import transaction

from case_management.models import BusinessCalendar, CalendarVersion, SlaPolicy, SlaTerms
from case_management.sla.hours_kept import HoursKept
from case_management.sla.terms import Terms


def keep_version(calendar_id: int, hours: HoursKept) -> int:
    """The id of the version with these hours, written now if no clock ran on them before.

    Versions are found by what they say: however the calendar's rows were changed (a form, an import, SQL), a clock
    never runs on hours that are not kept.
    """
    known = CalendarVersion.objects.filter(calendar=calendar_id, digest=hours.digest)
    return known.values_list("pk", flat=True).first() or _write(calendar_id, hours)


@transaction.atomic
def _write(calendar_id: int, hours: HoursKept) -> int:
    # The calendar's lock makes two writers take turns, so that the second one finds what the first one wrote.
    BusinessCalendar.objects.select_for_update().order_by().get(pk=calendar_id)
    versions = CalendarVersion.objects.filter(calendar=calendar_id)
    kept, _created = versions.get_or_create(
        digest=hours.digest,
        defaults={"calendar_id": calendar_id, "number": versions.count() + 1, "hours": hours.as_json()},
    )
    return kept.pk


def keep_terms(policy_id: int, terms: Terms) -> int:
    """The id of the policy's version with these terms, written now if no clock ran under them before."""
    known = SlaTerms.objects.filter(policy=policy_id, digest=terms.digest)
    return known.values_list("pk", flat=True).first() or _write_terms(policy_id, terms)


@transaction.atomic
def _write_terms(policy_id: int, terms: Terms) -> int:
    SlaPolicy.objects.select_for_update().order_by().get(pk=policy_id)
    versions = SlaTerms.objects.filter(policy=policy_id)
    kept, _created = versions.get_or_create(
        digest=terms.digest,
        defaults={"policy_id": policy_id, "number": versions.count() + 1, "terms": terms.as_json()},
    )
    return kept.pk


def kept_versions(version_ids: set[int]) -> dict[int, HoursKept]:
    """The hours of these versions, by id; one query."""
    found = CalendarVersion.objects.filter(pk__in=version_ids).values_list("pk", "hours") if version_ids else ()
    return {pk: HoursKept.from_json(hours) for pk, hours in found}


def kept_terms(terms_ids: set[int]) -> dict[int, Terms]:
    """The terms with these ids; one query."""
    found = SlaTerms.objects.filter(pk__in=terms_ids).values_list("pk", "terms") if terms_ids else ()
    return {pk: Terms.from_json(terms) for pk, terms in found}
