"""Set the values of custom fields; also after a case was resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event
from case_management.exceptions import NothingToChange
from case_management.models import Case
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.operations.custom_book import CustomBook


def set_custom_fields(case: Case, values: Mapping[str, Any], *, by: Actor) -> Case:
    """Give the case these values by the fields' keys; None takes one away, what is not named stays.

    A number is an int, float or Decimal, a day a date or its ISO text, a choice its key, several choices a list of
    keys, a truth a bool, a user the user or their primary key. Raises ValueUnknown that names the field (also where
    cases of this type do not have it), NothingToChange, and what every verb raises.

    >>> set_custom_fields(case, {"amount": 120, "booked": date(2026, 3, 31)}, by=by)  # doctest: +SKIP
    """
    return apply("set_fields", case, lambda ids: _decide(values), by=by)


def set_custom_fields_of(cases: Any, values: Mapping[str, Any], *, by: Actor, check_only: bool = False) -> Outcome:
    """Give many cases (a queryset or ids) the same values. ``check_only`` tells what would be refused."""
    return apply_to_each("set_fields", cases, lambda ids: _decide(values), by=by, check_only=check_only)


def _decide(values: Mapping[str, Any]) -> Decide:
    book = CustomBook.load([values])

    def decide(case: Case) -> list[Event]:
        changed = book.change(case, values)
        if changed is None:
            raise NothingToChange(_("The custom fields have these values already."))
        return [changed]

    return decide
