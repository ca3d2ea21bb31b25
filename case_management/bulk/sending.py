"""The step of a macro that writes to the customer: a scripted response that leaves by itself where it asks nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from case_management import operations
from case_management.bulk.steps import require_responses, response_called
from case_management.domain import transitions
from case_management.domain.actor import Actor
from case_management.exceptions import GateNotMet
from case_management.models import Case, Message, ScriptedResponse
from case_management.operations import MessageDraft
from case_management.operations.conversation import answer_for
from case_management.wordsmith import Letter, chosen_signature, compose, finished, signatures_for, signed


@dataclass(frozen=True)
class Sent:
    """What became of a response: the ``message`` that leaves in a moment, or what it ``asks`` before it may."""

    response: ScriptedResponse
    message: Message | None = None
    asks: tuple[str, ...] = ()


def send_response(case_id: int, key: str, *, by: Actor) -> Sent:
    """Answer the customer with the approved response ``key``, signed as the reply form would sign it at first.

    Where it asks the writer something, or the case does not know what a token needs, nothing is sent: ``asks`` has the
    questions. Raises RightMissing, ValueUnknown, GateNotMet where nobody is known to write to, and what a reply raises.
    """
    require_responses(by)
    response = response_called(key)
    case = Case.objects.select_related("topic", "case_type", "source", "unit", "team", "contact").get(pk=case_id)
    step = transitions.require("reply", case.state)
    by.require(step.permission, case)
    signature = chosen_signature(signatures_for(by.user, case)).text
    letter = Letter(case, by.user, signature)
    composed = compose(response, letter)
    if composed.questions:
        return Sent(response, asks=tuple(prompt.label for prompt in composed.questions))
    answer = answer_for(case)
    if not answer.to:
        raise GateNotMet(_("No e-mail address of the customer is known; write the reply by hand."), fields=["to"])
    subject, body = finished(letter, (composed.subject, composed.body), {}, response)
    text = body if composed.signs else signed(body, signature)
    draft = MessageDraft(to=tuple(answer.to), subject=subject, text=text, response=response)
    return Sent(response, operations.reply_to_case(case, draft, by=by))
