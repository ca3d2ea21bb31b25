"""Escalate: one step up the ladder, with the reason in a note."""

from __future__ import annotations

from case_management.domain.actor import Actor
from case_management.domain.events import CaseEscalated
from case_management.models import Case
from case_management.operations.applying import apply, without_reading
from case_management.operations.gate import checked_note


def escalate_case(case: Case, *, reason: str, by: Actor) -> Case:
    """Raise the escalation level by one. Raises GateNotMet when the reason is too short."""
    note = checked_note(reason)
    return apply(
        "escalate",
        case,
        without_reading(lambda held: [CaseEscalated(level=held.escalation_level + 1, note=note)]),
        by=by,
    )
