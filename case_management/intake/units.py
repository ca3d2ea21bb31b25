"""Finds the units that responses are about by their numbers, and makes them where the mapping says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from case_management.exceptions import ValueUnknown
from case_management.intake.gate import pass_one_at_a_time
from case_management.intake.response import UnitName
from case_management.models import Unit


@dataclass(frozen=True, slots=True)
class NewUnits:
    """Leave to make missing units below the root with this number; the root is made too."""

    number: str
    name: str


def unknown_units(numbers: Iterable[str]) -> set[str]:
    """Those of the numbers that no unit has; one query."""
    wanted = set(numbers)
    return wanted - _by_number(wanted).keys()


def find_units(units: Iterable[UnitName], new_units: NewUnits | None = None) -> dict[str, Unit]:
    """Units by number. Raises ValueUnknown for numbers that do not exist, unless they may be made."""
    wanted = {unit.number: unit for unit in units}
    found = _by_number(set(wanted))
    if wanted.keys() <= found.keys():
        return found
    if new_units is None:
        missing = sorted(wanted.keys() - found.keys())
        raise ValueUnknown(
            _("There is no unit with the number %(numbers)s. Add it to the units, or correct the number.")
            % {"numbers": ", ".join(missing)},
            units=missing,
        )
    pass_one_at_a_time()
    return _made(wanted, new_units)


def _by_number(numbers: set[str]) -> dict[str, Unit]:
    return {unit.number: unit for unit in Unit.objects.filter(number__in=numbers)} if numbers else {}


def _made(wanted: dict[str, UnitName], new_units: NewUnits) -> dict[str, Unit]:
    found = _by_number({*wanted, new_units.number})
    root = found.get(new_units.number) or Unit.add_root(number=new_units.number, name=new_units.name)
    for number in sorted(wanted.keys() - found.keys()):
        if number != root.number:
            found[number] = root.add_child(number=number, name=wanted[number].name or number)
    return {**found, root.number: root}
