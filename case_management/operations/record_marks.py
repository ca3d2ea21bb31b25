"""Record what clocks have come to: warnings, replies that are late, steps of the escalation ladder; by the sweep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import (
    CaseAssigned,
    CaseEscalated,
    CaseRerouted,
    ClockMarked,
    Event,
    LadderClimbed,
    PriorityChanged,
    ResponseMissed,
    SlaWarned,
)
from case_management.exceptions import NothingToChange
from case_management.models import Case, Priority, SlaClock, SlaMark, SlaRung
from case_management.models.among import among
from case_management.operations.applying import Decide, Outcome, apply_to_each
from case_management.sla.clock_rows import clock_of
from case_management.sla.deadlines import Deadlines
from case_management.sla.hours_kept import HoursKept
from case_management.sla.marks import Mark, marks_of
from case_management.sla.terms import Rung, Terms
from case_management.timeline.projection import project

_EVENTS: dict[str, type[ClockMarked]] = {event.kind: event for event in (SlaWarned, ResponseMissed, LadderClimbed)}


def record_marks(cases: Any, *, by: Actor) -> Outcome:
    """Record on each case the marks that its clocks have passed, in the order in which they were due.

    Each is recorded once per clock. A case on which nothing is due, or that changed meanwhile, is refused.
    """
    by = by.at_this_moment()
    return apply_to_each("mark", cases, lambda ids: _plan(ids, by.moment()), by=by)


@dataclass(frozen=True)
class _Due:
    """A mark, the clock that has come to it, and the terms under which it runs."""

    mark: Mark
    clock: SlaClock
    terms: Terms

    def event(self) -> ClockMarked:
        """What is recorded of it."""
        clock = self.clock
        assert clock.due_at is not None  # noqa: S101 - only running clocks have marks
        kind = _EVENTS[self.mark.kind]
        return kind(metric=clock.metric, number=clock.number, value=self.mark.value, due_at=clock.due_at)

    def rung(self) -> Rung | None:
        """The step of the ladder that it is."""
        climbed = self.mark.kind == LadderClimbed.kind
        return next((rung for rung in self.terms.ladder if climbed and rung.level == self.mark.value), None)


def _plan(case_ids: list[int], at: datetime) -> Decide:
    versions = dict(Case.objects.filter(pk__in=among(Case, case_ids)).values_list("pk", "version"))
    due, ladder = _due(case_ids, at), _Ladder.empty()
    if any(each.rung() for found in due.values() for each in found):
        ladder = _Ladder.load()

    def decide(case: Case) -> list[Event]:
        # Planned before the row was locked: whoever was faster may have recorded the same.
        if case.pk not in due or case.version != versions.get(case.pk):
            raise NothingToChange(_("Nothing is due on the clocks of this case."))
        return list(_events(case, due[case.pk], ladder, at))

    return decide


def _due(case_ids: list[int], at: datetime) -> dict[int, list[_Due]]:
    """By case, in order, what its clocks have passed and not reached yet; two queries."""
    rows = SlaClock.objects.filter(case__in=among(SlaClock, case_ids), next_at__lte=at)
    rows = list(rows.select_related("terms", "calendar"))
    reached = set(SlaMark.objects.filter(clock__in=[row.pk for row in rows]).values_list("clock_id", "kind", "value"))
    found: dict[int, list[_Due]] = defaultdict(list)
    for row in rows:
        terms, hours = Terms.from_json(row.terms.terms), HoursKept.from_json(row.calendar.hours)
        for mark in marks_of(row.metric, clock_of(row), hours.calendar, terms):
            if mark.at <= at and (row.pk, *mark.key) not in reached:
                found[row.case_id].append(_Due(mark, row, terms))
    return {case_id: sorted(each, key=lambda due: (due.mark, due.clock.pk)) for case_id, each in found.items()}


def _events(case: Case, due: Iterable[_Due], ladder: _Ladder, at: datetime) -> Iterator[Event]:
    held = copy(case)
    for each in due:
        yield each.event()
        rung = each.rung()
        for event in ladder.climb(held, rung, at) if rung else ():
            project(held, event, at)
            yield event


@dataclass(frozen=True)
class _Ladder:
    """What steps of ladders point to: ranks of priorities, people who are still there, and the policies."""

    ranks: dict[int, int]
    people: frozenset[int]
    deadlines: Deadlines | None

    @classmethod
    def empty(cls) -> _Ladder:
        """For marks that are none of a ladder."""
        return cls({}, frozenset(), None)

    @classmethod
    def load(cls) -> _Ladder:
        """Read them."""
        ranks = dict(Priority.objects.values_list("pk", "rank"))
        named = SlaRung.objects.exclude(user=None).values("user")
        people = get_user_model()._default_manager.filter(pk__in=named, is_active=True)
        return cls(ranks, frozenset(people.values_list("pk", flat=True)), Deadlines.load())

    def climb(self, case: Case, rung: Rung, at: datetime) -> Iterator[Event]:
        """The consequences of a step, as far as the case does not stand there already."""
        if rung.level > case.escalation_level:
            yield CaseEscalated(level=rung.level)
        if rung.team and rung.team != case.team_id:
            yield CaseRerouted(
                unit=case.unit_id, team=rung.team, previous_unit=case.unit_id, previous_team=case.team_id
            )
        if rung.user in self.people and rung.user and rung.user != case.assignee_id:
            yield CaseAssigned(to=rung.user, previous=case.assignee_id, strategy="ladder")
        rank = self.ranks.get(rung.priority or 0)
        if rung.priority and rank is not None and rank < case.priority_rank:
            yield PriorityChanged(to=rung.priority, rank=rank, previous=case.priority_id)
            assert self.deadlines is not None  # noqa: S101 - a ladder was loaded
            yield from self.deadlines.on_change(case, at, priority_id=rung.priority)
