"""Reads rows of a file as facts about cases: mapped, defaulted, looked up, each fault with its column and its mend."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.states import LABELS, Status
from case_management.exceptions import RowInvalid
from case_management.operations import CaseFacts
from case_management.operations.import_facts import SOME_OPEN_STATUS
from case_management.resources.columns import Moment
from case_management.resources.contacts import ContactBook, Said
from case_management.resources.custom_columns import PREFIX, names_people
from case_management.resources.header_check import Header
from case_management.resources.labels import BRANCH, LIST
from case_management.resources.lookups import Lookups
from case_management.resources.mapping import Mapping

#: Spaces at the ends of these mean something.
VERBATIM = frozenset({"description"})
CONTACT = ("contact_external_id", "contact_email", "contact_name")
UNIT = ("unit_number", "unit")
#: Columns that say something to the operation.
READABLE = frozenset(
    {item.name for item in fields(CaseFacts)} - {"contact", "assignee_id", "custom"} | {"assignee", *CONTACT, *UNIT}
)


def is_readable(name: str) -> bool:
    """Whether a column of this name says something to the operation."""
    return name in READABLE or name.startswith(PREFIX)


LENGTHS = {"external_id": 120, "reference": 12, "waiting_for": 12}


class RowFaults(Exception):
    """Everything that is wrong with one row."""

    def __init__(self, faults: list[RowInvalid]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


class Reading:
    """One file's rows, by its header, its mapping and the look-ups of the importing person."""

    def __init__(self, columns: MappingType[str, Any], header: Header, mapping: Mapping, lookups: Lookups) -> None:
        """``columns`` are the Resource's fields by name."""
        self.mapping, self.lookups = mapping, lookups
        self._columns = list(header.columns.items())
        given = {*header.columns, *mapping.defaults}
        self._read = [(name, field) for name, field in columns.items() if name in given]
        self._moments = {name for name, field in self._read if isinstance(field.widget, Moment)}
        self._renamed = [(name, field.column_name) for name, field in self._read if field.column_name != name]
        self._people = ["assignee", *(name for name, field in self._read if names_people(field))]
        self._contacts = ContactBook()

    def texts(self, values: MappingType[str, object]) -> dict[str, Any]:
        """Our column → what the row says: text, or a date where one is wanted. Raises RowFaults."""
        found: dict[str, Any] = {}
        tables = self.mapping.tables
        for ours, theirs in self._columns:
            try:
                said = _said(values, ours, theirs)
            except RowInvalid as error:
                raise RowFaults([_located(error, ours)]) from error
            if not isinstance(said, str) and ours not in self._moments:
                said = said.isoformat()
            found[ours] = tables[ours].get(said) if said and ours in tables else said
        for ours, default in self.mapping.defaults.items():
            found[ours] = found.get(ours) or default
        return found

    def prime(self, rows: Sequence[dict[str, Any]]) -> None:
        """Read the people whom these rows name, once for all of them."""
        self.lookups.prime_users(str(row[name]) for row in rows for name in self._people if row.get(name))
        self._contacts = ContactBook.load(said for row in rows if any(said := _customer(row)))

    def facts(self, row: dict[str, Any]) -> CaseFacts:
        """The facts of one row. Raises RowFaults."""
        cleaned, faults = dict[str, Any](), list[RowInvalid]()
        row |= {column: row[name] for name, column in self._renamed}
        for name, field in self._read:
            try:
                cleaned[name] = field.clean(row, reading=self)
            except (RowInvalid, ValueError) as error:
                faults.append(_located(error, name))
        try:
            cleaned["contact"] = self._contacts.find(_customer(cleaned))
            self._place(cleaned)
        except RowInvalid as error:
            faults.append(error)
        faults += [_too_long(name, most) for name, most in LENGTHS.items() if len(cleaned.get(name) or "") > most]
        if faults:
            raise RowFaults(faults)
        said = {name: value for name, value in cleaned.items() if value is not None and value != ""}
        custom = {name.removeprefix(PREFIX): said.pop(name) for name in list(said) if name.startswith(PREFIX)}
        return CaseFacts(custom=custom, **said)

    def _place(self, cleaned: dict[str, Any]) -> None:
        """The unit by its number; by its name only where no number stands."""
        number, name = (cleaned.pop(column, None) for column in UNIT)
        if number or name:
            try:
                cleaned["unit"] = self.lookups.unit(str(number or name))
            except RowInvalid as error:
                raise _located(error, "unit_number" if number else "unit") from error
        cleaned["assignee_id"] = cleaned.pop("assignee", None)
        for column in CONTACT:
            cleaned.pop(column, None)

    def moment(self, value: Any) -> datetime:
        """An aware moment from a text or a date; the mapping's zone holds where no offset stands."""
        if isinstance(value, str):
            value = self._parsed(value)
        elif not isinstance(value, datetime):
            value = datetime.combine(value, time())
        return value if value.tzinfo else value.replace(tzinfo=self.mapping.zone)

    def _parsed(self, text: str) -> datetime:
        for format in self.mapping.dates:
            try:
                return datetime.strptime(text, format)  # noqa: DTZ007 - moment() adds the zone
            except ValueError:
                continue
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise RowInvalid(
                _("“%s” is no moment that is understood.") % text[:60],
                mend=_("Write it as 2026-01-31T14:05:00+01:00, or name its format in the mapping under “dates”."),
            ) from None

    def status(self, text: str) -> str:
        """The code of a status, from its code or its name in any case of letters."""
        word = text.casefold().replace(" ", "_")
        if word == SOME_OPEN_STATUS or word in list(Status):
            return word
        for status, label in LABELS.items():
            if str(label).casefold() == text.casefold():
                return status
        known = ", ".join([SOME_OPEN_STATUS, *Status])
        message = _("“%s” is no status.") % text[:60]
        raise RowInvalid(message, mend=_("Write one of: %s; or translate it in the mapping.") % known)


def _said(values: MappingType[str, object], ours: str, theirs: tuple[str, ...]) -> Any:
    if len(theirs) == 1:
        return plain(values.get(theirs[0]), verbatim=ours in VERBATIM)
    parts = [str(plain(values.get(name))) for name in theirs]
    return (BRANCH if ours == "topic" else " ").join(part for part in parts if part)


def plain(value: object, *, verbatim: bool = False) -> Any:
    """A cell as text; dates stay what they are. A cell of nothing but spaces is empty."""
    if isinstance(value, str):
        stripped = value.strip()
        return value if verbatim and stripped else stripped
    if value is None or isinstance(value, date):
        return "" if value is None else value
    if isinstance(value, list):
        return LIST.join(str(plain(item)) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float | Decimal | time | timedelta):
        return str(value)
    raise RowInvalid(_("The cell holds neither text nor a number nor a date."), mend=_("Write a text."))


def _customer(row: MappingType[str, Any]) -> Said:
    external_id, email, name = (str(row.get(column) or "") for column in CONTACT)
    return external_id, email, name


def _located(error: Exception, column: str) -> RowInvalid:
    if isinstance(error, RowInvalid):
        return RowInvalid(error.message, **{**error.details, "column": column})
    return RowInvalid(str(error), column=column, mend="")


def _too_long(column: str, most: int) -> RowInvalid:
    return RowInvalid(_("The text has more than %d characters.") % most, column=column, mend=_("Shorten it."))
