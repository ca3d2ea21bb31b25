"""One case walked through from its opening: at each occasion the rule is asked, and what it does goes on with it.

A rule's own changes stay on the case until a later event of the history decides the same fact anew, and are occasions
themselves, as they are when it is live.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from case_management.domain.events import (
    EVENTS,
    CaseDeescalated,
    CaseEscalated,
    CaseRerouted,
    CaseUnassigned,
    ClockChanged,
    Event,
    LadderClimbed,
    TagsChanged,
)
from case_management.operations.escalate_case import HIGHEST
from case_management.rules.reacting import MAX_DEPTH, occasion_of
from case_management.trying.clock_anew import ClockAnew, is_of_the_old_clock, moves_the_clock
from case_management.trying.on_time import Coming, OnTime
from case_management.trying.past import Happened, PastState, steps
from case_management.trying.questions import Moment

#: Verbs that refuse to do what is done already.
_REPEATABLE = frozenset({
    "topic_changed", "type_changed", "priority_changed", "flagged", "unflagged", "assigned", "unassigned", "rerouted",
    "fields_changed",
})  # fmt: skip
#: What a verb records beside its own event; where it has nothing to do, that does not come either.
_BESIDE = (ClockChanged, CaseUnassigned)
#: Yielded when the rule may act; sent back is whether it does.
Wish = Generator[Moment, bool, None]


@dataclass(frozen=True)
class Asked:
    """What a walk needs to know of the rule."""

    occasion: str
    since: datetime
    until: datetime
    holds: Callable[[Moment], bool]
    #: How rules sign that act before this one.
    earlier: frozenset[str]
    label: str
    #: Of a rule on time; the others are asked about events.
    on_time: OnTime | None = None

    def is_occasion(self, happened: Happened) -> bool:
        """Whether the rule is asked about the event."""
        is_about_it = happened.event.code in codes_of(self.occasion) and happened.depth < MAX_DEPTH
        return is_about_it and self.since <= happened.occurred_at <= self.until


@cache
def codes_of(occasion: str) -> frozenset[str]:
    """Codes of the events about which rules for the occasion are asked."""
    return frozenset(code for code in EVENTS if occasion_of(code) == occasion)


@dataclass
class Walk:
    """The walk through one case; ``act`` returns the events that the rule would record there."""

    asked: Asked
    state: PastState
    events: list[Happened]
    act: Callable[[PastState, Moment], list[Event]]
    #: How the clock goes on after the rule has acted; a walk on which nothing is done needs none.
    clock: ClockAnew | None = None
    has_acted: bool = False
    #: Whether the clock of the history is no longer the one that runs.
    has_moved: bool = False
    #: How far up the ladder the case stood in the history.
    level: int = 0
    #: How often the time of a rule on time has come; for which moment it was asked, and for which it has acted.
    come: int = 0
    asked_for: datetime | None = None
    acted_for: datetime | None = None

    def wishes(self) -> Wish:
        """Yields each occasion on which the conditions hold."""
        left = deque(steps(self.events))
        waiting: deque[Moment] = deque()
        while True:
            if coming := self._comes(left[0][0].occurred_at if left else self.asked.until):
                waiting.extend(self._come(coming))
            elif left:
                waiting.extend(self._passed(left.popleft()))
            else:
                return
            while waiting:
                moment = waiting.popleft()
                if self.asked.holds(moment) and (yield moment):
                    self.acted_for = self.asked_for
                    waiting.extend(self._done_before(moment, left))
                    waiting.extend(self._acted(moment))

    def _comes(self, upto: datetime) -> Coming | None:
        """The time of a rule on time, if it comes before anything else happens."""
        if self.asked.on_time is None:
            return None
        coming = self.asked.on_time.comes(self.state, self.asked_for)
        return coming if coming is not None and coming.at <= min(upto, self.asked.until) else None

    def _come(self, coming: Coming) -> list[Moment]:
        """Ask once for the moment; one that was moved behind what has passed is asked for when it was moved."""
        self.asked_for, on_time = coming.of, self.asked.on_time
        if on_time is None or coming.at <= self.asked.since or not on_time.passes(self.state):
            return []
        self.come += 1
        return [Moment(self.state, None, max(coming.at, self.state.values["updated_at"]))]

    def _passed(self, together: list[Happened]) -> list[Moment]:
        """Take the events of one operation in; returns the occasions among them."""
        if not self.has_acted:
            return [moment for happened in together for moment in self._took_in(happened)]
        found, skipped = [], False
        for told in together:
            happened = self._from_here(told, together)
            skipped = _says_nothing(happened, self.state, after=skipped)
            if skipped:
                continue
            clock = self._clock_anew(happened)
            if clock is None or not is_of_the_old_clock(happened.event):
                found += self._took_in(happened)
            if isinstance(happened.event, CaseRerouted):
                found += self._left(happened, together)
            for event in clock or ():
                found += self._took_in(replace(happened, pk=0, event=event))
        return found

    def _from_here(self, happened: Happened, together: list[Happened]) -> Happened:
        """One step up the ladder is taken from where the rule has brought the case; a rung is the rung that it is."""
        event = happened.event
        if happened.pk == 0 or not isinstance(event, CaseEscalated | CaseDeescalated):
            return happened
        came_from, self.level = self.level, event.level
        is_a_step = isinstance(event, CaseEscalated) and event.level == came_from + 1
        if not is_a_step or any(isinstance(each.event, LadderClimbed) for each in together):
            return happened
        level = min(self.state.values["escalation_level"] + 1, HIGHEST)
        return replace(happened, event=replace(event, level=level))

    def _clock_anew(self, happened: Happened) -> list[Event] | None:
        """What the clock does now; None while it goes as in the history."""
        if not self.has_moved or self.clock is None or happened.pk == 0:
            return None
        return self.clock.events(self.state, happened.event, happened.occurred_at)

    def _took_in(self, happened: Happened) -> list[Moment]:
        before, on_time = self.state.apply(happened.event, happened.occurred_at), self.asked.on_time
        if on_time is not None and on_time.is_moved_by(happened.event):
            self.asked_for = self.acted_for
        is_occasion = self.asked.is_occasion(happened)
        return [Moment(self.state, happened, happened.occurred_at, before)] if is_occasion else []

    def _left(self, rerouted: Happened, together: list[Happened]) -> list[Moment]:
        """Whom the rule had assigned is taken off by a re-routing that found nobody in the history; a rung does not."""
        assignee = self.state.values["assignee_id"]
        if assignee is None or any(isinstance(each.event, CaseUnassigned | LadderClimbed) for each in together):
            return []
        return self._took_in(replace(rerouted, pk=0, event=CaseUnassigned(previous=assignee)))

    def _done_before(self, moment: Moment, left: deque[list[Happened]]) -> list[Moment]:
        """What rules that come earlier in the order did on this very occasion, this one finds done when it acts."""
        found: list[Moment] = []
        event = moment.event
        while event is not None and event.pk and left and self._is_earlier(left[0][0], event.pk):
            found += self._passed(left.popleft())
        return found

    def _is_earlier(self, happened: Happened, occasion: int) -> bool:
        return happened.caused_by_id == occasion and happened.actor_label in self.asked.earlier

    def _acted(self, moment: Moment) -> list[Moment]:
        if not self.has_acted:
            self.level = self.state.values["escalation_level"]
        depth = moment.event.depth + 1 if moment.event else 1
        own: dict[str, Any] = {"actor_kind": "rule", "actor_label": self.asked.label, "depth": depth}
        done = [Happened(0, self.state.case_id, event, moment.at, **own) for event in self.act(self.state, moment)]
        found = self._passed(done)
        self.has_acted = True
        self.has_moved |= any(moves_the_clock(happened.event) for happened in done)
        return found


def _says_nothing(happened: Happened, state: PastState, *, after: bool) -> bool:
    """Whether the rule had done before what this event of the history did: then nobody would have done it again.

    ``after`` tells that the event before it in the same operation was such a one; what goes with it does not come.
    """
    if after and isinstance(happened.event, _BESIDE):
        return True
    if happened.pk == 0:
        return False
    event = happened.event
    if isinstance(event, TagsChanged):
        return set(event.added) <= state.tags and state.tags.isdisjoint(event.removed)
    if isinstance(event, CaseEscalated):
        return bool(event.level <= state.values["escalation_level"])
    if isinstance(event, CaseDeescalated):
        return bool(event.level >= state.values["escalation_level"])
    changed = event.changes(happened.occurred_at) if event.code in _REPEATABLE else {}
    return bool(changed) and all(state.values[name] == value for name, value in changed.items())
