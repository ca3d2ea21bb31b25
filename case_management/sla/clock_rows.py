"""The clocks of one case as rows that follow its events: which run, which stand, which are over, what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from case_management.domain.events import CaseOpened, CaseReopened, ClockMarked, Event, MessageSent
from case_management.domain.states import DONE, Status
from case_management.models import SlaClock, SlaMark
from case_management.models.sla import SlaMetric
from case_management.models.twin import twin
from case_management.sla import clock as clocks
from case_management.sla.calendar import Calendar
from case_management.sla.clock import Clock
from case_management.sla.hours_kept import HoursKept
from case_management.sla.lines import to_second
from case_management.sla.marks import Mark, marks_of
from case_management.sla.moments import restores_facts
from case_management.sla.terms import Terms

#: Clocks beside the one of the resolution, which the case's own row keeps.
RESPONSES = (SlaMetric.FIRST_RESPONSE.value, SlaMetric.NEXT_REPLY.value)
_RESOLVE = SlaMetric.RESOLVE.value
#: The facts of a case that are its promise.
PROMISE = frozenset({"sla_terms_id", "sla_calendar_id", "sla_target", "sla_due_at", "sla_remaining"})


@cache
def _blank() -> SlaClock:
    return SlaClock()


@dataclass
class Kept:
    """Terms and hours by the ids that events and rows name; terms without marks are not in it."""

    terms: Mapping[int, Terms]
    hours: Mapping[int, HoursKept]

    def calendar_of(self, row: SlaClock) -> Calendar:
        """The hours on which the clock runs."""
        return self.hours[row.calendar_id].calendar


@dataclass
class CaseClocks:
    """Every clock that a case has had; :meth:`take` follows one event, :attr:`changed` is what is to be written."""

    kept: Kept
    rows: list[SlaClock] = field(default_factory=list)
    #: By metric and number of the clock.
    reached: dict[tuple[str, int], set[tuple[str, int]]] = field(default_factory=dict)
    changed: dict[tuple[str, int], SlaClock] = field(default_factory=dict)
    marks: list[SlaMark] = field(default_factory=list)
    _is_new: bool = False

    def take(self, event: Event, at: datetime, held: Mapping[str, Any]) -> None:
        """Follow the event, which happened ``at``; ``held`` has the case's :data:`PROMISE` as it is after it."""
        self._is_new = self._is_new or isinstance(event, CaseOpened)
        if not self.rows and held.get("sla_target") is None:
            return  # nothing is promised, and nothing was
        facts, at = event.changes(at), to_second(at)
        if isinstance(event, ClockMarked):
            self._reach(event, at)
        if _opens_again(event, facts):
            self._open_again(every=restores_facts(event))
        if not PROMISE.isdisjoint(facts):  # what restores facts names only those that differ
            self._follow_promise(held, at)
        if "status" in facts:
            self._follow_status(facts, at)
        if isinstance(event, MessageSent) and event.kind == "reply":
            self._end(SlaMetric.FIRST_RESPONSE.value, at)
        if "awaiting_since" in facts and not isinstance(event, CaseOpened):
            self._follow_turn(facts["awaiting_since"], at)

    def settle(self) -> None:
        """What is recorded from now on comes to a case that is there already."""
        self._is_new = False

    def running(self, metric: str) -> SlaClock | None:
        """The clock of this metric that is not over."""
        return next((row for row in self.rows if row.metric == metric and row.ended_at is None), None)

    def pass_over(self, until: datetime) -> None:
        """Marks up to then count as reached, without an event."""
        for row in self.changed.values():
            if row.next_at is None or row.next_at > until:
                continue
            marks = self.marks_left(row)
            self.marks += [
                SlaMark(clock=row, kind=mark.kind, value=mark.value, at=until) for mark in marks if mark.at <= until
            ]
            row.next_at = next((mark.at for mark in marks if mark.at > until), None)

    def _reach(self, event: ClockMarked, at: datetime) -> None:
        row = next(row for row in self.rows if (row.metric, row.number) == (event.metric, event.number))
        self.reached.setdefault((row.metric, row.number), set()).add((event.kind, event.value))
        self.marks.append(SlaMark(clock=row, kind=event.kind, value=event.value, at=at))
        self._write(row)

    def _open_again(self, *, every: bool) -> None:
        """The clock of the resolution goes on; what it reached stays reached.

        ``every``: the resolution was taken back, so the replies that it made needless are owed again.
        """
        past = [row for row in self.rows if row.metric == _RESOLVE]
        ended_at = past[-1].ended_at if past else None
        if ended_at is None or past[-1].terms_id not in self.kept.terms:
            return
        owed = [row for row in self.rows if every and row.metric != _RESOLVE and row.ended_at == ended_at]
        for row in (past[-1], *owed):
            row.ended_at = None
            self._write(row)

    def _follow_promise(self, facts: Mapping[str, Any], at: datetime) -> None:
        terms = self.kept.terms.get(facts.get("sla_terms_id") or 0)
        if facts.get("sla_target") is None or terms is None or facts.get("sla_calendar_id") is None:
            for row in self.rows:
                self._end(row.metric, at)
            return
        row = self.running(_RESOLVE) or self._new(_RESOLVE, facts, at)
        row.target = facts["sla_target"]
        row.due_at, row.remaining = facts.get("sla_due_at"), facts.get("sla_remaining")
        row.terms_id, row.calendar_id = facts["sla_terms_id"], facts["sla_calendar_id"]
        self._write(row)
        self._follow_responses(terms, facts, at)

    def _follow_responses(self, terms: Terms, facts: Mapping[str, Any], at: datetime) -> None:
        """Other terms: another target, minus what was used up; a case opened just now awaits its first reply."""
        for metric in RESPONSES:
            row, minutes = self.running(metric), terms.targets.get(metric)
            if row is not None and minutes is None:
                self._end(metric, at)
            elif row is not None and minutes is not None and row.terms_id != facts["sla_terms_id"]:
                before, target = self.kept.calendar_of(row), timedelta(minutes=minutes)
                row.terms_id, row.calendar_id = facts["sla_terms_id"], facts["sla_calendar_id"]
                after = self.kept.calendar_of(row)
                self._set(row, clocks.retarget(clock_of(row), before, target=target, at=at, new_calendar=after))
        first = SlaMetric.FIRST_RESPONSE.value
        if self._is_new and first in terms.targets and not any(row.metric == first for row in self.rows):
            self._start(first, facts, at)

    def _follow_status(self, facts: Mapping[str, Any], at: datetime) -> None:
        if Status(facts["status"]) in DONE:
            for metric in (_RESOLVE, *RESPONSES):
                self._end(metric, at)
            return
        for row in [row for row in map(self.running, RESPONSES) if row is not None]:
            stands = facts.get("waiting_for") and facts["waiting_for"] in self.kept.terms[row.terms_id].pauses
            step = clocks.pause if stands else clocks.resume
            self._set(row, step(clock_of(row), self.kept.calendar_of(row), at=at))

    def _follow_turn(self, awaiting_since: datetime | None, at: datetime) -> None:
        """The customer wrote, or was answered."""
        metric, promise = SlaMetric.NEXT_REPLY.value, self.running(_RESOLVE)
        if awaiting_since is None:
            self._end(metric, at)
        elif promise is not None and self._owes_next_reply(promise):
            self._start(metric, {"sla_terms_id": promise.terms_id, "sla_calendar_id": promise.calendar_id}, at)

    def _owes_next_reply(self, promise: SlaClock) -> bool:
        """Whether one is promised, and none of the replies that are promised is under way."""
        is_promised = SlaMetric.NEXT_REPLY.value in self.kept.terms[promise.terms_id].targets
        return is_promised and not any(self.running(metric) for metric in RESPONSES)

    def _start(self, metric: str, facts: Mapping[str, Any], at: datetime) -> None:
        row = self._new(metric, facts, at)
        target = timedelta(minutes=self.kept.terms[row.terms_id].targets[metric])
        self._set(row, clocks.start(self.kept.calendar_of(row), target, at=at))

    def _new(self, metric: str, facts: Mapping[str, Any], at: datetime) -> SlaClock:
        number = sum(1 for row in self.rows if row.metric == metric) + 1
        row = twin(_blank())
        row.metric, row.number, row.started_at = metric, number, at
        row.terms_id, row.calendar_id = facts["sla_terms_id"], facts["sla_calendar_id"]
        self.rows.append(row)
        return row

    def _end(self, metric: str, at: datetime) -> None:
        row = self.running(metric)
        if row is not None:
            row.ended_at = at
            self._write(row)

    def _set(self, row: SlaClock, clock: Clock) -> None:
        row.target, row.due_at = int(clock.target.total_seconds()), clock.due_at
        row.remaining = None if clock.remaining is None else round(clock.remaining.total_seconds())
        self._write(row)

    def _write(self, row: SlaClock) -> None:
        """The row is to be written, and waits for the first mark that it has not reached."""
        row.next_at = None if row.ended_at else next((mark.at for mark in self.marks_left(row)), None)
        self.changed[row.metric, row.number] = row

    def marks_left(self, row: SlaClock) -> list[Mark]:
        """What the clock has not reached yet, in order."""
        marks = marks_of(row.metric, clock_of(row), self.kept.calendar_of(row), self.kept.terms[row.terms_id])
        reached = self.reached.get((row.metric, row.number), set())
        return [mark for mark in marks if mark.key not in reached]


def clock_of(row: SlaClock) -> Clock:
    """The row as a value."""
    remaining = None if row.remaining is None else timedelta(seconds=row.remaining)
    return Clock(timedelta(seconds=row.target), row.due_at, remaining)


def _opens_again(event: Event, facts: Mapping[str, Any]) -> bool:
    """Whether the case is open again on the clock that it had: its end was taken back, or the clock goes on."""
    if "status" not in facts or Status(facts["status"]) in DONE:
        return False
    return restores_facts(event) or (isinstance(event, CaseReopened) and bool(event.continues))
