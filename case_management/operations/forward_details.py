"""What of a case may go along when it is forwarded: a closed list, each part by itself, nothing that was not ticked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.models import Attachment, Case, CaseNote, Message
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.custom_values import in_words
from case_management.models.due import DueState
from case_management.models.message import Direction
from case_management.models.user_names import UserNames


class Detail(models.TextChoices):
    """The parts."""

    WORDS = "words", gettext_lazy("The customer's words")
    CONTACT = "contact", gettext_lazy("Contact details")
    ANSWERS = "answers", gettext_lazy("Survey questions and answers")
    VISIT = "visit", gettext_lazy("Facts of the visit")
    CONVERSATION = "conversation", gettext_lazy("The conversation with the customer")
    FIELDS = "fields", gettext_lazy("Custom fields (internal)")
    NOTES = "notes", gettext_lazy("Notes (internal)")
    FILES = "files", gettext_lazy("Attachments of the conversation")


def details_text(case: Case, chosen: Collection[str]) -> str:
    """The ticked parts as text, each below its name; empty where nothing is ticked or there is nothing to tell."""
    parts = []
    for detail, lines_of in _PARTS.items():
        lines = list(lines_of(case)) if detail in chosen else []
        if lines:
            parts.append("\n".join([f"— {detail.label} —", *lines]))
    return "\n\n".join(parts)


def details_files(case: Case, chosen: Collection[str]) -> tuple[Attachment, ...]:
    """Files of the conversation, where they are ticked; never those of internal messages."""
    if Detail.FILES not in chosen:
        return ()
    return tuple(Attachment.objects.filter(case=case, message__in=_conversation(case)).order_by("pk"))


def _conversation(case: Case) -> Any:
    """What came in, and what the customer got."""
    got = models.Q(direction=Direction.INBOUND) | models.Q(delivery__state=DueState.DONE)
    return Message.objects.filter(got, case=case).conversation().order_by("pk")


def _words(case: Case) -> Iterator[str]:
    said = list(case.interactions.order_by("occurred_at", "pk"))
    if case.description.strip() and case.description.strip() not in {one.comment.strip() for one in said}:
        yield case.description.strip()
    for one in said:
        if one.comment.strip():
            yield f"{_at(one.occurred_at)}: {one.comment.strip()}"


def _contact(case: Case) -> Iterator[str]:
    if case.contact is not None:
        yield str(case.contact)
        yield from (point.value for point in case.contact.points.order_by("pk"))


def _answers(case: Case) -> Iterator[str]:
    for said in case.interactions.order_by("occurred_at", "pk"):
        yield from _pairs(said.answers)


def _visit(case: Case) -> Iterator[str]:
    for said in case.interactions.order_by("occurred_at", "pk"):
        yield from _pairs(said.visit)


def _told(case: Case) -> Iterator[str]:
    for message in _conversation(case):
        yield f"{_at(message.sent_at)}, {message.sender}: {message.subject}\n{message.text.strip()}\n"


def _fields(case: Case) -> Iterator[str]:
    names = UserNames()
    for field, value in CustomCatalogue.load().held(case.custom, case.custom_texts):
        yield f"{field.name}: {in_words(field, value, names)}"


def _notes(case: Case) -> Iterator[str]:
    for note in CaseNote.objects.filter(case=case).select_related("event").order_by("event__seq"):
        yield f"{_at(note.event.occurred_at)}: {note.text.strip()}"


_PARTS: dict[Detail, Callable[[Case], Iterator[str]]] = {
    Detail.WORDS: _words,
    Detail.CONTACT: _contact,
    Detail.ANSWERS: _answers,
    Detail.VISIT: _visit,
    Detail.CONVERSATION: _told,
    Detail.FIELDS: _fields,
    Detail.NOTES: _notes,
}


def _pairs(facts: Any) -> Iterator[str]:
    for name, value in facts.items() if isinstance(facts, dict) else ():
        if value not in (None, "", [], {}):
            yield f"{name}: {_plain(value)}"


def _plain(value: Any) -> str:
    if value is True or value is False:
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _at(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
