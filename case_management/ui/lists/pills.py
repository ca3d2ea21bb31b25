"""The filters in force, each with the address that takes it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from case_management.filters.fields import EntriesField
from case_management.ui.lists.question import Question
from case_management.ui.people import display_name

#: The words that stand for people.
WHO = [("me", _("me")), ("nobody", _("nobody"))]


@dataclass(frozen=True)
class Pill:
    """One filter in words; ``query`` is the list without it."""

    label: str
    value: str
    query: str


def pills(question: Question) -> list[Pill]:
    """One pill per value in force, in the order of the filters."""
    form = question.form
    asked = ((key, field, form.cleaned_data.get(key)) for key, field in form.fields.items())
    return [
        Pill(str(field.label), _words(field, raw, chosen), question.without(key, raw))
        for key, field, chosen in asked
        if chosen not in (None, "", [])
        for raw in question.data.getlist(key)
        if raw
    ]


def _words(field: Any, raw: str, chosen: Any) -> str:
    if isinstance(field, EntriesField):
        entry = field.read().get(raw)
        return display_name(entry) if hasattr(entry, "get_username") else str(entry or dict(WHO).get(raw, raw))
    if hasattr(chosen, "strftime"):
        return str(date_format(chosen, "SHORT_DATE_FORMAT"))
    return str(dict(getattr(field, "choices", ())).get(raw, raw))
