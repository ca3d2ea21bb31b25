"""The conversation with a case's customer: which message is the latest, and what an answer to it is addressed with."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from case_management import conf
from case_management.domain.mail_addresses import bare_address, comparable
from case_management.domain.mail_text import answer_to
from case_management.domain.reply_token import ReplyAddress, make_address
from case_management.models import Case, Message
from case_management.models.contact import PointKind
from case_management.models.due import DueState
from case_management.models.message import Direction, MessageKind

#: So far back the latest message of the customer is looked for, and so many references are named.
LOOK_BACK, MOST_REFERENCES = 50, 20


@dataclass(frozen=True)
class Answer:
    """What an answer to the conversation, as it stands, is addressed with."""

    to: list[str]
    subject: str
    in_reply_to: str
    references: list[str]
    answers: Message | None


def answer_for(case: Case) -> Answer:
    """An answer to the customer's latest message; to the contact's first address where they have not written yet."""
    return answer_from(case, recent(case))


def recent(case: Case) -> list[Message]:
    """The latest messages with their deliveries and events, the latest first; their texts are not read.

    With those of cases that were merged into it: their customers are answered here now.
    """
    here = Case.objects.filter(Q(pk=case.pk) | Q(merged_into=case.pk)).order_by().values("pk")
    rows = Message.objects.filter(case__in=here).select_related("delivery", "event").defer("text", "html")
    return list(rows.order_by("-pk")[:LOOK_BACK])


def answer_from(case: Case, messages: list[Message]) -> Answer:
    """The same where the case's :func:`recent` messages are read already."""
    known = customer_addresses(case)
    latest = _latest_of_customer(messages, known)
    parent = latest if latest and latest.message_id else _last_sent(messages)
    references = [*parent.references, parent.message_id][-MOST_REFERENCES:] if parent else []
    return Answer(
        to=[bare_address(latest.sender)] if latest else known[:1],
        subject=answer_to((latest.subject if latest else "") or case.title),
        in_reply_to=(parent.message_id or "") if parent else "",
        references=references,
        answers=latest,
    )


def customer_addresses(case: Case) -> list[str]:
    """E-mail addresses of the case's contact, the oldest first."""
    if case.contact_id is None:
        return []
    points = case.contact.points.all() if case.contact else ()
    return [point.value for point in sorted(points, key=lambda one: one.pk) if point.kind == PointKind.EMAIL]


def _latest_of_customer(messages: list[Message], known: list[str]) -> Message | None:
    """The customer's own latest message; of a case without addresses the latest that came in."""
    wanted = {comparable(address) for address in known}
    received = (row for row in messages if row.direction == Direction.INBOUND and not row.is_internal)
    return next((row for row in received if not wanted or comparable(row.sender) in wanted), None)


def participants(case: Case, known: list[str]) -> set[str]:
    """Everybody who takes part in the conversation: the customer, and whom we wrote to; in comparable form."""
    wrote = Message.objects.filter(case=case, direction=Direction.OUTBOUND, delivery__state=DueState.DONE)
    rows = wrote.conversation().values_list("recipients", "cc")
    return {comparable(address) for address in known} | {
        comparable(address) for to, cc in rows for address in (*to, *cc)
    }


def reply_address(message: Message) -> str:
    """Where answers to ``message`` go; empty where the site has no domain for them."""
    if not conf.reply_domain():
        return ""
    forward = message.pk if message.kind == MessageKind.FORWARD else None
    about = ReplyAddress(message.case.reference, forward)
    return make_address(about, domain=conf.reply_domain(), key=conf.reply_key())


def _last_sent(messages: list[Message]) -> Message | None:
    sent = (row for row in messages if row.direction == Direction.OUTBOUND and not row.is_internal)
    return next((row for row in sent if hasattr(row, "delivery") and row.delivery.state == DueState.DONE), None)
