"""What an export shows of a case from other tables, for a chunk of cases in one query each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from case_management.models import CaseNote, CaseTag, ContactPoint, Interaction
from case_management.models.among import among
from case_management.models.contact import PointKind
from case_management.resources.labels import joined

Found = dict[int, tuple[Any, ...]]


def tags_of(case_ids: Iterable[int]) -> Found:
    """The tags' names in one text."""
    names: dict[int, list[tuple[str, str]]] = {}
    rows = CaseTag.objects.filter(case_id__in=among(CaseTag, case_ids)).order_by("tag__name")
    for case_id, name, key in rows.values_list("case_id", "tag__name", "tag__key"):
        names.setdefault(case_id, []).append((name, key))
    return {case_id: (joined(pairs),) for case_id, pairs in names.items()}


def first_interaction_of(case_ids: Iterable[int]) -> Found:
    """Comment and score of the first thing that the customer said."""
    rows = Interaction.objects.filter(case_id__in=among(Interaction, case_ids)).order_by("-occurred_at", "-pk")
    return {case_id: (comment, score) for case_id, comment, score in rows.values_list("case_id", "comment", "score")}


def closing_note_of(case_ids: Iterable[int]) -> Found:
    """The note with which the case was resolved last."""
    rows = CaseNote.objects.filter(case_id__in=among(CaseNote, case_ids), event__type="resolved").order_by("event__seq")
    return {case_id: (text,) for case_id, text in rows.values_list("case_id", "text")}


def email_of(case_ids: Iterable[int]) -> Found:
    """The contact's first e-mail address."""
    rows = ContactPoint.objects.filter(contact__cases__in=among(ContactPoint, case_ids), kind=PointKind.EMAIL).order_by(
        "-pk"
    )
    return {case_id: (value,) for case_id, value in rows.values_list("contact__cases", "value")}
