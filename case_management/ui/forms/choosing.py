"""Two people changed the same field: both values stand beside each other, and the later one chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _

#: What is chosen per field, and the word for the other person's value.
TAKE, THEIRS = "take-", "theirs"


@dataclass(frozen=True)
class Both:
    """The values of one field; ``name`` is that of the choice between them."""

    name: str
    label: str
    theirs: str
    mine: str


def both(field: forms.BoundField, now: list[str]) -> Both | None:
    """The two values, where what the person saw is not what is there now; None where nobody else was there."""
    data: Any = field.form.data
    if data.getlist(field.html_initial_name) == now:
        return None
    return Both(f"{TAKE}{field.name}", str(field.label), _shown(field, now), _shown(field, data.getlist(field.name)))


def taken(data: Any) -> Any:
    """What was sent, with the other person's value in each field where it was chosen: then nothing is changed there."""
    names = [key.removeprefix(TAKE) for key in data if key.startswith(TAKE) and data[key] == THEIRS]
    if not names:
        return data
    settled = data.copy()
    for name in names:
        settled.setlist(name, data.getlist(f"initial-{name}"))
    return settled


def _shown(field: forms.BoundField, values: list[str]) -> str:
    """As people read it: names of choices, moments as dates."""
    choices = getattr(field.field, "choices", None)
    names = {str(key): str(label) for key, label in choices} if choices else {}
    return ", ".join(names.get(value, _moment(field, value)) for value in values if value) or _("nothing")


def _moment(field: forms.BoundField, value: str) -> str:
    if not isinstance(field.field, forms.DateTimeField):
        return value
    try:
        return date_format(datetime.fromisoformat(value), "SHORT_DATETIME_FORMAT")
    except ValueError:
        return value
