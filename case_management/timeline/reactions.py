"""The visible, ordered list of what answers an event after commit; apps.py fills it, jobs run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from case_management.models import CaseEvent
from case_management.registry import Registry


@dataclass(frozen=True)
class Reactor:
    """Answers events of the given types, many at a time, inside one transaction.

    ``react`` must be safe to run twice: its effects carry unique keys.

    >>> from case_management.timeline.reactions import Reactor, reactors
    >>> reactors.register("crm", Reactor(frozenset({"resolved"}), lambda events: None))  # doctest: +SKIP
    """

    event_types: frozenset[str]
    react: Callable[[Sequence[CaseEvent]], None]


#: In the order in which they answer.
reactors: Registry[Reactor] = Registry("reactor")


def owed_by(event_type: str) -> list[str]:
    """Names of the reactors that owe an event of this type an answer."""
    return [name for name, reactor in reactors.items() if event_type in reactor.event_types]
