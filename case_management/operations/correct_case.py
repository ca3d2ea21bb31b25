"""Correct what a case is called, what it says and whom it is about; history keeps which detail, the row the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseCorrected, Event
from case_management.exceptions import GateNotMet, NothingToChange
from case_management.models import Case, Contact
from case_management.operations.applying import apply, without_reading


@dataclass(frozen=True)
class Correction:
    """New values of details; None leaves one as it is. ``without_contact`` takes the contact off the case."""

    title: str | None = None
    description: str | None = None
    contact: Contact | None = None
    without_contact: bool = False


def correct_case(case: Case, correction: Correction, *, by: Actor) -> Case:
    """Put title, description or contact of an open case right.

    Raises GateNotMet for an empty title, NothingToChange, and what every verb raises.

    >>> correct_case(case, Correction(title="Suitcase lost"), by=by)  # doctest: +SKIP
    """
    if correction.title is not None and not correction.title.strip():
        raise GateNotMet(_("A case needs a title."), fields=["title"])
    return apply("correct", case, without_reading(lambda held: _events(held, correction)), by=by)


def _events(case: Case, correction: Correction) -> list[Event]:
    wanted: dict[str, Any] = {}
    if correction.title is not None:
        wanted["title"] = correction.title.strip()
    if correction.description is not None:
        wanted["description"] = correction.description.strip()
    if correction.contact is not None or correction.without_contact:
        wanted["contact_id"] = correction.contact.pk if correction.contact else None
    written = {name: value for name, value in wanted.items() if getattr(case, name) != value}
    if not written:
        raise NothingToChange(_("The case says exactly this already."))
    return [CaseCorrected(details=tuple(sorted(name.removesuffix("_id") for name in written)), written=written)]
