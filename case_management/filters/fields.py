"""What the parameters of the filter set are read with: keys, people, days; and the form that refuses other keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import (
    EMPTY_VALUES,
    MaxValueValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.reference import tidy_reference

#: Words that stand for people.
WHO_WORDS = ("me", "nobody")
#: Such as ``K7QM-3TX``.
_REFERENCE_LENGTH = 8
#: Time zones shift days by hours, so the ends of the calendar are out of reach.
_DAYS = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))]

#: Entries of one list, and people, that can be asked for at once.
MOST_ENTRIES, MOST_PEOPLE = 500, 100
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


class SeveralField(forms.Field):
    """Every value of a parameter that is repeated, each read by :meth:`one`; cleans to a list."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *args: Any, most: int = 100, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most

    def to_python(self, value: Any) -> list[Any]:
        """Raise ValidationError when there are more values than ``most``, or one cannot be read."""
        raw = [str(each) for each in value or [] if each not in EMPTY_VALUES]
        if len(raw) > self.most:
            message = _("There are %(count)d values; %(most)d is the most. Ask with other filters instead.")
            raise ValidationError(message % {"count": len(raw), "most": self.most})
        for each in raw:
            ProhibitNullCharactersValidator()(each)
        return self.many(raw)

    def many(self, raw: list[str]) -> list[Any]:
        """The values in the form in which they are looked for."""
        return list(raw)


class ReferencesField(SeveralField):
    """References of cases, however they were typed."""

    def many(self, raw: list[str]) -> list[Any]:
        """Raise ValidationError for what is no reference; whether there is such a case is not said."""
        tidy = [tidy_reference(each) for each in raw]
        for each in tidy:
            if len(each) != _REFERENCE_LENGTH or each[4] != "-":
                raise ValidationError(_("“%s” is not the reference of a case.") % each[:60])
        return tidy


class ReferencesFilter(django_filters.Filter):  # type: ignore[misc]
    """A filter over :class:`ReferencesField`."""

    field_class = ReferencesField


class EntriesField(SeveralField):
    """Rows of ``queryset`` by their unique ``key``; ``words`` stand for themselves.

    ``read`` gives the rows that were asked for by their keys; a filter set makes it read those of all its fields.
    """

    default_error_messages: ClassVar[dict[str, Any]] = _UNKNOWN

    def __init__(self, queryset: Any, key: str, *, words: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(**{"most": MOST_ENTRIES, **kwargs})
        self.queryset, self.key, self.words = queryset, key, words
        self.read: Callable[[], Mapping[str, Any]] = dict

    def rows(self, asked: list[str]) -> Any:
        """The rows with these keys, None where none is asked for; what cannot be looked for is left to the check."""
        wanted = {value for value in asked if value and "\0" not in value and value not in self.words}
        return self.queryset.filter(**{f"{self.key}__in": sorted(wanted)[: self.most]}).order_by() if wanted else None

    def many(self, raw: list[str]) -> list[Any]:
        """Raise ValidationError that names a value which no row has."""
        known = {**self.read(), **{word: word for word in self.words}} if raw else {}
        for each in raw:
            if each not in known:
                raise ValidationError(self.error_messages["invalid_choice"], params={"value": each[:150]})
        return list({each: known[each] for each in raw}.values())


class EntriesFilter(django_filters.Filter):  # type: ignore[misc]
    """A filter over :class:`EntriesField`."""

    field_class = EntriesField


class ContactsField(EntriesField):
    """Customers by the numbers of their pages; the set knows those of the rows."""

    def rows(self, asked: list[str]) -> Any:
        """Longer numbers are nobody's, and no database takes them."""
        return super().rows([value for value in asked if value.isascii() and value.isdigit() and int(value) < 2**63])


class ContactsFilter(django_filters.Filter):  # type: ignore[misc]
    """A filter over :class:`ContactsField`."""

    field_class = ContactsField


class PeopleField(EntriesField):
    """``me``, ``nobody`` or user names; cleans to the words and the users."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid_choice": gettext_lazy("Nobody has the user name “%(value)s”. Write a user name, “me” or “nobody”.")
    }

    def __init__(self, **kwargs: Any) -> None:
        users = get_user_model()
        most = {"most": MOST_PEOPLE}
        super().__init__(users._default_manager.all(), users.USERNAME_FIELD, words=WHO_WORDS, **most, **kwargs)


class PeopleFilter(django_filters.Filter):  # type: ignore[misc]
    """A filter over :class:`PeopleField`."""

    field_class = PeopleField


def keys(field: str, queryset: Any, label: Any, method: str = "filter_any") -> django_filters.Filter:
    """Entries of a list by their keys; several mean any of them."""
    return EntriesFilter(queryset=queryset, key="key", field_name=field, label=label, method=method)


def branch(queryset: Any, name: str, label: Any) -> django_filters.Filter:
    """Nodes of a tree by the field ``name``; each stands for everything below it too."""
    return EntriesFilter(queryset=queryset, key=name, method="filter_branch", label=label)


def day(field: str, lookup: str, label: Any) -> django_filters.Filter:
    """A whole day of the active time zone, as the first or the last of a range."""
    return django_filters.DateFilter(
        field_name=f"{field}__{lookup}", method="filter_day", label=label, validators=_DAYS
    )


def score(lookup: str, label: Any) -> django_filters.Filter:
    """One end of a range of survey scores, itself included."""
    return django_filters.NumberFilter(
        field_name="score", lookup_expr=lookup, label=label, max_digits=6, decimal_places=2
    )


def one_of(method: str, label: Any, choices: Any) -> django_filters.Filter:
    """One of a few fixed words."""
    return django_filters.ChoiceFilter(method=method, label=label, choices=choices)
