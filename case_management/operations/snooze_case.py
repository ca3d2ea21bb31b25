"""Snooze: an open case is out of the way until its time comes or the customer writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseSnoozed, CaseWoken, Event
from case_management.exceptions import NothingToChange, ValueUnknown
from case_management.models import Case
from case_management.operations.applying import Outcome, apply, apply_to_each, without_reading


def snooze_case(case: Case, *, until: datetime, by: Actor) -> Case:
    """Put an open case out of the way until ``until`` (aware). Raises ValueUnknown when that is not in the future."""
    by = by.at_this_moment()
    return apply("snooze", case, without_reading(lambda held: _snoozed(held, until, by)), by=by)


def snooze_cases(cases: Any, *, until: datetime, by: Actor, check_only: bool = False) -> Outcome:
    """Snooze many cases until the same moment."""
    by = by.at_this_moment()
    plan = without_reading(lambda held: _snoozed(held, until, by))
    return apply_to_each("snooze", cases, plan, by=by, check_only=check_only)


def wake_case(case: Case, *, by: Actor) -> Case:
    """Bring a snoozed case back. Raises NothingToChange when it is not snoozed."""
    return apply("wake", case, without_reading(_woken), by=by)


def wake_cases(cases: Any, *, by: Actor, check_only: bool = False) -> Outcome:
    """Bring many snoozed cases back."""
    return apply_to_each("wake", cases, without_reading(_woken), by=by, check_only=check_only)


def _snoozed(case: Case, until: datetime, by: Actor) -> list[Event]:
    if until <= by.moment():
        raise ValueUnknown(_("Choose a moment in the future."), fields=["until"])
    if case.snoozed_until == until:
        raise NothingToChange(_("The case is snoozed until then already."))
    return [CaseSnoozed(until=until)]


def _woken(case: Case) -> list[Event]:
    if case.snoozed_until is None:
        raise NothingToChange(_("The case is not snoozed."))
    return [CaseWoken()]
