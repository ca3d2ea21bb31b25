"""When a rule on time was asked about a case of the past: at the very moment at which its time came."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from datetime import datetime
from typing import NamedTuple

from case_management.domain.events import Event
from case_management.domain.states import UNLOCKED
from case_management.models import Rule
from case_management.models.rule import Occasion
from case_management.rules.timing import Delay, Schedule, read_delay, read_schedule
from case_management.trying.comparing import Hours
from case_management.trying.past import PastState


class Coming(NamedTuple):
    """When the time of a rule comes, and ``of`` which moment: about one moment it is asked once."""

    of: datetime
    at: datetime


class OnTime(ABC):
    """When a rule is asked although nothing happens."""

    #: Statuses of the cases for which time passes.
    statuses: frozenset[str]
    #: The facts that have to be rebuilt from events.
    reads: frozenset[str]

    @abstractmethod
    def comes(self, state: PastState, asked_for: datetime | None) -> Coming | None:
        """When its time comes next, as things stand, once it was asked about a moment; None if it does not come."""

    @abstractmethod
    def is_moved_by(self, event: Event) -> bool:
        """Whether the moment is said anew."""

    def passes(self, state: PastState) -> bool:
        """Whether time passes for the case as it stands."""
        return state.values["status"] in self.statuses


class AfterAMoment(OnTime):
    """So much time after or before a moment of the case, in the hours that its span counts."""

    def __init__(self, delay: Delay, hours: Hours) -> None:
        self._delay, self._hours = delay, hours
        self.statuses = frozenset(delay.statuses)
        self.reads = frozenset({"status", "sla_calendar_id", delay.anchor})

    def comes(self, state: PastState, asked_for: datetime | None) -> Coming | None:
        """Once for each moment that the case has."""
        held: datetime | None = state.values.get(self._delay.anchor)
        if held is None or held == asked_for:
            return None
        return Coming(held, self._delay.comes(held, self._hours.of(state.values["sla_calendar_id"])))

    def is_moved_by(self, event: Event) -> bool:
        """By what says the moment."""
        return self._delay.anchor in event.touches


class AtSetTimes(OnTime):
    """At the times of day of a schedule that come when the case can be changed."""

    statuses = frozenset(status.value for status in UNLOCKED)
    reads = frozenset({"status"})

    def __init__(self, schedule: Schedule, since: datetime, until: datetime) -> None:
        self._times = []
        at = schedule.next_after(since)
        while at <= until:
            self._times.append(at)
            at = schedule.next_after(at)

    def comes(self, state: PastState, asked_for: datetime | None) -> Coming | None:
        """The first one after what happened last, whether it was that the rule was asked or something else."""
        happened: datetime | None = state.values.get("updated_at")
        if happened is None or not self.passes(state):
            return None
        place = bisect_right(self._times, happened if asked_for is None else max(happened, asked_for))
        return Coming(self._times[place], self._times[place]) if place < len(self._times) else None

    def is_moved_by(self, event: Event) -> bool:
        """By nothing."""
        return False


def on_time(rule: Rule, since: datetime, until: datetime, hours: Hours) -> OnTime | None:
    """What the rule waits for; None for one that is asked about events. Raises InvalidConfiguration."""
    if rule.occasion == Occasion.TIME_PASSED:
        return AfterAMoment(read_delay(rule.timing), hours)
    if rule.occasion == Occasion.SCHEDULE:
        return AtSetTimes(read_schedule(rule.timing), since, until)
    return None
