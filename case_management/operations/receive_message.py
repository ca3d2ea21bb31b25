"""Receive: an answer by mail joins its case, if it comes from somebody who takes part; else it is nobody's answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from case_management import conf
from case_management.domain.actor import Actor
from case_management.domain.events import CaseWoken, Event, MessageReceived
from case_management.domain.mail_addresses import comparable
from case_management.domain.mail_text import one_line, storable, text_of
from case_management.domain.reply_token import read_address
from case_management.domain.states import Status, WaitingFor
from case_management.exceptions import NothingToChange
from case_management.models import Case, Message
from case_management.models.due import DueState
from case_management.models.message import Direction, MessageKind
from case_management.operations.applying import apply, without_reading
from case_management.operations.cancel_message import stopped
from case_management.operations.conversation import customer_addresses, participants
from case_management.operations.keep_file import IncomingFile, keep_received
from case_management.operations.merge_case import where_it_goes_on
from case_management.operations.resume_case import resumption
from case_management.operations.write_message import tie
from case_management.timeline import texts

#: Message-IDs are looked up that far back in a mail's References.
MOST_REFERENCES = 50
#: Headers of one line, and how long they may be.
_HEADERS = {"sender": 320, "subject": 250, "message_id": 255, "in_reply_to": 255}


@dataclass(frozen=True)
class InboundMail:
    """A mail as the intake read it; nothing of it is believed. ``message_id`` is made by the intake where it lacks one.

    ``is_automatic``: an auto-responder or a bounce wrote it (RFC 3834, null return path, ``Precedence: bulk`` …).
    """

    sender: str
    to: tuple[str, ...]
    message_id: str
    sent_at: datetime
    subject: str = ""
    text: str = ""
    html: str = ""
    cc: tuple[str, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[IncomingFile, ...] = field(default=(), repr=False)
    is_automatic: bool = False

    def __post_init__(self) -> None:
        """Headers become one line each, texts lose what no database keeps."""
        clean: dict[str, object] = {name: one_line(getattr(self, name), most) for name, most in _HEADERS.items()}
        clean |= {name: storable(getattr(self, name)) for name in ("text", "html")}
        for name in ("to", "cc"):
            clean[name] = tuple(one_line(address, 320) for address in getattr(self, name))
        clean["references"] = tuple(one_line(each, 255) for each in self.references[-MOST_REFERENCES:])
        for name, value in clean.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Thread:
    """Where a mail belongs; ``forward`` is the forwarded message that it answers, None for the customer's side."""

    case: Case
    forward: Message | None = None


def thread_of(mail: InboundMail) -> Thread | None:
    """The conversation that the mail belongs to, or None: then it opens a case of its own, or waits for a person.

    It takes both: a secret that only our mail carried (the reply address, or the Message-ID of something we sent), and
    a sender who takes part in that very conversation. A reference in the subject counts for nothing.
    """
    found = _by_address(mail) or _by_message_id(mail)
    if found is None:
        return None
    case = found.case
    if found.forward is not None:
        known = {comparable(address) for address in (*found.forward.recipients, *found.forward.cc)}
    else:
        known = participants(case, customer_addresses(case))
    if comparable(mail.sender) not in known:
        return None
    return found if found.forward is not None else Thread(where_it_goes_on(case))


@transaction.atomic
def receive_message(thread: Thread, *, mail: InboundMail, by: Actor) -> Message:
    """Add the mail to the thread that :func:`thread_of` found; the same mail again is the same message.

    The customer's message ends a wait for the customer and a snooze, and stops replies that were to be sent only if
    nobody writes. An answer to a forward is internal and changes nothing; nor does what a machine wrote.
    Raises TransitionNotAllowed where the case is resolved: then the matter goes on in a case of its own.
    """
    by, case = by.at_this_moment(), thread.case
    found: Message | None = Message.objects.filter(message_id=mail.message_id).first()
    if found is not None:
        return found
    written: list[Message] = []

    def decide(held: Case) -> list[Event]:
        message = _row(held, thread, mail, by)
        written.append(message)
        return _events(held, message, mail, by)

    apply("receive_internal" if thread.forward else "receive", case, without_reading(decide), by=by)
    message = written[0]
    tie(message, case.events.filter(type="message_received").order_by("-seq")[0])
    texts.add_said([(case.pk, message.text)])
    return message


def _row(case: Case, thread: Thread, mail: InboundMail, by: Actor) -> Message:
    message = Message.objects.create(
        case=case, kind=MessageKind.MAIL, direction=Direction.INBOUND, is_internal=thread.forward is not None,
        sender=mail.sender, recipients=list(mail.to), cc=list(mail.cc), subject=mail.subject,
        text=mail.text.strip() or text_of(mail.html), html=mail.html, message_id=mail.message_id,
        in_reply_to=mail.in_reply_to, references=list(mail.references), sent_at=min(mail.sent_at, by.moment()),
        answers=thread.forward,
    )  # fmt: skip
    keep_received(message, mail.files)
    return message


def _events(case: Case, message: Message, mail: InboundMail, by: Actor) -> list[Event]:
    if message.is_internal or mail.is_automatic:
        internal, automatic = message.is_internal or None, mail.is_automatic or None
        return [MessageReceived(message=message.pk, internal=internal, automatic=automatic)]
    received = MessageReceived(message=message.pk, awaiting_since=case.awaiting_since or by.moment())
    waits = case.state is Status.WAITING and case.waiting_for == WaitingFor.CUSTOMER
    woken: list[Event] = [CaseWoken()] if case.snoozed_until else []
    return [received, *woken, *(resumption(case, by) if waits else []), *_outrun(case, by)]


def _outrun(case: Case, by: Actor) -> list[Event]:
    """Replies that were to be sent only if the customer does not write first."""
    pending = Message.objects.filter(case=case, delivery__state=DueState.PENDING, delivery__cancels_on_answer=True)
    events: list[Event] = []
    for message in pending.order_by("pk"):
        try:
            events += stopped(case, message, "answered", by)
        except NothingToChange:  # it leaves at this very moment
            continue
    return events


def _by_address(mail: InboundMail) -> Thread | None:
    for address in (*mail.to, *mail.cc):
        about = read_address(address, key=conf.reply_key())
        case = Case.objects.filter(reference=about.reference).first() if about else None
        if about is None or case is None:
            continue
        if about.forward is None:
            return Thread(case)
        forward = Message.objects.filter(pk=about.forward, case=case, kind=MessageKind.FORWARD).first()
        return Thread(case, forward) if forward else None
    return None


def _by_message_id(mail: InboundMail) -> Thread | None:
    """Our Message-IDs cannot be guessed; whoever names one has had our mail."""
    named = [mail.in_reply_to, *reversed(mail.references)]
    ours = Message.objects.filter(message_id__in=[name for name in named if name], direction=Direction.OUTBOUND)
    by_id = {message.message_id: message for message in ours.select_related("case")}
    message = next((by_id[name] for name in named if name in by_id), None)
    if message is None:
        return None
    return Thread(message.case, message if message.kind == MessageKind.FORWARD else None)
