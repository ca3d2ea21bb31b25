"""What each event's payload says, key by key: its label and what kind of thing the value is.

One table serves the sentences, the details under them and the reading of names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.domain.states import WaitingFor
from case_management.models import CaseEvent
from case_management.timeline.durations import in_words
from case_management.timeline.names import NAMED, USER, Names


@dataclass(frozen=True, slots=True)
class Fact:
    """One key of a payload; ``kind`` is a key of NAMED, or user, time, seconds, waiting, text."""

    key: str
    label: str | Promise
    kind: str


def _from_to(kind: str) -> tuple[Fact, ...]:
    return Fact("previous", _("Before"), kind), Fact("to", _("After"), kind)


_CLOCK = (
    Fact("due_at", _("Due"), "time"),
    Fact("policy", _("SLA policy"), "policy"),
    Fact("target", _("Time to resolve"), "seconds"),
    Fact("remaining", _("Left when paused"), "seconds"),
    Fact("sla_due_at", _("Due by SLA"), "time"),
    Fact("deadline", _("Deadline by hand"), "time"),
)
#: Event code → what its payload may hold, in the order in which it is shown.
FACTS: dict[str, tuple[Fact, ...]] = {
    "opened": (
        Fact("topic", _("Topic"), "topic"),
        Fact("case_type", _("Case type"), "case_type"),
        Fact("priority", _("Priority"), "priority"),
        Fact("unit", _("Unit"), "unit"),
        Fact("team", _("Team"), "team"),
    ),
    "waiting": (Fact("waiting_for", _("Waiting for"), "waiting"),),
    "resolved": (
        Fact("reason", _("Closure reason"), "closure_reason"),
        Fact("method", _("Resolution method"), "method"),
        Fact("channel", _("Close channel"), "channel"),
    ),
    "reopened": (
        Fact("reason", _("Reopen reason"), "reopen_reason"),
        Fact("count", _("Times reopened"), "text"),
    ),
    "assigned": (*_from_to(USER), Fact("strategy", _("Chosen by"), "text")),
    "unassigned": (Fact("previous", _("Before"), USER),),
    "rerouted": (
        Fact("unit", _("Unit"), "unit"),
        Fact("team", _("Team"), "team"),
        Fact("previous_unit", _("Unit before"), "unit"),
        Fact("previous_team", _("Team before"), "team"),
    ),
    "topic_changed": _from_to("topic"),
    "type_changed": _from_to("case_type"),
    "priority_changed": _from_to("priority"),
    "tags_changed": (Fact("added", _("Added"), "tag"), Fact("removed", _("Removed"), "tag")),
    "escalated": (Fact("level", _("Level"), "text"),),
    "sla_applied": _CLOCK,
    "sla_paused": _CLOCK,
    "sla_resumed": _CLOCK,
    "deadline_changed": _CLOCK,
    "sla_breached": (Fact("due_at", _("Was due"), "time"),),
}


def mentioned(stored: CaseEvent) -> Iterator[tuple[str, int]]:
    """The (kind, id) pairs whose names the event needs."""
    for fact in FACTS.get(stored.type, ()):
        value = stored.payload.get(fact.key)
        if fact.kind == USER or fact.kind in NAMED:
            for pk in value if isinstance(value, list) else [value]:
                if isinstance(pk, int):
                    yield fact.kind, pk


def shown(stored: CaseEvent, names: Names) -> dict[str, str]:
    """Payload key → its value in words, for the keys that have one."""
    known = FACTS.get(stored.type, ())
    values = ((fact, stored.payload.get(fact.key)) for fact in known)
    return {fact.key: _in_words(fact.kind, value, names) for fact, value in values if value not in (None, [], "")}


def _in_words(kind: str, value: Any, names: Names) -> str:
    if kind == USER or kind in NAMED:
        return ", ".join(names.get(kind, pk) for pk in (value if isinstance(value, list) else [value]))
    if kind == "time":
        return formats.date_format(timezone.localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")
    if kind == "seconds":
        return in_words(timedelta(seconds=value))
    if kind == "waiting":
        return str(WaitingFor(value).label)
    return str(value)
