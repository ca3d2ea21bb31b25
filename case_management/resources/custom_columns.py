"""Columns of custom fields, made from the fields as they stand: ``custom.<key>``, out and in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from import_export.fields import Field

from case_management.exceptions import RowInvalid, ValueUnknown
from case_management.models import CustomField
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.custom_field import FieldKind
from case_management.models.custom_values import read, written
from case_management.models.user_names import UserNames
from case_management.resources.columns import Looked

if TYPE_CHECKING:
    from case_management.resources.reading import Reading

PREFIX = "custom."


class CustomValues(Looked):
    """One custom field: its value out of the case's values, and read from a cell."""

    def __init__(self, custom: CustomField, people: UserNames) -> None:
        super().__init__()
        self.custom, self._people = custom, people

    def look(self, value: Any, reading: Reading) -> Any:
        """The value as an operation takes it."""
        try:
            return read(self.custom, str(value), reading.lookups.user)
        except ValueUnknown as error:
            raise RowInvalid(error.message, mend="") from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Of all values of a case, this field's."""
        found = (value or {}).get(self.custom.key)
        if found is None:
            return None
        people = {found: self._people[found]} if self.custom.kind == FieldKind.USER else {}
        return written(self.custom, found, people)

    def column(self, attribute: str) -> tuple[str, Callable[[Any], Any]]:
        """All custom columns read the same column of the database."""
        return attribute, self.render


def custom_columns() -> dict[str, Field]:
    """Name → column of every active field, in the fields' order; two queries."""
    people, found = UserNames(), dict[str, Field]()
    for custom in CustomCatalogue.load().active:
        attribute = "custom_texts" if custom.is_free_text else "custom"
        name = f"{PREFIX}{custom.key}"
        found[name] = Field(attribute, name, CustomValues(custom, people))
    return found


def names_people(field: Any) -> bool:
    """Whether a column holds user names."""
    return isinstance(field.widget, CustomValues) and field.widget.custom.kind == FieldKind.USER


def headings_of(fields: dict[str, Any]) -> dict[str, str]:
    """What people call the columns, such as ``custom: Baggage``, with our name for each."""
    ours = {name: field.widget.custom for name, field in fields.items() if isinstance(field.widget, CustomValues)}
    return {f"custom: {custom.name}": name for name, custom in ours.items()}
