"""Custom fields in JSON: an object of keys and values; people by their user names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from case_management.api.fields import FACTS
from case_management.api.serializers import Strict
from case_management.models import Case
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.custom_field import FieldKind
from case_management.models.user_names import UserNames

VALUES = {
    "type": "object",
    "maxProperties": FACTS,
    "additionalProperties": {
        "anyOf": [
            {"type": "string"}, {"type": "number"}, {"type": "boolean"},
            {"type": "array", "items": {"type": "string"}},
        ],
        "nullable": True,
    },
}  # fmt: skip


class Told:
    """What a reply tells of custom fields; the fields and the people's names are read once for all its cases."""

    @cached_property
    def catalogue(self) -> CustomCatalogue:
        """The fields as they stand."""
        return CustomCatalogue.load()

    @cached_property
    def people(self) -> UserNames:
        """User names."""
        return UserNames()

    def of(self, case: Case) -> dict[str, Any]:
        """Key → value of every field that is filled in."""
        held = self.catalogue.held(case.custom, case.custom_texts)
        return {
            field.key: self.people[value] if field.kind == FieldKind.USER else value for field, value in held
        }  # fmt: skip


@extend_schema_field(VALUES)
class CustomValuesField(serializers.Field):  # type: ignore[type-arg]
    """The object as it came; the operation checks each value against its field."""

    default_error_messages = {"object": _("Give an object: keys of custom fields with values, null takes one away.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Keys with values."""
        if not isinstance(data, dict) or len(data) > FACTS:
            self.fail("object")
        return data

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class CaseChangeSerializer(Strict):
    """What a program may change of a case."""

    custom = CustomValuesField(help_text=_("Values by the keys of custom fields; what is not named stays."))


def as_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the operation takes them: people by primary key; it refuses names that nobody has."""
    keys = {field.key for field in CustomCatalogue.load() if field.kind == FieldKind.USER}
    names = [value for key, value in given.items() if key in keys and isinstance(value, str)]
    users, name = get_user_model()._default_manager, get_user_model().USERNAME_FIELD
    known = dict(users.filter(**{f"{name}__in": names}).values_list(name, "pk")) if names else {}
    return {key: _person(value, known) if key in keys else value for key, value in given.items()}


def _person(value: Any, known: Mapping[str, int]) -> Any:
    """Numbers of users are ours alone, so they name nobody here."""
    return value if value is None else known.get(value, str(value)) if isinstance(value, str) else str(value)
