"""Delivery of what staff wrote to customers and others: addressed as the conversation stands when it leaves."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any, ClassVar

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from case_management.domain.actor import Actor
from case_management.domain.mail_addresses import bare_address, is_address
from case_management.domain.mail_text import answer_to, one_line
from case_management.models import Attachment, Delivery, Message
from case_management.models.due import LeaseLost
from case_management.models.message import MessageKind
from case_management.notifications.channels import Refused
from case_management.notifications.channels.email import EmailChannel
from case_management.notifications.outbox import Outbox
from case_management.operations import record_failed, record_sent
from case_management.operations.conversation import answer_for, reply_address

BATCH = 20
BY = Actor.system("mail")


def deliver_messages(limit: int = BATCH) -> int:
    """Send what is due; returns how many messages were dealt with (0: nothing is due, or nothing gets through)."""
    due = Delivery.objects.select_related("message__case__contact", "message__event")
    claimed = due.claim(timezone.now(), limit)
    return CustomerMail().pass_through(EmailChannel(), claimed) if claimed else 0


class CustomerMail(Outbox[Delivery]):
    """The deliveries of messages; what becomes of each stands on its case's timeline."""

    rows: ClassVar[Any] = Delivery.objects
    #: Of the mail that was sent last: those of its recipients whom the server refused.
    refused = ""

    def send(self, line: EmailChannel, work: Delivery) -> None:
        """One mail to all its recipients."""
        message = work.message
        readdress(message)
        self.refused = line.post(mail_of(message))

    def sent(self, work: Delivery) -> None:
        """On the timeline."""
        record_sent(work, by=BY, refused=self.refused)

    def failed(self, work: Delivery, error: str) -> None:
        """On the timeline, for somebody to mend and send again."""
        try:
            record_failed(work, error, by=BY)
        except LeaseLost:
            return


def readdress(message: Message) -> None:
    """A reply answers the customer's latest message: where one came since it was written, the answer goes there.

    Only what the writer left as it was proposed moves on: recipients and a subject of their own stay.
    """
    if message.kind != MessageKind.REPLY:
        return
    now, before = answer_for(message.case), message.answers
    if now.answers == before:
        return
    if now.answers is not None and before is not None:
        if message.recipients == [bare_address(before.sender)]:
            message.recipients = now.to
        if message.subject == answer_to(before.subject or message.case.title):
            message.subject = now.subject
    message.answers, message.in_reply_to, message.references = now.answers, now.in_reply_to, now.references
    message.save(update_fields=["recipients", "subject", "answers", "in_reply_to", "references"])


def mail_of(message: Message) -> EmailMultiAlternatives:
    """The mail as it goes out: text, the same as HTML, and the files; Refused where an address is none."""
    for address in (*message.recipients, *message.cc):
        if not is_address(address):
            raise Refused(f"“{one_line(address, 100)}” is not an e-mail address.")
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=message.text,
        from_email=_header(message.sender),
        to=message.recipients,
        cc=message.cc,
        reply_to=[address] if (address := reply_address(message)) else None,
        headers=_headers(message),
    )
    mail.attach_alternative(message.html, "text/html")
    for attachment in _files(message):
        mail.attach(*attachment)
    return mail


def _header(sender: str) -> str:
    """The sender without anything that could end the line."""
    name, address = parseaddr(one_line(sender, 320))
    if not is_address(address):
        raise Refused(f"“{one_line(sender, 100)}” is not a sender; look at the unit's address.")
    return f'"{name}" <{address}>' if name else address


def _headers(message: Message) -> dict[str, str]:
    headers = {"Message-ID": message.message_id or ""}
    if message.in_reply_to:
        headers["In-Reply-To"] = one_line(message.in_reply_to)
    if message.references:
        headers["References"] = " ".join(one_line(reference) for reference in message.references)
    return headers


def _files(message: Message) -> list[tuple[str, bytes, str]]:
    """Name, bytes and type of each file; a type of text would be recoded on the way, so it goes as bytes."""
    rows: list[Attachment] = [*message.attachments.order_by("pk"), *message.encloses.order_by("pk")]
    found = []
    for row in rows:
        with row.file.open("rb") as file:
            kind = "application/octet-stream" if row.content_type.startswith("text/") else row.content_type
            found.append((row.name, file.read(), kind))
    return found
