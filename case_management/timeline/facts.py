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

from case_management.domain.relations import Relation
from case_management.domain.states import WaitingFor
from case_management.models import CaseEvent
from case_management.models.sla import SlaMetric
from case_management.timeline.durations import in_words
from case_management.timeline.names import CASE, NAMED, USER, Names


@dataclass(frozen=True, slots=True)
class Fact:
    """One key of a payload; ``kind`` is a key of NAMED or WORDS, or user, time, seconds, detail, waiting, text."""

    key: str
    label: str | Promise
    kind: str


#: Details of a case whose words stand in its row alone.
DETAILS: dict[str, str | Promise] = {
    "title": _("Title"),
    "description": _("Description"),
    "contact": _("Customer"),
}
#: Codes that a payload holds, in words.
WORDS: dict[str, dict[Any, str | Promise]] = {
    "detail": DETAILS,
    "message": {"reply": _("Reply"), "forward": _("Forward"), "mail": _("Message")},
    "stopped": {"person": _("before it left"), "answered": _("the customer wrote first")},
    "received": {True: _("Answer to a forwarded message")},
    "relation": {str(relation): relation.label for relation in Relation},
    "metric": dict(SlaMetric.choices),
}


def _from_to(kind: str) -> tuple[Fact, ...]:
    return Fact("previous", _("Before"), kind), Fact("to", _("After"), kind)


_DUE = Fact("due_at", _("Due"), "time")
_CLOCK = (
    _DUE,
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
    "corrected": (Fact("details", _("Corrected"), "detail"),),
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
    "assignment_waits": (Fact("chain", _("Assignment chain"), "text"),),
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
    "rules_stopped": (Fact("deep", _("Rules deep"), "text"), Fact("rule", _("Last rule"), "text")),
    "deescalated": (Fact("level", _("Level"), "text"),),
    "note_added": (Fact("mentions", _("Called on"), USER),),
    "note_moved": (
        Fact("author", _("Written by"), USER),
        Fact("written_at", _("Written"), "time"),
        Fact("out_of", _("From"), "case"),
    ),
    "message_moved": (Fact("out_of", _("From"), "case"),),
    "snoozed": (Fact("until", _("Until"), "time"),),
    "message_queued": (Fact("kind", _("Kind"), "message"), Fact("due_at", _("Leaves"), "time")),
    "message_sent": (
        Fact("kind", _("Kind"), "message"),
        Fact("awaiting_since", _("Awaiting our reply since"), "time"),
    ),
    "message_failed": (Fact("kind", _("Kind"), "message"),),
    "message_cancelled": (Fact("kind", _("Kind"), "message"), Fact("why", _("Why"), "stopped")),
    "message_received": (
        Fact("internal", _("Kind"), "received"),
        Fact("awaiting_since", _("Awaiting our reply since"), "time"),
    ),
    "linked": (Fact("relation", _("This case is"), "relation"), Fact("other", _("Other case"), "case")),
    "unlinked": (Fact("relation", _("This case was"), "relation"), Fact("other", _("Other case"), "case")),
    "unmerged": (Fact("out_of", _("Went on in"), "case"),),
    "merge_taken_back": (Fact("merged", _("Goes its own way"), "case"),),
    "split": (Fact("into", _("New case"), "case"),),
    "split_received": (Fact("out_of", _("Old case"), "case"),),
    "merged": (Fact("into", _("Goes on in"), "case"),),
    "merge_received": (
        Fact("merged", _("Merged"), "case"),
        Fact("awaiting_since", _("Awaiting our reply since"), "time"),
        Fact("due_at", _("It was due"), "time"),
        Fact("breached_at", _("It had missed its deadline"), "time"),
    ),
    "undone": (Fact("change_set", _("Wide change"), "text"),),
    "sla_applied": _CLOCK,
    "sla_paused": _CLOCK,
    "sla_resumed": _CLOCK,
    "deadline_changed": _CLOCK,
    "sla_breached": (Fact("due_at", _("Was due"), "time"),),
    "sla_warned": (Fact("metric", _("Promise"), "metric"), Fact("value", _("Per cent"), "text"), _DUE),
    "sla_response_missed": (Fact("metric", _("Promise"), "metric"), Fact("due_at", _("Was due"), "time")),
    "sla_climbed": (Fact("value", _("Level"), "text"), Fact("due_at", _("Was due"), "time")),
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
    return {
        fact.key: _in_words(fact.kind, value, names)
        for fact, value in values
        if value not in (None, [], "") and not (fact.kind == CASE and names.keeps_quiet_of(value))
    }


def _in_words(kind: str, value: Any, names: Names) -> str:
    if kind == USER or kind in NAMED:
        return ", ".join(names.get(kind, pk) for pk in (value if isinstance(value, list) else [value]))
    if kind == "time":
        return formats.date_format(timezone.localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")
    if kind == "seconds":
        return in_words(timedelta(seconds=value))
    if kind == "waiting":
        return str(WaitingFor(value).label)
    if kind in WORDS:
        known = WORDS[kind]
        return ", ".join(str(known.get(each, each)) for each in (value if isinstance(value, list) else [value]))
    return str(value)
