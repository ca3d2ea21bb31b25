"""What merged cases brought to the case they were merged into, read from its history; so one of them can leave again.

Three facts of a target take the earliest of all: since when the customer waits, the deadline, the missed deadline.
Without one of the merged cases each is what the target itself had, or the earliest of those that stay. What somebody
decided after a merge holds on its own account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from case_management.domain.events import (
    ClockChanged,
    DeadlineMissed,
    Event,
    InteractionAttached,
    MergeReceived,
    MergeTakenBack,
)
from case_management.models import CaseEvent, Interaction

#: The facts that a merge may make earlier, each with its name among what a merged case brought.
BROUGHT = {"awaiting_since": "waited_since", "deadline": "due_at", "breached_at": "breached_at"}


@dataclass(frozen=True)
class Arrival:
    """One merge: the number of its event, what the case brought, and the facts that it made earlier."""

    seq: int
    event: MergeReceived
    moved: frozenset[str]

    def brought(self, fact: str) -> datetime | None:
        """The merged case's own value of a fact."""
        if fact == "awaiting_since":
            return self.event.waited_since or self.event.awaiting_since
        value: datetime | None = getattr(self.event, BROUGHT[fact])
        return value


@dataclass
class MergeBook:
    """The facts as they are (``now``), as they were without any merge (``own``), and who decided them last."""

    now: dict[str, datetime | None] = field(default_factory=lambda: dict.fromkeys((*BROUGHT, "due_at")))
    own: dict[str, datetime | None] = field(default_factory=lambda: dict.fromkeys(BROUGHT))
    decided: dict[str, CaseEvent] = field(default_factory=dict)
    arrivals: dict[int, Arrival] = field(default_factory=dict)
    #: Deadlines that passed here and were those of merged cases.
    missed_for_others: set[datetime] = field(default_factory=set)

    @classmethod
    def read(cls, events: Iterable[CaseEvent]) -> MergeBook:
        """Go through the whole history of a case, in order."""
        book = cls()
        for stored in events:
            book._take(stored, stored.decoded())
        return book

    def _take(self, stored: CaseEvent, event: Event) -> None:
        changes = event.changes(stored.occurred_at)
        if isinstance(event, MergeReceived):
            self.arrivals[event.merged] = Arrival(stored.seq, event, self._earlier(event))
        elif not (isinstance(event, MergeTakenBack) or getattr(event, "by_merge", None)):
            for fact in BROUGHT.keys() & changes.keys():
                self._decide(fact, changes[fact], stored, event)
        self.now.update({name: value for name, value in changes.items() if name in self.now})

    def _earlier(self, event: MergeReceived) -> frozenset[str]:
        """The facts that the merged case has earlier than this one at that moment."""
        pairs = {
            "awaiting_since": (event.awaiting_since or event.waited_since, self.now["awaiting_since"]),
            "deadline": (event.due_at, self.now["due_at"]),
            "breached_at": (event.breached_at, self.now["breached_at"]),
        }
        return frozenset(fact for fact, (new, old) in pairs.items() if new and (old is None or new < old))

    def _decide(self, fact: str, value: Any, stored: CaseEvent, event: Event) -> None:
        if isinstance(event, DeadlineMissed) and self._was_of_another(event.due_at):
            self.missed_for_others.add(event.due_at)
        elif value != self.now[fact] or (fact == "deadline" and not isinstance(event, ClockChanged)):
            self.own[fact], self.decided[fact] = value, stored
        elif fact == "awaiting_since" and value is not None and self.own[fact] is None:
            self.own[fact] = _said_at(stored, event)

    def _was_of_another(self, due: datetime) -> bool:
        is_borrowed = self.now["deadline"] != self.own["deadline"]
        return is_borrowed and any(arrival.event.due_at == due for arrival in self.arrivals.values())

    def without(self, fact: str, staying: Iterable[int], *, own_due: datetime | None) -> datetime | None:
        """The fact as it is with only the ``staying`` merged cases; ``own_due`` is when the SLA makes the case due."""
        last = self.decided[fact].seq if fact in self.decided else 0
        arrivals = [self.arrivals[pk] for pk in staying if pk in self.arrivals and self.arrivals[pk].seq > last]
        values = [value for arrival in arrivals if (value := self._of(arrival, fact)) is not None]
        least = min(values, default=None)
        if fact == "deadline":
            own = min((each for each in (self.own[fact], own_due) if each is not None), default=None)
            return least if least is not None and (own is None or least < own) else self.own[fact]
        return min((each for each in (self.own[fact], least) if each is not None), default=None)

    def _of(self, arrival: Arrival, fact: str) -> datetime | None:
        own = arrival.brought(fact)
        if fact == "breached_at" and own is None and arrival.event.due_at in self.missed_for_others:
            return arrival.event.due_at
        return own

    def overtaken(self, merged: int) -> dict[str, CaseEvent]:
        """The facts that the merge had made earlier and that somebody decided anew since, with that event."""
        arrival = self.arrivals.get(merged)
        if arrival is None:
            return {}
        return {
            fact: self.decided[fact]
            for fact in sorted(arrival.moved)
            if fact in self.decided and self.decided[fact].seq > arrival.seq
        }


def _said_at(stored: CaseEvent, event: Event) -> datetime:
    """When the customer wrote what an event tells of, though they waited already on account of a merged case."""
    if isinstance(event, InteractionAttached):
        said = Interaction.objects.filter(pk=event.interaction).values_list("occurred_at", flat=True).first()
        return said or stored.occurred_at
    return stored.occurred_at
