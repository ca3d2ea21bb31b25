"""Send again: a message that failed for good gets another try, by whoever mended the cause."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from case_management.background import wake
from case_management.domain.actor import Actor
from case_management.domain.events import Event, MessageQueued
from case_management.exceptions import NothingToChange, RightMissing
from case_management.models import Case, Delivery, Message
from case_management.models.due import DueState
from case_management.operations.applying import apply, without_reading
from case_management.operations.cancel_message import RIGHTS


@transaction.atomic
def send_again(case: Case, *, message: Message, by: Actor) -> Case:
    """Queue a failed message of the case once more, under the same Message-ID. Raises NothingToChange otherwise."""
    by, right = by.at_this_moment(), RIGHTS.get(message.kind, "reply_case")
    if not by.allowed_among(right, [case.pk]):
        raise RightMissing(by.refusal(right), permission=right)
    apply("send_again", case, without_reading(lambda held: _queued(held, message, by)), by=by)
    wake("messages")
    return case


def _queued(case: Case, message: Message, by: Actor) -> list[Event]:
    dead = Delivery.objects.filter(message_id=message.pk, message__case_id=case.pk, state=DueState.DEAD)
    fresh = {"state": DueState.PENDING, "attempts": 0, "lease_until": None, "last_error": ""}
    if not dead.update(available_at=by.moment(), **fresh):
        raise NothingToChange(_("Only a message that failed can be sent again."))
    return [MessageQueued(message=message.pk, kind=message.kind, due_at=by.moment(), again=True)]
