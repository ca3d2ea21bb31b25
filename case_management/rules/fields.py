"""The closed list of fields that conditions may look at; nothing else of the database can be reached by a rule."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from case_management.models import CaseTag, CaseWatcher, ContactPoint, Interaction, Message
from case_management.models.case import Case
from case_management.models.contact import Contact, PointKind
from case_management.models.message import Direction
from case_management.rules.changes import TRACKED, changes_of
from case_management.rules.field_kinds import Field, Kind, Related, case_fields, interaction_fields

__all__ = ["Field", "Kind", "Related", "case_fields", "interaction_fields"]

_USERNAME = get_user_model().USERNAME_FIELD
_TAGS = Related(CaseTag.objects.all, "case_id")
_WATCHERS = Related(CaseWatcher.objects.all, "case_id")
_RECEIVED = Related(lambda: Message.objects.filter(direction=Direction.INBOUND), "case_id")
_TAGS_OF_CONTACTS = Related(Contact.tags.through.objects.all, "contact_id", "contact_id")
_ADDRESSES = Related(lambda: ContactPoint.objects.filter(kind=PointKind.EMAIL), "contact_id", "contact_id")
_PHONES = Related(lambda: ContactPoint.objects.filter(kind=PointKind.PHONE), "contact_id", "contact_id")


def _counted(rows: Any, link: str, moment: str, own: tuple[str, str], about: Any) -> dict[int, list[timedelta]]:
    """Subject's id → how long before it (itself included) each row of the same contact or case lies.

    ``own`` names what rows are of, and the subject's moment; without one it is now.
    """
    attribute, own_moment = own
    rows_of_subjects = about.subjects.values_list("pk", attribute, own_moment or "pk")
    subjects = [(pk, held, at if own_moment else about.now) for pk, held, at in rows_of_subjects]
    found = rows.filter(**{f"{link}__in": {held for _pk, held, _at in subjects if held}}).order_by()
    at_all: dict[int, list[Any]] = {}
    for held, at in found.values_list(link, moment):
        at_all.setdefault(held, []).append(at)
    return {pk: [own_at - at for at in at_all.get(held, ()) if at <= own_at] for pk, held, own_at in subjects}


def _count(rows: Any, link: str, moment: str, *own: str) -> Any:
    return partial(_counted, rows, link, moment, (own[0], own[1]))


def _event_type(about: Any) -> dict[int, str]:
    return {case_id: event.type for case_id, event in about.events.items()}


def _actor_kind(about: Any) -> dict[int, str]:
    return {case_id: event.actor_kind for case_id, event in about.events.items()}


def _actor(about: Any) -> dict[int, str]:
    ids = {event.actor_id for event in about.events.values() if event.actor_id}
    names = dict(get_user_model()._default_manager.filter(pk__in=ids).values_list("pk", _USERNAME)) if ids else {}
    return {case_id: names[event.actor_id] for case_id, event in about.events.items() if event.actor_id in names}


def _changed(name: str, about: Any) -> Any:
    return changes_of(name, about.events)


_OF_CONTACTS = {
    "contact_name": Field(_("contact's name"), "contact__name", Kind.TEXT, personal=True),
    "contact_external_id": Field(_("contact's external id"), "contact__external_id", Kind.TEXT, personal=True),
    "contact_language": Field(_("contact's language"), "contact__language", Kind.CHOICE),
    "contact_tags": Field(_("contact's tags"), "tag__key", Kind.MANY, related=_TAGS_OF_CONTACTS),
    "contact_email": Field(_("contact's e-mail address"), "normalised", Kind.TEXT, True, related=_ADDRESSES),
    "contact_phone": Field(_("contact's phone number"), "normalised", Kind.TEXT, True, related=_PHONES),
}

_OF_INTERACTIONS = {
    "score": Field(_("score"), "score", Kind.NUMBER),
    "recommended": Field(_("would recommend"), "recommended", Kind.YES_NO),
    "wants_contact": Field(_("asked to be contacted"), "wants_contact", Kind.YES_NO),
    "comment": Field(_("comment"), "comment", Kind.TEXT, personal=True),
    "title": Field(_("title"), "title", Kind.TEXT, personal=True),
    "source": Field(_("source"), "source__key", Kind.CHOICE),
    "kind": Field(_("kind of interaction"), "kind", Kind.CHOICE),
    "unit": Field(_("unit"), "unit", Kind.BRANCH),
    "unit_number": Field(_("unit number"), "unit__number", Kind.CHOICE),
    "country": Field(_("contact's country"), "contact__country", Kind.CHOICE),
    "occurred_at": Field(_("happened"), "occurred_at", Kind.MOMENT),
    "external_id": Field(_("external id"), "external_id", Kind.TEXT),
    **_OF_CONTACTS,
    "contact_cases": Field(
        _("cases of this contact so far"), "", Kind.COUNT,
        read=_count(Case.objects, "contact_id", "opened_at", "contact_id", "occurred_at"),
    ),
    "contact_responses": Field(
        _("responses of this contact, this one included"), "", Kind.COUNT,
        read=_count(Interaction.objects, "contact_id", "occurred_at", "contact_id", "occurred_at"),
    ),
}  # fmt: skip

_OF_CASES = {
    "status": Field(_("status"), "status", Kind.CHOICE),
    "topic": Field(_("topic"), "topic", Kind.BRANCH),
    "case_type": Field(_("case type"), "case_type__key", Kind.CHOICE),
    "priority": Field(_("priority"), "priority__key", Kind.CHOICE),
    "source": Field(_("source"), "source__key", Kind.CHOICE),
    "source_kind": Field(_("kind of source"), "source__kind", Kind.CHOICE),
    "unit": Field(_("unit"), "unit", Kind.BRANCH),
    "unit_number": Field(_("unit number"), "unit__number", Kind.CHOICE),
    "team": Field(_("team"), "team__key", Kind.CHOICE),
    "assignee": Field(_("assignee"), f"assignee__{_USERNAME}", Kind.CHOICE),
    "title": Field(_("title"), "title", Kind.TEXT, personal=True),
    "description": Field(_("description"), "description", Kind.TEXT, personal=True),
    "external_id": Field(_("external id"), "external_id", Kind.TEXT),
    "tags": Field(_("tags"), "tag__key", Kind.MANY, related=_TAGS),
    "watchers": Field(_("watchers"), f"user__{_USERNAME}", Kind.MANY, related=_WATCHERS),
    "escalation_level": Field(_("escalation level"), "escalation_level", Kind.NUMBER),
    "flagged": Field(_("flagged"), "flagged", Kind.YES_NO),
    "reopen_count": Field(_("times reopened"), "reopen_count", Kind.NUMBER),
    "score": Field(_("latest score"), "score", Kind.NUMBER),
    "waiting_for": Field(_("waiting for"), "waiting_for", Kind.CHOICE),
    "closure_reason": Field(_("closure reason"), "closure_reason__key", Kind.CHOICE),
    "resolution_method": Field(_("resolution method"), "resolution_method__key", Kind.CHOICE),
    "close_channel": Field(_("close channel"), "close_channel__key", Kind.CHOICE),
    "reopen_reason": Field(_("reopen reason"), "reopen_reason__key", Kind.CHOICE),
    "sla_policy": Field(_("SLA policy"), "sla_policy__key", Kind.CHOICE),
    "opened_at": Field(_("opened"), "opened_at", Kind.MOMENT),
    "started_at": Field(_("started"), "started_at", Kind.MOMENT),
    "updated_at": Field(_("last changed"), "updated_at", Kind.MOMENT),
    "awaiting_since": Field(_("customer without an answer since"), "awaiting_since", Kind.MOMENT),
    "due_at": Field(_("due"), "due_at", Kind.MOMENT),
    "breached_at": Field(_("deadline missed"), "breached_at", Kind.MOMENT),
    "snoozed_until": Field(_("snoozed until"), "snoozed_until", Kind.MOMENT),
    "resolved_at": Field(_("resolved"), "resolved_at", Kind.MOMENT),
    "closed_at": Field(_("closed"), "closed_at", Kind.MOMENT),
    "message": Field(_("text of a message received"), "text", Kind.TEXT, True, related=_RECEIVED),
    "message_subject": Field(_("subject of a message received"), "subject", Kind.TEXT, True, related=_RECEIVED),
    "message_from": Field(_("sender of a message received"), "sender", Kind.TEXT, True, related=_RECEIVED),
    "contact_country": Field(_("contact's country"), "contact__country", Kind.CHOICE),
    **_OF_CONTACTS,
    "contact_cases": Field(
        _("cases of this contact, this one included"), "", Kind.COUNT,
        read=_count(Case.objects, "contact_id", "opened_at", "contact_id", "opened_at"),
    ),
    "contact_responses": Field(
        _("responses of this contact until the case was opened"), "", Kind.COUNT,
        read=_count(Interaction.objects, "contact_id", "occurred_at", "contact_id", "opened_at"),
    ),
    "messages_received": Field(
        _("messages received so far"), "", Kind.COUNT,
        read=_count(Message.objects.received(), "case_id", "sent_at", "pk", ""),
    ),
    "event": Field(_("what happened"), "", Kind.CHOICE, read=_event_type),
    "done_by": Field(_("done by"), "", Kind.CHOICE, read=_actor),
    "done_by_kind": Field(_("done by a"), "", Kind.CHOICE, read=_actor_kind),
}  # fmt: skip

for _key, _field in _OF_INTERACTIONS.items():
    interaction_fields.register(_key, _field)
for _key, _field in _OF_CASES.items():
    case_fields.register(_key, _field)
for _key in TRACKED:
    _label = _OF_CASES[_key].label
    case_fields.register(f"changed.{_key}", Field(_label, "", Kind.CHANGE, read=partial(_changed, _key)))
