"""What held of a case from one of its events to the next: the fold of its events, moment by moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from case_management.domain.events import Event
from case_management.domain.states import DONE, Status, WaitingFor
from case_management.sla.lines import Why, to_second


@dataclass(frozen=True)
class Happened:
    """One event of the case: its number, its moment (aware) and what was decided."""

    seq: int
    at: datetime
    event: Event


@dataclass(frozen=True)
class Moment:
    """What held from one event to the next; ``seq`` is the event, which happened ``at`` to the microsecond."""

    seq: int
    start: datetime
    end: datetime
    facts: Mapping[str, Any]
    event: Event
    at: datetime

    @property
    def is_done(self) -> bool:
        """Resolved or closed."""
        return Status(self.facts["status"]) in DONE

    @property
    def holder(self) -> Why | None:
        """For whom the case waits."""
        return _HOLDERS.get(self.facts.get("waiting_for") or "")


_HOLDERS = {WaitingFor.CUSTOMER.value: Why.CUSTOMER, WaitingFor.THIRD_PARTY.value: Why.THIRD_PARTY}


def restores_facts(event: Event | type[Event]) -> bool:
    """Whether the event takes something back; which facts hold again, and so which it touches, it says itself."""
    return "restored" in event.__dataclass_fields__


def moments_of(happened: Sequence[Happened], until: datetime) -> list[Moment]:
    """The case's facts from event to event; a history that goes back in time goes on where it was."""
    starts, facts, found = list[datetime](), dict[str, Any](), list[Moment]()
    for each in happened:
        starts.append(min(until, max(to_second(each.at), starts[-1] if starts else to_second(each.at))))
    for each, start, end in zip(happened, starts, [*starts[1:], until], strict=True):
        facts = {**facts, **each.event.changes(each.at)}
        found.append(Moment(each.seq, start, end, facts, each.event, each.at))
    return found
