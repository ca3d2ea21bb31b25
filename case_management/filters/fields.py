"""What the parameters of the filter set are read with: keys, people, days; and the form that refuses other keys."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

#: Time zones shift days by hours, so the ends of the calendar are out of reach.
_DAYS = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))]

_UNKNOWN = {"invalid_choice": gettext_lazy("“%(value)s” is not there, or not among what you may see.")}


class KnownKeysForm(forms.Form):
    """Refuses keys that no filter has: a mistyped filter must not widen what somebody sees or exports."""

    def clean(self) -> dict[str, Any]:
        """Name the unknown keys, and the known ones."""
        known = ", ".join(sorted(self.fields))
        for key in sorted(set(self.data) - set(self.fields)):
            message = _("There is no filter “%(key)s”. The filters are: %(known)s.")
            self.add_error(None, message % {"key": key[:60], "known": known})
        return super().clean() or {}


class AssigneeField(forms.CharField):
    """``me``, ``nobody`` or a user name; cleans to the word or to the user."""

    def clean(self, value: Any) -> Any:
        """Raise ValidationError when nobody has this user name."""
        name = super().clean(value)
        if name in ("", "me", "nobody"):
            return name
        users = get_user_model()
        try:
            return users._default_manager.get_by_natural_key(name)
        except users.DoesNotExist:
            message = _("Nobody has the user name “%s”. Write a user name, “me” or “nobody”.")
            raise ValidationError(message % name) from None


class AssigneeFilter(django_filters.Filter):  # type: ignore[misc]
    """A filter over :class:`AssigneeField`."""

    field_class = AssigneeField


def keys(field: str, queryset: Any, label: Any, method: str = "filter_any") -> django_filters.Filter:
    """Entries of a list by their keys; several mean any of them."""
    return django_filters.ModelMultipleChoiceFilter(
        field_name=field, queryset=queryset, to_field_name="key", label=label, method=method
    )


def branch(queryset: Any, name: str, label: Any) -> django_filters.Filter:
    """A node of a tree by the field ``name``; stands for everything below it too."""
    return django_filters.ModelChoiceFilter(
        queryset=queryset, to_field_name=name, method="filter_branch", label=label, error_messages=_UNKNOWN
    )


def day(field: str, lookup: str, label: Any) -> django_filters.Filter:
    """A whole day of the active time zone, as the first or the last of a range."""
    return django_filters.DateFilter(
        field_name=f"{field}__{lookup}", method="filter_day", label=label, validators=_DAYS
    )


def one_of(method: str, label: Any, choices: Any) -> django_filters.Filter:
    """One of a few fixed words."""
    return django_filters.ChoiceFilter(method=method, label=label, choices=choices)
