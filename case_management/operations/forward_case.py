"""Forward: send what a colleague or a partner needs to know of a case; it gives nobody a right to the case."""

from __future__ import annotations

from django.db import transaction

from case_management.domain.actor import Actor
from case_management.models import Case, Message
from case_management.operations.write_message import MessageDraft, write_message


@transaction.atomic
def forward_case(case: Case, draft: MessageDraft, *, by: Actor) -> Message:
    """Send the draft, which holds all that goes along, to people outside the conversation. Returns it, pending.

    It is internal, and so are the answers to it: the customer learns of neither. Raises as :func:`reply_to_case`.
    """
    return write_message("forward", case, draft, by=by.at_this_moment())
