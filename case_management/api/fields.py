"""Serializer fields that take exactly what they say and nothing that looks like it."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from case_management.intake.response import COMMENT_CHARACTERS

FACTS = 200
FACT_NAME_CHARACTERS = 200
FACT_CHOICES = 100

_FIRST_YEAR = 1900
_CLOCKS_DIFFER = timedelta(days=1)
_CONTROLS = ("Cc", "Zl", "Zp")


class Line(serializers.CharField):
    """Text on one line: what may end up in the header of a mail or a line of a log."""

    default_error_messages = {"lines": _("This holds a line break or another control character.")}

    def to_internal_value(self, data: Any) -> str:
        """The text without blanks around it."""
        text = super().to_internal_value(data)
        if any(unicodedata.category(char) in _CONTROLS for char in text):
            self.fail("lines")
        return text


class YesNo(serializers.BooleanField):
    """``true`` or ``false`` of JSON, no words that mean them."""

    def to_internal_value(self, data: Any) -> bool:
        """The value itself."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Moment(serializers.DateTimeField):
    """A date and time with its offset from UTC, in ISO 8601."""

    default_error_messages = {
        "naive": _("This time has no offset from UTC, so it could mean any of 26 hours."),
        "implausible": _("This is not a time at which somebody could have said something."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """The moment as it came; a moment before 1900 or after tomorrow is a mistake."""
        if timezone.is_naive(value):
            self.fail("naive")
        if value.year < _FIRST_YEAR or value > timezone.now() + _CLOCKS_DIFFER:
            self.fail("implausible")
        return value


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": FACTS,
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "maxLength": COMMENT_CHARACTERS},
                {"type": "number"},
                {"type": "boolean"},
                {"type": "array", "maxItems": FACT_CHOICES, "items": {"type": "string"}},
            ],
            "nullable": True,
        },
    }
)
class Facts(serializers.Field):  # type: ignore[type-arg]
    """Names with values: text, number, yes or no, nothing, or a list of chosen texts."""

    default_error_messages = {
        "object": _("Give an object: names with values."),
        "too_many": _("Give at most %d names.") % FACTS,
        "name": _("Each name needs 1 to %d characters.") % FACT_NAME_CHARACTERS,
        "value": _("“{name}” holds neither text, number, yes or no, nothing, nor a list of texts."),
        "max_length": _("“{name}” has too many characters or choices."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object itself."""
        if not isinstance(data, dict):
            self.fail("object")
        if len(data) > FACTS:
            self.fail("too_many")
        for name, value in data.items():
            if not 0 < len(name) <= FACT_NAME_CHARACTERS:
                self.fail("name")
            self._check(name, value)
        return data

    def _check(self, name: str, value: Any) -> None:
        chosen = value if isinstance(value, list) else [value]
        texts_only = isinstance(value, list)
        if not all(isinstance(each, str) or (not texts_only and _is_plain(each)) for each in chosen):
            self.fail("value", name=name)
        longest = max((len(each) for each in chosen if isinstance(each, str)), default=0)
        if len(chosen) > FACT_CHOICES or longest > COMMENT_CHARACTERS:
            self.fail("max_length", name=name)

    def to_representation(self, value: Any) -> Any:
        """As it is stored."""
        return value


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float)
