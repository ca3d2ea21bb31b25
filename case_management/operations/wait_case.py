"""Wait: the organisation cannot go on until somebody else does something."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseWaiting, Event
from case_management.domain.states import WaitingFor
from case_management.exceptions import GateNotMet
from case_management.models import Case
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.sla.deadlines import Deadlines


def wait_case(case: Case, *, waiting_for: str, by: Actor) -> Case:
    """Put the case on hold for the customer or a third party; the clock stands if the policy says so."""
    _require_known(waiting_for)
    by = by.at_this_moment()
    return apply("wait", case, lambda ids: _decide(waiting_for, by), by=by)


def wait_cases(cases: Any, *, waiting_for: str, by: Actor, check_only: bool = False) -> Outcome:
    """Put many cases on hold."""
    _require_known(waiting_for)
    by = by.at_this_moment()
    return apply_to_each("wait", cases, lambda ids: _decide(waiting_for, by), by=by, check_only=check_only)


def _require_known(waiting_for: str) -> None:
    if waiting_for not in list(WaitingFor):
        raise GateNotMet(_("Say whom the case waits for: the customer or a third party."), fields=["waiting_for"])


def _decide(waiting_for: str, by: Actor) -> Decide:
    deadlines = Deadlines.load()

    def decide(case: Case) -> list[Event]:
        return [CaseWaiting(waiting_for=waiting_for), *deadlines.on_wait(case, waiting_for, by.moment())]

    return decide
