"""Reopen: it was not settled after all."""

from __future__ import annotations

from case_management.domain.actor import Actor
from case_management.domain.events import CaseReopened, Event
from case_management.models import Case, ReopenReason
from case_management.operations.applying import apply, without_reading
from case_management.operations.gate import checked_choice, checked_note
from case_management.sla.deadlines import Deadlines


def reopen_case(case: Case, *, reason: ReopenReason | None, note: str, by: Actor) -> Case:
    """Take a resolved or closed case up again; its time to resolve starts anew."""
    written, by = checked_note(note), by.at_this_moment()
    checked_choice(reason, "reopen_reason")

    def decide(held: Case) -> list[Event]:
        reopened = CaseReopened(reason=reason.pk if reason else None, count=held.reopen_count + 1, note=written)
        return [reopened, *Deadlines.load().on_reopen(held, by.moment())]

    return apply("reopen", case, without_reading(decide), by=by)
