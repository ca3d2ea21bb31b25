"""What a step does to a case's deadline: each function returns the clock event to record with it, or none.

A case keeps its whole clock in its row (policy, target, due or remaining seconds), so deciding needs no history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from case_management.domain.events import DeadlineChanged, DeadlineMissed, Event, SlaApplied, SlaPaused, SlaResumed
from case_management.models import Case
from case_management.sla import clock as clocks
from case_management.sla.clock import Clock
from case_management.sla.policies import PolicyBook, Promise


@dataclass(frozen=True)
class Deadlines:
    """The deadlines' rules over one reading of the policies; pure from then on."""

    book: PolicyBook

    @classmethod
    def load(cls) -> Deadlines:
        """Read the policies (three queries)."""
        return cls(PolicyBook.load())

    def on_open(self, priority_id: int, at: datetime, deadline: datetime | None = None) -> list[Event]:
        """A case opens: its promise starts to run."""
        promise = self.book.promise_for(priority_id)
        if promise is None:
            return [DeadlineChanged(**_payload(None, None, deadline))] if deadline else []
        return [SlaApplied(**_payload(promise, clocks.start(promise.calendar, promise.target, at=at), deadline))]

    def on_wait(self, case: Case, waiting_for: str, at: datetime) -> list[Event]:
        """A case waits: its clock stands if the policy says so and it is not past due."""
        promise, clock = self.book.get(case.sla_policy_id), _clock(case)
        if promise is None or clock is None or waiting_for not in promise.pauses_for:
            return []
        paused = clocks.pause(clock, promise.calendar, at=at)
        return [SlaPaused(**_payload(promise, paused, case.deadline))] if paused != clock else []

    def on_resume(self, case: Case, at: datetime) -> list[Event]:
        """A wait is over: what was left runs from now."""
        promise, clock = self.book.get(case.sla_policy_id), _clock(case)
        if promise is None or clock is None or clock.remaining is None:
            return []
        return [SlaResumed(**_payload(promise, clocks.resume(clock, promise.calendar, at=at), case.deadline))]

    def on_priority(self, case: Case, priority_id: int, at: datetime) -> list[Event]:
        """Another priority: another promise, minus what was used up already."""
        old, new, clock = self.book.get(case.sla_policy_id), self.book.promise_for(priority_id), _clock(case)
        if new is None:
            return [SlaApplied(**_payload(None, None, case.deadline))] if old else []
        if old is None or clock is None:
            return [SlaApplied(**_payload(new, clocks.start(new.calendar, new.target, at=at), case.deadline))]
        again = clocks.retarget(clock, old.calendar, target=new.target, at=at, new_calendar=new.calendar)
        return [SlaApplied(**_payload(new, again, case.deadline))]

    def on_reopen(self, case: Case, at: datetime) -> list[Event]:
        """A reopened case gets its promise anew; an old deadline by hand no longer binds."""
        promise = self.book.promise_for(case.priority_id)
        clock = clocks.start(promise.calendar, promise.target, at=at) if promise else None
        return [SlaApplied(**_payload(promise, clock, None))]


def by_hand(case: Case, deadline: datetime | None) -> list[Event]:
    """A person sets (or clears) a deadline; the SLA's clock goes on beside it and the earlier one counts."""
    return [
        DeadlineChanged(
            policy=case.sla_policy_id,
            target=case.sla_target,
            sla_due_at=case.sla_due_at,
            remaining=case.sla_remaining,
            deadline=deadline,
            due_at=_earlier(deadline, case.sla_due_at),
        )
    ]


def missed(case: Case, at: datetime) -> list[Event]:
    """The breach, if the deadline passed and nobody recorded it yet."""
    if case.breached_at is None and case.due_at is not None and case.due_at < at:
        return [DeadlineMissed(due_at=case.due_at)]
    return []


def _clock(case: Case) -> Clock | None:
    if case.sla_target is None:
        return None
    remaining = None if case.sla_remaining is None else timedelta(seconds=case.sla_remaining)
    return Clock(timedelta(seconds=case.sla_target), case.sla_due_at, remaining)


def _payload(promise: Promise | None, clock: Clock | None, deadline: datetime | None) -> dict[str, Any]:
    sla_due_at = clock.due_at if clock else None
    return {
        "policy": promise.policy_id if promise else None,
        "target": int(clock.target.total_seconds()) if clock else None,
        "sla_due_at": sla_due_at,
        "remaining": round(clock.remaining.total_seconds()) if clock and clock.remaining is not None else None,
        "deadline": deadline,
        "due_at": _earlier(deadline, sla_due_at),
    }


def _earlier(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
