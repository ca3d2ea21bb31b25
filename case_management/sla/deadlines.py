"""What a step does to a case's deadline: each function returns the clock event to record with it, or none.

A case keeps its whole clock in its row (policy, versions of its terms and hours, target, due or remaining seconds), so
deciding needs no history. Clocks read whole seconds, so that what a statement adds up is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from case_management.domain.events import DeadlineChanged, DeadlineMissed, Event, SlaApplied, SlaPaused, SlaResumed
from case_management.models import Case
from case_management.models.sla import Reopening
from case_management.sla import clock as clocks
from case_management.sla.calendar import Calendar
from case_management.sla.clock import Clock
from case_management.sla.policies import PolicyBook, Promise
from case_management.sla.terms import Matter, Terms


@dataclass(frozen=True)
class Deadlines:
    """The deadlines' rules over one reading of the policies; pure from then on."""

    book: PolicyBook

    @classmethod
    def load(cls) -> Deadlines:
        """Read the policies."""
        return cls(PolicyBook.load())

    def on_open(self, matter: Matter, at: datetime, deadline: datetime | None = None) -> list[Event]:
        """A case opens: its promise starts to run."""
        promise = self.book.promise_for(matter)
        if promise is None:
            return [DeadlineChanged(deadline=deadline, due_at=deadline)] if deadline else []
        return [self._started(promise, at, deadline)]

    def on_wait(self, case: Case, waiting_for: str, at: datetime) -> list[Event]:
        """A case waits: its clock stands if the policy says so and it is not past due."""
        clock, terms, calendar = self._running(case)
        if clock is None or terms is None or calendar is None or waiting_for not in terms.pauses:
            return []
        paused = clocks.pause(clock, calendar, at=whole(at))
        return [SlaPaused(**_same(case, paused))] if paused != clock else []

    def on_resume(self, case: Case, at: datetime) -> list[Event]:
        """A wait is over: what was left runs from now."""
        clock, _terms, calendar = self._running(case)
        if clock is None or calendar is None or clock.remaining is None:
            return []
        return [SlaResumed(**_same(case, clocks.resume(clock, calendar, at=whole(at))))]

    def on_change(self, case: Case, at: datetime, **changed: int | None) -> list[Event]:
        """Facts that policies ask for become others (``topic_id=7``); where another promise fits, it replaces the old.

        It holds in the hours of today, minus what was used up already. Where the same policy still fits, the clock
        runs on under the terms of its start; but a unit with another time zone may move the hours.
        """
        new, clock = self.book.promise_for(Matter.of(case, **changed)), clock_of_case(case)
        if new is None:
            return [SlaApplied(deadline=case.deadline, due_at=case.deadline)] if case.sla_policy_id else []
        before = self.book.calendar_of(case)
        if case.sla_policy_id is None or clock is None or before is None:
            return [self._started(new, at, case.deadline)]
        if new.policy_id == case.sla_policy_id and not (new.follows_unit and new.hours.zone != before.zone):
            return []
        again = clocks.retarget(clock, before, target=new.target, at=whole(at), new_calendar=new.calendar)
        return [self._applied(new, again, case.deadline)]

    def on_new_hours(self, case: Case, at: datetime) -> list[Event]:
        """The policy's calendar has other hours than the clock runs on: what is left is counted in those of today."""
        today, clock = self.book.get(case.sla_policy_id, case.unit_id), clock_of_case(case)
        before = self.book.calendar_of(case)
        if today is None or clock is None or before is None or today.calendar == before:
            return []
        again = clocks.retarget(clock, before, target=clock.target, at=whole(at), new_calendar=today.calendar)
        names = {**_names(case), "calendar": self.book.version_of(today)}
        return [SlaApplied(**names, **_reading(again, case.deadline))]

    def goes_on(self, case: Case) -> bool:
        """Whether the clock of a case that is reopened goes on with what was left."""
        terms = self.book.terms_of(case)
        return clock_of_case(case) is not None and terms is not None and terms.reopening == Reopening.CONTINUE

    def on_reopen(self, case: Case, at: datetime) -> list[Event]:
        """A reopened case gets its promise anew, or goes on with what was left of it, as its policy says.

        An old deadline by hand no longer binds. ``case`` is as it was before.
        """
        if self.goes_on(case):
            return self._continued(case, at)
        promise = self.book.promise_for(Matter.of(case))
        return [self._started(promise, at, None) if promise else SlaApplied()]

    def _continued(self, case: Case, at: datetime) -> list[Event]:
        """The clock as it stood at the resolution, running from now."""
        clock, calendar = clock_of_case(case), self.book.calendar_of(case)
        assert clock is not None and calendar is not None  # noqa: S101 - goes_on saw both
        stopped_at = whole(case.resolved_at or at)
        left = clock.remaining if clock.due_at is None else calendar.between(stopped_at, clock.due_at)
        due_at = clocks.due_with(calendar, left or timedelta(), at=whole(at))
        return [SlaApplied(**{**_same(case, Clock(clock.target, due_at, None)), "deadline": None, "due_at": due_at})]

    def _running(self, case: Case) -> tuple[Clock | None, Terms | None, Calendar | None]:
        """The case's clock with its terms and hours, which are read only where there is one."""
        clock = clock_of_case(case)
        return (clock, self.book.terms_of(case), self.book.calendar_of(case)) if clock else (None, None, None)

    def _started(self, promise: Promise, at: datetime, deadline: datetime | None) -> Event:
        return self._applied(promise, clocks.start(promise.calendar, promise.target, at=whole(at)), deadline)

    def _applied(self, promise: Promise, clock: Clock, deadline: datetime | None) -> Event:
        return SlaApplied(
            policy=promise.policy_id,
            calendar=self.book.version_of(promise),
            terms=self.book.terms_id_of(promise),
            **_reading(clock, deadline),
        )


def whole(at: datetime) -> datetime:
    """The second in which ``at`` lies: what a clock reads."""
    return at.replace(microsecond=0)


def by_hand(case: Case, deadline: datetime | None, *, by_merge: bool = False) -> list[Event]:
    """A person (or a merge) sets or clears a deadline; the SLA's clock goes on beside it and the earlier one counts."""
    return [
        DeadlineChanged(
            by_merge=by_merge or None,
            policy=case.sla_policy_id,
            calendar=case.sla_calendar_id,
            terms=case.sla_terms_id,
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


def clock_of_case(case: Case) -> Clock | None:
    """The clock of the resolution as the row has it; None where nothing is promised."""
    if case.sla_target is None:
        return None
    remaining = None if case.sla_remaining is None else timedelta(seconds=case.sla_remaining)
    return Clock(timedelta(seconds=case.sla_target), case.sla_due_at, remaining)


def _same(case: Case, clock: Clock) -> dict[str, Any]:
    """The clock of the case after a step; what it promises, and in which hours, stays."""
    return {**_names(case), **_reading(clock, case.deadline)}


def _names(case: Case) -> dict[str, Any]:
    return {"policy": case.sla_policy_id, "calendar": case.sla_calendar_id, "terms": case.sla_terms_id}


def _reading(clock: Clock, deadline: datetime | None) -> dict[str, Any]:
    return {
        "target": int(clock.target.total_seconds()),
        "sla_due_at": clock.due_at,
        "remaining": None if clock.remaining is None else round(clock.remaining.total_seconds()),
        "deadline": deadline,
        "due_at": _earlier(deadline, clock.due_at),
    }


def _earlier(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
