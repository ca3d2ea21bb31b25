"""What a wide change would do, before anybody confirms it: counts, and every reason of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from case_management import conf
from case_management.bulk.actions import Action
from case_management.bulk.selection import Selection
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError
from case_management.operations import Outcome

#: How many references stand as examples beside a reason.
EXAMPLES = 3


@dataclass
class Reason:
    """Cases that would be refused for the same reason."""

    code: str
    message: str
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """``ready`` of ``checked`` cases can take the step; ``total`` are chosen. Exact where all were checked."""

    total: int
    checked: int
    ready: int
    reasons: list[Reason]
    first: list[int]

    @property
    def not_ready(self) -> int:
        """How many of those that were looked at would be refused."""
        return self.checked - self.ready

    @property
    def is_exact(self) -> bool:
        """Whether every chosen case was looked at."""
        return self.checked == self.total


def preview(action: Action, arguments: Mapping[str, Any], selection: Selection, *, shown: int = 20) -> Preview:
    """Go through the motions without writing; queries depend on the number of chunks alone.

    Looks at the first ``LIST_COUNT_CAP`` cases. ``first`` holds the keys of up to ``shown`` cases that would change.
    """
    cases, cap = selection.cases_with(action.beside(arguments)), conf.list_count_cap()
    ids = list(cases.order_by("pk").values_list("pk", flat=True)[:cap])
    total = len(ids) if len(ids) < cap else cases.count()
    if action.act is None:
        return Preview(total, total, total, [], ids[:shown])
    try:
        outcome = action.act(ids, arguments, Actor.from_user(selection.user), True)
    except CaseManagementError as error:
        return Preview(total, total, 0, [Reason(error.code, error.message, total)], [])
    return Preview(total, len(ids), len(outcome.done), _reasons(outcome), sorted(outcome.done)[:shown])


def _reasons(outcome: Outcome) -> list[Reason]:
    """The most frequent first."""
    found: dict[tuple[str, str], Reason] = {}
    for refusal in outcome.refused:
        code, message = refusal.error.code, refusal.error.message
        reason = found.setdefault((code, message), Reason(code, message))
        reason.count += 1
        if len(reason.examples) < EXAMPLES:
            reason.examples.append(refusal.reference)
    return sorted(found.values(), key=lambda reason: -reason.count)
