"""What only macros do: things that depend on who runs them, and when; registered beside the wide changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management import operations
from case_management.bulk.actions import Action, actions
from case_management.domain.actor import Actor
from case_management.exceptions import RightMissing, ValueUnknown
from case_management.models import NoteSubject, ScriptedResponse
from case_management.models.wording import ScriptedState
from case_management.operations import Outcome

#: The steps that a macro may have, in the order in which they are offered.
STEPS = (
    "assign_me", "unassign", "assign", "set_topic", "set_type", "set_priority", "set_field", "tag", "flag", "unflag",
    "flag_mine", "unflag_mine", "note", "response", "send", "wait", "snooze_for", "wake", "reroute", "resolve",
)  # fmt: skip
RESPONSE, SEND, RESOLVE = "response", "send", "resolve"
#: Steps that nobody else is told of and that one step takes back; a macro of these alone is run without a second look.
QUIET = frozenset({"assign_me", "tag", "flag", "unflag", "flag_mine", "unflag_mine", RESPONSE})
#: Steps that are about a letter which is on its way; while it waits for its writer they wait too.
AFTER_SENDING = frozenset({"wait", "snooze_for", RESOLVE})


def _assign_me(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.assign_cases(dict.fromkeys(ids, by.user_id or 0), by=by, check_only=check_only)


def _note(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    subject = NoteSubject.objects.filter(pk=arguments.get("subject") or 0).first()
    return operations.add_notes(ids, text=arguments["note"], subject=subject, by=by, check_only=check_only)


def _wait(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.wait_cases(ids, waiting_for=arguments["waiting_for"], by=by, check_only=check_only)


def _snooze_for(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    until = by.moment() + timedelta(hours=int(arguments["hours"]))
    return operations.snooze_cases(ids, until=until, by=by, check_only=check_only)


def response_called(key: str) -> ScriptedResponse:
    """The approved version. Raises ValueUnknown where there is none."""
    found: ScriptedResponse | None = ScriptedResponse.objects.filter(key=key, state=ScriptedState.APPROVED).first()
    if found is None:
        raise ValueUnknown(_("There is no approved response “%s”; choose another one in the macro.") % key)
    return found


def require_responses(by: Actor) -> None:
    """Raises RightMissing for whoever may not use scripted responses."""
    if by.user is None or not by.user.has_perm("case_management.view_scriptedresponse"):
        raise RightMissing(by.refusal("view_scriptedresponse"), permission="view_scriptedresponse")


def _response(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    """Nothing changes on the case: whoever runs the macro finds the response in the composer."""
    require_responses(by)
    response_called(arguments["response"])
    return Outcome(done=list(ids))


for _action in (
    Action("assign_me", gettext_lazy("Assign to me"), "assign_case", _assign_me, is_offered=False),
    Action("note", gettext_lazy("Add note"), "note_case", _note, is_offered=False),
    Action("wait", gettext_lazy("Wait"), "wait_case", _wait, is_offered=False),
    Action("snooze_for", gettext_lazy("Snooze"), "wait_case", _snooze_for, is_offered=False),
    Action(
        RESPONSE, gettext_lazy("Put a scripted response into the reply"), "view_case", _response, is_offered=False
    ),
    # Carried out by the macro itself, which keeps what was written.
    Action(SEND, gettext_lazy("Send a scripted response"), "reply_case", None, is_offered=False),
):  # fmt: skip
    actions.register(_action.key, _action)
