"""A case lived twice: as it was, and as it would have been with the tried policy in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from case_management.domain.actor import ActorKind
from case_management.domain.events import (
    CaseOpened,
    CaseReopened,
    CaseResumed,
    CaseWaiting,
    ChangeUndone,
    ClockChanged,
    ClockMarked,
    DeadlineChanged,
    DeadlineMissed,
    Event,
    MergeTakenBack,
    SlaApplied,
    stored_fact,
)
from case_management.models import Case, SlaClock
from case_management.models.sla_clock import MarkKind
from case_management.models.twin import twin
from case_management.sla.clock_rows import CaseClocks
from case_management.sla.deadlines import Deadlines, by_hand, missed, whole
from case_management.sla.following import MOVING
from case_management.sla.moments import restores_facts
from case_management.sla.terms import SETS, Matter
from case_management.timeline.projection import project
from case_management.trying.past import Happened, steps, types_touching
from case_management.trying.tried_policy import TriedBook

_MATTER = frozenset(SETS.values())
_PROMISED = ClockChanged.touches | {"breached_at"}
#: Codes of the events that say something of promises.
TELLING = types_touching(_MATTER | _PROMISED | {"status", "waiting_for"}) | MOVING
#: What verbs record on whose account another policy may fit; an entry that was replaced is the same matter.
_ASKING = frozenset({"topic_changed", "type_changed", "priority_changed", "rerouted"})
#: The others with which a policy can have its first word.
_SAYING = (CaseOpened, CaseReopened, ClockChanged)

#: By the id of a change set: the numbers of the first and the last event that it recorded on the case.
Spans = Mapping[int, tuple[int, int]]


def unborn(source: Any, contact: int | None) -> Case:
    """A case of which nothing is known but what no event tells."""
    case = twin(_blank())
    case.source_id, case.contact_id = source, contact
    return case


@cache
def _blank() -> Case:
    return Case()


@dataclass
class Life:
    """The row of a case and the clocks of its replies, as they are after each event; ``missed`` names late replies."""

    case: Case
    clocks: CaseClocks
    missed: set[tuple[str, int]] = field(default_factory=set)
    #: The promise as it was before the event with this number, or the next one that is told.
    before: dict[int, dict[str, Any]] = field(default_factory=dict)
    #: When a deadline of its own was missed; a merge may bring the miss of another case.
    own_miss: datetime | None = None

    def parted(self) -> Life:
        """The same up to now; from here on each goes its own way."""
        clocks = replace(self.clocks, rows=[twin(row) for row in self.clocks.rows], changed={}, marks=[])
        return replace(self, case=twin(self.case), clocks=clocks, missed=set(self.missed), before=dict(self.before))

    def take(self, event: Event, at: datetime) -> None:
        """What happened next."""
        project(self.case, event, at)
        if isinstance(event, ClockMarked):
            if event.kind == MarkKind.MISS:
                self.missed.add((event.metric, event.number))
            return
        if isinstance(event, DeadlineMissed) and not event.by_merge:
            self.own_miss = event.due_at
        elif self.case.breached_at is None:
            self.own_miss = None
        self.clocks.take(event, at, vars(self.case))

    def pass_to(self, at: datetime) -> None:
        """What time alone made late up to now is late, as a sweep that came at once would have found."""
        if self.case.is_open:
            for event in missed(self.case, at):
                self.take(event, at)
        self.missed |= {(row.metric, row.number) for row in self.clocks.rows if is_late(row, at)}

    def remember(self, seq: int) -> None:
        """Keep the promise as it is before the event, for whoever takes something back."""
        self.before.setdefault(seq, {name: getattr(self.case, name) for name in _PROMISED})

    def changed_by(self, span: tuple[int, int]) -> dict[str, Any]:
        """What these events changed of the promise, as it was before them."""
        first, last = span
        before, after = self.before.get(first, {}), self.before.get(last + 1, {})
        return {name: value for name, value in before.items() if value != after.get(name, value)}


def is_late(row: SlaClock, until: datetime) -> bool:
    """Whether the clock ran past its due date before it ended, or by now; at the due date itself it is kept."""
    return row.due_at is not None and row.due_at < whole(row.ended_at or until)


@dataclass(frozen=True)
class Lives:
    """Lives cases twice under one reading of the policies; pure from then on."""

    book: TriedBook
    tried: int
    until: datetime

    def live(self, unborn: Case, events: list[Happened], undone: Spans) -> Both:
        """The events of one case, which has what no event tells; ``undone`` are change sets that were taken back."""
        both = Both(self, Life(unborn, CaseClocks(self.book.kept)), undone)
        is_file = events[0].actor_kind == ActorKind.IMPORT
        for number, together in enumerate(steps(events)):
            both.take(together)
            if number == 0 and not is_file:
                both.settle()
        both.end(self.until)
        return both


@dataclass
class Both:
    """The two lives; the second one begins where the tried policy is chosen, or was and would not be."""

    lives: Lives
    was: Life
    undone: Spans
    would_be: Life | None = None

    def take(self, together: list[Happened]) -> None:
        """What one operation recorded."""
        if self.would_be is None and self._parts(together):
            self.would_be = self.was.parted()
        told = _Told(self.lives, together, self.undone) if self.would_be is not None else None
        for happened in together:
            at = happened.occurred_at
            self._remember(happened.seq)
            if self.would_be is not None and told is not None:
                self.would_be.pass_to(at)
                for event in told.anew(happened, self.was.case, self.would_be):
                    self.would_be.take(event, at)
            self.was.take(happened.event, at)

    def _remember(self, seq: int) -> None:
        for first, last in self.undone.values():
            for mark in (first, last + 1):
                for life in filter(None, (self.was, self.would_be)):
                    if seq >= mark:
                        life.remember(mark)

    def settle(self) -> None:
        """The case is there; see :meth:`CaseClocks.settle`."""
        for life in filter(None, (self.was, self.would_be)):
            life.clocks.settle()

    def end(self, until: datetime) -> None:
        """Both up to now."""
        for life in filter(None, (self.was, self.would_be)):
            life.pass_to(until)

    def _parts(self, together: list[Happened]) -> bool:
        """Whether the tried policy has, or would have had, its first word here."""
        if not any(isinstance(each.event, _SAYING) or each.type in _ASKING for each in together):
            return False
        tried, matter = self.lives.tried, Matter.of(self.was.case)
        for happened in together:
            event = happened.event
            if isinstance(event, ClockChanged) and event.policy == tried:
                return True
            changed = event.changes(happened.occurred_at)
            asks = _asks(happened, matter, together)
            matter = matter._replace(**{name: changed[name] for name in _MATTER & changed.keys()})
            promise = self.lives.book.promise_for(matter) if asks else None
            if promise is not None and promise.policy_id == tried:
                return True
        return False


def _asks(happened: Happened, matter: Matter, together: list[Happened]) -> bool:
    """Whether policies are asked on this occasion: not where a file brings a deadline, or a priority a new rank."""
    event = happened.event
    if isinstance(event, CaseReopened):
        return not event.continues
    if happened.type == "priority_changed" and event.changes(happened.occurred_at)["priority_id"] == matter.priority_id:
        return False
    return (happened.type in _ASKING or isinstance(event, CaseOpened)) and not any(map(_of_file, together))


def _of_file(happened: Happened) -> bool:
    """Whether it is the deadline that a file gives; no promise of ours is counted beside it."""
    event = happened.event
    return isinstance(event, DeadlineChanged) and event.policy is None and happened.actor_kind == ActorKind.IMPORT


@dataclass(frozen=True)
class _Told:
    """What one operation recorded, told anew: every decision on a clock is taken again on the case as it would be."""

    lives: Lives
    together: list[Happened]
    undone: Spans

    def anew(self, happened: Happened, was: Case, life: Life) -> Iterator[Event]:
        """The events in place of this one; ``was`` is the case as it really was before it."""
        event, case, at = happened.event, life.case, happened.occurred_at
        deadlines = Deadlines(self.lives.book)
        if isinstance(event, (ClockChanged, ClockMarked, DeadlineMissed)):
            yield from self._of_clock(happened, case)
        elif isinstance(event, CaseReopened):
            again = replace(event, continues=deadlines.goes_on(case) or None)
            yield from (again, *deadlines.on_reopen(case, at))
        elif restores_facts(event):
            yield self._restored(event, life)
        else:
            yield from (event, *self._decided(happened, case, deadlines))

    def _decided(self, happened: Happened, case: Case, deadlines: Deadlines) -> list[Event]:
        event, at = happened.event, happened.occurred_at
        changed = event.changes(at)
        if isinstance(event, CaseWaiting):
            return deadlines.on_wait(case, event.waiting_for, at)
        if isinstance(event, CaseResumed):
            return deadlines.on_resume(case, at)
        if not _asks(happened, Matter.of(case), self.together):
            return []
        if isinstance(event, CaseOpened):
            return self._opening(Matter.of(case, **{name: changed[name] for name in _MATTER & changed.keys()}), at)
        return deadlines.on_change(case, at, **{name: changed[name] for name in _MATTER & changed.keys()})

    def _opening(self, matter: Matter, at: datetime) -> list[Event]:
        """The clock counts from where it counted, beside the deadline that was given."""
        recorded = self._opening_clock
        since = getattr(recorded, "since", None)
        found = Deadlines(self.lives.book).on_open(matter, since or at, recorded.deadline if recorded else None)
        return [replace(event, since=since) if isinstance(event, SlaApplied) else event for event in found]

    @property
    def _opening_clock(self) -> ClockChanged | None:
        """What was recorded with the opening."""
        if not any(isinstance(happened.event, CaseOpened) for happened in self.together):
            return None
        return next((each.event for each in self.together if isinstance(each.event, ClockChanged)), None)

    def _of_clock(self, happened: Happened, case: Case) -> list[Event]:
        """Deadlines by hand stay, and what a merge brought along; all else is decided anew."""
        event = happened.event
        if isinstance(event, DeadlineMissed):
            return [event] if event.by_merge else []
        if not isinstance(event, DeadlineChanged) or (event is self._opening_clock and not _of_file(happened)):
            return []
        if _of_file(happened):
            return [event]
        return by_hand(case, event.deadline, by_merge=bool(event.by_merge))

    def _restored(self, event: Any, life: Life) -> Event:
        """What was taken back, with the promise that would have held before."""
        restored = {name: value for name, value in event.restored.items() if name not in _PROMISED}
        before: dict[str, Any] = {}
        if isinstance(event, ChangeUndone) and event.change_set in self.undone:
            before = life.changed_by(self.undone[event.change_set])
        elif isinstance(event, MergeTakenBack) and "breached_at" in event.restored:
            before = {"breached_at": life.own_miss}
        restored |= {name: stored_fact(value) for name, value in before.items() if getattr(life.case, name) != value}
        again: Event = replace(event, restored=restored)
        return again
