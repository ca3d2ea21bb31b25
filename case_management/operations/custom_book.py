"""What is decided about custom fields, after one reading for a whole chunk: what may be set, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from case_management.domain.events import CustomFieldsChanged
from case_management.exceptions import GateNotMet
from case_management.models import Case, CustomField
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.custom_values import checked, refused

Values = Mapping[str, Any]


@dataclass(frozen=True)
class CustomBook:
    """The fields, and those of the wanted people who are active."""

    catalogue: CustomCatalogue
    people: frozenset[int] = frozenset()

    @classmethod
    def load(cls, wanted: Iterable[Values], catalogue: CustomCatalogue | None = None) -> CustomBook:
        """Read for these values: the fields, and the people whom they name. Nothing is read where nothing is wanted."""
        given = [values for values in wanted if values]
        if not given:
            return cls(catalogue or CustomCatalogue((), {}))
        catalogue = catalogue or CustomCatalogue.load()
        keys = {field.key for field in catalogue if field.kind == "user"}
        named = {getattr(values[key], "pk", values[key]) for values in given for key in keys & values.keys()}
        ids = {pk for pk in named if isinstance(pk, int)}
        users = get_user_model()._default_manager.filter(pk__in=ids, is_active=True) if ids else ()
        return cls(catalogue, frozenset(user.pk for user in users))

    def change(self, case: Case, values: Values) -> CustomFieldsChanged | None:
        """The event that gives ``case`` these values; None where it has them already. Raises ValueUnknown."""
        typed, written = dict(case.custom), dict[str, str | None]()
        for key, wanted in values.items():
            present = case.custom_texts.get(key, case.custom.get(key))
            if wanted is not None and wanted == present and type(wanted) is type(present):
                continue  # it stays as it is, whatever has become of the option or the person since
            field, value = self._settled(case, key, wanted)
            if value == present and type(value) is type(present):
                continue
            if field.is_free_text:
                written[key] = None if value is None else str(value)
            elif value is None:
                typed.pop(key, None)
            else:
                typed[key] = value
        changed = [key for key in {**case.custom, **typed} if case.custom.get(key) != typed.get(key)]
        if not changed and not written:
            return None
        return CustomFieldsChanged(
            values=typed, changed=tuple(sorted(changed)), texts=tuple(sorted(written)), written=written
        )

    def _settled(self, case: Case, key: str, wanted: Any) -> tuple[CustomField, Any]:
        """The field and the value as it is stored; what a case does not have may still be taken away from it."""
        known = self.catalogue.known(key)
        if known is not None and wanted in (None, "", [], ()):
            return known, None
        field = self.catalogue.get(key)
        value = checked(field, wanted, self.people)
        if value is not None and not self.catalogue.fits(field, case.case_type_id):
            raise refused(field, _("Cases of this type do not have the field; change the type or leave it out."))
        return field, value


def missing_fields(catalogue: CustomCatalogue, case: Case, *, to: str) -> dict[str, str]:
    """Name in errors → label of the fields that the case still needs ``to`` ``"open"`` or ``"resolve"``."""
    needed = [field for field in catalogue.of_type(case.case_type_id) if getattr(field, f"required_to_{to}")]
    return {
        f"custom.{field.key}": field.name
        for field in needed
        if case.custom.get(field.key) is None and not case.custom_texts.get(field.key)
    }


def require_to_open(catalogue: CustomCatalogue, case: Case) -> None:
    """Raise GateNotMet that names every field that a person has to fill in to open the case."""
    missing = missing_fields(catalogue, case, to="open")
    if missing:
        message = _("To open this case fill in: %s.") % ", ".join(missing.values())
        raise GateNotMet(message, fields=list(missing))
