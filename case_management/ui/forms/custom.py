"""Custom fields in forms: a control per kind, what was typed as the operation takes it, and groups by case type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from case_management.models import CustomField
from case_management.models.custom_field import FieldKind
from case_management.models.custom_values import LONGEST_TEXT
from case_management.ui.forms.desk import Desk, Pairs

PREFIX = "custom_"


def name_of(custom: CustomField) -> str:
    """How the field is called in a form."""
    return f"{PREFIX}{custom.key}"


class DayField(forms.DateField):
    """A day, with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The one form that browsers take."""
        return value.isoformat() if isinstance(value, date) else value


def _text(custom: CustomField, desk: Desk, said: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=LONGEST_TEXT, widget=forms.TextInput(attrs={"dir": "auto"}), **said)


def _number(custom: CustomField, desk: Desk, said: dict[str, Any]) -> forms.Field:
    return forms.DecimalField(widget=forms.NumberInput(attrs={"step": "any"}), **said)


def _day(custom: CustomField, desk: Desk, said: dict[str, Any]) -> forms.Field:
    return DayField(**said)


def _choice(custom: CustomField, desk: Desk, said: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[("", _("None")), *custom.option_pairs], **said)


def _choices(custom: CustomField, desk: Desk, said: dict[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(choices=custom.option_pairs, widget=forms.CheckboxSelectMultiple, **said)


def _yes_no(custom: CustomField, desk: Desk, said: dict[str, Any]) -> forms.Field:
    choices = [("", _("Not known")), ("true", _("Yes")), ("false", _("No"))]
    return forms.TypedChoiceField(choices=choices, coerce=lambda word: word == "true", empty_value=None, **said)


def _user(custom: CustomField, desk: Desk, said: dict[str, Any]) -> forms.Field:
    people = with_current(desk.staff, said.get("initial"), desk)
    return forms.TypedChoiceField(choices=[("", _("Nobody")), *people], coerce=int, empty_value=None, **said)


def with_current(people: Pairs, current: Any, desk: Desk) -> Pairs:
    """The people on offer, and the one who stands there already."""
    if current in (None, *(pk for pk, _name in people)):
        return people
    return [*people, (current, desk.name_of(current))]


_MAKERS = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _day,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.YES_NO: _yes_no,
    FieldKind.USER: _user,
}


def field_for(custom: CustomField, desk: Desk, **facts: Any) -> forms.Field:
    """The form field; ``facts`` are those of every form field, such as ``required`` and ``initial``."""
    said = {"label": custom.name, "help_text": custom.description, "required": False, **facts}
    if custom.kind == FieldKind.YES_NO and isinstance(said.get("initial"), bool):
        said["initial"] = "true" if said["initial"] else "false"
    return _MAKERS[FieldKind(custom.kind)](custom, desk, said)


def values_of(cleaned: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What the named fields of a form say, by the keys of the custom fields; what is empty is None."""
    found = {name.removeprefix(PREFIX): cleaned.get(name) for name in names}
    return {key: None if value in ("", []) else value for key, value in found.items()}


def gates_of(fields: Iterable[CustomField]) -> dict[str, str]:
    """What the operations call the fields → what forms call them."""
    return {f"custom.{custom.key}": name_of(custom) for custom in fields}


@dataclass
class Group:
    """Fields that the same case types have; ``types`` are their primary keys, none: all types."""

    types: tuple[int, ...]
    title: str
    bound: list[Any] = field(default_factory=list)


def groups_of(desk: Desk, form: forms.Form) -> list[Group]:
    """The fields of the form by their case types, those that every case has first."""
    labels = dict(desk.entries("case_type"))
    found: dict[tuple[int, ...], Group] = {(): Group((), "")}
    for custom in desk.custom.active:
        types = tuple(sorted(desk.custom.types[custom.pk]))
        title = _("Only for: %s") % ", ".join(labels.get(pk, "") for pk in types if pk in labels) if types else ""
        group = found.setdefault(types, Group(types, title))
        group.bound.append(form[name_of(custom)])
    return [group for group in found.values() if group.bound]
