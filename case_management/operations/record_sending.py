"""Record what became of a message that the delivery had in hand: sent, or failed for good."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from case_management.domain.actor import Actor
from case_management.domain.events import CaseWaiting, Event, MessageFailed, MessageSent
from case_management.domain.states import Status, WaitingFor
from case_management.models import Case, CaseEvent, Delivery, Message
from case_management.models.due import DueState, update_mine
from case_management.operations.applying import apply, without_reading
from case_management.sla.deadlines import Deadlines

#: What the customer says on a case: after a reply was written, these are not answered by it.
HEARD = ("message_received", "interaction_attached")


@transaction.atomic
def record_sent(delivery: Delivery, *, by: Actor, refused: str = "") -> Message:
    """The server took the message, but for those of its recipients whom it ``refused``.

    Raises LeaseLost when another worker has it in hand by now.
    """
    by, message = by.at_this_moment(), delivery.message
    case = _locked(message)
    update_mine(delivery, state=DueState.DONE, sent_at=by.moment(), lease_until=None, last_error=refused)
    Message.objects.filter(pk=message.pk).update(sent_at=by.moment())
    apply("record_sending", case, without_reading(lambda held: _sent(held, message, delivery, by)), by=by)
    return message


@transaction.atomic
def record_failed(delivery: Delivery, error: str, *, by: Actor) -> Message:
    """The message will not arrive; the reason stands with the delivery, for people only."""
    message = delivery.message
    case = _locked(message)
    update_mine(delivery, state=DueState.DEAD, lease_until=None, last_error=error[:2000])
    failed: list[Event] = [MessageFailed(message=message.pk, kind=message.kind, author=message.author_id)]
    apply("record_sending", case, without_reading(lambda held: failed), by=by)
    return message


def _locked(message: Message) -> Case:
    """The case before the delivery, as everybody locks them."""
    case: Case = Case.objects.select_for_update().get(pk=message.case_id)
    return case


def _sent(case: Case, message: Message, delivery: Delivery, by: Actor) -> list[Event]:
    if message.kind != "reply":
        return [MessageSent(message=message.pk, kind=message.kind)]
    since = heard_since(case, message)
    answered_before = CaseEvent.objects.filter(case=case, type="message_sent", payload__kind="reply").exists()
    sent = MessageSent(
        message=message.pk, kind=message.kind, first=None if answered_before else True, awaiting_since=since
    )
    return [sent, *(_wait(case, by) if delivery.waits and since is None else [])]


def heard_since(case: Case, message: Message) -> datetime | None:
    """When the customer first spoke after the reply was written; None when they did not."""
    written = message.event.seq if message.event else 0
    later = CaseEvent.objects.filter(case=case, type__in=HEARD, seq__gt=written).order_by("seq")
    heard = (event.occurred_at for event in later if not ({"internal", "automatic"} & event.payload.keys()))
    return next(heard, None)


def _wait(case: Case, by: Actor) -> list[Event]:
    if case.state not in (Status.NEW, Status.IN_PROGRESS):
        return []
    reason = WaitingFor.CUSTOMER.value
    return [CaseWaiting(waiting_for=reason), *Deadlines.load().on_wait(case, reason, by.moment())]
