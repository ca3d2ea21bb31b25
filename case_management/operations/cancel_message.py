"""Stop a message before it leaves; what was to be resolved with it is open again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event, MessageCancelled, stored_fact
from case_management.exceptions import NothingToChange, RightMissing, StaleCase
from case_management.models import Attachment, Case, Delivery, Message
from case_management.models.due import DueState
from case_management.operations.applying import apply, without_reading
from case_management.operations.undo_changes import facts_before

#: The right to write a message is the right to stop anybody's.
RIGHTS = {"reply": "reply_case", "forward": "forward_case"}


@transaction.atomic
def cancel_message(case: Case, *, message: Message, by: Actor) -> Case:
    """Stop a pending message of the case: for who wrote it, and for whoever may write one.

    Raises NothingToChange when it has left, or is being sent at this moment; RightMissing.
    """
    by = by.at_this_moment()
    _require_right(case, message, by)
    return apply("cancel_message", case, without_reading(lambda held: stopped(held, message, "person", by)), by=by)


def stopped(case: Case, message: Message, why: str, by: Actor) -> list[Event]:
    """The events of stopping, for every verb that stops a message; the case is locked."""
    free = Q(lease_until=None) | Q(lease_until__lte=by.moment())
    pending = Delivery.objects.filter(free, message_id=message.pk, message__case_id=case.pk, state=DueState.PENDING)
    if not pending.update(state=DueState.CANCELLED, reason=why, lease_until=None):
        raise NothingToChange(_("Too late: the message has left, or was stopped already."))
    restored = dict[str, object]()
    if why == "person":
        restored = _before(case, message)
        # Its writer has the files at hand again.
        Attachment.objects.filter(message_id=message.pk).update(message=None, created_at=by.moment())
    return [MessageCancelled(message=message.pk, kind=message.kind, why=why, restored=restored)]


def _before(case: Case, message: Message) -> dict[str, object]:
    """What the resolving changed, as it was; nothing where somebody has changed it since."""
    resolution = Delivery.objects.values_list("resolution", flat=True).get(message_id=message.pk)
    if resolution is None:
        return {}
    try:
        facts = facts_before(case, resolution)
    except StaleCase:
        return {}
    return {name: stored_fact(value) for name, value in sorted(facts.items())}


def _require_right(case: Case, message: Message, by: Actor) -> None:
    own = by.user_id is not None and message.author_id == by.user_id
    right = RIGHTS.get(message.kind, "reply_case")
    if not own and not by.allowed_among(right, [case.pk]):
        raise RightMissing(by.refusal(right), permission=right)
