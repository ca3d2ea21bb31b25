"""Makes a response of one row as a mapping says, or names every cell that stands in the way."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from case_management.exceptions import RowInvalid
from case_management.intake.cells import Cell
from case_management.intake.converters import Unfit
from case_management.intake.facts import Fact
from case_management.intake.mapping import Mapping
from case_management.intake.response import Person, Response, UnitName, derived_id
from case_management.tabular import Row


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell (or, without a column, with the whole row) and how to mend it."""

    row: int
    column: str
    message: str
    mend: str


class RowsFaults(RowInvalid):
    """A row that cannot be taken in; ``faults`` names each cell."""

    def __init__(self, faults: list[Fault]) -> None:
        first = faults[0]
        super().__init__(first.message, row=first.row, column=first.column, mend=first.mend)
        self.faults = faults


@dataclass
class _Reading:
    """One row while it is read: values so far, and the faults found."""

    row: Row
    missing: frozenset[str]
    faults: list[Fault] = field(default_factory=list)

    def value(self, source: Cell | Fact, column: str | None) -> Any:
        try:
            return source.read(self.row.values, self.missing)
        except Unfit as unfit:
            self.faults.append(Fault(self.row.number, column or "", unfit.message, unfit.mend))
            return None

    def cells(self, described: AnyMapping[str, Cell]) -> dict[str, Any]:
        """The values that are not empty, by field."""
        read = {name: self.value(found, found.column) for name, found in described.items()}
        return {name: value for name, value in read.items() if value is not None}

    def facts(self, described: tuple[Fact, ...]) -> dict[str, Any]:
        """The answers that are not empty, by label."""
        read = {fact.label: self.value(fact, fact.cell.column) for fact in described}
        return {label: value for label, value in read.items() if value is not None}


def read_row(row: Row, mapping: Mapping) -> Response:
    """The response in the row; raises :class:`RowsFaults` with every fault of the row."""
    if row.problem:
        mend = _("Correct the row and import the file again; what is stored already is not stored twice.")
        raise RowsFaults([Fault(row.number, "", row.problem, mend)])
    reading = _Reading(row, mapping.missing)
    fields = reading.cells(mapping.fields)
    unit, person = reading.cells(mapping.unit), reading.cells(mapping.contact)
    answers, visit = reading.facts(mapping.answers), reading.facts(mapping.visit)
    if reading.faults:
        raise RowsFaults(reading.faults)
    content = {column: storable(value) for column, value in row.values.items()}
    return Response(
        # The id is derived from the whole row, so that it does not change when more columns are dropped one day.
        **{"external_id": derived_id(content), **fields, "wants_contact": _wants_contact(fields, mapping)},
        unit=UnitName(unit["number"], unit.get("name", "")) if "number" in unit else None,
        contact=_person(person),
        answers=answers,
        visit=visit,
        raw={column: value for column, value in content.items() if column not in mapping.drop},
    )


def _wants_contact(fields: dict[str, Any], mapping: Mapping) -> bool:
    asked = bool(fields.get("wants_contact", False))
    condition = mapping.follow_up
    return asked or (condition is not None and condition.holds(fields.get("recommended"), fields.get("score")))


def _person(values: dict[str, Any]) -> Person | None:
    if not values:
        return None
    email, phone = values.pop("email", ""), values.pop("phone", "")
    return Person(emails=(email,) if email else (), phones=(phone,) if phone else (), **values)


def storable(value: object) -> Any:
    """The cell as JSON keeps it; what JSON has no type for becomes text."""
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | timedelta) else value
