"""The visible, ordered list of what answers an event after commit; apps.py fills it, jobs run it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from case_management.models import CaseEvent
from case_management.registry import Registry


@dataclass(frozen=True)
class Reactor:
    """Answers events, many at a time, inside one transaction.

    ``event_types`` tells, at the time of recording, which types it wants to hear of. ``react`` must be safe to run
    twice: its effects carry unique keys.

    >>> from case_management.timeline.reactions import Reactor, reactors
    >>> reactors.register("crm", Reactor(lambda: {"resolved"}, lambda events: None))  # doctest: +SKIP
    """

    event_types: Callable[[], Collection[str]]
    react: Callable[[Sequence[CaseEvent]], None]


#: In the order in which they answer.
reactors: Registry[Reactor] = Registry("reactor")


def owing() -> dict[str, list[str]]:
    """Event type → names of the reactors that owe it an answer."""
    owed: dict[str, list[str]] = {}
    for name, reactor in reactors.items():
        for event_type in reactor.event_types():
            owed.setdefault(event_type, []).append(name)
    return owed
