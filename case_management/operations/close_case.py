"""Close: a resolved case is locked, by hand or by the sweep after the grace period."""

from __future__ import annotations

from typing import Any

from case_management.domain.actor import Actor
from case_management.domain.events import CaseClosed
from case_management.models import Case
from case_management.operations.applying import Outcome, apply, apply_to_each, without_reading


def close_case(case: Case, *, by: Actor) -> Case:
    """Lock a resolved case."""
    return apply("close", case, without_reading(lambda held: [CaseClosed()]), by=by)


def close_cases(cases: Any, *, by: Actor, check_only: bool = False) -> Outcome:
    """Lock many resolved cases."""
    plan = without_reading(lambda held: [CaseClosed()])
    return apply_to_each("close", cases, plan, by=by, check_only=check_only)
