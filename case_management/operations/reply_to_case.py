"""Reply: write to the customer; it leaves when the time to take it back is over, or later."""

from __future__ import annotations

from django.db import transaction

from case_management.domain.actor import Actor
from case_management.models import Case, Delivery, Message
from case_management.operations.conversation import answer_for
from case_management.operations.resolve_case import Resolution, resolve_case
from case_management.operations.write_message import MessageDraft, write_message


@transaction.atomic
def reply_to_case(case: Case, draft: MessageDraft, *, by: Actor) -> Message:
    """Answer the customer's latest message; a first reply starts a new case. Returns the message, pending.

    Raises GateNotMet, ValueUnknown or FileRefused for what cannot be sent, and what every verb raises.
    """
    return write_message("reply", case, draft, by=by.at_this_moment(), answer=answer_for(case))


@transaction.atomic
def reply_and_resolve(case: Case, draft: MessageDraft, resolution: Resolution, *, by: Actor) -> Message:
    """Both or neither; the gate of resolving holds. Stopping the reply before it leaves takes the resolving back."""
    by = by.at_this_moment()
    message = reply_to_case(case, draft, by=by)
    if message.delivery.resolution is None:
        resolve_case(case, resolution, by=by)
        goes_with(message, case.version)
    return message


def goes_with(message: Message, resolution: int) -> None:
    """Stopping ``message`` before it leaves takes back what the case's event number ``resolution`` resolved."""
    Delivery.objects.filter(pk=message.delivery.pk).update(resolution=resolution)
    message.delivery.resolution = resolution
