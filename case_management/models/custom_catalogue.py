"""All custom fields as they stand, read once for a request or a chunk: which there are, and which cases have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from case_management.exceptions import ValueUnknown
from case_management.models.custom_field import CustomField
from case_management.models.together import together


@dataclass(frozen=True)
class CustomCatalogue:
    """Fields in their order, also those that are switched off; ``types`` are the case types of each, none: all."""

    fields: tuple[CustomField, ...]
    types: Mapping[int, frozenset[int]]

    @classmethod
    def load(cls) -> CustomCatalogue:
        """One query."""
        return cls.read(together(**cls.lists()))

    @classmethod
    def lists(cls) -> dict[str, Any]:
        """What :meth:`read` needs to know, for a query that reads more than this."""
        of_types = CustomField.case_types.through.objects.order_by()
        return {"fields": CustomField.objects.all(), "types": of_types.values_list("customfield", "casetype")}

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> CustomCatalogue:
        """The catalogue that the rows of :meth:`lists` tell of."""
        types: dict[int, set[int]] = {field.pk: set() for field in found["fields"]}
        for field, kind in found["types"]:
            types[field].add(kind)
        return cls(tuple(found["fields"]), {field: frozenset(kinds) for field, kinds in types.items()})

    def __iter__(self) -> Iterator[CustomField]:
        return iter(self.fields)

    @property
    def active(self) -> list[CustomField]:
        """Fields that may be filled in today."""
        return [field for field in self.fields if field.is_active]

    def known(self, key: str) -> CustomField | None:
        """The field with this key, also one that is switched off."""
        return next((field for field in self.fields if field.key == key), None)

    def get(self, key: str) -> CustomField:
        """The active field with this key. Raises ValueUnknown that names what there is."""
        field = self.known(key)
        if field is None or not field.is_active:
            known = ", ".join(field.key for field in self.active) or "–"
            message = (
                _("There is no custom field “%s”.") if field is None else _("The custom field “%s” is switched off.")
            )
            mend = _("The custom fields are: %s.") % known
            raise ValueUnknown(f"{message % str(key)[:60]} {mend}", fields=[f"custom.{key}"])
        return field

    def fits(self, field: CustomField, case_type_id: int | None) -> bool:
        """Whether cases of this type have the field."""
        return not self.types[field.pk] or case_type_id in self.types[field.pk]

    def of_type(self, case_type_id: int | None) -> list[CustomField]:
        """Active fields of cases of this type."""
        return [field for field in self.active if self.fits(field, case_type_id)]

    def held(self, values: Mapping[str, Any], texts: Mapping[str, Any]) -> list[tuple[CustomField, Any]]:
        """Fields that have a value, and the value, in order; also those that are switched off since."""
        found = ((field, values.get(field.key, texts.get(field.key))) for field in self.fields)
        return [(field, value) for field, value in found if value is not None]


def people_in(pairs: Iterable[tuple[CustomField, Any]]) -> set[int]:
    """Primary keys of the users that these values name."""
    return {int(value) for field, value in pairs if field.kind == "user" and isinstance(value, int)}
