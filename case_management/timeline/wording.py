"""Sentences for events, made when somebody reads them and in that reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import ActorKind
from case_management.domain.events import EVENTS
from case_management.models import CaseEvent
from case_management.timeline.facts import FACTS, mentioned, shown
from case_management.timeline.names import Names, person

#: Event code → sentences, the fullest first: the first one whose words the event can fill in is said.
SENTENCES: dict[str, tuple[str | Promise, ...]] = {
    "interaction_attached": (gettext_lazy("The customer got in touch again"),),
    "waiting": (gettext_lazy("Waiting for: %(waiting_for)s"),),
    "resolved": (gettext_lazy("Resolved: %(reason)s"),),
    "reopened": (gettext_lazy("Reopened: %(reason)s"),),
    "assigned": (gettext_lazy("Reassigned from %(previous)s to %(to)s"), gettext_lazy("Assigned to %(to)s")),
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
    "sla_applied": (
        gettext_lazy("Time to resolve set: due %(due_at)s"),
        gettext_lazy("No time to resolve applies"),
    ),
    "sla_paused": (gettext_lazy("Clock paused with %(remaining)s left"),),
    "sla_resumed": (gettext_lazy("Clock runs again: due %(due_at)s"),),
    "deadline_changed": (gettext_lazy("Deadline set to %(deadline)s"), gettext_lazy("Deadline cleared")),
    "sla_breached": (gettext_lazy("Deadline missed: it was due %(due_at)s"),),
}


def names_for(events: Iterable[CaseEvent]) -> Names:
    """Every name that the sentences and details of these events need."""
    events = list(events)
    return Names.of((pair for stored in events for pair in mentioned(stored)), events)


def sentence(stored: CaseEvent, names: Names) -> str:
    """What happened, without who and when; an event that this release does not know keeps its code."""
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
    words = shown(stored, names)
    return [(str(fact.label), words[fact.key]) for fact in FACTS.get(stored.type, ()) if fact.key in words]


def actor_name(stored: CaseEvent, names: Names) -> str:
    """Who did it."""
    who = person(stored.actor) if stored.actor else stored.actor_label
    if stored.actor_kind == ActorKind.RULE:
        return _("Rule “%s”") % names.rules.get(stored.actor_label, stored.actor_label)
    if stored.actor_kind == ActorKind.SYSTEM:
        return _("System")
    if stored.actor_kind == ActorKind.API:
        return _("%s, through the API") % who
    if stored.actor_kind == ActorKind.IMPORT:
        return _("%(who)s, import %(batch)s") % {"who": who, "batch": stored.actor_label}
    return who
