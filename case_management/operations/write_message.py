"""Write a message: what every way of writing one asks for, and the rows that it leaves for the delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext as _

from case_management import conf
from case_management.background import wake
from case_management.domain.actor import Actor
from case_management.domain.events import CaseStarted, Event, MessageQueued
from case_management.domain.mail_addresses import is_address
from case_management.domain.mail_text import html_of, one_line, storable
from case_management.domain.states import Status
from case_management.exceptions import FileRefused, GateNotMet, ValueUnknown
from case_management.models import Attachment, Case, CaseEvent, Delivery, Message, ScriptedResponse
from case_management.models.message import Direction, MessageKind
from case_management.models.notification import message_id
from case_management.models.sender import sender_for
from case_management.operations.applying import apply, without_reading
from case_management.operations.conversation import Answer
from case_management.operations.keep_file import too_large
from case_management.timeline import texts

#: More than so many people are no conversation.
MOST_RECIPIENTS = 20


@dataclass(frozen=True)
class MessageDraft:
    """What somebody wants to send; ``text`` is all of it, the signature too, as the recipient will read it.

    ``files`` were kept before with :func:`keep_file`; ``encloses`` are files of other messages of the case.
    Whoever may ask twice gives the same ``key``: there is one message then.
    """

    to: tuple[str, ...]
    text: str
    subject: str = ""
    cc: tuple[str, ...] = ()
    files: tuple[Attachment, ...] = ()
    encloses: tuple[Attachment, ...] = ()
    response: ScriptedResponse | None = None
    send_at: datetime | None = None
    cancels_on_answer: bool = False
    #: Once it is sent the case waits for the customer.
    waits: bool = False
    key: str = field(default_factory=lambda: uuid4().hex)


def write_message(verb: str, case: Case, draft: MessageDraft, *, by: Actor, answer: Answer | None = None) -> Message:
    """Carry out ``reply`` or ``forward``: the row, its delivery and its event; with an ``answer`` it is threaded.

    The caller is in a transaction. Raises GateNotMet, ValueUnknown or FileRefused, and what every verb raises.
    """
    _require(draft, by)
    # Held from here on, so that the same key at the same moment finds what the other request has written.
    Case.objects.select_for_update().only("pk").get(pk=case.pk)
    found: Message | None = Message.objects.filter(key=draft.key, case=case, author_id=by.user_id).first()
    if found is not None:
        return found
    written: list[Message] = []

    def decide(held: Case) -> list[Event]:
        message = _row(verb, held, draft, answer, by)
        written.append(message)
        started: list[Event] = [CaseStarted()] if verb == "reply" and held.state is Status.NEW else []
        due_at = message.delivery.available_at
        return [*started, MessageQueued(message=message.pk, kind=message.kind, due_at=due_at)]

    apply(verb, case, without_reading(decide), by=by)
    message = written[0]
    tie(message, CaseEvent.objects.get(case=case, seq=case.version))
    texts.add_said([(case.pk, message.text)])
    wake("messages")
    return message


def tie(message: Message, event: CaseEvent) -> None:
    """Point the message to the event that tells of it."""
    message.event = event
    message.save(update_fields=["event"])


def _row(verb: str, case: Case, draft: MessageDraft, answer: Answer | None, by: Actor) -> Message:
    kind, text = MessageKind(verb), storable(draft.text)
    message = Message(
        case=case, kind=kind, direction=Direction.OUTBOUND, author_id=by.user_id, key=draft.key,
        is_internal=kind == MessageKind.FORWARD, sender=sender_for(case.unit), recipients=list(draft.to),
        cc=list(draft.cc), subject=one_line(draft.subject), text=text, html=html_of(text),
        message_id=message_id(f"message:{draft.key}"), sent_at=by.moment(), response=draft.response,
    )  # fmt: skip
    if answer is not None:
        message.answers, message.in_reply_to, message.references = answer.answers, answer.in_reply_to, answer.references
    message.save()
    _take_along(message, draft)
    due_at = draft.send_at or by.moment() + conf.send_undo()
    message.delivery = Delivery.objects.create(
        message=message, available_at=due_at, send_at=draft.send_at, waits=draft.waits,
        cancels_on_answer=draft.cancels_on_answer,
    )  # fmt: skip
    return message


def _take_along(message: Message, draft: MessageDraft) -> None:
    """Files that lie beside the case become the message's; those of other messages of the case are enclosed."""
    unsent = Attachment.objects.filter(pk__in=[row.pk for row in draft.files], case=message.case, message=None)
    if unsent.update(message=message) != len(draft.files):
        raise ValueUnknown(_("A file went with another message already; add it once more."), fields=["files"])
    if any(row.case_id != message.case_id for row in draft.encloses):
        raise ValueUnknown(_("A file is not one of this case."), fields=["files"])
    message.encloses.set(draft.encloses)


def _require(draft: MessageDraft, by: Actor) -> None:
    """Everything that makes a message one that can be sent."""
    if not draft.to:
        raise GateNotMet(_("Name at least one recipient."), fields=["to"])
    for name, addresses in (("to", draft.to), ("cc", draft.cc)):
        for address in addresses:
            if not is_address(address):
                raise ValueUnknown(_("“%s” is not an e-mail address.") % one_line(address, 100), fields=[name])
    if len(draft.to) + len(draft.cc) > MOST_RECIPIENTS:
        raise ValueUnknown(_("At most %d recipients.") % MOST_RECIPIENTS, fields=["cc"])
    if not draft.text.strip():
        raise GateNotMet(_("Write a text."), fields=["text"])
    if draft.send_at is not None and draft.send_at <= by.moment():
        raise ValueUnknown(_("Choose a moment in the future."), fields=["send_at"])
    _require_files(draft)


def _require_files(draft: MessageDraft) -> None:
    every = (*draft.files, *draft.encloses)
    if sum(row.size for row in every) > conf.attachment_bytes():
        raise FileRefused(too_large(", ".join(row.name for row in every)), fields=["files"])
