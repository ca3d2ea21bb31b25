"""Record whole lives of cases at once: what was lived elsewhere, or is made up for a demonstration.

Each step passes the same table and the same decisions as if it were taken today, only at its own moment; nobody reacts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from case_management.domain import transitions
from case_management.domain.actor import Actor
from case_management.domain.events import Event
from case_management.models import Case, Interaction
from case_management.timeline.projection import project
from case_management.timeline.recorder import Entry, record


@dataclass(frozen=True)
class Step:
    """One verb at its moment: ``decide`` looks at the case as it was then and returns the events."""

    verb: str
    at: datetime
    by: Actor
    decide: Callable[[Case], list[Event]]


@dataclass(frozen=True)
class History:
    """A new case (reference and own words set) and its steps in the order of time; ``interaction`` opened it."""

    case: Case
    steps: Sequence[Step]
    interaction: Interaction | None = None


@transaction.atomic
def record_histories(histories: Sequence[History]) -> list[Case]:
    """Store the cases with all their events, in a number of statements that depends on the chunks alone.

    Raises TransitionNotAllowed when a history takes a step that the table does not have; then nothing was written.
    """
    entries = [entry for history in histories for entry in _entries(history)]
    record(entries, quietly=True)
    linked = []
    for history in histories:
        if history.interaction is not None:
            history.interaction.case = history.case
            linked.append(history.interaction)
    Interaction.objects.bulk_update(linked, ["case"], batch_size=500)
    return [history.case for history in histories]


def _entries(history: History) -> list[Entry]:
    """Decide step by step on a shadow of the case; the recorder then projects the same events onto the case itself."""
    shadow, entries = Case(), list[Entry]()
    for step in history.steps:
        if step.verb != "open":
            transitions.require(step.verb, shadow.state)
        events = step.decide(shadow)
        for event in events:
            project(shadow, event, step.at)
        entries.append(Entry(history.case, events, replace(step.by, at=step.at)))
    return entries
