"""Start: somebody takes a new case up."""

from __future__ import annotations

from case_management.domain.actor import Actor
from case_management.domain.events import CaseStarted
from case_management.models import Case
from case_management.operations.applying import apply, without_reading


def start_case(case: Case, *, by: Actor) -> Case:
    """Set a new case in progress. Raises TransitionNotAllowed, RightMissing, StaleCase."""
    return apply("start", case, without_reading(lambda held: [CaseStarted()]), by=by)
