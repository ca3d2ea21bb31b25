"""Sentences for events, made when somebody reads them and in that reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import ActorKind
from case_management.domain.events import EVENTS
from case_management.models import CaseEvent
from case_management.timeline.custom_wording import (
    FIELDS_CHANGED,
    Fields,
    custom_details,
    custom_sentence,
    fields_for,
    people_mentioned,
)
from case_management.timeline.facts import FACTS, mentioned, shown
from case_management.timeline.names import USER, Names, person

#: Event code → sentences, the fullest first: the first one whose words the event can fill in is said.
SENTENCES: dict[str, tuple[str | Promise, ...]] = {
    "interaction_attached": (gettext_lazy("The customer got in touch again"),),
    "corrected": (gettext_lazy("Corrected: %(details)s"),),
    "waiting": (gettext_lazy("Waiting for: %(waiting_for)s"),),
    "resolved": (gettext_lazy("Resolved: %(reason)s"),),
    "reopened": (gettext_lazy("Reopened: %(reason)s"),),
    "assigned": (gettext_lazy("Reassigned from %(previous)s to %(to)s"), gettext_lazy("Assigned to %(to)s")),
    "assignment_waits": (gettext_lazy("Nobody could take it: it waits for an assignee"),),
    "unassigned": (gettext_lazy("%(previous)s taken off the case"),),
    "rerouted": (
        gettext_lazy("Re-routed to %(unit)s and team %(team)s"),
        gettext_lazy("Re-routed to %(unit)s"),
        gettext_lazy("Re-routed to team %(team)s"),
    ),
    "topic_changed": (
        gettext_lazy("Topic changed from %(previous)s to %(to)s"),
        gettext_lazy("Topic set to %(to)s"),
    ),
    "type_changed": (
        gettext_lazy("Type changed from %(previous)s to %(to)s"),
        gettext_lazy("Type set to %(to)s"),
    ),
    "priority_changed": (
        gettext_lazy("Priority changed from %(previous)s to %(to)s"),
        gettext_lazy("Priority set to %(to)s"),
    ),
    "tags_changed": (
        gettext_lazy("Tags added: %(added)s; removed: %(removed)s"),
        gettext_lazy("Tags added: %(added)s"),
        gettext_lazy("Tags removed: %(removed)s"),
    ),
    "escalated": (gettext_lazy("Escalated to level %(level)s"),),
    "snoozed": (gettext_lazy("Snoozed until %(until)s"),),
    "message_queued": (gettext_lazy("%(kind)s written"),),
    "message_sent": (gettext_lazy("%(kind)s sent"),),
    "message_failed": (gettext_lazy("%(kind)s not delivered"),),
    "message_cancelled": (gettext_lazy("%(kind)s stopped: %(why)s"),),
    "message_received": (gettext_lazy("%(internal)s received"), gettext_lazy("The customer wrote")),
    "merged": (gettext_lazy("Merged into %(into)s"),),
    "merge_received": (gettext_lazy("%(merged)s merged into this case"),),
    "rules_stopped": (gettext_lazy("Rules went in circles and were stopped, %(deep)s deep; the last was %(rule)s"),),
    "deescalated": (gettext_lazy("Escalation lowered to level %(level)s"),),
    "linked": (gettext_lazy("Linked: %(relation)s %(other)s"),),
    "unlinked": (gettext_lazy("Link removed: %(relation)s %(other)s"),),
    "unmerged": (gettext_lazy("Merge into %(out_of)s taken back"),),
    "merge_taken_back": (gettext_lazy("%(merged)s goes its own way again"),),
    "split": (gettext_lazy("Split: a part went to %(into)s"),),
    "split_received": (gettext_lazy("Split off %(out_of)s"),),
    "message_moved": (gettext_lazy("Message moved here from %(out_of)s"),),
    "note_moved": (
        gettext_lazy("Note of %(author)s, %(written_at)s, moved here from %(out_of)s"),
        gettext_lazy("Note of %(author)s, %(written_at)s, moved here"),
    ),
    "undone": (gettext_lazy("Wide change %(change_set)s undone"),),
    "sla_applied": (
        gettext_lazy("Time to resolve set: due %(due_at)s"),
        gettext_lazy("No time to resolve applies"),
    ),
    "sla_paused": (gettext_lazy("Clock paused with %(remaining)s left"),),
    "sla_resumed": (gettext_lazy("Clock runs again: due %(due_at)s"),),
    "deadline_changed": (gettext_lazy("Deadline set to %(deadline)s"), gettext_lazy("Deadline cleared")),
    "sla_breached": (gettext_lazy("Deadline missed: it was due %(due_at)s"),),
    "sla_warned": (gettext_lazy("%(value)s %% of the promise are used up (%(metric)s): due %(due_at)s"),),
    "sla_response_missed": (gettext_lazy("Reply is late (%(metric)s): it was due %(due_at)s"),),
    "sla_climbed": (gettext_lazy("Step %(value)s of the escalation ladder: it was due %(due_at)s"),),
}


def names_for(events: Iterable[CaseEvent], customs: Fields | None = None, visible: Any = None) -> Names:
    """Every name that the sentences and details of these events need; of cases those among ``visible``, or all.

    ``customs`` by whoever has read them already.
    """
    events = list(events)
    customs = fields_for(events) if customs is None else customs
    wanted = [pair for stored in events for pair in mentioned(stored)]
    wanted += [(USER, stored.actor_id) for stored in events if stored.actor_id is not None]
    wanted += [(USER, pk) for pk in people_mentioned(events, customs)]
    return replace(Names.of(wanted, events, visible), customs=customs)


def is_hidden(stored: CaseEvent, names: Names) -> bool:
    """Whether the event tells of nothing but a case that the reader may not see."""
    return stored.type in ("linked", "unlinked") and names.keeps_quiet_of(stored.payload.get("other"))


def sentence(stored: CaseEvent, names: Names) -> str:
    """What happened, without who and when; an event that this release does not know keeps its code."""
    if stored.type == FIELDS_CHANGED:
        return custom_sentence(stored, names.customs, names.by_kind.get(USER, {}))
    words = shown(stored, names)
    for template in SENTENCES.get(stored.type, ()):
        try:
            return str(template) % words
        except KeyError:
            continue
    event = EVENTS.get(stored.type)
    return str(event.label) if event else stored.type


def details(stored: CaseEvent, names: Names) -> list[tuple[str, str]]:
    """Label and value of everything that the event says."""
    if stored.type == FIELDS_CHANGED:
        return custom_details(stored, names.customs, names.by_kind.get(USER, {}))
    words = shown(stored, names)
    return [(str(fact.label), words[fact.key]) for fact in FACTS.get(stored.type, ()) if fact.key in words]


def actor_name(stored: CaseEvent, names: Names) -> str:
    """Who did it."""
    who = names.by_kind.get(USER, {}).get(stored.actor_id or 0, "")
    who = who or (person(stored.actor) if stored.actor else stored.actor_label)
    if stored.actor_kind == ActorKind.RULE:
        return _("Rule “%s”") % names.rules.get(stored.actor_label, stored.actor_label)
    if stored.actor_kind == ActorKind.SYSTEM:
        return _("System")
    if stored.actor_kind == ActorKind.API:
        return _("%s, through the API") % who
    if stored.actor_kind == ActorKind.IMPORT:
        return _("%(who)s, import %(batch)s") % {"who": who, "batch": stored.actor_label}
    return who
