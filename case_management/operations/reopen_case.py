"""Reopen: it was not settled after all."""

from __future__ import annotations

from typing import Any

from case_management.domain.actor import Actor
from case_management.domain.events import CaseReopened, Event, NoteText
from case_management.models import Case, ReopenReason
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.operations.gate import checked_choice, checked_note
from case_management.sla.deadlines import Deadlines


def reopen_case(case: Case, *, reason: ReopenReason | None, note: str, by: Actor) -> Case:
    """Take a resolved or closed case up again; its time to resolve starts anew or goes on, as its policy says."""
    by, written = by.at_this_moment(), _gate(reason, note)
    return apply("reopen", case, lambda ids: _decide(reason, written, by), by=by)


def reopen_cases(cases: Any, *, reason: ReopenReason | None, note: str, by: Actor, check_only: bool = False) -> Outcome:
    """Take many cases up again for the same reason."""
    by, written = by.at_this_moment(), _gate(reason, note)
    return apply_to_each("reopen", cases, lambda ids: _decide(reason, written, by), by=by, check_only=check_only)


def _gate(reason: ReopenReason | None, note: str) -> NoteText:
    written = checked_note(note)
    checked_choice(reason, "reopen_reason")
    return written


def _decide(reason: ReopenReason | None, written: NoteText, by: Actor) -> Decide:
    deadlines = Deadlines.load()

    def decide(held: Case) -> list[Event]:
        reopened = CaseReopened(
            reason=reason.pk if reason else None,
            count=held.reopen_count + 1,
            note=written,
            continues=deadlines.goes_on(held) or None,
        )
        return [reopened, *deadlines.on_reopen(held, by.moment())]

    return decide
