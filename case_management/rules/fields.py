"""The closed list of fields that conditions may look at; nothing else of the database can be reached by a rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth import get_user_model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.models.rule import Occasion
from case_management.registry import Registry


class Kind(StrEnum):
    """What sort of value a field holds; decides which operators it has."""

    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"
    MOMENT = "moment"
    BRANCH = "branch"
    MANY = "many"


@dataclass(frozen=True)
class Field:
    """One thing that a condition may ask about.

    ``path`` is the lookup from the subject; for branches it leads to the tree node, for ``many`` to the relation.
    ``personal`` values are not copied into traces.
    """

    label: Promise | str
    path: str
    kind: Kind
    personal: bool = False


#: What rules on interactions may ask. A host adds its own in ``AppConfig.ready()``.
interaction_fields: Registry[Field] = Registry("field of interactions")
#: What rules on cases may ask.
case_fields: Registry[Field] = Registry("field of cases")

for _key, _field in {
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
}.items():
    interaction_fields.register(_key, _field)

for _key, _field in {
    "status": Field(_("status"), "status", Kind.CHOICE),
    "topic": Field(_("topic"), "topic", Kind.BRANCH),
    "case_type": Field(_("case type"), "case_type__key", Kind.CHOICE),
    "priority": Field(_("priority"), "priority__key", Kind.CHOICE),
    "source": Field(_("source"), "source__key", Kind.CHOICE),
    "unit": Field(_("unit"), "unit", Kind.BRANCH),
    "team": Field(_("team"), "team__key", Kind.CHOICE),
    "assignee": Field(_("assignee"), f"assignee__{get_user_model().USERNAME_FIELD}", Kind.CHOICE),
    "title": Field(_("title"), "title", Kind.TEXT, personal=True),
    "description": Field(_("description"), "description", Kind.TEXT, personal=True),
    "tags": Field(_("tags"), "case_tags__tag__key", Kind.MANY),
    "escalation_level": Field(_("escalation level"), "escalation_level", Kind.NUMBER),
    "flagged": Field(_("flagged"), "flagged", Kind.YES_NO),
    "reopen_count": Field(_("times reopened"), "reopen_count", Kind.NUMBER),
    "waiting_for": Field(_("waiting for"), "waiting_for", Kind.CHOICE),
    "opened_at": Field(_("opened"), "opened_at", Kind.MOMENT),
    "due_at": Field(_("due"), "due_at", Kind.MOMENT),
}.items():
    case_fields.register(_key, _field)


def fields_of(occasion: str) -> Registry[Field]:
    """The fields that a rule on this occasion may ask about."""
    return interaction_fields if occasion == Occasion.INTERACTION_RECEIVED else case_fields
