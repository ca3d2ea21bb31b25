"""How a case's clock goes on after the tried rule has changed what it depends on: decided anew, as the verbs do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.functional import cached_property

from case_management.domain import events
from case_management.domain.events import Event
from case_management.models import Case
from case_management.sla.deadlines import Deadlines, by_hand, missed
from case_management.trying.past import PastState

#: What policies ask of a case.
_MATTER = frozenset({"priority_id", "topic_id", "case_type_id", "unit_id"})
#: What the history says of a clock, which no longer is the one that runs.
_OF_CLOCKS = (events.ClockChanged, events.DeadlineMissed)


def moves_the_clock(event: Event) -> bool:
    """Whether the clock may go otherwise than in the history once a rule has done this."""
    return isinstance(event, events.ClockChanged) or not _MATTER.isdisjoint(event.touched())


def is_of_the_old_clock(event: Event) -> bool:
    """Whether the event only says where the clock of the history stood."""
    return isinstance(event, _OF_CLOCKS)


class ClockAnew:
    """Over one chunk of cases; policies and hours are those of today."""

    def __init__(self, cases: Mapping[int, Case]) -> None:
        self._cases = cases

    @cached_property
    def _deadlines(self) -> Deadlines:
        return Deadlines.load()

    def events(self, state: PastState, event: Event, at: datetime) -> list[Event]:
        """What the clock does at an event of the history; ``state`` is the case before it."""
        case = state.onto(self._cases[state.case_id])
        if isinstance(event, events.DeadlineChanged):
            return by_hand(case, event.deadline, by_merge=bool(event.by_merge))
        if isinstance(event, events.DeadlineMissed | events.CaseResolved):
            return missed(case, at)
        return self._counted(case, event, at)

    def _counted(self, case: Case, event: Event, at: datetime) -> list[Event]:
        if isinstance(event, events.CaseWaiting):
            return self._deadlines.on_wait(case, event.waiting_for, at)
        if isinstance(event, events.CaseResumed):
            return self._deadlines.on_resume(case, at)
        if isinstance(event, events.CaseReopened):
            return self._deadlines.on_reopen(case, at)
        changed = {name: value for name, value in event.changes(at).items() if name in _MATTER}
        return self._deadlines.on_change(case, at, **changed) if changed else []
