"""The life of one demo case: who did what when, in business time, with realistic luck."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from case_management.domain import events
from case_management.domain.actor import Actor
from case_management.domain.events import Event, NoteText
from case_management.models import Case
from case_management.operations.record_histories import Step
from case_management.sla.deadlines import Deadlines, missed
from case_management.sla.terms import Matter
from case_management.testing.demo import words

RULE = Actor.rule("assign-new-cases.v1")
SYSTEM = Actor.system("sweep")
GRACE = timedelta(days=14)
GOLDEN = (math.sqrt(5) - 1) / 2


def dealt() -> Iterator[float]:
    """Numbers from 0 to 1, each as far as can be from those before it."""
    return ((n * GOLDEN) % 1 for n in itertools.count(1))


@dataclass(frozen=True)
class Cast:
    """Rows that lives are made of, read once."""

    deadlines: Deadlines
    agents: dict[int | None, list[Any]]
    reasons: list[int]
    reopen_reasons: list[int]
    methods: list[int]
    channels: list[int]
    subjects: list[int]
    root_causes: list[int]
    guest_tags: list[int]
    now: datetime
    #: What befalls the cases that stay open: dealt out rather than drawn, so that a handful shows every state.
    lots: Iterator[float] = field(default_factory=dealt)


@dataclass
class Life:
    """Draws up the steps of one case; every moment lies before ``cast.now``."""

    cast: Cast
    rng: random.Random
    opening: events.CaseOpened
    opened_at: datetime
    opener: Actor

    def steps(self, *, stays_open: bool) -> Iterator[Step]:
        """Open, assign, work, perhaps wait or escalate, and (unless it stays open) tag, resolve, close or reopen."""
        deadlines, opening = self.cast.deadlines, self.opening
        clock = deadlines.on_open(self._matter(), self.opened_at)
        yield Step("open", self.opened_at, self.opener, lambda case: [opening, *self._tier(), *clock])
        agent = self.rng.choice(self.cast.agents[opening.unit])
        at = self.opened_at + timedelta(seconds=self.rng.randint(2, 40))
        by = Actor.from_user(agent)
        if stays_open and self.rng.random() < 0.2:
            return
        yield Step("assign", at, RULE, lambda case: [events.CaseAssigned(to=agent.pk, strategy="workload")])
        if stays_open:
            yield from self._in_work(by, at, next(self.cast.lots))
        else:
            yield from self._to_the_end(by, at)

    def _matter(self) -> Matter:
        opening = self.opening
        return Matter(opening.priority, opening.case_type, opening.topic, unit_id=opening.unit)

    def _tier(self) -> list[Event]:
        """Some guests are members."""
        if self.rng.random() < 0.6:
            return []
        tier = self.rng.choices(("silver", "gold", "platinum"), weights=(6, 3, 1))[0]
        return [events.CustomFieldsChanged(values={"loyalty-tier": tier}, changed=("loyalty-tier",))]

    def _in_work(self, by: Actor, at: datetime, luck: float) -> Iterator[Step]:
        if luck < 0.25:
            return
        moments = self._moments(at, self.cast.now, 4)
        yield from self._first_note(by, moments[0])
        if luck > 0.75:
            yield self._wait(by, moments[1])
        elif luck > 0.6:
            level = NoteText(self.rng.choice(words.URGENCY))
            yield Step("escalate", moments[1], by, lambda case: [events.CaseEscalated(level=1, note=level)])
            yield Step("flag", moments[2], by, lambda case: [events.CaseFlagged()])

    def _to_the_end(self, by: Actor, at: datetime) -> Iterator[Step]:
        end = min(self._resolved_at(at), self.cast.now - timedelta(minutes=5))
        moments = self._moments(at, end, 5)
        yield from self._first_note(by, moments[0])
        if self.rng.random() < 0.15:
            yield self._wait(by, moments[1])
            yield Step("resume", moments[2], by, lambda case: self._resumed(case, moments[2]))
        if self.rng.random() < 0.5:
            yield self._note(by, moments[3])
        tags = (self.rng.choice(self.cast.root_causes), self.rng.choice(self.cast.guest_tags))
        yield Step("tag", moments[4], by, lambda case: [events.TagsChanged(added=tags)])
        yield Step("resolve", end, by, self._resolution(end))
        if self.rng.random() < 0.05 and end + timedelta(days=3) < self.cast.now:
            yield from self._comes_back(by, end)
        elif end + GRACE < self.cast.now:
            yield Step("close", end + GRACE, SYSTEM, lambda case: [events.CaseClosed()])

    def _comes_back(self, by: Actor, resolved_at: datetime) -> Iterator[Step]:
        at, end = resolved_at + timedelta(days=1, hours=2), resolved_at + timedelta(days=2)
        reopened = events.CaseReopened(
            reason=self.rng.choice(self.cast.reopen_reasons), note=NoteText(self.rng.choice(words.COMEBACKS))
        )
        yield Step("reopen", at, by, lambda case: [reopened, *self.cast.deadlines.on_reopen(case, at)])
        yield Step("resolve", end, by, self._resolution(end))
        if end + GRACE < self.cast.now:
            yield Step("close", end + GRACE, SYSTEM, lambda case: [events.CaseClosed()])

    def _first_note(self, by: Actor, at: datetime) -> Iterator[Step]:
        yield Step("start", at, by, lambda case: [events.CaseStarted()])
        yield self._note(by, at)

    def _note(self, by: Actor, at: datetime) -> Step:
        note = NoteText(self.rng.choice(words.NOTES), self.rng.choice(self.cast.subjects))
        return Step("note", at, by, lambda case: [events.NoteAdded(note=note)])

    def _wait(self, by: Actor, at: datetime) -> Step:
        def decide(case: Case) -> list[Event]:
            return [events.CaseWaiting(waiting_for="customer"), *self.cast.deadlines.on_wait(case, "customer", at)]

        return Step("wait", at, by, decide)

    def _resumed(self, case: Case, at: datetime) -> list[Event]:
        return [events.CaseResumed(), *self.cast.deadlines.on_resume(case, at)]

    def _resolution(self, at: datetime) -> Any:
        resolved = events.CaseResolved(
            reason=self.rng.choice(self.cast.reasons),
            method=self.rng.choice(self.cast.methods),
            channel=self.rng.choice(self.cast.channels),
            note=NoteText(self.rng.choice(words.ENDINGS)),
        )
        return lambda case: [*missed(case, at), resolved]

    def _resolved_at(self, at: datetime) -> datetime:
        """Log-normal around two thirds of the promise: most cases are in time, some are very late."""
        promise = self.cast.deadlines.book.promise_for(self._matter())
        if promise is None:
            return at + timedelta(days=self.rng.uniform(0.5, 4))
        used = promise.target * min(self.rng.lognormvariate(math.log(0.55), 0.65), 8.0)
        return promise.calendar.add(at, used)

    def _moments(self, start: datetime, end: datetime, count: int) -> list[datetime]:
        span = max((end - start).total_seconds(), 1.0)
        return [start + timedelta(seconds=span * share) for share in sorted(self.rng.random() for _ in range(count))]
