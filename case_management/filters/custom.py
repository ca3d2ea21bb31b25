"""Filters by custom fields, made from the fields as they stand: ``custom_<key>``, for ranges ``_from`` and ``_to``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.db.models.lookups import Exact, GreaterThanOrEqual, In, IsNull, LessThanOrEqual
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from case_management.filters.fields import PeopleField
from case_management.models import CustomField
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.custom_field import FieldKind
from case_management.models.custom_lookup import AnyChoice, CustomValue, text_contains
from case_management.models.custom_values import FIRST_DAY, LAST_DAY

PREFIX = "custom_"
YES_NO = [("yes", _("Yes")), ("no", _("No"))]
#: From what was asked to the condition; ``user`` is who asks.
Condition = Callable[[Any, Any], Q]


class CustomFilter(django_filters.Filter):  # type: ignore[misc]
    """One parameter; ``shown`` is the custom field that it asks about."""

    def __init__(
        self, custom: CustomField, field_class: type[forms.Field], condition: Condition, **kwargs: Any
    ) -> None:
        self.field_class, self.shown, self.condition = field_class, custom, condition
        super().__init__(**kwargs)

    def filter(self, queryset: Any, value: Any) -> Any:
        """Narrowed, where something is asked."""
        if value in (None, "", []):
            return queryset
        return queryset.filter(self.condition(value, self.parent.user))


def asks_for_custom(data: Any) -> bool:
    """Whether a query's parameters ask about custom fields at all."""
    return any(str(name).startswith(PREFIX) for name in data)


def custom_filters(catalogue: CustomCatalogue) -> dict[str, CustomFilter]:
    """Parameter → filter, for every active field that lists can be filtered by, in the fields' order."""
    found: dict[str, CustomFilter] = {}
    for custom in catalogue.active:
        if custom.is_filterable:
            found |= _MAKERS[FieldKind(custom.kind)](custom)
    return found


def add_custom_filters(filter_set: Any) -> None:
    """Give a set the filters of today's fields; where nothing is asked of custom fields, nothing is read."""
    if asks_for_custom(filter_set.data):
        for name, one in custom_filters(filter_set.custom).items():
            one.parent, one.model = filter_set, filter_set.queryset.model
            filter_set.filters[name] = one


def _text(custom: CustomField) -> dict[str, CustomFilter]:
    def contains(text: str, user: Any) -> Q:
        return text_contains(custom, text)

    return {_name(custom): CustomFilter(custom, forms.CharField, contains, label=custom.name, max_length=200)}


def _number(custom: CustomField) -> dict[str, CustomFilter]:
    return _range(custom, forms.FloatField, float)


def _date(custom: CustomField) -> dict[str, CustomFilter]:
    days = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
    return _range(custom, forms.DateField, date.isoformat, validators=days)


def _range(
    custom: CustomField, field: type[forms.Field], stored: Callable[[Any], Any], **more: Any
) -> dict[str, CustomFilter]:
    def at_least(value: Any, user: Any) -> Q:
        return Q(GreaterThanOrEqual(_value(custom), stored(value)))

    def at_most(value: Any, user: Any) -> Q:
        return Q(LessThanOrEqual(_value(custom), stored(value)))

    low, high = format_lazy(_("{name} from"), name=custom.name), format_lazy(_("{name} to"), name=custom.name)
    return {
        f"{_name(custom)}_from": CustomFilter(custom, field, at_least, label=low, **more),
        f"{_name(custom)}_to": CustomFilter(custom, field, at_most, label=high, **more),
    }


def _choice(custom: CustomField) -> dict[str, CustomFilter]:
    def any_of(keys: list[str], user: Any) -> Q:
        return Q(Exact(_value(custom), keys[0])) if len(keys) == 1 else Q(In(_value(custom), keys))

    return _several(custom, any_of)


def _choices(custom: CustomField) -> dict[str, CustomFilter]:
    def any_of(keys: list[str], user: Any) -> Q:
        return Q(AnyChoice(custom.key, keys))

    return _several(custom, any_of)


def _several(custom: CustomField, condition: Condition) -> dict[str, CustomFilter]:
    offered = {"choices": custom.option_pairs, "label": custom.name}
    return {_name(custom): CustomFilter(custom, forms.MultipleChoiceField, condition, **offered)}


def _yes_no(custom: CustomField) -> dict[str, CustomFilter]:
    def answered(word: str, user: Any) -> Q:
        return Q(Exact(_value(custom), int(word == "yes")))

    choices = [("", "---------"), *YES_NO]
    return {_name(custom): CustomFilter(custom, forms.ChoiceField, answered, label=custom.name, choices=choices)}


def _user(custom: CustomField) -> dict[str, CustomFilter]:
    def named(chosen: list[Any], user: Any) -> Q:
        people = [(user if who == "me" else who).pk for who in chosen if who != "nobody"]
        nobody = Q(IsNull(_value(custom), True)) if "nobody" in chosen else Q()
        return (Q(In(_value(custom), people)) | nobody) if people else nobody

    return {_name(custom): CustomFilter(custom, PeopleField, named, label=custom.name)}


def _name(custom: CustomField) -> str:
    return f"{PREFIX}{custom.key}"


def _value(custom: CustomField) -> CustomValue:
    return CustomValue(custom.key, custom.kind)


_MAKERS: dict[FieldKind, Callable[[CustomField], dict[str, CustomFilter]]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.YES_NO: _yes_no,
    FieldKind.USER: _user,
}
