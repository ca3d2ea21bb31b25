"""How a row's status is reached on a case that is there already: by the verb that the transition table has for it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from case_management.domain import transitions
from case_management.domain.events import CaseClosed, CaseResumed, CaseStarted, CaseWaiting
from case_management.domain.states import Status, WaitingFor
from case_management.exceptions import RowInvalid, TransitionNotAllowed
from case_management.models import Case
from case_management.operations.import_book import ImportBook
from case_management.operations.import_facts import SOME_OPEN_STATUS, CaseFacts
from case_management.operations.import_history import Step, ending
from case_management.sla.deadlines import missed

#: Status of the row → verbs that lead there; the first one that is possible from the case's status is taken.
WAYS: dict[str, tuple[str, ...]] = {
    Status.IN_PROGRESS: ("start", "resume"),
    Status.WAITING: ("wait",),
    Status.RESOLVED: ("resolve",),
    Status.CLOSED: ("close", "resolve"),
}


def settle(case: Case, facts: CaseFacts, book: ImportBook) -> list[Step]:
    """The steps to the row's status, none where the case agrees; TransitionNotAllowed where no step leads there."""
    claimed = facts.claimed_status()
    if _agrees(case.state, claimed):
        return []
    ways = (verb for verb in WAYS.get(claimed, ()) if case.state in transitions.TABLE[verb].sources)
    verb = next(ways, None)
    if verb is None:
        raise TransitionNotAllowed(_impossible(case.state, claimed), fields=["status"])
    return _STEPS[verb](case, facts, book)


def _agrees(status: Status, claimed: str) -> bool:
    """Also where we went on: a case that was resolved there may have been closed here since."""
    if claimed == SOME_OPEN_STATUS:
        return status.is_open
    return claimed in ("", status) or (claimed == Status.RESOLVED and status is Status.CLOSED)


def _start(case: Case, facts: CaseFacts, book: ImportBook) -> list[Step]:
    return [(facts.started_at or book.now, CaseStarted())]


def _resume(case: Case, facts: CaseFacts, book: ImportBook) -> list[Step]:
    return [(book.now, event) for event in (CaseResumed(), *book.deadlines.on_resume(case, book.now))]


def _wait(case: Case, facts: CaseFacts, book: ImportBook) -> list[Step]:
    reason = facts.waiting_for or WaitingFor.CUSTOMER.value
    events = [CaseWaiting(waiting_for=reason), *book.deadlines.on_wait(case, reason, book.now)]
    return [(book.now, event) for event in events]


def _resolve(case: Case, facts: CaseFacts, book: ImportBook) -> list[Step]:
    for column, moment in facts.moments():
        if column != "opened_at" and moment < case.opened_at:
            message = _("The moment lies before the case was opened.")
            raise RowInvalid(message, column=column, mend=_("Correct the date, its year or its time zone."))
    steps = ending(facts, book, case, facts.claimed_status())
    resolved_at = steps[0][0]
    return [*((resolved_at, event) for event in missed(case, resolved_at)), *steps]


def _close(case: Case, facts: CaseFacts, book: ImportBook) -> list[Step]:
    return [(facts.closed_at or book.now, CaseClosed())]


_STEPS: dict[str, Callable[[Case, CaseFacts, ImportBook], list[Step]]] = {
    "start": _start,
    "resume": _resume,
    "wait": _wait,
    "resolve": _resolve,
    "close": _close,
}


def _impossible(status: Status, claimed: str) -> str:
    return _("The case is %(status)s here, and “%(claimed)s” does not follow from that. The status stays.") % {
        "status": str(status.label).lower(),
        "claimed": claimed,
    }
