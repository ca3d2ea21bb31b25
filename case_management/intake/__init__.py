"""Survey, form, e-mail, mention and API become interactions, stored once."""

from case_management.intake.receiving import Received, receive
from case_management.intake.response import Person, Response, UnitName
from case_management.intake.units import NewUnits, unknown_units

__all__ = ["NewUnits", "Person", "Received", "Response", "UnitName", "receive", "unknown_units"]
